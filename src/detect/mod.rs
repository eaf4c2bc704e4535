//! From event to sighting: match, channel, tier, grade; every host counted, the odd ones kept as candidates.
//!
//! Each worker has its own [`Detector`] with its caches and its own [`Tables`], which merge in any order. What is known of
//! a host as logged answers nearly every line; most hosts are ordinary, and an event at one of those is only counted.
//! No I/O and no clock: the time of everything is the time of its event.

mod account;
mod agent;
mod candidates;
mod channel;
mod fetched;
mod find;
mod front;
mod grade;
mod hosts;
pub mod names;
mod places;
mod shape;
mod systems;
mod tables;
mod unlisted;
mod whos;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::identity::{Identity, Who};
use crate::model::{
    Activity, Channel, Event, Glance, Grade, Kind, Outcome, Role, SightingKey, Sketch, Tally, Tier,
};

use find::find;
use hosts::{HostCache, Known};
use tables::Span;
use unlisted::Unfound;

pub use account::Account;
pub use candidates::{host_reasons, path_reason};
pub use tables::{Limits, OTHER, Tables};

/// What configuration says of detection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Bytes sent in one request from which it counts as an upload.
    pub upload_bytes: u64,
    /// Bytes received from which a tunnel carried more than a handshake.
    pub exchange_bytes: u64,
    /// Whether hosts that are shared with much that is no AI make sightings too.
    pub shared_hosts: bool,
    /// The enterprise's own accounts.
    pub accounts: Vec<Account>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            upload_bytes: 64 * 1024,
            exchange_bytes: 16 * 1024,
            shared_hosts: false,
            accounts: Vec::new(),
        }
    }
}

/// Matches events and tallies what it finds.
pub struct Detector {
    tables: Tables,
    open_question: bool,
    catalogue: Arc<Catalogue>,
    identity: Arc<Identity>,
    settings: Settings,
    cache: HostCache,
    whos: whos::WhoCache,
}

/// What one event was found to be; what [`Detector::observe`] tallies and `gnomon explain` prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub service: Arc<str>,
    pub role: Role,
    pub tier: Tier,
    /// Which fact says whose account it is, when one does.
    pub account: Option<String>,
    pub channel: Channel,
    /// The program that spoke, when it names itself.
    pub program: Option<String>,
    pub grade: Grade,
    pub activity: Option<Activity>,
}

impl Detector {
    /// A detector with empty caches.
    #[must_use]
    pub fn new(catalogue: Arc<Catalogue>, identity: Arc<Identity>, settings: Settings) -> Self {
        Self {
            catalogue,
            identity,
            settings,
            cache: HostCache::default(),
            whos: whos::WhoCache::default(),
            tables: Tables::default(),
            open_question: false,
        }
    }

