//! The register's inner row: what is known of one service in one segment on one tier.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Day, Grade, Tier, Time};

/// Sums and bounds over every *defining* sighting of (service, segment, tier); merging in any order gives the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub service: Arc<str>,
    /// Empty when no segment is configured for the clients seen.
    pub segment: Arc<str>,
    pub tier: Tier,
    /// Events that were not blocked and did not fail.
    pub events: u64,
    /// Blocked events.
    pub attempts: u64,
    pub bytes_up: u64,
    pub bytes_down: u64,
    /// Of use and attempts alike.
    pub first_seen: Time,
    pub last_seen: Time,
    /// Of use only.
    pub first_use: Option<Time>,
    pub last_use: Option<Time>,
    /// Of use beyond a look-up in DNS: something was connected to.
    pub last_contact: Option<Time>,
    /// Strongest grade of use; `None` when there were attempts only.
    pub grade: Option<Grade>,
}

/// Use of one service on one day: the events of its defining sightings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayUse {
    pub service: Arc<str>,
    pub day: Day,
    pub events: u64,
}

impl Profile {
    /// The last time that it was used so that a block would have been broken. Where a log shows more than look-ups, a
    /// look-up before a refusing proxy breaks nothing; where look-ups are all there is, they have to do.
    #[must_use]
    pub fn last_unblocked(&self) -> Option<Time> {
        if self.grade > Some(Grade::Resolved) {
            self.last_contact
        } else {
            self.last_use
        }
    }
}
