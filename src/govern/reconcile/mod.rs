//! Evidence of several sources about one client and one service, joined in time.
//!
//! A look-up that no connection follows is a prefetch, one that a connection follows is a step of it; a connection
//! without a look-up came by another resolver or a fixed address; one past the proxy that the neighbours use goes around
//! it. Everything is found from sightings and coverage, day by day, so that the order of lines and the moment of a
//! commit change nothing. A day is the unit because a tunnel is logged when it ends and an answer of DNS is kept for
//! hours: a look-up counts as followed by any connection of its day or the next. Around midnight two minutes between the
//! clocks are absorbed; what differs by more is measured (`skew.rs`) and told.
//!
//! Nothing is concluded from a source that was not read: "never connected" is said only of clients whose connections would
//! have been seen, "without a look-up" only of clients whose look-ups are.

mod days;
mod ladder;
mod retro;
mod shared;
mod skew;
mod trail;

use std::collections::{HashMap, HashSet};

use crate::model::{Profile, Symbol, Symbols, Time, Watched};

pub use ladder::{Around, Ladder, Part, Rung};
pub use retro::{seen_before, tell_since_when};
pub use shared::behind_one_address;
pub use skew::{ClockStanding, Clocks, Skew, Skews};
pub use trail::Trail;

/// The profiles that show more than look-ups, and those whose look-ups are all there can be: where no source would have
/// shown the connection. With `None` for `watched` nobody knows yet, and a look-up alone shows nothing.
///
/// What is known of one kind of account in a segment speaks for the others: a look-up knows no account.
#[must_use]
pub fn beyond_lookups<'p>(
    mut profiles: Vec<&'p Profile>,
    watched: Option<&Watched>,
) -> Vec<&'p Profile> {
    let mut groups: hashbrown::HashMap<(&str, &str), (bool, Time)> = hashbrown::HashMap::new();
    for row in &profiles {
        let more = row.last_contact.is_some() || row.attempts > 0;
        let group = groups.entry((&*row.service, &*row.segment));
        let (is_more, last) = group.or_insert((false, row.last_seen));
        *is_more |= more;
        *last = row.last_seen.max(*last);
    }
    profiles.retain(|row| {
        let group = groups.get(&(&*row.service, &*row.segment));
        group.is_some_and(|(is_more, last)| {
            *is_more || watched.is_some_and(|watched| !watched.would_show(&row.segment, *last))
        })
    });
    profiles
}

/// What is known of clients whatever the service: which of their look-ups and connections the sources show.
#[derive(Debug, Default)]
pub struct Clients(hashbrown::HashMap<Symbol, Client>);

#[derive(Debug, Default)]
struct Client {
    segment: Symbol,
    /// From when to when look-ups of it are in the logs.
    lookups: Option<(Time, Time)>,
    is_connecting: bool,
    is_proxied: bool,
    is_direct: bool,
    /// Whether it looks up what it then asks its proxy for.
    is_resolving: bool,
    is_shared: bool,
}

impl Clients {
    /// Ends a trail of this client, at any service: no sighting is added to it any more.
    pub fn end(&mut self, name: Symbol, trail: &mut Trail, symbols: &Symbols, skews: &mut Skews) {
        trail.finish(skews);
        let client = self.0.entry(name).or_default();
        // The greatest name: trails end in no order.
        if client.segment != trail.segment
            && symbols.text(client.segment) < symbols.text(trail.segment)
        {
            client.segment = trail.segment;
        }
        client.lookups = match (client.lookups, trail.lookups()) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        client.is_connecting |= trail.is_connecting;
        client.is_proxied |= trail.is_proxied;
        client.is_direct |= trail.is_direct;
        client.is_resolving |= trail.resolves_for_proxy();
        client.is_shared |= trail.is_shared;
    }

    /// Marks a client of which something else says that several machines stand behind it.
    pub fn share(&mut self, name: Symbol) {
        if let Some(client) = self.0.get_mut(&name) {
            client.is_shared = true;
        }
    }

    /// How many clients are shared.
    #[must_use]
    pub fn shared(&self) -> usize {
        self.0.values().filter(|client| client.is_shared).count()
    }

    /// Whether several users were seen at this client within an hour, or several machines stand behind it.
    #[must_use]
    pub fn is_shared(&self, name: Symbol) -> bool {
        self.0.get(&name).is_some_and(|client| client.is_shared)
    }

    fn is_resolving(&self, name: Symbol) -> bool {
        self.0.get(&name).is_some_and(|client| client.is_resolving)
    }

    /// Whether connections of this client would have been seen from `first` to `last`.
    fn would_show(&self, name: Symbol, around: &Around<'_>, (first, last): (Time, Time)) -> bool {
        let (client, watched) = (self.0.get(&name), around.watched);
        let is_watched = |segment| watched.sees(around.symbols.text(segment));
        let is_seen =
            client.is_some_and(|client| client.is_connecting || is_watched(client.segment));
        is_seen && watched.covers(first) && watched.covers(last)
    }

    /// Whether look-ups of this client are in the logs around this time.
    fn resolves(&self, name: Symbol, (first, last): (Time, Time)) -> bool {
        let lookups = self.0.get(&name).and_then(|client| client.lookups);
        lookups
            .is_some_and(|(from, until)| first <= until.plus_days(1) && from.plus_days(-1) <= last)
    }

    /// Segments in which most clients that are seen connecting use a proxy.
    #[must_use]
    pub fn behind_proxies(&self) -> HashSet<Symbol> {
        let mut segments: HashMap<Symbol, (u64, u64)> = HashMap::new();
        for client in self.0.values() {
            let (proxied, direct) = segments.entry(client.segment).or_default();
            *proxied += u64::from(client.is_proxied);
            *direct += u64::from(client.is_direct && !client.is_proxied);
        }
        let most = segments
            .into_iter()
            .filter(|(_, (proxied, direct))| proxied > direct);
        most.map(|(segment, _)| segment).collect()
    }

    fn is_behind(&self, name: Symbol, segments: &HashSet<Symbol>) -> bool {
        let client = self.0.get(&name);
        client.is_some_and(|client| segments.contains(&client.segment))
    }
}

#[cfg(test)]
mod tests;
