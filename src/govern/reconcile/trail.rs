//! The trail of one client at one service: what the sources saw of it, day after day.
//!
//! Sightings come hour after hour; of the days only the last three are kept, because a day is judged by its neighbours. A
//! register has as many trails as all its applications have clients, so they are small: within a day, seconds do.

use std::sync::Arc;

use crate::model::{CLOCK_SKEW_SECS, Day, Grade, Hour, Kind, Outcome, Sighting, Time};

use super::skew::{Skews, SourceNumber};

/// From so many users within an hour on, a client is shared.
const SHARED_BY: usize = 3;

/// How many events, and from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) events: u64,
    pub(super) first: Time,
    pub(super) last: Time,
}

fn stretch(sum: &mut Option<Stretch>, more: Stretch) {
    let there = sum.get_or_insert(Stretch { events: 0, ..more });
    there.events = there.events.saturating_add(more.events);
    there.first = there.first.min(more.first);
    there.last = there.last.max(more.last);
}

/// Events of a day; times in seconds since it began.
#[derive(Debug, Clone, Copy, Default)]
struct Events {
    count: u32,
    first: u32,
    last: u32,
}

impl Events {
    fn add(&mut self, count: u32, first: u32, last: u32) {
        if self.count == 0 {
            (self.first, self.last) = (first, last);
        }
        self.count = self.count.saturating_add(count).max(1);
        self.first = self.first.min(first);
        self.last = self.last.max(last);
    }

    const fn any(self) -> bool {
        self.count > 0
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
    resolver: SourceNumber,
    seen_by: SourceNumber,
}

impl OfDay {
    fn new(day: Day) -> Self {
        Self {
            day,
            lookups: Events::default(),
            contacts: Events::default(),
            proxied: Events::default(),
            direct: Events::default(),
            resolver: SourceNumber::default(),
            seen_by: SourceNumber::default(),
        }
    }

    fn stretch(&self, of: Events) -> Option<Stretch> {
        of.any().then(|| Stretch {
            events: of.count.into(),
            first: self.day.start().plus_secs(of.first.into()),
            last: self.day.start().plus_secs(of.last.into()),
        })
    }
}

/// Names are mostly the same piece of memory; looking into it is a walk that is saved.
fn is_same(one: &Arc<str>, other: &Arc<str>) -> bool {
    Arc::ptr_eq(one, other) || one == other
}

/// What was seen of one client at one service.
///
/// What every sighting touches stands together, in the order of this text.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Trail {
    current: Option<OfDay>,
    /// The segment of the client; of several the greatest name, because they come in no order.
    pub(super) segment: Arc<str>,
    /// Users of the last hour, as far as they are needed to tell that there are many.
    users: [Option<Arc<str>>; SHARED_BY - 1],
    users_of: Hour,
    /// The strongest evidence of use.
    pub(super) grade: Option<Grade>,
    pub(super) is_proxied: bool,
    pub(super) is_connecting: bool,
    /// Whether connections were seen on the wire.
    pub(super) is_direct: bool,
    pub(super) is_shared: bool,
    /// Whether the client looked up a name that it then asked its proxy for.
    pub(super) resolves_for_proxy: bool,
    pub(super) attempts: u64,
    /// From when to when look-ups are in the logs.
    pub(super) lookups: Option<(Time, Time)>,
    before: Option<OfDay>,
    open: Option<OfDay>,
    /// Look-ups that no connection followed.
    pub(super) unfollowed: Option<Stretch>,
    /// Connections on the wire, and through a proxy, that no look-up went before.
    unresolved_direct: Option<Stretch>,
    unresolved_proxied: Option<Stretch>,
    /// Connections past the proxy on days without one through it.
    pub(super) around: u64,
}

impl Trail {
    /// Adds one sighting of use or of an attempt; hours in order, in any order within one.
    pub fn add(&mut self, sighting: &Sighting, skews: &mut Skews) {
        let (key, tally) = (&sighting.key, &sighting.tally);
        let is_blocked = key.outcome == Outcome::Blocked;
        if is_blocked {
            self.attempts = self.attempts.saturating_add(tally.events);
        } else {
            self.grade = self.grade.max(Some(tally.grade));
        }
        if !Arc::ptr_eq(&self.segment, &key.segment) && self.segment < key.segment {
            self.segment = Arc::clone(&key.segment);
        }
        if is_blocked && key.kind == Kind::Dns {
            return;
        }
        let day = key.hour.day();
        if self.current.as_ref().is_none_or(|of| of.day != day) {
            self.turn(Some(OfDay::new(day)), skews);
        }
        let Some(of_day) = &mut self.current else {
            return;
        };
        let start = day.start().secs();
        let second = |time: Time| u32::try_from(time.secs() - start).unwrap_or(0);
        let (first, last) = (second(tally.first), second(tally.last));
        let count = u32::try_from(tally.events).unwrap_or(u32::MAX);
        let is_lookup = key.kind == Kind::Dns;
        let (events, source) = if is_lookup {
            (&mut of_day.lookups, &mut of_day.resolver)
        } else {
            (&mut of_day.contacts, &mut of_day.seen_by)
        };
        if !events.any() || first < events.first {
            *source = skews.number(&key.source);
        } else if first == events.first {
            *source = skews.first_of(*source, &key.source);
        }
        events.add(count, first, last);
        match key.kind {
            Kind::Dns => {
                let (from, until) = self.lookups.unwrap_or((tally.first, tally.last));
                self.lookups = Some((from.min(tally.first), until.max(tally.last)));
            }
            Kind::Proxy => of_day.proxied.add(count, first, last),
            Kind::Tls | Kind::Flow if !is_blocked => of_day.direct.add(count, first, last),
            Kind::Tls | Kind::Flow => {}
        }
        self.is_connecting |= !is_lookup;
        self.is_proxied |= key.kind == Kind::Proxy;
        self.is_direct |= of_day.direct.any();
    }

    /// Notes a user whom the log names.
    pub fn used_by(&mut self, hour: Hour, user: &Arc<str>) {
        if self.is_shared {
            return;
        }
        if self.users_of != hour {
            self.users_of = hour;
            self.users = Default::default();
        }
        for place in &mut self.users {
            match place {
                Some(known) if is_same(known, user) => return,
                Some(_) => {}
                free => {
                    *free = Some(Arc::clone(user));
                    return;
                }
            }
        }
        self.is_shared = true;
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
            let apart = i64::from(day.contacts.first) - i64::from(day.lookups.first);
            skews.add(day.resolver, day.seen_by, apart);
        }
    }

    /// Connections without a look-up; those through a proxy only where `and_proxied`, because a proxy resolves for its
    /// clients.
    pub(super) fn unresolved(&self, and_proxied: bool) -> Option<Stretch> {
        let mut all = self.unresolved_direct;
        if let Some(proxied) = self.unresolved_proxied.filter(|_| and_proxied) {
            stretch(&mut all, proxied);
        }
        all
    }
}
