//! When a client looked a host up first and met it first on a day, so that the clocks of two logs can be compared before
//! anything is set up.
//!
//! Whatever the host: nothing is detected here. A log has more pairs of a client and a host than are worth keeping, and two
//! logs must keep the same ones: those with the smallest digests.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use crate::govern::reconcile::{Clocks, Skews};
use crate::model::{Event, HostBuf, Kind, Symbols};

use super::Survey;

/// So many pairs are kept of a source.
const PAIRS: usize = 4_096;

/// Client, host and day as a digest → the second of the day.
#[derive(Debug, Default)]
struct Firsts(BTreeMap<u64, i64>);

impl Firsts {
    fn add(&mut self, pair: u64, second: i64) {
        if let Some(first) = self.0.get_mut(&pair) {
            *first = second.min(*first);
            return;
        }
        let is_full = self.0.len() >= PAIRS;
        if is_full
            && self
                .0
                .last_key_value()
                .is_some_and(|(last, _)| *last < pair)
        {
            return;
        }
        self.0.insert(pair, second);
        if is_full {
            self.0.pop_last();
        }
    }
}

/// What one source saw.
#[derive(Debug, Default)]
pub(super) struct Met {
    lookups: Firsts,
    contacts: Firsts,
    host: HostBuf,
}

impl Met {
    pub(super) fn event(&mut self, event: &Event<'_>) {
        let host = event.host.as_ref().map(|host| host.bytes());
        let Some(host) = host.and_then(|host| self.host.parse(host)) else {
            return;
        };
        let Some(client) = event.client else { return };
        let day = event.time.day();
        // With keys that are always the same: two logs are compared.
        let mut pair = DefaultHasher::new();
        (client.to_canonical(), host, day.0).hash(&mut pair);
        let firsts = match event.kind {
            Kind::Dns => &mut self.lookups,
            Kind::Tls | Kind::Flow | Kind::Proxy => &mut self.contacts,
        };
        let second = event.time.secs() - day.start().secs();
        firsts.add(pair.finish(), second);
    }
}

/// What the look-ups of one source and the connections of another say of their clocks, for every pair of sources that saw
/// the same clients at the same hosts.
#[must_use]
pub fn clocks(surveys: &[Survey]) -> Vec<Clocks> {
    let (mut symbols, mut skews) = (Symbols::default(), Skews::default());
    let names = surveys
        .iter()
        .map(|survey| symbols.of(&Arc::from(survey.coverage.source.as_str())));
    let named: Vec<_> = names.zip(surveys).collect();
    let mut looked_up: HashMap<u64, Vec<_>> = HashMap::new();
    for (name, survey) in &named {
        for (pair, second) in &survey.met.lookups.0 {
            looked_up.entry(*pair).or_default().push((*name, *second));
        }
    }
    for (name, survey) in &named {
        for (pair, met) in &survey.met.contacts.0 {
            for (resolver, asked) in looked_up.get(pair).into_iter().flatten() {
                skews.add(*resolver, *name, met - asked);
            }
        }
    }
    skews.measured(&symbols)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_logs_keep_the_same_pairs_however_long_they_are() {
        let (mut one, mut other) = (Firsts::default(), Firsts::default());
        let spread = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for n in 0..20_000 {
            one.add(spread(n), 7);
            other.add(spread(19_999 - n), 5);
        }
        for n in 0..20_000 {
            one.add(spread(n), 6);
        }
        assert_eq!(one.0.len(), PAIRS);
        assert!(one.0.keys().eq(other.0.keys()));
        assert!(one.0.values().all(|second| *second == 6));
    }
}
