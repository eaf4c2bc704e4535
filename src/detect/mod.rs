//! From event to sighting: match, channel, tier, grade; every host counted, the odd ones kept as candidates.
//!
//! Each worker has its own [`Detector`] with its caches and its own [`Tables`], which merge in any order. What is known of
//! a host as logged answers nearly every line; most hosts are ordinary, and an event at one of those is only counted.
//! No I/O and no clock: the time of everything is the time of its event.

mod candidates;
mod channel;
mod grade;
mod host_text;
mod hosts;
pub mod names;
mod tables;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::identity::{Identity, Who};
use crate::model::{
    Activity, Archetype, Channel, Event, Evidence, Glance, Grade, Kind, Outcome, Role, SightingKey,
    Tally, Tier, Untrusted,
};

use hosts::{HostCache, Known};

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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            upload_bytes: 64 * 1024,
            exchange_bytes: 16 * 1024,
            shared_hosts: false,
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
    whos: hosts::WhoCache,
}

/// What one event was found to be; what [`Detector::observe`] tallies and `gnomon explain` prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub service: Arc<str>,
    pub role: Role,
    pub tier: Tier,
    pub channel: Channel,
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
            whos: hosts::WhoCache::default(),
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

    /// Tallies an event of which no more than a glance is known, if that is all that matters: its host is ordinary, and what
    /// it posts has the shape of no model's API. Otherwise `false`: the whole event has to be observed.
    pub fn glance(&mut self, glance: &Glance<'_>) -> bool {
        let Glance {
            time, host, posts, ..
        } = *glance;
        let speaks = posts.is_some_and(|path| path_reason(path, Some(b"POST")).is_some());
        let (catalogue, tables) = (&self.catalogue, &mut self.tables);
        let counted = !speaks && self.cache.count_ordinary(catalogue, host, time, tables);
        self.open_question &= !counted;
        counted
    }

    /// Tallies one event of this source.
    pub fn observe(&mut self, event: &Event<'_>, source: &Arc<str>) {
        self.open_question = false;
        let (catalogue, tables) = (&self.catalogue, &mut self.tables);
        let Some(logged) = &event.host else { return };
        let known = self
            .cache
            .seen(catalogue, logged.bytes(), event.time, tables);
        let Some((known, host)) = with_host(known) else {
            return;
        };
        if is_no_address_lookup(event) {
            return;
        }
        let found = find(catalogue, &self.settings, event, known, host);
        let reasons = match &found {
            Some(_) => Vec::new(),
            None => candidate_reasons(event, known, catalogue),
        };
        if found.is_none() && reasons.is_empty() {
            return;
        }
        let who = self.whos.who(&self.identity, event);
        if who.infrastructure && event.kind == Kind::Dns {
            return;
        }
        let Some(found) = found else {
            tables.candidate(event.time, host, reasons);
            return;
        };
        // What failed is no use of the host, as it is none of the service.
        if event.outcome != Outcome::Error {
            tables.host(event.time, &found.service, host, found.role);
        }
        let (key, tally) = sighting(&self.settings, event, found, who, source);
        self.open_question = key.kind == Kind::Dns && key.outcome == Outcome::Unknown;
        tables.sighting(key, tally);
    }

    /// What an event would be tallied as.
    pub fn explain(&mut self, event: &Event<'_>) -> Option<Found> {
        let logged = event.host.as_ref()?.bytes();
        let (known, host) = with_host(self.cache.look_up(&self.catalogue, logged))?;
        find(&self.catalogue, &self.settings, event, known, host)
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

/// Finds service, role, tier, channel and grade of an event whose host is known.
///
/// A vendor's agent that calls its vendor's API is credited to the agent: Claude Code speaks to the host of Claude's
/// API, and it is the agent that the enterprise has to bound.
fn find(
    catalogue: &Catalogue,
    settings: &Settings,
    event: &Event<'_>,
    known: &Known,
    host: &str,
) -> Option<Found> {
    let spoken = channel::of(catalogue, event);
    let mut found = find_by_target(catalogue, settings, event, (known, host), spoken.channel)?;
    let agent = spoken.agent.and_then(|agent| agent.service);
    if let Some(agent) = agent.filter(|agent| agent.archetype == Archetype::Agent)
        && found.role.is_defining()
        && catalogue
            .service(&found.service)
            .is_some_and(|of_host| of_host.vendor.name == agent.vendor.name)
    {
        found.service = agent.id.clone();
    }
    Some(found)
}

fn find_by_target(
    catalogue: &Catalogue,
    settings: &Settings,
    event: &Event<'_>,
    (known, host): (&Known, &str),
    channel: Channel,
) -> Option<Found> {
    let url = event.path.as_ref().and_then(|path| {
        let method = event.method.as_ref().map(Untrusted::bytes);
        catalogue.match_url(host, path.bytes(), method)
    });
    if let Some(url) = url {
        let same = known.rule().filter(|rule| *rule.service == *url.service.id);
        let role = url_role(url.rule.activity, same.map(|rule| rule.role));
        return Some(Found {
            service: url.service.id.clone(),
            role,
            tier: url
                .rule
                .tier
                .or(same.and_then(|rule| rule.tier))
                .unwrap_or(Tier::Unknown),
            channel,
            grade: grade::of(event, Some(url.rule.activity), settings),
            activity: Some(url.rule.activity),
        });
    }
    let rule = known.rule()?;
    if rule.evidence == Evidence::Weak || (rule.role == Role::Shared && !settings.shared_hosts) {
        return None;
    }
    Some(Found {
        service: rule.service.clone(),
        role: rule.role,
        tier: rule.tier.unwrap_or(Tier::Unknown),
        channel,
        grade: grade::of(event, None, settings),
        activity: None,
    })
}

/// A URL says more of the role than its host does: a prompt on a shared host is use, a visit is not.
fn url_role(activity: Activity, host_role: Option<Role>) -> Role {
    let established = host_role.filter(|role| !matches!(role, Role::Shared | Role::Site));
    match activity {
        Activity::Prompt | Activity::Upload => established
            .filter(|role| role.is_defining())
            .unwrap_or(Role::Ui),
        Activity::Api => established
            .filter(|role| role.is_defining())
            .unwrap_or(Role::Api),
        Activity::Auth => Role::Auth,
        Activity::Install => Role::Download,
        Activity::Telemetry => Role::Telemetry,
        Activity::Visit => established.unwrap_or(Role::Site),
    }
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

/// Why an event that no rule finds makes its host a candidate; empty when it does not.
fn candidate_reasons(event: &Event<'_>, known: &Known, catalogue: &Catalogue) -> Vec<String> {
    if known
        .rule()
        .is_some_and(|rule| rule.evidence != Evidence::Weak)
    {
        return Vec::new();
    }
    let mut why = known.reasons().to_vec();
    let allowed = event.outcome != Outcome::Blocked && event.outcome != Outcome::Error;
    if let Some(path) = event.path.as_ref().filter(|_| allowed) {
        let method = event.method.as_ref().map(Untrusted::bytes);
        why.extend(path_reason(path.bytes(), method).map(str::to_owned));
    }
    if let Some(product) = channel::of(catalogue, event).product() {
        why.push(format!("{product} spoke to it"));
    }
    why
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
