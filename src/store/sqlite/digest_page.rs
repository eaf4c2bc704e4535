//! The hosts of one page of a day, packed.
//!
//! The digest is written over and over and read day by day, so a row is no row of a table: hosts whose numbers are
//! neighbours share a page, a few bytes each. A page is for each host, in order: how far its number is from the one
//! before, its hits, the first time from the start of the day, the last time from the first, and the sketch of its clients: how
//! many places are taken, and which, or all 64 as bits where more than seven are.

use super::columns::{MOST, sum};
use super::packed::{put, put_micros, take, take_micros};
use crate::model::Sketch;

/// How many numbers of hosts share a page. Part of the schema.
const HOSTS: i64 = 512;

/// One host on one day. Times are microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hits {
    /// Its number.
    pub(super) host: i64,
    pub(super) hits: u64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) clients: Sketch,
}

impl Hits {
    fn merge(&mut self, other: &Self) {
        self.clients.merge(other.clients);
        self.hits = sum(self.hits, other.hits);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// The page that a host belongs to.
pub(super) const fn page_of(host: i64) -> i64 {
    host.div_euclid(HOSTS)
}

/// Adds hosts to those there are. Both are sorted; the added ones may repeat.
pub(super) fn merge(there: &[Hits], added: impl IntoIterator<Item = Hits>, merged: &mut Vec<Hits>) {
    merged.clear();
    let mut there = there.iter().peekable();
    for one in added {
        while let Some(before) = there.next_if(|before| before.host <= one.host) {
            merged.push(*before);
        }
        match merged.last_mut() {
            Some(same) if same.host == one.host => same.merge(&one),
            _ => merged.push(one),
        }
    }
    merged.extend(there);
}

/// What a page holds of each host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// As it was at first.
    WithoutClients,
    Current,
}

/// Packs sorted hosts of one page; `start` is the start of their day.
pub(super) fn pack(layout: Layout, start: i64, page: i64, hosts: &[Hits], packed: &mut Vec<u8>) {
    packed.clear();
    let mut next = page.wrapping_mul(HOSTS);
    for one in hosts {
        put(packed, one.host.wrapping_sub(next).cast_unsigned());
        put(packed, one.hits);
        put_micros(packed, one.first.wrapping_sub(start));
        put_micros(packed, one.last.wrapping_sub(one.first));
        if layout == Layout::Current {
            put_clients(packed, one.clients);
        }
        next = one.host.wrapping_add(1);
    }
}

/// Unpacks a page behind what is in `hosts` already; `None` when this is no page.
pub(super) fn unpack(
    layout: Layout,
    start: i64,
    page: i64,
    packed: &[u8],
    hosts: &mut Vec<Hits>,
) -> Option<()> {
    let mut rest = packed;
    let mut next = page.checked_mul(HOSTS)?;
    let end = next.checked_add(HOSTS)?;
    while !rest.is_empty() {
        let host = next.checked_add_unsigned(take(&mut rest)?)?;
        let hits = take(&mut rest)?;
        let first = take_micros(&mut rest)?.wrapping_add(start);
        let last = take_micros(&mut rest)?.wrapping_add(first);
        let clients = match layout {
            Layout::WithoutClients => Sketch::EMPTY,
            Layout::Current => take_clients(&mut rest)?,
        };
        if host >= end || hits > MOST {
            return None;
        }
        hosts.push(Hits {
            host,
            hits,
            first,
            last,
            clients,
        });
        next = host + 1;
    }
    Some(())
}

/// So many places are named one by one.
const NAMED: u32 = 7;

fn put_clients(packed: &mut Vec<u8>, Sketch(mut places): Sketch) {
    let count = places.count_ones();
    put(packed, u64::from(count));
    if count > NAMED {
        packed.extend_from_slice(&places.to_le_bytes());
        return;
    }
    while places != 0 {
        put(packed, u64::from(places.trailing_zeros()));
        places &= places - 1;
    }
}

fn take_clients(rest: &mut &[u8]) -> Option<Sketch> {
    let count = take(rest)?;
    let places = if count > u64::from(NAMED) {
        let (bits, after) = rest.split_first_chunk()?;
        *rest = after;
        u64::from_le_bytes(*bits)
    } else {
        let mut places = 0;
        for _ in 0..count {
            places |= 1_u64.checked_shl(u32::try_from(take(rest)?).ok()?)?;
        }
        places
    };
    // Another way to write the same is none of ours.
    (u64::from(places.count_ones()) == count).then_some(Sketch(places))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: i64 = 1_793_577_600_000_000;

    fn any_hosts(page: i64) -> impl Strategy<Value = Vec<Hits>> {
        let time = prop_oneof![
            (0_i64..86_400).prop_map(|secs| START + secs * 1_000_000),
            (0_i64..86_400_000).prop_map(|millis| START + millis * 1_000),
            any::<i64>(),
        ];
        let clients = prop_oneof![Just(0), any::<u64>(), (0..64_u32).prop_map(|at| 1 << at)];
        let one = (0..HOSTS, 0..=MOST, time.clone(), time, clients);
        prop::collection::vec(one, 0..40).prop_map(move |rows| {
            let mut hosts: Vec<Hits> = rows
                .into_iter()
                .map(|(at, hits, first, last, clients)| Hits {
                    host: page * HOSTS + at,
                    hits,
                    first,
                    last,
                    clients: Sketch(clients),
                })
                .collect();
            hosts.sort_by_key(|one| one.host);
            hosts.dedup_by_key(|one| one.host);
            hosts
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_page_comes_back_as_it_was(hosts in any_hosts(7)) {
            let (mut packed, mut back) = (Vec::new(), Vec::new());
            pack(Layout::Current, START, 7, &hosts, &mut packed);
            prop_assert_eq!(unpack(Layout::Current, START, 7, &packed, &mut back), Some(()));
            prop_assert_eq!(back, hosts);
        }

        #[test]
        fn bytes_that_are_no_page_are_refused_and_never_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..60), page in any::<i64>()
        ) {
            let mut back = Vec::new();
            if unpack(Layout::Current, START, page, &bytes, &mut back).is_some() {
                prop_assert!(back.iter().all(|one| page_of(one.host) == page));
                prop_assert!(back.is_sorted_by(|a, b| a.host < b.host));
            }
        }
    }

    #[test]
    fn an_ordinary_host_takes_a_few_bytes() {
        let hosts: Vec<Hits> = (0..500)
            .map(|n| Hits {
                host: 2 * n + 1,
                hits: n.cast_unsigned(),
                first: START + n * 1_000_000,
                last: START + 80_000_000_000 + n * 1_000_000,
                clients: Sketch(1 << (n % 64)),
            })
            .collect();
        let mut packed = Vec::new();
        pack(Layout::Current, START, 0, &hosts, &mut packed);
        assert!(packed.len() < 500 * 11, "{}", packed.len());
    }

    #[test]
    fn what_is_added_meets_what_is_there() {
        let one = |host, hits| Hits {
            host,
            hits,
            first: START + host,
            last: START + host,
            clients: Sketch(1 << host | hits),
        };
        let mut merged = Vec::new();
        let added = [one(1, 1), one(2, 1), one(2, 1), one(9, 1)];
        merge(&[one(2, 5), one(3, 5)], added, &mut merged);
        let both = Hits {
            clients: Sketch(1 << 2 | 1 | 5),
            ..one(2, 7)
        };
        assert_eq!(merged, [one(1, 1), both, one(3, 5), one(9, 1)]);
    }
}
