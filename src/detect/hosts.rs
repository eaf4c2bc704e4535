//! The cache that answers nearly every line: host → what is known of it.
//!
//! It is emptied when full: log text decides its keys. What most lines do is counted where the host is found, and
//! handed to the tables when somebody asks for them. Most of the time that this takes is waiting for the memory: what a line
//! needs lies close together (`front.rs`), and the hosts of several lines are walked to at once.

use std::hash::BuildHasher;
use std::hint::black_box;
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;

use crate::catalogue::{Catalogue, left_out};
use crate::model::{Asked, Evidence, HostBuf, is_plain_name};

use super::candidates::host_reasons;
use super::find::HostRule;
use super::front::{Added, Front};
use super::names;
use super::places::Places;
use super::tables::{Span, Tables};

const MAX_HOSTS: usize = 1 << 17;

/// What is known of a host as logged, whatever the event.
#[derive(Debug)]
pub(super) struct Known {
    /// Where it does not find room in front.
    logged: Option<Box<[u8]>>,
    /// `None` for what is no host name, and for names of addresses (`7.2.0.192.in-addr.arpa`), which are no services.
    pub(super) host: Option<Arc<str>>,
    pub(super) about: Option<Box<About>>,
}

/// What is out of the ordinary about a host.
#[derive(Debug, Default)]
pub(super) struct About {
    pub(super) rule: Option<HostRule>,
    /// Why it looks like GenAI although no rule says so.
    pub(super) reasons: Vec<String>,
}

impl Known {
    pub(super) fn rule(&self) -> Option<&HostRule> {
        self.about.as_ref()?.rule.as_ref()
    }

    pub(super) fn reasons(&self) -> &[String] {
        self.about.as_ref().map_or(&[], |about| &about.reasons)
    }
}

/// Host as logged → what is known.
#[derive(Debug, Default)]
pub(super) struct HostCache<S = DefaultHashBuilder> {
    hasher: S,
    places: Places,
    /// One for each of `known`, in the same order.
    fronts: Vec<Front>,
    known: Vec<Known>,
    /// Where hosts with events are that the tables do not know of yet.
    uncounted: Vec<u32>,
    /// Where the hosts that are expected probably are, the next one last.
    guesses: Vec<u32>,
    buf: HostBuf,
}

impl<S: BuildHasher> HostCache<S> {
    /// Walks to several hosts that will be counted next, in this order.
    pub(super) fn expect<'h>(&mut self, hosts: impl Iterator<Item = &'h [u8]>) {
        let hasher = &self.hasher;
        self.guesses.clear();
        self.guesses
            .extend(hosts.map(|host| Places::key(hasher.hash_one(host))));
        // Short rounds, so that the processor is on its way to all of them at once.
        for guess in &mut self.guesses {
            *guess = self.places.guess(*guess);
        }
        for at in &self.guesses {
            let front = self.fronts.get(*at as usize);
            black_box(front.is_some_and(Front::is_ordinary));
        }
        self.guesses.reverse();
    }

    /// Where the next of the expected hosts probably is.
    pub(super) fn next_guess(&mut self) -> Option<u32> {
        self.guesses.pop()
    }

    /// Counts an event at a host that is ordinary, and asked for nothing that a rule is about; otherwise `false`.
    pub(super) fn count_ordinary(
        &mut self,
        guess: Option<u32>,
        catalogue: &Catalogue,
        (logged, asks): (&[u8], Option<Asked<'_>>),
        event: Span,
        tables: &mut Tables,
    ) -> bool {
        let at = match guess {
            Some(at) if self.is_at(at, logged) => at,
            _ => self.place_with_room(catalogue, logged, tables),
        };
        let Some(front) = self.fronts.get(at as usize).filter(|f| f.is_ordinary()) else {
            return false;
        };
        if let Some(asked) = asks.filter(|_| front.has_urls())
            && let Some(host) = self.known.get(at as usize).and_then(|k| k.host.as_ref())
            && catalogue.has_url(host, asked.path, Some(asked.method))
        {
            return false;
        }
        self.count(at, event, tables);
        true
    }

    /// What is known of a host; its event is counted.
    pub(super) fn seen(
        &mut self,
        catalogue: &Catalogue,
        logged: &[u8],
        event: Span,
        tables: &mut Tables,
    ) -> Option<&Known> {
        let at = self.place_with_room(catalogue, logged, tables);
        self.count(at, event, tables);
        self.known.get(at as usize)
    }

    /// What is known of a host, for whoever does not count.
    pub(super) fn look_up(&mut self, catalogue: &Catalogue, logged: &[u8]) -> Option<&Known> {
        let hash = self.hasher.hash_one(logged);
        let at = match self.place(hash, logged) {
            Some(at) => at,
            None => self.learn(catalogue, hash, logged),
        };
        self.known.get(at as usize)
    }

    /// Tells the tables of all events.
    pub(super) fn settle(&mut self, tables: &mut Tables) {
        for at in self.uncounted.drain(..) {
            if let Some(front) = self.fronts.get_mut(at as usize)
                && let Some(span) = front.take()
                && let Some(host) = self.known.get(at as usize).and_then(|k| k.host.as_ref())
            {
                tables.digest(span.day(), host, span);
            }
        }
    }

    /// Forgets the hosts that were seen but once since room was made last; all of them if that makes little room.
    fn make_room(&mut self, tables: &mut Tables) {
        self.settle(tables);
        let stays: Vec<bool> = self.fronts.iter_mut().map(Front::take_is_back).collect();
        let are_few = stays.iter().filter(|stays| **stays).count() <= MAX_HOSTS / 2;
        let mut which = stays.iter();
        self.fronts
            .retain(|_| are_few && which.next() == Some(&true));
        let mut which = stays.iter();
        self.known
            .retain(|_| are_few && which.next() == Some(&true));
        self.places.clear();
        for at in 0_u32.. {
            let Some(logged) = self.logged(at) else { break };
            let hash = self.hasher.hash_one(logged);
            self.places.insert(hash, at);
        }
    }

    /// How many hosts have events that the tables do not know of yet.
    pub(super) const fn uncounted(&self) -> usize {
        self.uncounted.len()
    }

    #[inline]
    fn logged(&self, at: u32) -> Option<&[u8]> {
        let short = self.fronts.get(at as usize)?.text();
        short.or_else(|| self.known.get(at as usize)?.logged.as_deref())
    }

    #[inline]
    fn is_at(&self, at: u32, logged: &[u8]) -> bool {
        let short = self
            .fronts
            .get(at as usize)
            .and_then(|front| front.is(logged));
        short.unwrap_or_else(|| self.logged(at) == Some(logged))
    }

    #[inline]
    fn place(&self, hash: u64, logged: &[u8]) -> Option<u32> {
        self.places.find(hash, |at| self.is_at(at, logged))
    }

    /// Where a host is; room is made for one that is new.
    fn place_with_room(
        &mut self,
        catalogue: &Catalogue,
        logged: &[u8],
        tables: &mut Tables,
    ) -> u32 {
        let hash = self.hasher.hash_one(logged);
        if let Some(at) = self.place(hash, logged) {
            return at;
        }
        if self.known.len() >= MAX_HOSTS {
            self.make_room(tables);
        }
        self.learn(catalogue, hash, logged)
    }

    #[cold]
    fn learn(&mut self, catalogue: &Catalogue, hash: u64, logged: &[u8]) -> u32 {
        let at = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        let (front, known) = know(catalogue, logged, &mut self.buf);
        self.fronts.push(front);
        self.known.push(known);
        self.places.insert(hash, at);
        at
    }

    #[inline]
    fn count(&mut self, at: u32, event: Span, tables: &mut Tables) {
        let front = self.fronts.get_mut(at as usize);
        let Some(front) = front.filter(|front| front.is_named()) else {
            return;
        };
        match front.add(event) {
            Added::Merged => {}
            Added::First => self.uncounted.push(at),
            Added::Instead(before) => {
                if let Some(host) = self.known.get(at as usize).and_then(|k| k.host.as_ref()) {
                    tables.digest(before.day(), host, before);
                }
            }
        }
    }
}

