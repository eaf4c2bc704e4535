//! What one worker has tallied, and the caps that keep hostile logs from growing it.

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::{Equivalent, HashMap};

use crate::model::{
    Batch, Candidate, Day, DigestRow, Host, HostRow, Kind, Mark, MarkKind, Outcome, Role, Sighting,
    SightingKey, Sketch, Tally, Time,
};

/// Stands for everything past a cap.
pub const OTHER: &str = "__other__";

/// How many rows a table may hold between two commits.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub sightings: usize,
    pub hosts: usize,
    pub digest: usize,
    pub candidates: usize,
    pub marks: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sightings: 200_000,
            hosts: 50_000,
            digest: 200_000,
            candidates: 10_000,
            marks: 30_000,
        }
    }
}

/// Tallies between two commits; merging in any order gives the same as long as no cap is reached.
#[derive(Debug, Default)]
pub struct Tables {
    limits: Limits,
    sightings: HashMap<SightingKey, Tally>,
    hosts: HashMap<(Day, Arc<str>, Arc<str>, Role), u64>,
    digest: HashMap<(Day, Arc<str>), Span>,
    candidates: HashMap<Arc<str>, (Span, BTreeSet<String>)>,
    marks: HashMap<MarkKey, Mark>,
    /// Rows that went to `__other__` because a cap was reached.
    overflowed: u64,
}

/// What a mark is of.
#[derive(Debug, PartialEq, Eq, Hash)]
struct MarkKey(Arc<str>, MarkKind, Arc<str>);

/// The same, borrowed.
#[derive(Hash)]
struct MarkOf<'m>(&'m str, MarkKind, &'m str);

impl Equivalent<MarkKey> for MarkOf<'_> {
    fn equivalent(&self, key: &MarkKey) -> bool {
        *self.0 == *key.0 && self.1 == key.1 && *self.2 == *key.2
    }
}

/// How often, from when to when, and about how many clients.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    hits: u64,
    first: Time,
    last: Time,
    clients: Sketch,
}

impl Span {
    /// No event.
    pub(super) const NONE: Self = Self {
        hits: 0,
        first: Time::from_micros(0),
        last: Time::from_micros(0),
        clients: Sketch::EMPTY,
    };

    pub(super) const fn is_none(&self) -> bool {
        self.hits == 0
    }

    /// One event.
    pub(super) const fn of(time: Time, client: Sketch) -> Self {
        Self {
            hits: 1,
            first: time,
            last: time,
            clients: client,
        }
    }

