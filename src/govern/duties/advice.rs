//! What to do next about an application: its archetype's first duties that are still pending, one sentence each.
//!
//! Deciding comes before them wherever nobody has decided, whatever the archetype: the rest depends on it.

use super::super::decisions::Effective;
use super::super::duty_model::DutyModel;
use super::super::words::{DutyStatus, Party};
use super::{Assessed, Subject};
use crate::model::{Archetype, State, Time};

const DECIDE: &str = "GAI-03";

/// Stands between the advice and the command that records it; nowhere else in a step.
pub const RECORD_IT: &str = " Record it: ";

/// One sentence per pending duty among the first five of the archetype, most urgent first, after the decision if that
/// is still to be made. Each names the role, the day, and the command that records it. Empty when all is done.
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
    // What the enterprise runs itself for others to use is there to be used.
    let first_state = match app.archetype {
        Archetype::Router if app.own => State::Sanctioned,
        _ => guide.first_state,
    };
    let first: Vec<&str> = guide.first_duties.iter().map(String::as_str).collect();
    let decide = (!first.contains(&DECIDE)).then_some(DECIDE);
    decide
        .into_iter()
        .chain(first)
        .filter_map(|id| assessed.iter().find(|duty| duty.id == id))
        .filter(|duty| wants_action(duty))
        .map(|duty| sentence(duty, app, first_state, now))
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
        (None, _) => duty.owner.to_string(),
    };
    let command = record_command(
        id,
        duty.party,
        &app.service,
        &app.decision,
        first_state,
        now,
    );
    let feature = match &app.decision.inherited {
        Some(from) if id == DECIDE => format!(
            "{} is {}, yet nobody has looked at the AI that appeared inside it: review the feature. ",
            from.host_app, from.state
        ),
        _ => String::new(),
    };
    format!("{id} {title} ({by}): {feature}{action}{RECORD_IT}{command}")
}

/// The command that records that a duty was done; `first_state` is what to begin with where nobody has decided.
#[must_use]
pub fn record_command(
    duty: &str,
    party: Party,
    service: &str,
    decision: &Effective,
    first_state: State,
    now: Time,
) -> String {
    if duty == DECIDE {
        // Half of the longest exception leaves room to renew it once.
        let until = now.plus_days(90).day();
        let state = match (&decision.decision, &decision.expired) {
            // Under review: what comes out of it is not ours to say.
            (Some(decision), _) if matches!(decision.state, State::InReview | State::New) => None,
            (Some(decision), _) => Some(decision.state),
            (None, Some(old)) => Some(old.state),
            (None, None) => Some(first_state),
        };
        let flags = format!("--owner NAME --reason WHY --until {until}");
        return match state {
            Some(state) => format!("gnomon decide {service} {state} {flags}"),
            None => format!(
                "gnomon decide {service} STATE {flags}, with STATE one of sanctioned, tolerated, restricted, blocked"
            ),
        };
    }
    let step = match party {
        Party::Provider => "assure",
        _ => "attest",
    };
    format!("gnomon duties {step} {service} {duty} --evidence WHAT")
}
