//! Days on which several kinds of source saw one client at one service, each judged by its neighbours.
//!
//! Only the last three are kept: sightings come hour after hour.

use crate::model::{CLOCK_SKEW_SECS, Day, Kind, Symbol, Time};

use super::skew::Skews;
use super::trail::{Lane, LaneDay};

/// How many events, and from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) events: u64,
    pub(super) first: Time,
    pub(super) last: Time,
}

impl Stretch {
    /// Both together.
    pub(super) fn and(self, more: Option<Self>) -> Self {
        more.map_or(self, |more| Self {
            events: self.events.saturating_add(more.events),
            first: self.first.min(more.first),
            last: self.last.max(more.last),
        })
    }
}

fn stretch(sum: &mut Option<Stretch>, more: Stretch) {
    *sum = Some(more.and(*sum));
}

/// Events of a day; times in seconds since it began.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Events {
    count: u32,
    first: u32,
    last: u32,
}

impl Events {
    pub(super) const NONE: Self = Self {
        count: 0,
        first: 0,
        last: 0,
    };

    /// So many events of a day, from when to when.
    pub(super) fn new(day: Day, count: u64, first: Time, last: Time) -> Self {
        let start = day.start().secs();
        let second = |time: Time| u32::try_from(time.secs() - start).unwrap_or(0);
        Self {
            count: u32::try_from(count).unwrap_or(u32::MAX).max(1),
            first: second(first),
            last: second(last),
        }
    }

    pub(super) fn add(&mut self, more: Self) {
        if self.count == 0 {
            *self = more;
            return;
        }
        self.count = self.count.saturating_add(more.count);
        self.first = self.first.min(more.first);
        self.last = self.last.max(more.last);
    }

    pub(super) const fn any(self) -> bool {
        self.count > 0
    }

    /// Whether it began before another, or nothing else began at all.
    pub(super) const fn is_before(self, other: Self) -> bool {
        other.count == 0 || self.first < other.first
    }

    /// Whether both began in the same second.
    pub(super) const fn is_with(self, other: Self) -> bool {
        other.count > 0 && self.first == other.first
    }

    /// By how many seconds it began after another.
    fn secs_after(self, other: Self) -> i64 {
        i64::from(self.first) - i64::from(other.first)
    }

    pub(super) fn stretch(self, day: Day) -> Option<Stretch> {
        self.any().then(|| Stretch {
            events: self.count.into(),
            first: day.start().plus_secs(self.first.into()),
            last: day.start().plus_secs(self.last.into()),
        })
    }
}

/// What was seen on one day.
#[derive(Debug, Clone, Copy)]
struct OfDay {
    day: Day,
    lookups: Events,
    /// Connections, refused ones too: what became of a look-up was seen.
    contacts: Events,
    /// Through a proxy.
    proxied: Events,
    /// Seen on the wire, and not refused.
    direct: Events,
    /// The source of the first look-up, and that of the first connection.
    resolver: Symbol,
    seen_by: Symbol,
}

impl OfDay {
    fn new(day: Day) -> Self {
        Self {
            day,
            lookups: Events::default(),
            contacts: Events::default(),
            proxied: Events::default(),
            direct: Events::default(),
            resolver: Symbol::default(),
            seen_by: Symbol::default(),
        }
    }

    /// A day on which one kind of source saw something.
    fn of_lane(kind: Kind, lane: LaneDay) -> Option<Self> {
        let LaneDay {
            day,
            events,
            source,
        } = lane;
        let mut of_day = Self::new(day);
        if kind == Kind::Dns {
            (of_day.lookups, of_day.resolver) = (events, source);
        } else {
            (of_day.contacts, of_day.seen_by) = (events, source);
        }
        match kind {
            Kind::Dns => {}
            Kind::Proxy => of_day.proxied = events,
            Kind::Tls | Kind::Flow => of_day.direct = events,
        }
        events.any().then_some(of_day)
    }

    fn stretch(&self, of: Events) -> Option<Stretch> {
        of.stretch(self.day)
    }
}

/// What one sighting adds to a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) day: Day,
    pub(super) kind: Kind,
    pub(super) is_blocked: bool,
    pub(super) events: Events,
    pub(super) source: Symbol,
}

/// What several kinds of source saw.
#[derive(Debug, Default)]
pub(super) struct Days {
    before: Option<OfDay>,
    open: Option<OfDay>,
    current: Option<OfDay>,
    /// From when to when look-ups are in the logs.
    pub(super) lookups: Option<(Time, Time)>,
    /// Look-ups that no connection followed.
    pub(super) unfollowed: Option<Stretch>,
    /// Connections on the wire, and through a proxy, that no look-up went before.
    pub(super) unresolved_direct: Option<Stretch>,
    pub(super) unresolved_proxied: Option<Stretch>,
    /// Connections past the proxy on days without one through it.
    pub(super) around: u64,
    /// Whether the client looked up a name that it then asked its proxy for.
    pub(super) resolves_for_proxy: bool,
}

