//! What to do next about an application: its archetype's first duties that are still pending, one sentence each.

use super::super::duty_model::DutyModel;
use super::super::words::DutyStatus;
use super::{Assessed, Subject};
use crate::model::{State, Time};

/// One sentence per pending duty among the first five of the archetype, most urgent first. Each names the role that
/// owns it, the day, and the command that records it. Empty when all five are done.
#[must_use]
pub fn next_steps(
    model: &DutyModel,
    app: &Subject,
    assessed: &[Assessed],
    now: Time,
) -> Vec<String> {
    let Some(guide) = model.archetype(app.archetype) else {
        return Vec::new();
    };
    guide
        .first_duties
        .iter()
        .filter_map(|id| assessed.iter().find(|duty| duty.id == *id))
        .filter(|duty| wants_action(duty))
        .map(|duty| sentence(duty, app, guide.first_state, now))
        .collect()
}

fn wants_action(duty: &Assessed) -> bool {
    duty.status.is_pending() || duty.status == DutyStatus::ProviderUnassured
}

fn sentence(duty: &Assessed, app: &Subject, first_state: State, now: Time) -> String {
    let Assessed {
        id, title, action, ..
    } = duty;
    let by = match (duty.due, duty.overdue) {
        (Some(day), true) => format!("{}, overdue since {day}", duty.owner),
        (Some(day), false) => format!("{}, by {day}", duty.owner),
        (None, _) => duty.owner.clone(),
    };
    let command = command(duty, app, first_state, now);
    format!("{id} {title} ({by}): {action} Record it: {command}")
}

fn command(duty: &Assessed, app: &Subject, first_state: State, now: Time) -> String {
    let service = &app.service;
    if duty.id == "GAI-03" {
        let state = match app.decision.expired.as_ref() {
            Some(old) => old.state,
            None => first_state,
        };
        // Half of the longest exception leaves room to renew it once.
        let until = now.plus_days(90).day();
        return format!(
            "gnomon decide {service} {state} --owner NAME --reason WHY --until {until}"
        );
    }
    format!("gnomon duties attest {service} {} --evidence WHAT", duty.id)
}
