//! Messages about changes: one per case and commit, so that a busy morning is not a hundred messages.
//!
//! Changes of the same application in the same segment are told together, by the most serious of them. A change that
//! is no news (a further segment of a sanctioned application, one that is gone) makes no message; whoever asks
//! should count it as announced all the same. Ids follow from the changes told, so a replay sends nothing new.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::words::Band;
use crate::model::{
    Alert, Archetype, Case, Grade, Severity, State, Tier, Time, Transition, TransitionKind,
    stable_id,
};

/// What a message says of an application beside the change itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    pub service_name: String,
    pub archetype: Archetype,
    /// Title of the archetype, in words.
    pub archetype_title: String,
    /// State that holds for the application in the segment concerned.
    pub state: State,
    pub band: Band,
    /// Strongest grade of use; `None` when there were blocked attempts only.
    pub grade: Option<Grade>,
    /// Facts worth a line each: users, volume, hosts.
    pub facts: Vec<String>,
    /// Advice, most urgent first, as `duties::next_steps` gives it.
    pub next: Vec<String>,
}

/// Gives the context of a service in a segment (empty: of the organisation).
pub type Lookup<'c> = &'c dyn Fn(&str, &str) -> Context;

/// Applications that a summary names before it says how many more there are.
const SUMMARY_LINES: usize = 20;
/// Pieces of advice in one message.
const NEXT_LINES: usize = 3;

/// Messages for new changes, one per (application, segment), the most serious first.
#[must_use]
pub fn alerts(transitions: &[Transition], context: Lookup<'_>) -> Vec<Alert> {
    let mut cases: BTreeMap<(Arc<str>, Arc<str>), Vec<&Transition>> = BTreeMap::new();
    for transition in transitions {
        let key = (
            Arc::clone(&transition.service),
            Arc::clone(&transition.segment),
        );
        cases.entry(key).or_default().push(transition);
    }
    let mut alerts: Vec<Alert> = cases
        .values()
        .filter_map(|changes| alert(changes, context))
        .collect();
    alerts.sort_by(|a, b| (Reverse(a.severity), &a.id).cmp(&(Reverse(b.severity), &b.id)));
    alerts
}

fn alert(changes: &[&Transition], context: Lookup<'_>) -> Option<Alert> {
    let first = changes.first()?;
    let app = context(&first.service, &first.segment);
    let mut news: Vec<(&Transition, &'static str)> = changes
        .iter()
        .filter_map(|change| rule(change.kind, app.state).map(|rule| (*change, rule)))
        .collect();
    news.sort_by_key(|(change, _)| (Reverse(weight(change.kind)), change.at, change.id.clone()));
    let (lead, rule) = *news.first()?;
    let severity = news
        .iter()
        .map(|(change, _)| severity(change.kind, &app))
        .max()?;
    let mut lines: Vec<String> = news
        .iter()
        .map(|(change, _)| change.detail.clone())
        .collect();
    lines.push(format!("{}, risk {}", app.archetype_title, app.band));
    lines.push(format!("state {}, {}", app.state, used(app.grade)));
    lines.extend(app.facts.iter().cloned());
    let ids: Vec<String> = news.iter().map(|(change, _)| change.id.clone()).collect();
    Some(Alert {
        id: id_of(rule, &ids),
        rule: rule.to_owned(),
        severity,
        at: news.iter().map(|(change, _)| change.at).max()?,
        title: title(lead, &app),
        lines,
        next: next(lead, &app),
        service: lead.service.to_string(),
        service_name: app.service_name,
        segment: lead.segment.to_string(),
        tier: lead.tier.to_string(),
        case: Case::id_of(&lead.service, &lead.segment, lead.tier),
        state: app.state.to_string(),
        transitions: ids,
    })
}

/// Rules that can alert, sorted.
pub const RULES: &[&str] = &[
    "application_first_seen",
    "decision_violated",
    "exception_expired",
    "new_segment",
    "turned_consumer",
    "volume_rose",
];

/// The rule that a change fires under a state, if it is news at all.
const fn rule(kind: TransitionKind, state: State) -> Option<&'static str> {
    if matches!(state, State::NotGenai) {
        return None;
    }
    match kind {
        TransitionKind::FirstSeen if !state.is_agreed() => Some("application_first_seen"),
        TransitionKind::NewSegment if !state.is_agreed() => Some("new_segment"),
        TransitionKind::TurnedConsumer => Some("turned_consumer"),
        TransitionKind::VolumeRose if !state.is_agreed() => Some("volume_rose"),
        TransitionKind::DecisionViolated => Some("decision_violated"),
        TransitionKind::ExceptionExpired => Some("exception_expired"),
        _ => None,
    }
}

const fn weight(kind: TransitionKind) -> u8 {
    match kind {
        TransitionKind::DecisionViolated => 5,
        TransitionKind::ExceptionExpired => 4,
        TransitionKind::TurnedConsumer => 3,
        TransitionKind::FirstSeen => 2,
        TransitionKind::NewSegment | TransitionKind::VolumeRose => 1,
        TransitionKind::GradeRose | TransitionKind::Gone => 0,
    }
}

