//! What people see of governance: who owes what, what is decided, how risky, what changed, what is told.

mod article;
mod decisions;
mod duties;
mod duty_model;
mod notices;
mod observe;
mod policy;
mod score;
mod settings;
mod transitions;

use std::sync::Arc;

use gnomon::govern::decisions::{Effective, check, effective};
use gnomon::govern::duties::{Subject, Trigger, assess, next_steps};
use gnomon::govern::notices::{Context, alerts, summary};
use gnomon::govern::transitions::{derive, gone};
use gnomon::govern::{Band, Basis, ClosesBy, DutyModel, DutyStatus, Party, SeedParty};
use gnomon::model::{
    Archetype, Decision, DutyRecord, DutyStep, Finding, Grade, Observation, Profile, Rule, Scope,
    ServiceModel, Severity, State, Tier, Time, Transition, TransitionKind,
};

const DUTIES: &str = include_str!("../../signatures/duties.toml");
const ARCHETYPES: &str = include_str!("../../signatures/archetypes.toml");

fn day(text: &str) -> Time {
    text.parse()
        .expect("dates in this file are written by hand")
}

fn model() -> DutyModel {
    DutyModel::embedded().expect("the embedded model parses")
}

fn decision(id: i64, state: State, at: &str, until: Option<&str>) -> Decision {
    Decision {
        id,
        service: "openai.chatgpt".to_owned(),
        state,
        scope: Scope::Organisation,
        owner: "Nora Example".to_owned(),
        reason: "trial".to_owned(),
        by: "Sam Example".to_owned(),
        approver: None,
        requested_by: None,
        at: day(at),
        until: until.map(day),
    }
}

fn for_segment(mut decision: Decision, segment: &str) -> Decision {
    decision.scope = Scope::Segment(segment.to_owned());
    decision
}

fn undecided() -> Effective {
    effective(&[], "openai.chatgpt", None, day("2026-11-23"))
}

fn subject(archetype: Archetype, model: ServiceModel) -> Subject {
    Subject {
        service: "openai.chatgpt".to_owned(),
        archetype,
        model,
        tier: Tier::Unknown,
        own: false,
        band: Band::High,
        first_seen: day("2026-11-20"),
        decision: undecided(),
        breached: None,
        observed: Vec::new(),
        earlier: Vec::new(),
        enforced: None,
        trigger: None,
    }
}

fn observation(rule: Rule, finding: Finding) -> Observation {
    Observation {
        service: "openai.chatgpt".to_owned(),
        rule,
        finding,
        detail: "as counted".to_owned(),
        from: day("2026-11-09"),
        until: day("2026-11-23"),
        coverage: Some(100),
        numerator: 95,
        denominator: 100,
    }
}

fn record(duty: &str, step: DutyStep, at: &str, until: Option<&str>) -> DutyRecord {
    DutyRecord {
        service: "openai.chatgpt".to_owned(),
        duty: duty.to_owned(),
        step,
        evidence: "DOC-7".to_owned(),
        by: "Sam Example".to_owned(),
        at: day(at),
        until: until.map(day),
    }
}

fn status_of(app: &Subject, records: &[DutyRecord], duty: &str, now: &str) -> DutyStatus {
    let assessed = assess(&model(), app, records, day(now));
    assessed
        .iter()
        .find(|row| row.id == duty)
        .expect("the duty applies")
        .status
}

fn profile(segment: &str, tier: Tier, first: &str, last: &str) -> Profile {
    Profile {
        service: Arc::from("openai.chatgpt"),
        segment: Arc::from(segment),
        tier,
        events: 9,
        attempts: 0,
        bytes_up: 0,
        bytes_down: 0,
        first_seen: day(first),
        last_seen: day(last),
        first_use: Some(day(first)),
        last_use: Some(day(last)),
        last_contact: Some(day(last)),
        grade: Some(Grade::Connected),
    }
}

fn found(profiles: &[Profile], decisions: &[Decision], now: &str) -> Vec<Transition> {
    let profiles: Vec<&Profile> = profiles.iter().collect();
    derive(&profiles, decisions, day(now), &|_| "ChatGPT".to_owned())
}

fn of_kind(transitions: &[Transition], kind: TransitionKind) -> Vec<&Transition> {
    transitions.iter().filter(|t| t.kind == kind).collect()
}