fn know(catalogue: &Catalogue, logged: &[u8], buf: &mut HostBuf) -> (Front, Known) {
    let name = buf.parse(logged).filter(|name| !is_reverse_name(name));
    let about = name
        .map(|name| about(catalogue, name))
        .filter(|about| about.rule.is_some() || !about.reasons.is_empty());
    let mut marks = 0;
    if about.is_none() && is_plain_name(logged) {
        marks |= Front::ORDINARY;
    }
    if let Some(name) = name {
        marks |= Front::NAMED;
        if catalogue.has_urls(name) {
            marks |= Front::URLS;
        }
    }
    let (front, logged) = Front::of(logged, marks);
    let known = Known {
        logged,
        host: name.map(Arc::from),
        about: about.map(Box::new),
    };
    (front, known)
}

/// Names of addresses (`7.2.0.192.in-addr.arpa`) are no services.
fn is_reverse_name(name: &str) -> bool {
    name.ends_with(".in-addr.arpa") || name.ends_with(".ip6.arpa")
}

fn about(catalogue: &Catalogue, name: &str) -> About {
    let hit = catalogue.match_host(name);
    let rule = hit.as_ref().map(HostRule::of);
    let reasons = match &hit {
        Some(hit) if hit.rule.evidence == Evidence::Weak => {
            vec![format!("one list names it for {}", hit.service.name)]
        }
        Some(_) => Vec::new(),
        None => unknown_reasons(catalogue, name),
    };
    About { rule, reasons }
}

/// A known host followed by other labels is one reason, not a sign of a new service.
fn unknown_reasons(catalogue: &Catalogue, name: &str) -> Vec<String> {
    let mut reasons = host_reasons(name);
    if reasons.is_empty() {
        reasons.extend(names::Model::embedded().reason(name));
    }
    // Somebody looked at it already: its name says nothing new.
    if !reasons.is_empty() && left_out(name).is_some() {
        return Vec::new();
    }
    let known = || {
        let cuts = name.match_indices('.').map(|(at, _)| at).skip(1);
        cuts.filter_map(|at| name.get(..at))
            .find(|start| catalogue.match_host(start).is_some())
    };
    match if reasons.is_empty() { None } else { known() } {
        Some(start) => vec![format!(
            "it begins like {start} and ends elsewhere: a search domain or an imitation"
        )],
        None => reasons,
    }
}

#[cfg(test)]
mod tests;
