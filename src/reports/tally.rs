//! What one application's sightings add up to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Channel, Day, Grade, Kind, Outcome, Role, Sighting, Tier};

use super::Count;

/// How many names a list shows.
const NAMES: usize = 10;

/// Sums over the sightings of one service.
#[derive(Debug, Default)]
pub(super) struct AppTally {
    pub(super) events: u64,
    pub(super) attempts: u64,
    pub(super) prompts: u64,
    pub(super) uploads: u64,
    pub(super) visits: u64,
    pub(super) bytes_up: u64,
    pub(super) bytes_up_30d: u64,
    pub(super) bytes_down: u64,
    pub(super) off_hours: u64,
    pub(super) grade: Option<Grade>,
    pub(super) kinds: BTreeMap<Kind, u64>,
    pub(super) channels: BTreeMap<Channel, u64>,
    pub(super) tiers: BTreeMap<Tier, u64>,
    pub(super) segments: BTreeMap<Arc<str>, u64>,
    pub(super) clients: BTreeMap<Arc<str>, u64>,
    pub(super) users: BTreeMap<Arc<str>, u64>,
    pub(super) visitors: BTreeSet<Arc<str>>,
    pub(super) sources: BTreeSet<Arc<str>>,
    /// Day → events, attempts, bytes up.
    pub(super) days: BTreeMap<Day, (u64, u64, u64)>,
}

impl AppTally {
    /// Adds one sighting. `recent` tells whether it lies in the last thirty days, `off_hours` outside office hours.
    pub(super) fn add(&mut self, sighting: &Sighting, recent: bool, off_hours: bool) {
        let (key, tally) = (&sighting.key, &sighting.tally);
        if key.role == Role::Site {
            if is_use(key.outcome) {
                add(&mut self.visits, tally.events);
                self.visitors.insert(key.client.clone());
            }
            return;
        }
        if !key.role.is_defining() {
            return;
        }
        let day = self.days.entry(key.hour.day()).or_default();
        if key.outcome == Outcome::Blocked {
            add(&mut self.attempts, tally.events);
            add(&mut day.1, tally.events);
        } else if is_use(key.outcome) {
            add(&mut self.events, tally.events);
            add(&mut day.0, tally.events);
            add(&mut day.2, tally.bytes_up);
            add(&mut self.prompts, tally.prompts);
            add(&mut self.uploads, tally.uploads);
            add(&mut self.bytes_up, tally.bytes_up);
            add(&mut self.bytes_down, tally.bytes_down);
            if recent {
                add(&mut self.bytes_up_30d, tally.bytes_up);
            }
            if off_hours {
                add(&mut self.off_hours, tally.events);
            }
            self.grade = self.grade.max(Some(tally.grade));
            add(self.channels.entry(key.channel).or_default(), tally.events);
            add(self.tiers.entry(key.tier).or_default(), tally.events);
        } else {
            return;
        }
        add(self.kinds.entry(key.kind).or_default(), tally.events);
        self.sources.insert(key.source.clone());
        for (names, name) in [
            (&mut self.clients, &key.client),
            (&mut self.users, &key.user),
            (&mut self.segments, &key.segment),
        ] {
            if !name.is_empty() {
                add(names.entry(name.clone()).or_default(), tally.events);
            }
        }
    }

    /// Whether the service is in use or was tried: a row of the register.
    pub(super) const fn is_registered(&self) -> bool {
        self.events + self.attempts > 0
    }

    /// Days on which it was used.
    pub(super) fn active_days(&self) -> u32 {
        let days = self
            .days
            .values()
            .filter(|(events, ..)| *events > 0)
            .count();
        u32::try_from(days).unwrap_or(u32::MAX)
    }
}

/// Sums never wrap: a log may claim any number of bytes.
pub(super) const fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

fn is_use(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Allowed | Outcome::Unknown)
}

/// The most frequent names, then by name.
pub(super) fn top(names: &BTreeMap<Arc<str>, u64>) -> Vec<Count> {
    let mut counts = all(names);
    counts.truncate(NAMES);
    counts
}

/// All names, the most frequent first.
pub(super) fn all(names: &BTreeMap<Arc<str>, u64>) -> Vec<Count> {
    let mut counts: Vec<Count> = names
        .iter()
        .map(|(name, events)| Count {
            name: name.to_string(),
            events: *events,
            resolved: None,
        })
        .collect();
    counts.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.name.cmp(&b.name)));
    counts
}
