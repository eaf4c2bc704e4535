//! The one structure that every report, page and JSON answer draws from.
//!
//! Plain data in the order that readers need it; the field names are the stable schema `gnomon.report/1`. Times are
//! UTC. Renderers write it down and compute nothing, so that a page and a report cannot disagree.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::Serialize;

use super::{AgentAt, Noted, Organisation};
use crate::govern::DutyModel;
use crate::govern::reconcile::{Ladder, Skew};
use crate::identity::Basis;
use crate::model::{Archetype, Grade, Role, ServiceModel, State, Tier, Time};
use crate::model::{
    Candidate, Coverage, Day, Decision, Earlier, Enforcement, Observation, Transition, Wording,
};

/// Name and version of the schema.
pub const SCHEMA: &str = "gnomon.report/1";

/// Everything that is told about a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub schema: &'static str,
    pub period: Period,
    pub catalogue: CatalogueFacts,
    /// In the order of attention: the highest residual risk first. They may be thousands, so JSON is written of one after the other.
    #[serde(skip)]
    pub applications: Vec<Application>,
    pub totals: Totals,
    pub organisation: Organisation,
    /// Layers of the duty model × how the duties stand, over all applications.
    pub heat_map: Vec<HeatRow>,
    /// Per day, oldest first, without gaps.
    pub days: Vec<DayRow>,
    pub candidates: Vec<Candidate>,
    /// AI agents at work on hosts that are no AI.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentAt>,
    /// Requests with the shape of a model's interface at hosts past the cap on applications in no signature.
    #[serde(skip_serializing_if = "is_nought")]
    pub unlisted_past_cap: u64,
    /// Services that were visited (their site only) and not used.
    pub visited_only: Vec<Visited>,
    /// Services that were in the logs before their signatures were known here, and not since.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known_late: Vec<KnownLate>,
    pub transitions: Vec<Told>,
    /// Decisions that end within thirty days or have ended.
    pub decisions_due: Vec<Decision>,
    pub coverage: Vec<Coverage>,
    /// Sources whose clocks differ by more than is absorbed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clock_skews: Vec<Skew>,
    /// What logs like these cannot show, in sentences.
    pub cannot_see: Vec<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
const fn is_nought(count: &u64) -> bool {
    *count == 0
}

/// The stretch of time that a report speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// The first and the last event in it; `None` when there is none.
    pub from: Option<Time>,
    pub until: Option<Time>,
    /// The moment that due dates and expiries are measured against.
    pub as_of: Time,
}

/// Which catalogue was matched against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogueFacts {
    pub version: String,
    pub services: usize,
    pub rules: usize,
}

/// One application in use: a row of the register.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Application {
    pub id: String,
    pub name: String,
    pub vendor: String,
    pub country: String,
    pub category: String,
    pub description: String,
    pub archetype: Archetype,
    pub model: ServiceModel,
    /// Scope in the AWS Generative AI Security Scoping Matrix, `1` or `3-4`.
    pub aws_scope: String,
    /// The approved application that this is a feature of, where it is one.
    pub host_app: Option<String>,
    pub tier: TierSeen,
    pub state: State,
    /// The decision in force for the whole organisation.
    pub decision: Option<Decision>,
    /// The application whose state this one inherits, because nobody has decided about the feature itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inherited_from: Option<String>,
    /// The strongest evidence of use; `None` when every event was blocked.
    pub grade: Option<Grade>,
    pub risk: Risk,
    /// Of any trace: where the signature came late, that of its hosts before it.
    pub first_seen: Time,
    pub last_seen: Time,
    /// What was seen before the signature was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_known: Option<Earlier>,
    /// Events that were neither blocked nor failed, over all kinds of log.
    pub events: u64,
    /// Blocked events.
    pub attempts: u64,
    /// Events whose URL shows a prompt or an API call.
    pub prompts: u64,
    pub uploads: u64,
    /// Events on marketing and documentation pages.
    pub visits: u64,
    /// Distinct user names and client addresses; `0` users when no log names users.
    pub users: u64,
    pub clients: u64,
    /// Names of the clients, at most a few; pseudonyms when so configured. For the SOC edition.
    pub top_clients: Vec<Count>,
    /// Names of the users, at most a few. For the SOC edition.
    pub top_users: Vec<Count>,
    /// Who sent far more in the last seven days than usual. For the SOC edition.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outliers: Vec<Outlier>,
    pub segments: Vec<Count>,
    /// `0` with `uploads_told` false means unknown.
    pub bytes_up: u64,
    pub bytes_down: u64,
    /// Whether a log that saw the application counts the bytes that clients sent.
    pub uploads_told: bool,
    /// Events by kind of log: dns, proxy, tls, flow.
    pub evidence: BTreeMap<&'static str, u64>,
    /// How far the evidence goes, for how many clients.
    pub ladder: Ladder,
    pub channels: BTreeMap<&'static str, u64>,
    pub hosts: Vec<HostUse>,
    pub active_days: u32,
    /// Events per day of the report's `days`.
    pub daily: Vec<u64>,
    /// The newest rule in a proxy or resolver for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforced: Option<Enforcement>,
    /// What the traffic shows of its duties, by rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
    /// Sorted by id; what stands the same way for several applications is kept once.
    pub duties: Vec<Arc<Duty>>,
    /// Whose accounts, and by which fact; `tier` follows from it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Noted>,
    /// The programs that named themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<Noted>,
    /// Clients that say they are browsers and ask around the clock: programs.
    #[serde(skip_serializing_if = "is_nought")]
    pub programs_as_browsers: u64,
    /// Methods and tools of the Model Context Protocol.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mcp: Vec<Noted>,
    /// Why it is an application although it is in no signature.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// The first things to do, one sentence each; none where it was looked up and never connected.
    pub next: Vec<String>,
}