impl Days {
    /// Goes on from days on which one kind of source saw something and no other did.
    pub(super) fn after(lane: &Lane) -> Self {
        let mut days = Self::default();
        match lane.kind {
            Kind::Dns => {
                days.unfollowed = lane.done;
                days.lookups = lane.all().map(|all| (all.first, all.last));
            }
            Kind::Proxy => days.unresolved_proxied = lane.done,
            Kind::Tls | Kind::Flow => {
                days.unresolved_direct = lane.done;
                days.around = lane.done.map_or(0, |done| done.events);
            }
        }
        days.open = OfDay::of_lane(lane.kind, lane.open);
        days.current = OfDay::of_lane(lane.kind, lane.current);
        days
    }

    /// Adds one sighting; hours in order. `is_first` says which of two sources comes first by name.
    pub(super) fn add(
        &mut self,
        seen: Seen,
        skews: &mut Skews,
        is_first: impl FnOnce(Symbol, Symbol) -> bool,
    ) {
        if self.current.as_ref().is_none_or(|of| of.day != seen.day) {
            self.turn(Some(OfDay::new(seen.day)), skews);
        }
        let Some(of_day) = &mut self.current else {
            return;
        };
        let (events, source) = if seen.kind == Kind::Dns {
            (&mut of_day.lookups, &mut of_day.resolver)
        } else {
            (&mut of_day.contacts, &mut of_day.seen_by)
        };
        if seen.events.is_before(*events)
            || seen.events.is_with(*events) && is_first(seen.source, *source)
        {
            *source = seen.source;
        }
        events.add(seen.events);
        match seen.kind {
            Kind::Dns => {
                if let Some(Stretch { first, last, .. }) = seen.events.stretch(seen.day) {
                    let (from, until) = self.lookups.unwrap_or((first, last));
                    self.lookups = Some((from.min(first), until.max(last)));
                }
            }
            Kind::Proxy => of_day.proxied.add(seen.events),
            Kind::Tls | Kind::Flow if !seen.is_blocked => of_day.direct.add(seen.events),
            Kind::Tls | Kind::Flow => {}
        }
    }

    /// Begins another day; the one before the last is judged, because its neighbours are known now.
    fn turn(&mut self, next: Option<OfDay>, skews: &mut Skews) {
        if let Some(open) = self.open.take() {
            self.judge(&open, skews);
            self.before = Some(open);
        }
        self.open = std::mem::replace(&mut self.current, next);
    }

    /// Judges the days that are left.
    pub(super) fn finish(&mut self, skews: &mut Skews) {
        self.turn(None, skews);
        self.turn(None, skews);
    }

    fn judge(&mut self, day: &OfDay, skews: &mut Skews) {
        let before = self.before.filter(|of| of.day.plus(1) == day.day);
        let after = self.current.filter(|of| day.day.plus(1) == of.day);
        let had =
            |day: Option<OfDay>, of: fn(&OfDay) -> Events| day.is_some_and(|day| of(&day).any());
        // Around midnight, clocks that differ a little put one of a pair on the other side.
        let is_near = |earlier: Option<Stretch>, later: Option<Stretch>| {
            let pair = earlier.zip(later);
            pair.is_some_and(|(a, b)| b.first <= a.last.plus_secs(CLOCK_SKEW_SECS))
        };
        let contacts_before = before.and_then(|of| of.stretch(of.contacts));
        let lookups_after = after.and_then(|of| of.stretch(of.lookups));
        let is_followed = day.contacts.any()
            || had(after, |of| of.contacts)
            || is_near(contacts_before, day.stretch(day.lookups));
        let is_resolved = day.lookups.any()
            || had(before, |of| of.lookups)
            || is_near(day.stretch(day.contacts), lookups_after);
        if let (Some(lookups), false) = (day.stretch(day.lookups), is_followed) {
            stretch(&mut self.unfollowed, lookups);
        }
        if let Some(direct) = day.stretch(day.direct) {
            if !is_resolved {
                stretch(&mut self.unresolved_direct, direct);
            }
            if !day.proxied.any() && !had(after, |of| of.proxied) {
                self.around = self.around.saturating_add(direct.events);
            }
        }
        match day.stretch(day.proxied) {
            Some(_) if is_resolved => self.resolves_for_proxy = true,
            Some(proxied) => stretch(&mut self.unresolved_proxied, proxied),
            None => {}
        }
        if day.lookups.any() && day.contacts.any() {
            let apart = day.contacts.secs_after(day.lookups);
            skews.add(day.resolver, day.seen_by, apart);
        }
    }
}
