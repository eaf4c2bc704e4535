//! Changes worth telling, and the open conversations they belong to.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::words::words;
use super::{Tier, Time};
words! {
    /// What changed.
    TransitionKind ("transition") {
        FirstSeen = "first_seen",
        NewSegment = "new_segment",
        GradeRose = "grade_rose",
        TurnedConsumer = "turned_consumer",
        DecisionViolated = "decision_violated",
        ExceptionExpired = "exception_expired",
        Gone = "gone",
    }
}

/// One change. Its id follows from what changed, so that finding it twice records it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// Hex digest over kind, service, segment, tier and what makes it unique; the same on every machine.
    pub id: String,
    pub kind: TransitionKind,
    pub service: Arc<str>,
    pub segment: Arc<str>,
    pub tier: Tier,
    /// When it happened, from the events.
    pub at: Time,
    /// One sentence for people.
    pub detail: String,
}

/// One open conversation per (application, segment, tier).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub id: String,
    pub service: Arc<str>,
    pub segment: Arc<str>,
    pub tier: Tier,
    pub open: bool,
    pub opened: Time,
    pub updated: Time,
    /// Newest last.
    pub transitions: Vec<Transition>,
    /// Who acknowledged it, if anyone did.
    pub acknowledged_by: Option<String>,
    /// No alerts until then.
    pub silenced_until: Option<Time>,
}
