//! The cache that answers nearly every line: host → what is known of it.
//!
//! It is emptied when full: log text decides its keys. What most lines do is counted where the host is found, and
//! handed to the tables when somebody asks for them.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::catalogue::{Catalogue, left_out};
use crate::model::{Day, Evidence, HostBuf, is_plain_name};

use super::candidates::host_reasons;
use super::find::HostRule;
use super::host_text::HostText;
use super::names;
use super::tables::{Span, Tables};

const MAX_HOSTS: usize = 1 << 17;

/// What is known of a host as logged, whatever the event.
///
/// Two lines of the processor's cache each: finding and counting a host is mostly waiting for these.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Known {
    logged: HostText,
    /// `None` for what is no host name, and for names of addresses (`7.2.0.192.in-addr.arpa`), which are no services.
    pub(super) host: Option<Arc<str>>,
    pub(super) about: Option<Box<About>>,
    /// Whether it matters only for what is asked of it: a plain name, no rule and no suspicion is on the host itself.
    is_ordinary: bool,
    /// Events of one day that the tables do not know of yet.
    uncounted: Option<(Day, Span)>,
    /// Whether it was met again.
    is_back: bool,
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
    places: HashTable<u32>,
    known: Vec<Known>,
    /// Places of hosts with events that the tables do not know of yet.
    uncounted: Vec<u32>,
    buf: HostBuf,
}

impl<S: BuildHasher> HostCache<S> {
    /// Counts an event at a host that is ordinary; `false` when it is not.
    pub(super) fn count_ordinary(
        &mut self,
        catalogue: &Catalogue,
        logged: &[u8],
        event: Span,
        tables: &mut Tables,
    ) -> bool {
        let at = self.place_with_room(catalogue, logged, tables);
        let known = self.known.get(at as usize);
        let is_ordinary = known.is_some_and(|known| known.is_ordinary);
        if is_ordinary {
            self.count(at, event, tables);
        }
        is_ordinary
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
        let at = self.place_of(catalogue, logged);
        self.known.get(at as usize)
    }

    /// Tells the tables of all events.
    pub(super) fn settle(&mut self, tables: &mut Tables) {
        for at in self.uncounted.drain(..) {
            if let Some(known) = self.known.get_mut(at as usize)
                && let (Some(host), Some((day, span))) = (&known.host, known.uncounted.take())
            {
                tables.digest(day, host, span);
            }
        }
    }

    /// Forgets the hosts that were seen but once since room was made last; all of them if that makes little room.
    fn make_room(&mut self, tables: &mut Tables) {
        self.settle(tables);
        self.known
            .retain_mut(|known| std::mem::take(&mut known.is_back));
        if self.known.len() > MAX_HOSTS / 2 {
            self.known.clear();
        }
        self.places.clear();
        for at in 0..self.known.len() {
            self.note_place(at);
        }
    }

    fn note_place(&mut self, at: usize) {
        let (known, hasher) = (&self.known, &self.hasher);
        let hash = |at: &u32| {
            let known = known.get(*at as usize);
            known.map_or(0, |known| hasher.hash_one(known.logged.bytes()))
        };
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        self.places.insert_unique(hash(&at), at, hash);
    }

    /// How many hosts have events that the tables do not know of yet.
    pub(super) const fn uncounted(&self) -> usize {
        self.uncounted.len()
    }

    fn place(&self, hash: u64, logged: &[u8]) -> Option<u32> {
        let is_it = |at: &u32| {
            let known = self.known.get(*at as usize);
            known.is_some_and(|known| known.logged.bytes() == logged)
        };
        self.places.find(hash, is_it).copied()
    }

    fn place_of(&mut self, catalogue: &Catalogue, logged: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(logged);
        match self.place(hash, logged) {
            Some(at) => at,
            None => self.learn(catalogue, logged),
        }
    }

    /// The same, where room is made for a host that is new.
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
        self.learn(catalogue, logged)
    }

    #[cold]
    fn learn(&mut self, catalogue: &Catalogue, logged: &[u8]) -> u32 {
        let at = self.known.len();
        self.known.push(know(catalogue, logged, &mut self.buf));
        self.note_place(at);
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    fn count(&mut self, at: u32, event: Span, tables: &mut Tables) {
        let Some(known) = self.known.get_mut(at as usize) else {
            return;
        };
        let Some(host) = &known.host else { return };
        let day = event.day();
        match &mut known.uncounted {
            Some((of_day, span)) if *of_day == day => {
                span.merge(event);
                known.is_back = true;
            }
            Some((of_day, span)) => {
                known.is_back = true;
                tables.digest(*of_day, host, *span);
                (*of_day, *span) = (day, event);
            }
            none => {
                *none = Some((day, event));
                self.uncounted.push(at);
            }
        }
    }
}

fn know(catalogue: &Catalogue, logged: &[u8], buf: &mut HostBuf) -> Known {
    let name = buf.parse(logged).filter(|name| !is_reverse_name(name));
    let about = name
        .map(|name| about(catalogue, name))
        .filter(|about| about.rule.is_some() || !about.reasons.is_empty());
    Known {
        logged: HostText::of(logged),
        host: name.map(Arc::from),
        is_ordinary: about.is_none()
            && is_plain_name(logged)
            && !name.is_some_and(|name| catalogue.has_urls(name)),
        about: about.map(Box::new),
        uncounted: None,
        is_back: false,
    }
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
