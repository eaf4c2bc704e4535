//! What one application's sightings add up to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use crate::detect::OTHER;
use crate::govern::reconcile::{Clients, Ladder, Skews, Trail};
use crate::identity::Basis;
use crate::model::{Channel, Day, Grade, Hour, Kind, Outcome, Role, Sighting, Tier};

use super::Count;
use super::recent::Recent;

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
    /// The last thirty days by themselves.
    pub(super) recent: Recent,
    pub(super) grade: Option<Grade>,
    pub(super) kinds: BTreeMap<Kind, u64>,
    pub(super) channels: BTreeMap<Channel, u64>,
    pub(super) tiers: BTreeMap<Tier, u64>,
    pub(super) segments: BTreeMap<Arc<str>, u64>,
    /// Boxed, because a table of what is large is mostly waited for.
    pub(super) clients: HashMap<Arc<str>, Box<OfClient>>,
    pub(super) users: HashMap<Arc<str>, u64>,
    pub(super) visitors: HashSet<Arc<str>>,
    pub(super) sources: BTreeSet<Arc<str>>,
    pub(super) days: Days,
    /// How far the evidence goes; the clients on it are counted when all sightings are there.
    pub(super) ladder: Ladder,
    /// Persons whom the directory names, and the clients they are named after.
    persons: HashMap<Arc<str>, BTreeSet<Arc<str>>>,
}

/// What one client did at one application.
#[derive(Debug, Default)]
pub(super) struct OfClient {
    events: u64,
    pub(super) trail: Trail,
}

impl OfClient {
    fn add(&mut self, sighting: &Sighting, skews: &mut Skews) {
        let key = &sighting.key;
        add(&mut self.events, sighting.tally.events);
        // What many clients did together has no trail.
        if *key.client == *OTHER {
            return;
        }
        self.trail.add(sighting, skews);
        // A person whom the directory names is no further user: the logs show none.
        if !key.user.is_empty() && Basis::of_user(&key.user) == Basis::User {
            self.trail.used_by(key.hour, &key.user);
        }
    }
}

/// What happened on a day.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OfDay {
    pub(super) events: u64,
    pub(super) attempts: u64,
    pub(super) bytes_up: u64,
}

/// Days with anything on them, in order.
#[derive(Debug, Default)]
pub(super) struct Days(Vec<(Day, OfDay)>);

impl Days {
    /// Sightings come hour after hour, so the day is mostly the last one.
    fn at(&mut self, day: Day) -> &mut OfDay {
        let at = match self.0.last() {
            Some((last, _)) if *last == day => self.0.len() - 1,
            _ => {
                let found = self.0.binary_search_by_key(&day, |(day, _)| *day);
                found.unwrap_or_else(|at| {
                    self.0.insert(at, (day, OfDay::default()));
                    at
                })
            }
        };
        &mut self.0[at].1
    }

    pub(super) fn on(&self, day: Day) -> OfDay {
        let found = self.0.binary_search_by_key(&day, |(day, _)| *day);
        let of_day = found.ok().and_then(|at| self.0.get(at));
        of_day.map_or_else(OfDay::default, |(_, of_day)| *of_day)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(Day, OfDay)> {
        self.0.iter()
    }
}

/// What is the same for all sightings of an hour.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfHour {
    pub(super) hour: Hour,
    /// Whether it lies in the last thirty days.
    pub(super) is_recent: bool,
    /// Whether it lies in the last seven.
    pub(super) is_last_week: bool,
    /// Whether it lies outside office hours.
    pub(super) is_off: bool,
}

