//! Changes worth telling, and the open conversations they belong to.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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
        VolumeRose = "volume_rose",
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
    /// The id of the case for (application, segment, tier); the same on every machine.
    #[must_use]
    pub fn id_of(service: &str, segment: &str, tier: Tier) -> String {
        stable_id(&["case", service, segment, tier.as_str()])
    }
}

/// Sixteen hex digits over the parts, each closed by a NUL so that no two lists of parts read alike.
#[must_use]
pub fn stable_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let (eight, _) = digest.split_first_chunk().expect("thirty-two bytes");
    format!("{:016x}", u64::from_be_bytes(*eight))
}
