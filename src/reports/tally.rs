//! What one application's sightings add up to.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::mem::{replace, take};
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use crate::detect::OTHER;
use crate::govern::reconcile::{Clients, Ladder, Skews, Trail};
use crate::identity::Basis;
use crate::model::{
    Channel, Day, Grade, Hour, Kind, Outcome, Role, Sighting, Symbol, Symbols, Tier,
};

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
    pub(super) clients: HashMap<Symbol, OfClient>,
    pub(super) users: HashMap<Symbol, u64>,
    pub(super) visitors: HashSet<Symbol>,
    pub(super) sources: BTreeSet<Arc<str>>,
    pub(super) days: Days,
    /// How far the evidence goes; the clients on it are counted when all sightings are there.
    pub(super) ladder: Ladder,
    /// Persons whom the directory names, and the clients they are named after.
    persons: HashMap<Symbol, HashSet<Symbol>>,
}

/// What one client did at one application.
#[derive(Debug, Default)]
pub(super) struct OfClient {
    events: u64,
    /// The user whom the log named last, and the events of that user that are not added up yet: mostly it is always the
    /// same one.
    user: Symbol,
    of_user: u64,
    pub(super) trail: Trail,
}

impl OfClient {
    fn add(&mut self, sighting: &Sighting, who: Who, known: &mut Known) {
        add(&mut self.events, sighting.tally.events);
        // What many clients did together has no trail.
        if who.client == known.other {
            return;
        }
        let (symbols, skews) = (&mut known.symbols, &mut known.skews);
        self.trail.add(sighting, symbols, skews);
        // A person whom the directory names is no further user: the logs show none.
        if !who.is_person {
            self.trail.used_by(sighting.key.hour, who.user);
        }
    }
}

/// What all applications' tallies speak of.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) symbols: Symbols,
    pub(super) skews: Skews,
    /// The name under which clients past the limit are counted.
    other: Symbol,
}

impl Default for Known {
    fn default() -> Self {
        let mut symbols = Symbols::default();
        let other = symbols.of(&OTHER.into());
        Self {
            symbols,
            skews: Skews::default(),
            other,
        }
    }
}

/// Whom a sighting is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who {
    pub(super) client: Symbol,
    pub(super) user: Symbol,
    /// Whether the user is one whom the directory names.
    is_person: bool,
}

impl Who {
    fn of(sighting: &Sighting, symbols: &mut Symbols) -> Self {
        let key = &sighting.key;
        Self {
            client: symbols.of(&key.client),
            user: symbols.of(&key.user),
            is_person: !key.user.is_empty() && Basis::of_user(&key.user) == Basis::Directory,
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
    pub(super) fn add(&mut self, sighting: &Sighting, of_hour: OfHour, known: &mut Known) {
        let (key, tally) = (&sighting.key, &sighting.tally);
        if key.role == Role::Site {
            if is_use(key.outcome) {
                add(&mut self.visits, tally.events);
                self.visitors.insert(known.symbols.of(&key.client));
            }
            return;
        }
        if !key.role.is_defining() {
            return;
        }
        let who = Who::of(sighting, &mut known.symbols);
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
                self.recent.add(sighting, who, of_hour);
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
        if who.client != Symbol::EMPTY {
            let client = self.clients.entry(who.client).or_default();
            client.add(sighting, who, known);
            if who.user == client.user {
                add(&mut client.of_user, tally.events);
            } else if who.user != Symbol::EMPTY {
                let before = replace(&mut client.user, who.user);
                let events = replace(&mut client.of_user, tally.events);
                self.used_by(before, events);
                if who.is_person {
                    let clients = self.persons.entry(who.user).or_default();
                    clients.insert(who.client);
                }
            }
        } else {
            self.used_by(who.user, tally.events);
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

    fn used_by(&mut self, user: Symbol, events: u64) {
        if user != Symbol::EMPTY {
            add(self.users.entry(user).or_default(), events);
        }
    }

    /// Adds up what waits to be; no sighting comes any more.
    pub(super) fn end(&mut self) {
        let waiting = self.clients.values_mut();
        let waiting = waiting.map(|client| (client.user, take(&mut client.of_user)));
        for (user, events) in waiting.filter(|(user, _)| *user != Symbol::EMPTY) {
            add(self.users.entry(user).or_default(), events);
        }
    }

    /// Takes back who was named after a client that proved to be shared: any of its users may have been meant.
    pub(super) fn unname_shared(&mut self, clients: &Clients) {
        for (person, of) in &self.persons {
            if of.iter().any(|client| clients.is_shared(*client)) {
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
    of: &HashMap<Symbol, OfClient>,
    clients: &Clients,
    symbols: &Symbols,
) -> Vec<Count> {
    let events = of.iter().map(|(client, of)| (*client, of.events));
    let count = |(client, events)| {
        let name = symbols.text(client);
        Count {
            basis: Some(Basis::of_client(name)),
            shared: clients.is_shared(client),
            ..count((name, events))
        }
    };
    top(events, symbols).into_iter().map(count).collect()
}

/// The most frequent users, then by name.
pub(super) fn top_users(of: &HashMap<Symbol, u64>, symbols: &Symbols) -> Vec<Count> {
    let events = of.iter().map(|(user, events)| (*user, *events));
    let count = |(user, events)| {
        let name = symbols.text(user);
        Count {
            basis: Some(Basis::of_user(name)),
            ..count((name, events))
        }
    };
    top(events, symbols).into_iter().map(count).collect()
}

fn top(names: impl Iterator<Item = (Symbol, u64)>, symbols: &Symbols) -> Vec<(Symbol, u64)> {
    let mut names: Vec<(Symbol, u64)> = names.collect();
    let order = |(a, of_a): &(Symbol, u64), (b, of_b): &(Symbol, u64)| {
        let by_name = || symbols.text(*a).cmp(symbols.text(*b));
        of_b.cmp(of_a).then_with(by_name)
    };
    if names.len() > NAMES {
        names.select_nth_unstable_by(NAMES, order);
        names.truncate(NAMES);
    }
    names.sort_unstable_by(order);
    names
}

/// All names, the most frequent first.
pub(super) fn all(names: &BTreeMap<Arc<str>, u64>) -> Vec<Count> {
    let mut names: Vec<(&str, u64)> = names
        .iter()
        .map(|(name, events)| (&**name, *events))
        .collect();
    // Of as many they stay in the order of their names.
    names.sort_by_key(|(_, events)| Reverse(*events));
    names.into_iter().map(count).collect()
}

fn count((name, events): (&str, u64)) -> Count {
    Count {
        name: name.to_owned(),
        events,
        resolved: None,
        basis: None,
        shared: false,
    }
}