impl AppTally {
    /// Adds one sighting of an hour.
    pub(super) fn add(&mut self, sighting: &Sighting, of_hour: OfHour, skews: &mut Skews) {
        let (key, tally) = (&sighting.key, &sighting.tally);
        if key.role == Role::Site {
            if is_use(key.outcome) {
                add(&mut self.visits, tally.events);
                if !self.visitors.contains(&key.client) {
                    self.visitors.insert(key.client.clone());
                }
            }
            return;
        }
        if !key.role.is_defining() {
            return;
        }
        let day = self.days.at(of_hour.hour.day());
        if key.outcome == Outcome::Blocked {
            add(&mut self.attempts, tally.events);
            add(&mut day.attempts, tally.events);
        } else if is_use(key.outcome) {
            add(&mut self.events, tally.events);
            add(&mut day.events, tally.events);
            add(&mut day.bytes_up, tally.bytes_up);
            add(&mut self.prompts, tally.prompts);
            add(&mut self.uploads, tally.uploads);
            add(&mut self.bytes_up, tally.bytes_up);
            add(&mut self.bytes_down, tally.bytes_down);
            if of_hour.is_recent {
                add(&mut self.bytes_up_30d, tally.bytes_up);
                self.recent.add(sighting, of_hour);
            }
            if of_hour.is_off {
                add(&mut self.off_hours, tally.events);
            }
            self.grade = self.grade.max(Some(tally.grade));
            add(self.channels.entry(key.channel).or_default(), tally.events);
            add(self.tiers.entry(key.tier).or_default(), tally.events);
        } else {
            return;
        }
        self.ladder.add(sighting);
        add(self.kinds.entry(key.kind).or_default(), tally.events);
        if !self.sources.contains(&key.source) {
            self.sources.insert(key.source.clone());
        }
        if !key.client.is_empty() {
            let client = self.clients.entry_ref(&key.client).or_default();
            client.add(sighting, skews);
        }
        if !key.user.is_empty() {
            add(self.users.entry_ref(&key.user).or_default(), tally.events);
            if Basis::of_user(&key.user) == Basis::Directory {
                let clients = self.persons.entry_ref(&key.user).or_default();
                clients.insert(key.client.clone());
            }
        }
        if !key.segment.is_empty() {
            match self.segments.get_mut(&key.segment) {
                Some(events) => add(events, tally.events),
                None => {
                    self.segments.insert(key.segment.clone(), tally.events);
                }
            }
        }
    }

    /// Takes back who was named after a client that proved to be shared: any of its users may have been meant.
    pub(super) fn unname_shared(&mut self, clients: &Clients) {
        for (person, of) in &self.persons {
            if of.iter().any(|client| clients.is_shared(client)) {
                self.users.remove(person);
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
            .iter()
            .filter(|(_, of_day)| of_day.events > 0)
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

/// The most frequent clients, then by name.
pub(super) fn top_clients(
    names: &HashMap<Arc<str>, Box<OfClient>>,
    clients: &Clients,
) -> Vec<Count> {
    let names = names
        .iter()
        .map(|(name, of_client)| (name, &of_client.events));
    let mut top = counted(names, NAMES);
    for client in &mut top {
        client.basis = Some(Basis::of_client(&client.name));
        client.shared = clients.is_shared(&client.name);
    }
    top
}

/// The most frequent users, then by name.
pub(super) fn top_users(names: &HashMap<Arc<str>, u64>) -> Vec<Count> {
    let mut top = counted(names, NAMES);
    for user in &mut top {
        user.basis = Some(Basis::of_user(&user.name));
    }
    top
}

/// All names, the most frequent first.
pub(super) fn all(names: &BTreeMap<Arc<str>, u64>) -> Vec<Count> {
    counted(names, usize::MAX)
}

fn counted<'n>(
    names: impl IntoIterator<Item = (&'n Arc<str>, &'n u64)>,
    most: usize,
) -> Vec<Count> {
    let mut names: Vec<(&Arc<str>, u64)> =
        names.into_iter().map(|(n, events)| (n, *events)).collect();
    let order = |(a, of_a): &(&Arc<str>, u64), (b, of_b): &(&Arc<str>, u64)| {
        of_b.cmp(of_a).then_with(|| a.cmp(b))
    };
    if names.len() > most {
        names.select_nth_unstable_by(most, order);
        names.truncate(most);
    }
    names.sort_unstable_by(order);
    let count = |(name, events): (&Arc<str>, u64)| Count {
        name: name.to_string(),
        events,
        resolved: None,
        basis: None,
        shared: false,
    };
    names.into_iter().map(count).collect()
}
