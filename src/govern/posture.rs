//! How one application stands: its risk, its duties and what to do first, from facts, traffic and decisions together.
//!
//! Risk needs the duties (what is met lowers it) and duties need the risk (it sets how soon they are due). So duties are
//! assessed first, and get their due dates when the risk is known.

use crate::catalogue::Service;
use crate::model::{
    Archetype, Decision, DutyRecord, Enforcement, Observation, Tier, Time, unlisted_host,
};

use super::decisions::Effective;
use super::duties::{self, Assessed, Subject, Trigger};
use super::risk::{self, Behaviour, Mitigations, Risk, RiskInput};
use super::{Band, DutyModel, Settings, known};

/// What is asked about.
#[derive(Debug, Clone)]
pub struct Question<'q> {
    pub service: &'q Service,
    pub tier: Tier,
    pub first_seen: Time,
    pub behaviour: Behaviour,
    pub decision: Effective,
    pub breached: Option<Decision>,
    pub observed: Vec<Observation>,
    pub earlier: Vec<Observation>,
    pub enforced: Option<Enforcement>,
    pub trigger: Option<Trigger>,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Posture {
    pub risk: Risk,
    pub duties: Vec<Assessed>,
    /// The first things to do, one sentence each.
    pub next: Vec<String>,
}

/// Says how an application stands at a moment.
#[must_use]
pub fn of(
    model: &DutyModel,
    settings: &Settings,
    question: Question<'_>,
    records: &[DutyRecord],
    now: Time,
) -> Posture {
    let service = question.service;
    let mut subject = Subject {
        service: service.id.to_string(),
        archetype: archetype_in_use(service.archetype, question.tier),
        model: service.model,
        tier: question.tier,
        own: settings.is_own(&service.id),
        band: Band::Low,
        first_seen: question.first_seen,
        decision: question.decision.or_inherited(settings.inherited(service)),
        breached: question.breached,
        observed: question.observed,
        earlier: question.earlier,
        enforced: question.enforced,
        trigger: question.trigger,
    };
    let mut duties = duties::assess(model, &subject, records, now);
    let risk = risk::score(&RiskInput {
        facts: known::facts(service, question.tier, settings, now),
        behaviour: question.behaviour,
        unknown_app: unlisted_host(&service.id).is_some(),
        unknown_router: service.archetype == Archetype::Router && question.tier != Tier::Enterprise,
        mitigations: Mitigations::of(&duties),
    });
    duties::set_band(model, &mut subject, risk.band, &mut duties, now);
    let next = duties::next_steps(model, &subject, &duties, now);
    Posture { risk, duties, next }
}

/// A chat application whose traffic shows the contracted tenant is an enterprise one, whatever the catalogue
/// calls its usual form; never the other way round on a guess.
#[must_use]
pub const fn archetype_in_use(archetype: Archetype, tier: Tier) -> Archetype {
    match (archetype, tier) {
        (Archetype::ConsumerChat, Tier::Enterprise) => Archetype::EnterpriseChat,
        (Archetype::EnterpriseChat, Tier::Consumer) => Archetype::ConsumerChat,
        (archetype, _) => archetype,
    }
}
