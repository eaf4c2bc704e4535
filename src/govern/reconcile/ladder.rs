//! The ladder of one application: how far the evidence goes, for how many clients, by which sources.
//!
//! An application's grade is its highest rung that anybody reached. The rungs say how many did, so that one upload does
//! not speak for a hundred look-ups.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::model::{Grade, Kind, Outcome, Sighting, Symbol, Symbols, Watched};

use super::Clients;
use super::days::Stretch;
use super::trail::Trail;

/// Clients and events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Part {
    pub clients: u64,
    pub events: u64,
}

impl Part {
    fn add(&mut self, events: u64) {
        self.clients += 1;
        self.events = self.events.saturating_add(events);
    }

    /// Whether there is anything.
    #[must_use]
    pub const fn is_some(&self) -> bool {
        self.clients > 0
    }
}

/// One rung.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Rung {
    /// Clients whose strongest evidence this is.
    pub clients: u64,
    /// Events of the hours in which this was a client's strongest evidence in one source.
    pub events: u64,
    /// The same events by kind of log: dns, proxy, tls, flow.
    pub kinds: BTreeMap<&'static str, u64>,
}

impl Rung {
    fn add(&mut self, kind: Kind, events: u64) {
        self.events = self.events.saturating_add(events);
        let of_kind = self.kinds.entry(kind.as_str()).or_default();
        *of_kind = of_kind.saturating_add(events);
    }
}

/// How far the evidence of one application goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Ladder {
    pub resolved: Rung,
    pub connected: Rung,
    pub exchanged: Rung,
    pub uploaded: Rung,
    pub confirmed: Rung,
    /// What was refused; here `clients` are all that tried.
    pub attempted: Rung,
    /// Clients that looked the service up and never connected, where a source would have shown it, and every look-up
    /// that no connection followed there.
    pub prefetched: Part,
    /// Clients that looked it up, where no source would have shown a connection.
    pub unwatched: Part,
    /// Connections without a look-up by a client whose look-ups are in the logs.
    pub unresolved: Part,
    /// Connections past the proxy that most of the client's segment uses.
    pub around_proxy: Part,
}

impl Ladder {
    /// The rungs from weak to strong, with their names.
    #[must_use]
    pub const fn rungs(&self) -> [(Grade, &Rung); 5] {
        [
            (Grade::Resolved, &self.resolved),
            (Grade::Connected, &self.connected),
            (Grade::Exchanged, &self.exchanged),
            (Grade::Uploaded, &self.uploaded),
            (Grade::Confirmed, &self.confirmed),
        ]
    }

    /// Whether it was looked up and nothing more, where more would have been seen of every client.
    #[must_use]
    pub fn is_prefetch_only(&self) -> bool {
        self.prefetched.is_some()
            && !self.unwatched.is_some()
            && self.attempted.events == 0
            && self
                .rungs()
                .iter()
                .all(|(grade, rung)| *grade == Grade::Resolved || rung.events == 0)
    }

    /// Counts one sighting of use or of an attempt.
    pub fn add(&mut self, sighting: &Sighting) {
        let (key, events) = (&sighting.key, sighting.tally.events);
        let rung = if key.outcome == Outcome::Blocked {
            &mut self.attempted
        } else {
            self.rung(sighting.tally.grade)
        };
        rung.add(key.kind, events);
    }

    const fn rung(&mut self, grade: Grade) -> &mut Rung {
        match grade {
            Grade::Resolved => &mut self.resolved,
            Grade::Connected => &mut self.connected,
            Grade::Exchanged => &mut self.exchanged,
            Grade::Uploaded => &mut self.uploaded,
            Grade::Confirmed => &mut self.confirmed,
        }
    }

    /// Counts what the trails of the application's clients show; they have ended, as [`Clients::end`] ends them.
    pub fn finish<'t>(
        &mut self,
        trails: impl Iterator<Item = (Symbol, &'t Trail)>,
        around: &Around<'_>,
    ) {
        // What only URLs tell of a shared host has no look-ups of its own.
        let is_looked_up = self.resolved.kinds.contains_key(Kind::Dns.as_str());
        for (client, trail) in trails {
            if let Some(grade) = trail.grade {
                self.rung(grade).clients += 1;
            }
            self.attempted.clients += u64::from(trail.is_refused());
            if let Some(Stretch {
                events,
                first,
                last,
            }) = trail.unfollowed()
            {
                let times = (first, last);
                let is_seen = around.clients.would_show(client, around, times);
                match (is_seen, trail.is_connecting) {
                    (true, true) => {
                        self.prefetched.events = self.prefetched.events.saturating_add(events);
                    }
                    (true, false) => self.prefetched.add(events),
                    (false, true) => {}
                    (false, false) => self.unwatched.add(events),
                }
            }
            let and_proxied = is_looked_up && around.clients.is_resolving(client);
            if let Some(Stretch {
                events,
                first,
                last,
            }) = trail.unresolved(and_proxied)
                && around.clients.resolves(client, (first, last))
            {
                self.unresolved.add(events);
            }
            let past = trail.around();
            if past > 0 && around.clients.is_behind(client, around.behind_proxies) {
                self.around_proxy.add(past);
            }
        }
    }
}

/// What the trails of one application are judged by beside themselves.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    pub symbols: &'a Symbols,
    pub clients: &'a Clients,
    pub watched: &'a Watched,
    /// As [`Clients::behind_proxies`] says.
    pub behind_proxies: &'a HashSet<Symbol>,
}