/// The account plane, and on what basis it is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TierSeen {
    pub value: Tier,
    pub basis: String,
    /// Events by tier.
    pub events: BTreeMap<&'static str, u64>,
}

/// A score and the lines it is the sum of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Risk {
    pub gross: u32,
    pub residual: u32,
    /// low, medium, high, critical.
    pub band: &'static str,
    /// Percent of the score that rests on known values.
    pub confidence: u32,
    /// Lowest and highest gross score when the logs leave part of it open.
    pub range: Option<(u32, u32)>,
    pub lines: Vec<RiskLine>,
}

/// One line of a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskLine {
    /// `C1`, `B2`, `F3`, `M1`.
    pub id: &'static str,
    pub label: &'static str,
    /// What was measured or known, in words.
    pub value: String,
    pub points: f64,
    pub max: f64,
    pub known: bool,
    /// Where a fact comes from and when it was checked; empty for behaviour.
    pub source: String,
}

/// A duty as it stands for one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duty {
    pub id: Wording,
    pub layer: &'static str,
    pub title: Wording,
    pub statement: Wording,
    /// Who carries it in effect: enterprise, provider, both, none.
    pub party: &'static str,
    /// Whom the article names: AISU, AISP, shared, none, silent.
    pub seed_party: &'static str,
    /// Why the two differ, or why the cell is disputed.
    pub reason: Wording,
    pub disputed: bool,
    /// Who gave the duty to this party here, against the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overridden_by: Option<String>,
    /// stated, inferred, extension.
    pub basis: &'static str,
    /// Keys of the article's sentences.
    pub keys: Arc<[String]>,
    pub status: &'static str,
    /// Why it stands so.
    pub why: Cow<'static, str>,
    pub closes_by: &'static str,
    pub owner: Wording,
    /// The last day for what is pending; the last day of validity for what is met or waived.
    pub due: Option<Day>,
    pub overdue: bool,
    pub action: Wording,
    pub evidence_wanted: Wording,
    /// What the logs can show of it.
    pub logs_show: Wording,
    pub refs: Arc<[String]>,
}

impl Application {
    /// How its duties stand, sorted by id.
    pub fn duties(&self) -> impl Iterator<Item = &Duty> {
        self.duties.iter().map(Arc::as_ref)
    }

    /// The sentences of the article that its duties rest on: key, and what it says and where, in our words.
    #[must_use]
    pub fn sentences<'m>(&self, model: &'m DutyModel) -> Vec<(&'m str, String)> {
        let of_duties = self.duties().flat_map(|duty| duty.keys.iter());
        let mut keys: Vec<&str> = of_duties.map(String::as_str).collect();
        keys.sort_unstable();
        keys.dedup();
        let sentences = keys.into_iter().filter_map(|key| model.key(key));
        sentences
            .map(|place| {
                let text = format!("{} ({}, {})", place.says, place.section, place.place);
                (place.key.as_str(), text)
            })
            .collect()
    }
}

/// By what tells most of them apart; equal is what is equal in everything.
impl Hash for Duty {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.id, self.status, self.due, &self.why).hash(state);
    }
}

impl Duty {
    /// Whether the enterprise still has something to do.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self.status, "open" | "in_progress" | "lapsed")
    }
}

/// Events on one host of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostUse {
    pub host: String,
    pub role: Role,
    pub events: u64,
}

/// A name and how often it occurs. The name may come from a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    pub name: String,
    pub events: u64,
    /// What DNS calls it now, where names were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved: Option<String>,
    /// On what basis a client or a user is called so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// Whether several users were seen at this client within an hour, or browsers of several machines on one day: a terminal
    /// server, a NAT, a shared desk.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

/// Somebody who sent far more than usual. The name may come from a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outlier {
    pub who: String,
    pub bytes_7d: u64,
    /// Daily mean of the rest of the last thirty days.
    pub bytes_a_day_before: u64,
}

/// A service whose site was visited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Visited {
    pub id: String,
    pub name: String,
    pub visits: u64,
    pub clients: u64,
}

/// A service that was seen before its signature was known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownLate {
    pub name: String,
    #[serde(flatten)]
    pub before: Earlier,
}

/// A transition with its service's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    #[serde(flatten)]
    pub transition: Transition,
    pub name: String,
}

/// Sums over all applications.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    pub applications: u64,
    pub by_state: BTreeMap<&'static str, u64>,
    pub by_model: BTreeMap<&'static str, u64>,
    pub by_band: BTreeMap<&'static str, u64>,
    pub users: u64,
    pub clients: u64,
    pub events: u64,
    pub attempts: u64,
    pub bytes_up: u64,
    pub bytes_down: u64,
    pub duties_open: u64,
    pub duties_overdue: u64,
}

/// How the duties of one layer stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeatRow {
    pub layer: String,
    pub met: u64,
    pub open: u64,
    pub overdue: u64,
    /// The provider's, with nothing on file.
    pub unassured: u64,
    /// Waived, not applicable, or assured by the provider.
    pub settled: u64,
}

/// One day of use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayRow {
    pub day: Day,
    pub events: u64,
    pub attempts: u64,
    pub bytes_up: u64,
}
