//! Sightings: events tallied by hour, service and who.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Channel, Grade, Hour, Kind, Outcome, Role, Tier, Time};

/// What a tally counts. An empty name means that the log does not say.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SightingKey {
    pub hour: Hour,
    pub service: Arc<str>,
    pub role: Role,
    pub tier: Tier,
    pub channel: Channel,
    pub kind: Kind,
    pub outcome: Outcome,
    pub client: Arc<str>,
    pub user: Arc<str>,
    pub segment: Arc<str>,
    pub source: Arc<str>,
}

/// Sums, bounds and the strongest grade; merging in any order gives the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub events: u64,
    /// Events whose URL shows a prompt or an API call.
    pub prompts: u64,
    /// Events whose URL or size shows an upload.
    pub uploads: u64,
    pub bytes_up: u64,
    pub bytes_down: u64,
    pub first: Time,
    pub last: Time,
    pub grade: Grade,
}

impl Tally {
    /// The tally of one event.
    #[must_use]
    pub const fn of(time: Time, grade: Grade) -> Self {
        Self {
            events: 1,
            prompts: 0,
            uploads: 0,
            bytes_up: 0,
            bytes_down: 0,
            first: time,
            last: time,
            grade,
        }
    }

    /// Adds another tally to this one.
    pub fn merge(&mut self, other: &Self) {
        self.events = self.events.saturating_add(other.events);
        self.prompts = self.prompts.saturating_add(other.prompts);
        self.uploads = self.uploads.saturating_add(other.uploads);
        self.bytes_up = self.bytes_up.saturating_add(other.bytes_up);
        self.bytes_down = self.bytes_down.saturating_add(other.bytes_down);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.grade = self.grade.max(other.grade);
    }
}

/// A key and its tally.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    pub key: SightingKey,
    pub tally: Tally,
}
