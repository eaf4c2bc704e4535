//! The trail of one client at one service: what the sources saw of it.
//!
//! A register has as many trails as all its applications have clients, so they are small. Mostly one kind of source saw
//! all there is, and then nothing can be joined: sums and the last two days say everything. A second kind begins the
//! judging of days (`days.rs`).

use crate::model::{Day, Grade, Hour, Kind, Outcome, Sighting, Symbol, Symbols, Time};

use super::days::{Days, Events, Seen, Stretch};
use super::skew::Skews;

/// From so many users within an hour on, a client is shared.
const SHARED_BY: usize = 3;

/// What one kind of source saw on one day; without events there was no such day.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LaneDay {
    pub(super) day: Day,
    pub(super) events: Events,
    /// The source that saw the first of them.
    pub(super) source: Symbol,
}

impl LaneDay {
    fn stretch(&self) -> Option<Stretch> {
        self.events.stretch(self.day)
    }
}

/// What one kind of source saw where no other saw anything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lane {
    pub(super) kind: Kind,
    pub(super) current: LaneDay,
    /// The day with something on it before that.
    pub(super) open: LaneDay,
    /// All days before both.
    pub(super) done: Option<Stretch>,
}

impl Lane {
    const fn new(kind: Kind) -> Self {
        let none = LaneDay {
            day: Day(0),
            events: Events::NONE,
            source: Symbol::EMPTY,
        };
        Self {
            kind,
            current: none,
            open: none,
            done: None,
        }
    }

    /// Whether this is more of the same: look-ups, what proxies saw, or what was allowed on the wire.
    fn has_room_for(&self, seen: &Seen) -> bool {
        let is_wire = |kind| matches!(kind, Kind::Tls | Kind::Flow);
        if is_wire(self.kind) {
            is_wire(seen.kind) && !seen.is_blocked
        } else {
            self.kind == seen.kind
        }
    }

    fn add(&mut self, seen: Seen, is_first: impl FnOnce(Symbol, Symbol) -> bool) {
        let day = &mut self.current;
        if day.day == seen.day && day.events.any() {
            if seen.events.is_before(day.events)
                || seen.events.is_with(day.events) && is_first(seen.source, day.source)
            {
                day.source = seen.source;
            }
            day.events.add(seen.events);
            return;
        }
        if let Some(open) = self.open.stretch() {
            self.done = Some(open.and(self.done));
        }
        self.open = std::mem::replace(
            day,
            LaneDay {
                day: seen.day,
                events: seen.events,
                source: seen.source,
            },
        );
    }

    /// Everything together.
    pub(super) fn all(&self) -> Option<Stretch> {
        let recent = [self.open.stretch(), self.current.stretch()];
        recent
            .into_iter()
            .flatten()
            .fold(self.done, |sum, more| Some(more.and(sum)))
    }

    fn all_of(&self, is_it: bool) -> Option<Stretch> {
        is_it.then(|| self.all()).flatten()
    }
}

/// Which kinds of source saw something.
#[derive(Debug, Default)]
enum Seers {
    #[default]
    None,
    One(Lane),
    Several(Box<Days>),
}

/// What was seen of one client at one service.
#[derive(Debug, Default)]
pub struct Trail {
    seers: Seers,
    /// The segment of the client; of several the greatest name, because they come in no order.
    pub(super) segment: Symbol,
    /// Users of the last hour, as far as they are needed to tell that there are many; the empty name is none.
    users: [Symbol; SHARED_BY - 1],
    users_of: Hour,
    attempts: u64,
    /// The strongest evidence of use.
    pub(super) grade: Option<Grade>,
    pub(super) is_proxied: bool,
    pub(super) is_connecting: bool,
    /// Whether connections were seen on the wire.
    pub(super) is_direct: bool,
    pub(super) is_shared: bool,
}