    /// The day on which it begins.
    pub(super) fn day(&self) -> Day {
        self.first.day()
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.hits += other.hits;
        self.clients.merge(other.clients);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

impl Tables {
    /// Empty tables with these caps.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Rows past a cap so far.
    #[must_use]
    pub const fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// Hands over everything, and is empty afterwards.
    pub(super) fn take(&mut self) -> Self {
        let empty = Self::with_limits(self.limits);
        std::mem::replace(self, empty)
    }

    /// Whether nothing was tallied.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sightings.is_empty()
            && self.digest.is_empty()
            && self.candidates.is_empty()
            && self.marks.is_empty()
    }

    pub(super) fn digest(&mut self, day: Day, host: &Arc<str>, span: Span) {
        self.add_digest((day, host.clone()), span);
    }

    pub(super) fn host(&mut self, time: Time, service: &Arc<str>, host: &Arc<str>, role: Role) {
        self.add_host((time.day(), service.clone(), host.clone(), role), 1);
    }

    pub(super) fn sighting(&mut self, key: SightingKey, tally: Tally) {
        self.add_sighting(key, &tally);
    }

    /// Counts one event on a host that looks like GenAI, for all its reasons at once.
    pub(super) fn candidate(&mut self, time: Time, host: &Arc<str>, why: Vec<String>) {
        let full = self.candidates.len() >= self.limits.candidates;
        if full && !self.candidates.contains_key(host) {
            self.overflowed += 1;
            return;
        }
        match self.candidates.entry(host.clone()) {
            hashbrown::hash_map::Entry::Occupied(mut mine) => {
                mine.get_mut().0.merge(Span::of(time, Sketch::EMPTY));
                mine.get_mut().1.extend(why);
            }
            hashbrown::hash_map::Entry::Vacant(empty) => {
                empty.insert((Span::of(time, Sketch::EMPTY), why.into_iter().collect()));
            }
        }
    }

    /// Counts what one event told of a subject beside its sighting.
    pub(super) fn mark(&mut self, time: Time, mark: (&str, MarkKind, &str), client: &str) {
        self.mark_of(time, mark, Sketch::of_name(client.as_bytes()));
    }

    /// The same, with what stands in the place of clients.
    pub(super) fn mark_of(
        &mut self,
        time: Time,
        (subject, kind, value): (&str, MarkKind, &str),
        clients: Sketch,
    ) {
        let one = |subject: Arc<str>, value: Arc<str>| Mark {
            subject,
            kind,
            value,
            events: 1,
            first: time,
            last: time,
            clients,
        };
        match self.marks.get_mut(&MarkOf(subject, kind, value)) {
            Some(mine) => mine.merge(&one(mine.subject.clone(), mine.value.clone())),
            None => self.add_mark(one(Arc::from(subject), Arc::from(value))),
        }
    }

    /// Whether one of `sharers` tables that will be merged holds so much that it should be committed, well before a cap
    /// is reached. Sightings are large and few of them meet again after their hour, so they wait the least.
    #[must_use]
    pub fn is_heavy(&self, sharers: usize, more_hosts: usize) -> bool {
        let share = |limit: usize| limit / sharers.max(1) / 4;
        self.sightings.len() >= share(self.limits.sightings)
            || self.hosts.len() >= share(self.limits.hosts) * 3
            || self.digest.len() + more_hosts >= share(self.limits.digest) * 3
            || self.candidates.len() >= share(self.limits.candidates) * 3
            || self.marks.len() >= share(self.limits.marks) * 3
    }

    /// Adds what another worker tallied.
    pub fn merge(&mut self, other: Self) {
        if self.is_empty() && self.overflowed == 0 {
            let limits = self.limits;
            *self = Self { limits, ..other };
            return;
        }
        for (key, tally) in other.sightings {
            self.add_sighting(key, &tally);
        }
        for (key, events) in other.hosts {
            self.add_host(key, events);
        }
        for (key, span) in other.digest {
            self.add_digest(key, span);
        }
        for mark in other.marks.into_values() {
            self.add_mark(mark);
        }
        for (host, (span, reasons)) in other.candidates {
            if self.candidates.len() >= self.limits.candidates
                && !self.candidates.contains_key(&host)
            {
                self.overflowed += 1;
                continue;
            }
            match self.candidates.entry(host) {
                hashbrown::hash_map::Entry::Occupied(mut mine) => {
                    mine.get_mut().0.merge(span);
                    mine.get_mut().1.extend(reasons);
                }
                hashbrown::hash_map::Entry::Vacant(empty) => {
                    empty.insert((span, reasons));
                }
            }
        }
        self.overflowed += other.overflowed;
    }

    /// Hands the rows to a batch, sorted, and is empty afterwards.
    pub fn drain_into(&mut self, batch: &mut Batch) {
        self.offset_blocked_questions();
        // The memory goes with the rows: the next lot may be a small one.
        batch.sightings.extend(
            std::mem::take(&mut self.sightings)
                .into_iter()
                .map(|(key, tally)| Sighting { key, tally }),
        );
        batch.sightings.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        batch
            .hosts
            .extend(std::mem::take(&mut self.hosts).into_iter().map(
                |((day, service, host, role), events)| HostRow {
                    day,
                    service,
                    host,
                    role,
                    events,
                },
            ));
        batch.hosts.sort_unstable();
        batch
            .digest
            .extend(
                std::mem::take(&mut self.digest)
                    .into_iter()
                    .map(|((day, host), span)| DigestRow {
                        day,
                        host,
                        hits: span.hits,
                        first: span.first,
                        last: span.last,
                        clients: span.clients,
                    }),
            );
        // Their names are put in order where that matters: they are many.
        batch.digest.sort_unstable_by_key(|row| row.day);
        batch
            .candidates
            .extend(std::mem::take(&mut self.candidates).into_iter().filter_map(
                |(host, (span, reasons))| {
                    Some(Candidate {
                        host: Host::parse(host.as_bytes())?,
                        reasons: reasons.into_iter().collect(),
                        hits: span.hits,
                        first: span.first,
                        last: span.last,
                    })
                },
            ));
        batch.candidates.sort_unstable();
        batch
            .marks
            .extend(std::mem::take(&mut self.marks).into_values());
        batch.marks.sort_unstable();
        self.overflowed = 0;
    }

    /// A resolver that blocks a name logs the question first and the block in a line of its own: one look-up, two
    /// events. The question is taken back here, or a blocked service would look used.
    ///
    /// Both lines are written in one go, and a commit waits for the second; only a service that is
    /// ended between the two counts one look-up too many.
    fn offset_blocked_questions(&mut self) {
        let blocks: Vec<(SightingKey, u64)> = self
            .sightings
            .iter()
            .filter(|(key, _)| key.kind == Kind::Dns && key.outcome == Outcome::Blocked)
            .map(|(key, tally)| (key.clone(), tally.events))
            .collect();
        for (mut key, blocked) in blocks {
            key.outcome = Outcome::Unknown;
            if let hashbrown::hash_map::Entry::Occupied(mut question) = self.sightings.entry(key) {
                question.get_mut().events = question.get().events.saturating_sub(blocked);
                if question.get().events == 0 {
                    question.remove();
                }
            }
        }
    }

    fn add_sighting(&mut self, mut key: SightingKey, tally: &Tally) {
        if self.sightings.len() >= self.limits.sightings && !self.sightings.contains_key(&key) {
            self.overflowed += 1;
            key.client = OTHER.into();
            key.user = OTHER.into();
        }
        self.sightings
            .entry(key)
            .and_modify(|mine| mine.merge(tally))
            .or_insert(*tally);
    }

    fn add_mark(&mut self, mut mark: Mark) {
        let is_known = |marks: &HashMap<MarkKey, Mark>, mark: &Mark| {
            marks.contains_key(&MarkOf(&mark.subject, mark.kind, &mark.value))
        };
        if self.marks.len() >= self.limits.marks && !is_known(&self.marks, &mark) {
            self.overflowed += 1;
            mark.subject = OTHER.into();
            mark.value = OTHER.into();
        }
        let key = MarkKey(mark.subject.clone(), mark.kind, mark.value.clone());
        match self.marks.entry(key) {
            hashbrown::hash_map::Entry::Occupied(mut mine) => mine.get_mut().merge(&mark),
            hashbrown::hash_map::Entry::Vacant(empty) => {
                empty.insert(mark);
            }
        }
    }

    fn add_host(&mut self, mut key: (Day, Arc<str>, Arc<str>, Role), events: u64) {
        if self.hosts.len() >= self.limits.hosts && !self.hosts.contains_key(&key) {
            self.overflowed += 1;
            key.2 = OTHER.into();
        }
        *self.hosts.entry(key).or_default() += events;
    }

    fn add_digest(&mut self, mut key: (Day, Arc<str>), span: Span) {
        if self.digest.len() >= self.limits.digest && !self.digest.contains_key(&key) {
            self.overflowed += 1;
            key.1 = OTHER.into();
        }
        self.digest
            .entry(key)
            .and_modify(|mine| mine.merge(span))
            .or_insert(span);
    }
}
