//! Changes worth telling, and the open conversations they belong to.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

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

impl Case {
    /// The id of the case of (service, segment, tier): 16 hex digits, the same on every machine.
    ///
    /// Neither a service id nor a tier holds a `|`, so that no two cases read the same before they are digested.
    #[must_use]
    pub fn id_of(service: &str, segment: &str, tier: Tier) -> String {
        let digest = Sha256::digest(format!("{service}|{segment}|{tier}"));
        let mut id = String::with_capacity(16);
        for byte in digest.iter().take(8) {
            // Writing to a String cannot fail.
            let _ = write!(id, "{byte:02x}");
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_case_is_the_same_on_every_machine() {
        let id = Case::id_of("example.chat", "", Tier::Unknown);
        assert_eq!(id, Case::id_of("example.chat", "", Tier::Unknown));
        assert_eq!(id.len(), 16);
        assert_ne!(id, Case::id_of("example.chat", "", Tier::Consumer));
        assert_ne!(id, Case::id_of("example.chat", "sales", Tier::Unknown));
    }
}