fn severity(kind: TransitionKind, app: &Context) -> Severity {
    let by_band = match app.band {
        Band::Low => Severity::Low,
        Band::Medium => Severity::Medium,
        Band::High => Severity::High,
        Band::Critical => Severity::Critical,
    };
    match kind {
        TransitionKind::DecisionViolated => by_band.max(Severity::High),
        TransitionKind::ExceptionExpired | TransitionKind::TurnedConsumer => {
            by_band.max(Severity::Medium)
        }
        // An assistant built into a device is noted; policy for devices is the lever.
        TransitionKind::FirstSeen if app.archetype == Archetype::Voice => {
            by_band.min(Severity::Low)
        }
        TransitionKind::FirstSeen
            if matches!(app.archetype, Archetype::Agent | Archetype::Router) =>
        {
            by_band.max(Severity::Medium)
        }
        TransitionKind::FirstSeen => by_band,
        TransitionKind::NewSegment | TransitionKind::VolumeRose => by_band.min(Severity::Medium),
        TransitionKind::GradeRose | TransitionKind::Gone => Severity::Info,
    }
}

fn title(lead: &Transition, app: &Context) -> String {
    let name = &app.service_name;
    let place = if lead.segment.is_empty() {
        String::new()
    } else {
        format!(" in {}", lead.segment)
    };
    match lead.kind {
        TransitionKind::DecisionViolated => format!("{name} is blocked and still used{place}"),
        TransitionKind::ExceptionExpired => {
            format!("the permission for {name}{place} has ended and it is in use")
        }
        TransitionKind::TurnedConsumer if lead.tier == Tier::Foreign => {
            format!("{name} is used with accounts of other organisations{place}")
        }
        TransitionKind::TurnedConsumer => format!("{name} is used with personal accounts{place}"),
        _ if app.grade.is_none() => format!("{name} was tried{place} and stopped"),
        TransitionKind::NewSegment => format!("{name} has reached {}", lead.segment),
        TransitionKind::VolumeRose => format!("{name} is used far more than usual{place}"),
        _ => format!("{name} is in use{place} and its state is {}", app.state),
    }
}

fn next(lead: &Transition, app: &Context) -> Vec<String> {
    let service = &lead.service;
    let own = match lead.kind {
        TransitionKind::DecisionViolated => Some(format!(
            "find out where the block does not hold: gnomon apps show {service}; then renew the rule on that path"
        )),
        TransitionKind::ExceptionExpired => Some(format!(
            "renew the permission or end it: gnomon decide {service} blocked --owner NAME --reason WHY"
        )),
        TransitionKind::TurnedConsumer => Some(
            "bring these users into the enterprise's tenant, or inject its tenant header at the proxy"
                .to_owned(),
        ),
        _ => None,
    };
    own.into_iter()
        .chain(app.next.iter().cloned())
        .take(NEXT_LINES)
        .collect()
}

fn used(grade: Option<Grade>) -> String {
    match grade {
        Some(grade) => format!("use {grade}"),
        None => "blocked attempts only".to_owned(),
    }
}

fn id_of(rule: &str, transitions: &[String]) -> String {
    let mut ids: Vec<&str> = transitions.iter().map(String::as_str).collect();
    ids.sort_unstable();
    let mut parts = vec!["alert", rule];
    parts.extend(ids);
    stable_id(&parts)
}

/// One message instead of many: what a first reading of old logs found. `None` when there is nothing to tell.
///
/// Names every application once, most serious first, and stops after twenty with the number of the rest.
#[must_use]
pub fn summary(transitions: &[Transition], context: Lookup<'_>) -> Option<Alert> {
    let mut apps: BTreeMap<&str, Vec<&Transition>> = BTreeMap::new();
    for transition in transitions {
        apps.entry(&transition.service)
            .or_default()
            .push(transition);
    }
    let mut rows: Vec<(Severity, Context, String)> = Vec::new();
    for (service, changes) in &apps {
        let app = context(service, "");
        if app.state == State::NotGenai {
            continue;
        }
        let worst = changes
            .iter()
            .map(|change| severity(change.kind, &app))
            .max();
        rows.push((worst.unwrap_or(Severity::Info), app, (*service).to_owned()));
    }
    rows.sort_by(|a, b| {
        let key = |row: &(Severity, Context, String)| {
            (Reverse(row.0), Reverse(row.1.band), Reverse(row.1.grade))
        };
        key(a).cmp(&key(b)).then_with(|| a.2.cmp(&b.2))
    });
    let (severity, worst, _) = rows.first()?;
    let next = worst.next.iter().take(NEXT_LINES).cloned().collect();
    let open = rows
        .iter()
        .filter(|(_, app, _)| !app.state.is_agreed())
        .count();
    let mut lines: Vec<String> = rows
        .iter()
        .take(SUMMARY_LINES)
        .map(|(_, app, _)| {
            let Context {
                service_name,
                archetype_title,
                state,
                band,
                ..
            } = app;
            format!(
                "{service_name}: {archetype_title}, state {state}, {}, risk {band}",
                used(app.grade)
            )
        })
        .collect();
    if rows.len() > SUMMARY_LINES {
        lines.push(format!("and {} more", rows.len() - SUMMARY_LINES));
    }
    let ids: Vec<String> = transitions.iter().map(|change| change.id.clone()).collect();
    Some(Alert {
        id: id_of("backfill_summary", &ids),
        rule: "backfill_summary".to_owned(),
        severity: *severity,
        at: transitions
            .iter()
            .map(|change| change.at)
            .max()
            .unwrap_or(Time::default()),
        title: format!(
            "{} generative-AI applications found, {open} of them without agreement",
            rows.len()
        ),
        lines,
        next,
        service: String::new(),
        service_name: String::new(),
        segment: String::new(),
        tier: String::new(),
        case: String::new(),
        state: String::new(),
        transitions: ids,
    })
}
