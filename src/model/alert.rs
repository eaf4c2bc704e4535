//! What is sent to people when something changed.

use serde::{Deserialize, Serialize};

use super::Time;
use super::words::words;
words! {
    /// How soon someone should look.
    Severity ("severity") {
        Info = "info",
        Low = "low",
        Medium = "medium",
        High = "high",
        Critical = "critical",
    }
}

/// One message about one case, the same for every channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Stable over retries and restarts; receivers drop repeats by it.
    pub id: String,
    /// The rule that fired: `application_first_seen`, `new_segment`, `decision_violated`, `exception_expired`, `backfill_summary` …
    pub rule: String,
    pub severity: Severity,
    pub at: Time,
    /// One line.
    pub title: String,
    /// Facts, one line each. May hold text from logs: channels encode it.
    pub lines: Vec<String>,
    /// What to do now, one line each.
    pub next: Vec<String>,
    /// Empty in a summary.
    pub service: String,
    pub service_name: String,
    pub segment: String,
    pub tier: String,
    /// The case it belongs to; empty in a summary.
    pub case: String,
    /// State of the application when the alert was made.
    pub state: String,
    /// Transitions that it tells, by id.
    pub transitions: Vec<String>,
}

impl Alert {
    /// The rule of messages about Gnomon's own troubles.
    pub const HEALTH: &str = "health";
    /// The rule of one message about very many changes at once.
    pub const STORM: &str = "storm_summary";
}

/// An alert on its way to one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Row of the outbox.
    pub id: i64,
    pub channel: String,
    pub alert: Alert,
    /// Deliveries tried so far.
    pub attempts: u32,
    /// When it was written.
    pub created: Time,
}
