//! `kill -9` at random moments while people work: nothing is counted twice, nothing is lost, nothing is told anew.
//!
//! The seed is printed; `GNOMON_E2E_SEED=…` repeats it, as far as a real machine repeats anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::gateway::{Gateway, HOSTS, client};
use crate::ledger::Ledger;
use crate::named::{A, HTTPS};
use crate::receiver::Receiver;
use crate::service::Service;
use crate::wait::{PATIENCE, think, until};

const KILLS: usize = 8;
/// The longest that a service lives before it is killed: enough to start, read, commit and send.
const LONGEST_LIFE_MS: u64 = 2_500;
/// Lives too short to tell anything make the next one tell of many changes at once, as of a storm; what comes after such a message waits for a
/// minute.
const MINUTE_OF_A_STORM: Duration = Duration::from_secs(60);

#[test]
fn killed_at_random_moments_it_counts_once_and_tells_once() {
    let Some(gateway) = Gateway::start() else {
        return;
    };
    let seed = seed();
    println!("GNOMON_E2E_SEED={seed}");
    let mut random = Random(seed);
    let receiver = Receiver::start();
    let mut service = Service::of(&gateway, &receiver.url());
    let known = AtomicUsize::new(1);
    let at_work = AtomicBool::new(true);
    let made = thread::scope(|scope| {
        let people = scope.spawn(|| work(&gateway, &known, &at_work));
        // However this ends, people go home.
        let _home = Home(&at_work);
        for _ in 0..KILLS {
            service.start();
            // Something new before each kill: alerts are what a crash would lose or repeat.
            known.fetch_add(2, Ordering::Relaxed);
            think(Duration::from_millis(random.below(LONGEST_LIFE_MS)));
            service.kill();
        }
        at_work.store(false, Ordering::Relaxed);
        people.join().unwrap()
    });
    service.start();
    let report = service.settled(&made);

    let first_seen = first_seen(&report);
    assert_eq!(first_seen.len(), made.0.len());
    let patience = MINUTE_OF_A_STORM + PATIENCE;
    let told = until(patience, "every first use told on both channels", || {
        let deliveries = receiver.deliveries();
        let by_hook = alerts_by_transition(deliveries.iter().map(|one| one.alert()));
        let filed = service.filed();
        let by_file = alerts_by_transition(filed.iter());
        let is_told = |id: &String| by_hook.contains_key(id) && by_file.contains_key(id);
        first_seen.iter().all(is_told).then_some((by_hook, by_file))
    });
    assert!(service.stop().success());
    assert_eq!(Ledger::of_report(&service.report(&[]).unwrap()), made);
    // One alert tells of a change, the same on every channel. A crash between sending and writing that down may send
    // it again, with the same id.
    assert_eq!(told.0, told.1);
    for (transition, ids) in &told.0 {
        assert_eq!(ids.len(), 1, "{transition} is told by {ids:?}");
    }
    let deliveries = receiver.deliveries().len();
    let repeats = deliveries - receiver.ids().len();
    println!("{deliveries} deliveries, {repeats} of them repeats, over {KILLS} kills");
    assert!(repeats <= KILLS, "{repeats} repeats");
}

/// Works until told to go home, at the hosts known so far; gives what was done.
fn work(gateway: &Gateway, known: &AtomicUsize, at_work: &AtomicBool) -> Ledger {
    let mut made = Ledger::default();
    let mut turn = 0;
    while at_work.load(Ordering::Relaxed) {
        let hosts = HOSTS.get(..known.load(Ordering::Relaxed)).unwrap_or(HOSTS);
        for (number, (host, _)) in (1..).zip(hosts) {
            let from = client(number % 5 + 1);
            match turn % 4 {
                0 => gateway.visit(from, host, &mut made),
                1 => gateway.ask(from, host, A, &mut made),
                2 => gateway.visit(from, host, &mut made),
                _ => gateway.ask(from, host, HTTPS, &mut made),
            }
            turn += 1;
            think(Duration::from_millis(2));
        }
    }
    // What was only looked up is not told of, so everything is visited in the end.
    let hosts = HOSTS.get(..known.load(Ordering::Relaxed)).unwrap_or(HOSTS);
    for (host, _) in hosts {
        gateway.visit(client(1), host, &mut made);
    }
    made
}

struct Home<'a>(&'a AtomicBool);

impl Drop for Home<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Ids of the changes that say a service was seen first.
fn first_seen(report: &Value) -> BTreeSet<String> {
    let transitions = report["transitions"].as_array().unwrap().iter();
    let first = transitions.filter(|one| one["kind"] == "first_seen");
    first
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Change → alerts that tell of it.
fn alerts_by_transition<'a>(
    alerts: impl Iterator<Item = &'a Value>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut by_transition: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for alert in alerts {
        for transition in alert["transitions"].as_array().unwrap() {
            let ids = by_transition
                .entry(transition.as_str().unwrap().to_owned())
                .or_default();
            ids.insert(alert["id"].as_str().unwrap().to_owned());
        }
    }
    by_transition
}

fn seed() -> u64 {
    let given = std::env::var("GNOMON_E2E_SEED").ok();
    given.map_or_else(|| getrandom::u64().unwrap(), |text| text.parse().unwrap())
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}
