//! Hosts that collide, that are more than there is room for, and days that must not run together.

use std::collections::BTreeMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::*;
use crate::model::{Batch, Sketch, Time};

/// Finds every host in the same place.
#[derive(Default)]
struct Colliding;

impl Hasher for Colliding {
    fn finish(&self) -> u64 {
        7
    }

    fn write(&mut self, _bytes: &[u8]) {}
}

fn visit(second: i64) -> Span {
    Span::of(Time::from_secs(1_795_400_000 + second), Sketch::EMPTY)
}

/// Hits per host as the tables have them, after this many events on this many hosts.
fn hits<S: BuildHasher + Default>(events: u64, hosts: u64) -> [BTreeMap<String, u64>; 2] {
    let catalogue = Catalogue::embedded().unwrap();
    let mut cache = HostCache::<S>::default();
    let mut tables = Tables::with_limits(super::super::Limits {
        digest: usize::MAX,
        ..super::super::Limits::default()
    });
    let mut made = BTreeMap::new();
    for event in 0..events {
        // Half of the events go to a hundredth of the hosts.
        let spread = event.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let of = if event % 2 == 0 {
            hosts
        } else {
            hosts / 100 + 1
        };
        let host = format!("h{}.example.org", spread % of);
        // What is expected is but a guess: it may be right, wrong or of nothing.
        if event % 8 == 1 {
            let other = format!("h{}.example.org", event % 7);
            let expected = [&*host, &*other, &*host].map(str::as_bytes);
            cache.expect(expected.into_iter().skip(event as usize % 3));
        }
        if event % 3 > 0 {
            let guess = cache.next_guess();
            let host = host.as_bytes();
            assert!(cache.count_ordinary(guess, &catalogue, (host, None), visit(0), &mut tables));
        } else {
            let known = cache.seen(&catalogue, host.as_bytes(), visit(0), &mut tables);
            assert_eq!(known.unwrap().host.as_deref(), Some(&*host));
        }
        *made.entry(host).or_default() += 1;
    }
    cache.settle(&mut tables);
    let mut batch = Batch::default();
    tables.drain_into(&mut batch);
    let rows = batch.digest.into_iter();
    [
        made,
        rows.map(|row| (row.host.to_string(), row.hits)).collect(),
    ]
}

#[test]
fn hosts_that_collide_are_told_apart() {
    let [made, counted] = hits::<BuildHasherDefault<Colliding>>(2_000, 300);
    assert_eq!(made, counted);
}

#[test]
fn more_hosts_than_the_cache_holds_are_counted_once_each() {
    let hosts = MAX_HOSTS as u64 * 2;
    let [made, counted] = hits::<DefaultHashBuilder>(hosts * 4, hosts);
    assert!(made.len() > MAX_HOSTS);
    assert!(made == counted);
}

#[test]
fn days_do_not_run_together() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut cache = HostCache::<DefaultHashBuilder>::default();
    let mut tables = Tables::default();
    for day in [0, 1, 0, 1, 1] {
        let event = visit(day * 86_400);
        cache.seen(&catalogue, b"a.example.org", event, &mut tables);
    }
    cache.settle(&mut tables);
    let mut batch = Batch::default();
    tables.drain_into(&mut batch);
    let hits: Vec<u64> = batch.digest.iter().map(|row| row.hits).collect();
    assert_eq!(hits, [2, 3]);
}

#[test]
fn a_host_that_matters_for_some_paths_is_ordinary_for_others() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut cache = HostCache::<DefaultHashBuilder>::default();
    let mut tables = Tables::default();
    let mut is_ordinary = |method: &'static str, path: &'static str| {
        let asked = Asked {
            method: method.as_bytes(),
            path: path.as_bytes(),
        };
        let asks = Some(asked).filter(|asked| asked.method != b"CONNECT");
        let seen = (b"duckduckgo.com".as_slice(), asks);
        cache.count_ordinary(None, &catalogue, seen, visit(0), &mut tables)
    };
    assert!(is_ordinary("CONNECT", ""));
    assert!(is_ordinary("GET", "/html"));
    assert!(!is_ordinary("GET", "/duckchat/v1/status"));
    assert!(!is_ordinary("POST", "/duckchat/v1/chat"));
    assert!(is_ordinary("POST", "/html"));
    let catalogue_knows = |path: &[u8]| catalogue.has_url("duckduckgo.com", path, Some(b"GET"));
    assert!(catalogue_knows(b"/duckchat/v1/status?q=1") && !catalogue_knows(b"/?q=/duckchat/v1/"));
    cache.settle(&mut tables);
    let mut batch = Batch::default();
    tables.drain_into(&mut batch);
    let hits: Vec<u64> = batch.digest.iter().map(|row| row.hits).collect();
    assert_eq!(hits, [3]);
}
