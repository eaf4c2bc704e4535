//! How every duty stands for one application: whose it is, whether it is met, by when it is due.
//!
//! A status follows from three things only: the duty model, what people recorded, and what was observed. What logs
//! merely indicate never closes a duty; it needs an attestation beside it. Silence in a log is never evidence, so
//! an observation that is absent changes nothing. Duties that do not apply to the archetype are left out.

mod advice;
mod check;
pub mod observe;
mod status;

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

pub use advice::{RECORD_IT, next_steps, record_command};
pub use check::{DutyError, check};

use super::decisions::Effective;
use super::duty_model::{Cell, Duty, DutyModel, Overridden};
use super::words::{Band, Basis, ClosesBy, DutyStatus, Layer, Party, SeedParty};
use crate::model::{
    Archetype, Day, Decision, DutyRecord, Enforcement, Observation, ServiceModel, State, Tier,
    Time, Wording,
};

/// The application that duties are assessed for.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    pub service: String,
    pub archetype: Archetype,
    pub model: ServiceModel,
    pub tier: Tier,
    /// Whether the enterprise runs it itself, so that there is no provider.
    pub own: bool,
    /// Decides how soon duties are due.
    pub band: Band,
    pub first_seen: Time,
    /// The decision that holds for it.
    pub decision: Effective,
    /// The exception that ended while its people go on.
    pub breached: Option<Decision>,
    /// What was observed in the logs, at most one of a rule.
    pub observed: Vec<Observation>,
    /// What was observed at earlier looks, oldest first.
    pub earlier: Vec<Observation>,
    /// The newest rule in a proxy or resolver for it.
    pub enforced: Option<Enforcement>,
    /// The newest change that makes older evidence worthless: tier turned, new host, band up, traffic after a block.
    pub trigger: Option<Trigger>,
}

/// A change after which evidence must be renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    pub at: Time,
    pub why: String,
}

/// One duty of one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessed {
    pub id: Wording,
    pub layer: Layer,
    pub title: Wording,
    pub statement: Wording,
    /// Who carries it here.
    pub party: Party,
    /// Whom the article names.
    pub seed_party: SeedParty,
    pub basis: Basis,
    /// Sentences of the article, by key.
    pub keys: Arc<[String]>,
    /// Why the party differs from the article's, or how an unclear sentence is read.
    pub reason: Wording,
    pub disputed: bool,
    /// Who gave the cell to this party here, against the model.
    pub overridden_by: Option<String>,
    /// `majority` where the article gives most of the duty.
    pub share: Wording,
    pub status: DutyStatus,
    /// How it was met: `observed`, `indicated` or `attested`.
    pub met_by: Option<ClosesBy>,
    /// Why it stands as it does.
    pub why: Cow<'static, str>,
    pub closes_by: ClosesBy,
    /// The role that owns it.
    pub owner: Wording,
    /// The last day for what is pending; the last day of validity for what is met or waived.
    pub due: Option<Day>,
    /// Since when it is pending, where the last day follows from that and the risk.
    #[serde(skip)]
    opened: Option<Day>,
    pub overdue: bool,
    pub action: Wording,
    /// What would prove it.
    pub evidence_wanted: Wording,
    /// What was given as proof.
    pub evidence: Option<String>,
    pub logs_show: Wording,
    /// `framework@version:id`.
    pub refs: Arc<[String]>,
}

/// How every duty that applies stands, sorted by id.
#[must_use]
pub fn assess(
    model: &DutyModel,
    app: &Subject,
    records: &[DutyRecord],
    now: Time,
) -> Vec<Assessed> {
    let mut own: Vec<&DutyRecord> = records
        .iter()
        .filter(|record| record.service == app.service && record.at <= now)
        .collect();
    // A stable sort: of two records at the same instant the later written stays the later.
    own.sort_by_key(|record| record.at);
    that_apply(model, app)
        .map(|duty| assess_one(duty, app, &own, now))
        .collect()
}

/// Gives the duties of an application the last days that follow from another band of its risk; nothing else does.
pub fn set_band(
    model: &DutyModel,
    app: &mut Subject,
    band: Band,
    duties: &mut [Assessed],
    now: Time,
) {
    app.band = band;
    for (duty, assessed) in that_apply(model, app).zip(duties) {
        if let Some(opened) = assessed.opened {
            let due = opened.plus(duty.due.days(band));
            assessed.due = Some(due);
            assessed.overdue = now.day() > due;
        }
    }
}

fn that_apply<'m>(model: &'m DutyModel, app: &Subject) -> impl Iterator<Item = &'m Duty> {
    let archetype = app.archetype;
    let all = model.duties.iter();
    all.filter(move |duty| duty.applies.covers(archetype))
}

fn assess_one(duty: &Duty, app: &Subject, records: &[&DutyRecord], now: Time) -> Assessed {
    let cell = duty.cell(app.model);
    let (party, reason) = carried(cell, app.own);
    let standing = status::of(duty, party, app, records, now);
    let is_open = standing.status.is_pending() && standing.until.is_none();
    let opened = is_open.then(|| standing.opened.day());
    let by_risk = opened.map(|day| day.plus(duty.due.days(app.band)));
    let due = standing.until.or(by_risk);
    Assessed {
        id: duty.id.clone(),
        layer: duty.layer,
        title: duty.title.clone(),
        statement: duty.statement.clone(),
        party,
        seed_party: cell.seed_party,
        basis: cell.basis,
        keys: cell.keys.clone(),
        reason,
        disputed: cell.disputed,
        overridden_by: cell.overridden.as_ref().map(|by| by.author.clone()),
        share: cell.share.clone(),
        status: standing.status,
        met_by: standing.met_by,
        why: standing.why,
        closes_by: duty.closes_by,
        owner: duty.owner.clone(),
        due,
        opened,
        overdue: standing.status.is_pending() && due.is_some_and(|day| now.day() > day),
        action: duty.action.clone(),
        evidence_wanted: duty.evidence.clone(),
        evidence: standing.evidence,
        logs_show: duty.logs_show.clone(),
        refs: duty.refs.clone(),
    }
}

/// Who carries a cell here, and why it differs from what the article or the model says.
fn carried(cell: &Cell, own: bool) -> (Party, Wording) {
    let mut reason = cell.reason.clone();
    if let Some(Overridden {
        from,
        reason: why,
        author,
    }) = &cell.overridden
    {
        let lead = if reason.is_empty() { "" } else { " " };
        reason = Wording::from(format!(
            "{reason}{lead}Here it is given to {} instead of {from}, says {author}: {why}",
            cell.party
        ));
    }
    if own && matches!(cell.party, Party::Provider | Party::Both) {
        return (
            Party::Enterprise,
            "The enterprise runs it itself, so there is no provider to share it with.".into(),
        );
    }
    (cell.party, reason)
}

/// Duties that survive the retirement of an application.
const AFTER_RETIREMENT: &[&str] = &["GAI-01", "GAI-03", "GAI-44"];

/// Why the state of the application puts a duty out of force, if it does.
fn out_of_force(duty: &Duty, state: State) -> Option<&'static str> {
    match state {
        State::NotGenai if duty.id != "GAI-01" && duty.id != "GAI-03" => {
            Some("decided to be no generative AI")
        }
        State::Retired if !AFTER_RETIREMENT.contains(&duty.id.as_str()) => {
            Some("the application is retired")
        }
        _ => None,
    }
}
