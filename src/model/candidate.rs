//! Hosts beside the signatures: which hosts a service was seen on, every host per day, and the hosts in no
//! signature that look like GenAI.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Day, Host, Role, Sketch, Time};

/// Events of one service on one host on one day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HostRow {
    pub day: Day,
    pub service: Arc<str>,
    /// The host, or `__other__` past the cap.
    pub host: Arc<str>,
    pub role: Role,
    pub events: u64,
}

/// Hits of one host on one day, matched or not: what a later catalogue can be matched against.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DigestRow {
    pub day: Day,
    /// The host, or `__other__` past the cap.
    pub host: Arc<str>,
    pub hits: u64,
    pub first: Time,
    pub last: Time,
    /// About how many clients.
    #[serde(default)]
    pub clients: Sketch,
}

/// A host in no signature that looks like GenAI, with the reasons.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Candidate {
    pub host: Host,
    /// Sentences, sorted, without repetition.
    pub reasons: Vec<String>,
    pub hits: u64,
    pub first: Time,
    pub last: Time,
}

/// What people said of a candidate. Appended, never overwritten: the newest counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub host: Host,
    /// Accepted as GenAI, or dismissed.
    pub accepted: bool,
    pub reason: String,
    pub by: String,
    pub at: Time,
}