    /// The same with other caps.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.tables = Tables::with_limits(limits);
        self
    }

    /// Hands over everything tallied so far.
    pub fn take(&mut self) -> Tables {
        self.cache.settle(&mut self.tables);
        self.tables.take()
    }

    /// Whether so much was tallied that it should be handed over, for one of `sharers` detectors whose tables will be
    /// merged.
    #[must_use]
    pub fn is_heavy(&self, sharers: usize) -> bool {
        self.tables.is_heavy(sharers, self.cache.uncounted())
    }

    /// Whether the last event since this was asked before is a DNS question that a line about its block may still follow:
    /// the two belong in one commit, or a blocked look-up counts as use.
    pub const fn ends_with_question(&mut self) -> bool {
        std::mem::replace(&mut self.open_question, false)
    }

    /// Hears whose glances come next, in their order: it is quicker to walk to what is known of several hosts at once.
    pub fn expect<'h>(&mut self, hosts: impl Iterator<Item = &'h [u8]>) {
        self.cache.expect(hosts);
    }

    /// Tallies an event of which no more than a glance is known, if that is all that matters: its host is ordinary, and what
    /// it is asked for is in no signature and has the shape of no model's API. Otherwise `false`: the whole event has to be
    /// observed.
    pub fn glance(&mut self, glance: &Glance<'_>) -> bool {
        let Glance {
            time,
            client,
            host,
            asks,
            ..
        } = *glance;
        let speaks = asks.is_some_and(|asked| {
            asked.method == b"POST" && shape::of(asked.path, Some(asked.method)).is_some()
        });
        let (catalogue, tables) = (&self.catalogue, &mut self.tables);
        let event = Span::of(time, Sketch::of_address(client));
        let guess = self.cache.next_guess();
        let counted = !speaks
            && self
                .cache
                .count_ordinary(guess, catalogue, (host, asks), event, tables);
        self.open_question &= !counted;
        counted
    }

    /// Tallies one event of this source.
    pub fn observe(&mut self, event: &Event<'_>, source: &Arc<str>) {
        self.open_question = false;
        let (catalogue, tables) = (&self.catalogue, &mut self.tables);
        let Some(logged) = &event.host else { return };
        let span = Span::of(event.time, Sketch::of(event));
        let known = self.cache.seen(catalogue, logged.bytes(), span, tables);
        let Some((known, host)) = with_host(known) else {
            if let Some(address) = shape::address_of(logged) {
                self.at_address(event, &address.to_string(), source);
            }
            return;
        };
        if is_no_address_lookup(event) {
            return;
        }
        let spoken = channel::of(catalogue, event);
        let found = find(catalogue, &self.settings, event, (known, host), &spoken);
        let Some(found) = found else {
            let seen = Unfound::of(event, (known, host), &spoken);
            if seen.is_nothing() {
                return;
            }
            let server = seen.server(event, host);
            let server = server.and_then(|address| self.identity.machine(address, event.time));
            let who = self.whos.who(&self.identity, event);
            if !(who.infrastructure && event.kind == Kind::Dns) {
                let place = (host, server.as_deref());
                seen.tally(tables, &self.settings, event, place, (who, source));
            }
            return;
        };
        let who = self.whos.who(&self.identity, event);
        if who.infrastructure && event.kind == Kind::Dns {
            return;
        }
        // What failed is no use of the host, as it is none of the service.
        if event.outcome != Outcome::Error {
            tables.host(event.time, &found.service, host, found.role);
        }
        unlisted::marks_of(tables, event, &found, &who.client);
        if found.role.is_defining() {
            systems::mark(tables, event, &who.client);
        }
        let known = (&**catalogue, &*self.identity);
        fetched::mark(tables, known, event, &found);
        let (key, tally) = sighting(&self.settings, event, found, who, source);
        self.open_question = key.kind == Kind::Dns && key.outcome == Outcome::Unknown;
        tables.sighting(key, tally);
    }

    /// Tallies an event whose host is an address: no signature speaks of those, the shape of its request may.
    fn at_address(&mut self, event: &Event<'_>, address: &str, source: &Arc<str>) {
        let spoken = channel::of(&self.catalogue, event);
        let seen = Unfound::at_address(event, address, &spoken);
        if seen.is_nothing() {
            return;
        }
        let server = seen.server(event, address);
        let server = server.and_then(|address| self.identity.machine(address, event.time));
        let who = self.whos.who(&self.identity, event);
        let place = (&Arc::from(address), server.as_deref());
        seen.tally(
            &mut self.tables,
            &self.settings,
            event,
            place,
            (who, source),
        );
    }

    /// What an event would be tallied as.
    pub fn explain(&mut self, event: &Event<'_>) -> Option<Found> {
        let logged = event.host.as_ref()?.bytes();
        let (known, host) = with_host(self.cache.look_up(&self.catalogue, logged))?;
        let spoken = channel::of(&self.catalogue, event);
        let place = (known, &**host);
        find(&self.catalogue, &self.settings, event, place, &spoken)
    }
}

fn with_host(known: Option<&Known>) -> Option<(&Known, &Arc<str>)> {
    let known = known?;
    Some((known, known.host.as_ref()?))
}

/// What spoke, as the user agent of an event tells it.
#[must_use]
pub fn channel_of(catalogue: &Catalogue, event: &Event<'_>) -> Channel {
    channel::of(catalogue, event).channel
}

fn sighting(
    settings: &Settings,
    event: &Event<'_>,
    found: Found,
    who: &Who,
    source: &Arc<str>,
) -> (SightingKey, Tally) {
    let bytes_up = event.bytes_up.unwrap_or(0);
    let mut tally = Tally::of(event.time, found.grade);
    if event.outcome != Outcome::Blocked && event.outcome != Outcome::Error {
        tally.prompts = u64::from(matches!(
            found.activity,
            Some(Activity::Prompt | Activity::Api)
        ));
        tally.uploads = u64::from(
            found.activity == Some(Activity::Upload)
                || (event.kind != Kind::Dns && bytes_up >= settings.upload_bytes),
        );
    }
    tally.bytes_up = bytes_up;
    tally.bytes_down = event.bytes_down.unwrap_or(0);
    let key = SightingKey {
        hour: event.time.hour(),
        service: found.service,
        role: found.role,
        tier: found.tier,
        channel: found.channel,
        kind: event.kind,
        outcome: event.outcome,
        client: who.client.clone(),
        user: who.user.clone(),
        segment: who.segment.clone(),
        source: source.clone(),
    };
    (key, tally)
}

/// A DNS question for something else than an address (mail exchangers, keys, text) is no step towards use.
fn is_no_address_lookup(event: &Event<'_>) -> bool {
    event.kind == Kind::Dns
        && event.qtype.as_ref().is_some_and(|qtype| {
            !matches!(
                qtype.bytes(),
                b"A" | b"AAAA" | b"HTTPS" | b"SVCB" | b"TYPE65" | b"TYPE64" | b"ANY" | b"CNAME"
            )
        })
}

#[cfg(test)]
mod tests;