impl Trail {
    /// Adds one sighting of use or of an attempt; hours in order, in any order within one.
    pub fn add(&mut self, sighting: &Sighting, symbols: &mut Symbols, skews: &mut Skews) {
        let (key, tally) = (&sighting.key, &sighting.tally);
        let is_blocked = key.outcome == Outcome::Blocked;
        if is_blocked {
            self.attempts = self.attempts.saturating_add(tally.events);
        } else {
            self.grade = self.grade.max(Some(tally.grade));
        }
        let segment = symbols.of(&key.segment);
        if segment != self.segment && symbols.text(self.segment) < &*key.segment {
            self.segment = segment;
        }
        let is_lookup = key.kind == Kind::Dns;
        if is_blocked && is_lookup {
            return;
        }
        self.is_connecting |= !is_lookup;
        self.is_proxied |= key.kind == Kind::Proxy;
        self.is_direct |= matches!(key.kind, Kind::Tls | Kind::Flow) && !is_blocked;
        let day = key.hour.day();
        let seen = Seen {
            day,
            kind: key.kind,
            is_blocked,
            events: Events::new(day, tally.events, tally.first, tally.last),
            source: symbols.of(&key.source),
        };
        let is_first = |one, other| symbols.text(one) < symbols.text(other);
        if matches!(self.seers, Seers::None) {
            self.seers = Seers::One(Lane::new(seen.kind));
        }
        match &mut self.seers {
            Seers::One(lane) if lane.has_room_for(&seen) => lane.add(seen, is_first),
            Seers::One(lane) => {
                let mut days = Days::after(lane);
                days.add(seen, skews, is_first);
                self.seers = Seers::Several(Box::new(days));
            }
            Seers::Several(days) => days.add(seen, skews, is_first),
            Seers::None => {}
        }
    }

    /// Notes a user whom the log names.
    pub fn used_by(&mut self, hour: Hour, user: Symbol) {
        if self.is_shared || user == Symbol::EMPTY {
            return;
        }
        if self.users_of != hour {
            self.users_of = hour;
            self.users = Default::default();
        }
        for place in &mut self.users {
            if *place == user {
                return;
            }
            if *place == Symbol::EMPTY {
                *place = user;
                return;
            }
        }
        self.is_shared = true;
    }

    /// Judges the days that are left.
    pub(super) fn finish(&mut self, skews: &mut Skews) {
        if let Seers::Several(days) = &mut self.seers {
            days.finish(skews);
        }
    }

    /// Whether anything was refused.
    pub(super) const fn is_refused(&self) -> bool {
        self.attempts > 0
    }

    /// From when to when look-ups are in the logs.
    pub(super) fn lookups(&self) -> Option<(Time, Time)> {
        match &self.seers {
            Seers::None => None,
            Seers::One(lane) => {
                let all = lane.all_of(lane.kind == Kind::Dns)?;
                Some((all.first, all.last))
            }
            Seers::Several(days) => days.lookups,
        }
    }

    /// Look-ups that no connection followed.
    pub(super) fn unfollowed(&self) -> Option<Stretch> {
        match &self.seers {
            Seers::None => None,
            Seers::One(lane) => lane.all_of(lane.kind == Kind::Dns),
            Seers::Several(days) => days.unfollowed,
        }
    }

    /// Connections without a look-up; those through a proxy only where `and_proxied`, because a proxy resolves for its
    /// clients.
    pub(super) fn unresolved(&self, and_proxied: bool) -> Option<Stretch> {
        match &self.seers {
            Seers::None => None,
            Seers::One(lane) => lane.all_of(match lane.kind {
                Kind::Dns => false,
                Kind::Proxy => and_proxied,
                Kind::Tls | Kind::Flow => true,
            }),
            Seers::Several(days) => {
                let proxied = days.unresolved_proxied.filter(|_| and_proxied);
                match days.unresolved_direct {
                    Some(direct) => Some(direct.and(proxied)),
                    None => proxied,
                }
            }
        }
    }

    /// Connections past the proxy on days without one through it.
    pub(super) fn around(&self) -> u64 {
        match &self.seers {
            Seers::None => 0,
            Seers::One(lane) => {
                let wire = lane.all_of(matches!(lane.kind, Kind::Tls | Kind::Flow));
                wire.map_or(0, |wire| wire.events)
            }
            Seers::Several(days) => days.around,
        }
    }

    /// Whether the client looked up a name that it then asked its proxy for.
    pub(super) fn resolves_for_proxy(&self) -> bool {
        matches!(&self.seers, Seers::Several(days) if days.resolves_for_proxy)
    }
}
