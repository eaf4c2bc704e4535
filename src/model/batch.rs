//! What goes into the store at once, and what follows from it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Alert, Candidate, Coverage, DayUse, Decision, DigestRow, Earlier, Health, HostRow, Mark,
    Profile, Sighting, Transition, Watched,
};

/// How far a source was read; opaque to everyone but the source that wrote it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// What the position is of; one per byte stream.
    pub key: String,
    /// The source's own notes, as text. Empty means: forget this position.
    pub state: String,
}

/// Everything that was learnt from a stretch of input; committed whole or not at all.
///
/// Rows are deltas: the store adds them to what it has. Keys occur once per batch and are sorted; the digest, of all hosts,
/// only by day.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Batch {
    pub sightings: Vec<Sighting>,
    pub hosts: Vec<HostRow>,
    pub digest: Vec<DigestRow>,
    pub candidates: Vec<Candidate>,
    pub marks: Vec<Mark>,
    pub coverage: Vec<Coverage>,
    pub positions: Vec<Position>,
    /// Troubles of our own, to be told of.
    pub health: Vec<Health>,
    /// Whether old logs are still being read: nobody is asked what follows from it. A later batch without sightings shows
    /// all of it at once.
    #[serde(default)]
    pub is_history: bool,
}

/// What a commit is about to change, shown before it is made final.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// Every profile of every service that the batch touches (all services for a batch without sightings), as it will be.
    pub profiles: Vec<Profile>,
    /// Every mark of these services that are in no signature: whether they count as applications follows from them.
    pub marks: Vec<Mark>,
    /// The use of all services by day, sorted; only for a batch without sightings, because it takes long.
    pub days: Vec<DayUse>,
    /// Every decision about these services, oldest first.
    pub decisions: Vec<Decision>,
    /// Ids of the transitions of these services that are recorded already.
    pub known: BTreeSet<String>,
    /// Transitions recorded earlier and not announced yet, of any service, oldest first; none while they have to wait,
    /// because a storm was told of only just now.
    pub unannounced: Vec<Transition>,
    /// Cases that are silenced, by id, at the moment of the commit.
    pub silenced: BTreeSet<String>,
    /// Troubles of our own that the batch brings.
    pub health: Vec<Health>,
    pub told: Told,
    /// What was seen of these services before their signatures were known.
    pub earlier: Vec<Earlier>,
    /// Where connections are seen, with what this batch adds.
    pub watched: Watched,
}

/// What was queued lately, so that a storm of changes becomes no storm of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// Alerts in the last ten minutes.
    pub lately: usize,
    /// Whether one of the last minute told of a storm as a whole.
    pub storm: bool,
}

/// What follows from the changes; written in the same transaction.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Consequences {
    /// New transitions; each opens or continues its case.
    pub transitions: Vec<Transition>,
    /// Ids of transitions, new or old, that count as told from now on.
    pub announced: Vec<String>,
    /// Alerts to send, each to these channels.
    pub alerts: Vec<(Alert, Vec<String>)>,
}
