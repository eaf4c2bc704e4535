//! What a row costs in a commit, on one core: `cargo bench --bench store [-- STEP…]`.
//!
//! Each round fills a fresh store with the batches of a busy gateway: every host of a day, the same again, the next
//! day, sightings, a store opened again, a trickle of small commits. Measured is the time of this thread on a core, so
//! waiting for the disk does not count; printed are medians, and the most memory that a step needed above what stood
//! there before it (the batch itself is there before).

#![expect(clippy::print_stdout, reason = "a table for people")]

mod core_time;

#[allow(dead_code, reason = "ranks are for generated logs")]
#[path = "generate/chance.rs"]
mod chance;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gnomon::model::{
    Batch, Channel, Consequences, Day, DigestRow, Grade, HostRow, Hour, Kind, Outcome, Role,
    Sighting, SightingKey, Sketch, Tally, Tier, Time,
};
use gnomon::store::Store as _;
use gnomon::store::sqlite::{Limits, SqliteStore};

use chance::Chance;

const ROUNDS: usize = 5;
const HOSTS: usize = 100_000;
const SIGHTINGS: usize = 60_000;
const USERS: u64 = 5_000;
const SERVICES: u64 = 300;
const TODAY: Day = Day(20_760);

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let mut steps: Vec<Step> = Vec::new();
    for round in 0..ROUNDS {
        for (at, step) in round_of_steps(&wanted).into_iter().enumerate() {
            match steps.get_mut(at) {
                Some(there) => there.times.extend(step.times),
                None => steps.push(step),
            }
        }
        if round == 0 {
            println!(
                "{:<44} {:>7} {:>9} {:>8}",
                "step", "rows", "ns/row", "peak KB"
            );
        }
    }
    for mut step in steps {
        step.times.sort();
        let median = step.times[step.times.len() / 2];
        println!(
            "{:<44} {:>7} {:>9.0} {:>8}",
            step.name,
            step.rows,
            median.as_secs_f64() * 1e9 / step.rows as f64,
            step.peak_kb
        );
    }
}

struct Step {
    name: &'static str,
    rows: usize,
    times: Vec<Duration>,
    peak_kb: u64,
}

/// One store and what happens to it; a group of steps is left out when none of its name is wanted.
fn round_of_steps(wanted: &[String]) -> Vec<Step> {
    let is_wanted = |group: &str| wanted.is_empty() || wanted.iter().any(|name| name == group);
    let dir = tempfile::tempdir().expect("a directory");
    let mut random = Chance::new(7);
    let hosts = host_names(&mut random);
    let words = Words::new();
    let mut steps = Vec::new();
    if is_wanted("digest") {
        let path = dir.path().join("digest.db");
        let store = wide(&path);
        let today = digest(&hosts, TODAY);
        steps.push(step(
            "digest: hosts never seen",
            &store,
            std::slice::from_ref(&today),
        ));
        steps.push(step(
            "digest: the same again",
            &store,
            std::slice::from_ref(&today),
        ));
        let half: Vec<_> = hosts.iter().step_by(2).cloned().collect();
        steps.push(step(
            "digest: every second again",
            &store,
            &[digest(&half, TODAY)],
        ));
        let tomorrow = digest(&hosts, TODAY.plus(1));
        steps.push(step(
            "digest: the next day",
            &store,
            std::slice::from_ref(&tomorrow),
        ));
        drop(store);
        let store = wide(&path);
        steps.push(step(
            "digest: the same, store opened again",
            &store,
            std::slice::from_ref(&tomorrow),
        ));
    }
    if is_wanted("capped") {
        let store = SqliteStore::open(&dir.path().join("capped.db")).expect("a store");
        let today = digest(&hosts, TODAY);
        steps.push(step(
            "capped: twice the hosts of a day",
            &store,
            std::slice::from_ref(&today),
        ));
        steps.push(step(
            "capped: the same again",
            &store,
            std::slice::from_ref(&today),
        ));
    }
    if is_wanted("sightings") {
        let path = dir.path().join("sightings.db");
        let store = SqliteStore::open(&path).expect("a store");
        let first = sightings(&mut random, &words, Hour(TODAY.0 * 24 + 9), SIGHTINGS);
        steps.push(step(
            "sightings: new, with their users",
            &store,
            std::slice::from_ref(&first),
        ));
        steps.push(step(
            "sightings: the same again",
            &store,
            std::slice::from_ref(&first),
        ));
        let second = sightings(&mut random, &words, Hour(TODAY.0 * 24 + 12), SIGHTINGS);
        steps.push(step(
            "sightings: new, users known",
            &store,
            std::slice::from_ref(&second),
        ));
        drop(store);
        let store = wide(&path);
        steps.push(step(
            "sightings: the same, store opened again",
            &store,
            std::slice::from_ref(&second),
        ));
    }
    if is_wanted("hosts") {
        let store = SqliteStore::open(&dir.path().join("hosts.db")).expect("a store");
        let today = service_hosts(&hosts);
        steps.push(step(
            "hosts of services: new",
            &store,
            std::slice::from_ref(&today),
        ));
        steps.push(step(
            "hosts of services: the same again",
            &store,
            std::slice::from_ref(&today),
        ));
    }
    if is_wanted("trickle") {
        let store = wide(&dir.path().join("trickle.db"));
        commit(&store, &digest(&hosts, TODAY));
        let batches: Vec<Batch> = (0..500)
            .map(|_| trickle(&mut random, &words, &hosts))
            .collect();
        steps.push(step(
            "trickle: 500 commits of 200 and 20 rows",
            &store,
            &batches,
        ));
    }
    steps
}

/// A store that keeps every host of a day.
fn wide(path: &Path) -> SqliteStore {
    SqliteStore::open(path)
        .expect("a store")
        .with_limits(Limits {
            hosts_per_day: 200_000,
            ..Limits::default()
        })
}

fn step(name: &'static str, store: &SqliteStore, batches: &[Batch]) -> Step {
    let rows = batches
        .iter()
        .map(|batch| batch.digest.len() + batch.sightings.len() + batch.hosts.len())
        .sum();
    // Peak memory is counted from here; a kernel that refuses prints the peak of all steps.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let before = memory_kb("VmRSS:");
    let start = cpu_time();
    for batch in batches {
        commit(store, batch);
    }
    Step {
        name,
        rows,
        times: vec![cpu_time() - start],
        peak_kb: memory_kb("VmHWM:").saturating_sub(before),
    }
}

fn commit(store: &SqliteStore, batch: &Batch) {
    let now = TODAY.plus(1).start();
    store
        .commit(batch, now, &mut |_| Consequences::default())
        .expect("a commit");
}

/// Names as long as those of a real log, sorted.
fn host_names(random: &mut Chance) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = (0..HOSTS)
        .map(|n| match random.below(4) {
            0 => format!("d{:x}{n}.cloudfront.example", random.below(1 << 40)),
            1 => format!(
                "rr{}---sn-{:x}.video{n}.example",
                n % 9,
                random.below(1 << 24)
            ),
            _ => format!("www.company-{:x}{n}.example", random.below(1 << 20)),
        })
        .map(Arc::from)
        .collect();
    names.sort_unstable();
    names
}

fn digest(hosts: &[Arc<str>], day: Day) -> Batch {
    let row = |(n, host): (u64, &Arc<str>)| DigestRow {
        day,
        host: Arc::clone(host),
        hits: 1 + 1_000 / (n % 997 + 1),
        first: day
            .start()
            .plus_secs(i64::try_from(n % 40_000).unwrap_or(0)),
        clients: Sketch(n),
        last: day
            .start()
            .plus_secs(i64::try_from(40_000 + n % 40_000).unwrap_or(0)),
    };
    Batch {
        digest: (0..).zip(hosts).map(row).collect(),
        ..Batch::default()
    }
}

fn service_hosts(hosts: &[Arc<str>]) -> Batch {
    let mut rows: Vec<HostRow> = (0..)
        .zip(hosts.iter().step_by(5))
        .map(|(n, host)| HostRow {
            day: TODAY,
            service: service(n),
            host: Arc::clone(host),
            role: Role::ALL[n as usize / 7 % 3],
            events: n % 50 + 1,
        })
        .collect();
    rows.sort_unstable();
    Batch {
        hosts: rows,
        ..Batch::default()
    }
}

fn service(n: u64) -> Arc<str> {
    format!("vendor{}.product{}", n % SERVICES, n % SERVICES / 3).into()
}

/// The words of sightings. The pipeline shares them between rows too.
struct Words {
    services: Vec<Arc<str>>,
    /// Address and name.
    users: Vec<(Arc<str>, Arc<str>)>,
    segment: Arc<str>,
    source: Arc<str>,
}

impl Words {
    fn new() -> Self {
        let user = |n: u64| {
            let address = format!("10.{}.{}.{}", 20 + n / 2_000, n / 200 % 250, n % 200);
            (address.into(), format!("first.lastname{n}").into())
        };
        Self {
            services: (0..SERVICES).map(service).collect(),
            users: (0..USERS).map(user).collect(),
            segment: "".into(),
            source: "access.log".into(),
        }
    }
}

/// Tallies of two hours: most users use few services, some services are used by nearly all.
fn sightings(random: &mut Chance, words: &Words, hour: Hour, rows: usize) -> Batch {
    let mut sightings: Vec<Sighting> = (0..rows)
        .map(|_| {
            let popular = random.below(SERVICES).min(random.below(SERVICES));
            let (client, user) = &words.users[random.below(USERS) as usize];
            let key = SightingKey {
                hour: Hour(hour.0 + i32::from(random.below(3) == 0)),
                service: words.services[popular as usize].clone(),
                role: Role::ALL[random.below(3) as usize],
                tier: Tier::Unknown,
                channel: Channel::Unknown,
                kind: Kind::Proxy,
                outcome: if random.below(20) == 0 {
                    Outcome::Blocked
                } else {
                    Outcome::Allowed
                },
                client: client.clone(),
                user: user.clone(),
                segment: words.segment.clone(),
                source: words.source.clone(),
            };
            let millis = random.below(3_600_000).cast_signed();
            let time = Time::from_micros(key.hour.start().micros() + 1_000 * millis);
            let tally = Tally {
                events: 1 + random.below(30),
                bytes_up: random.below(100_000),
                bytes_down: random.below(10_000_000),
                ..Tally::of(time, Grade::Exchanged)
            };
            Sighting { key, tally }
        })
        .collect();
    sightings.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    sightings.dedup_by(|a, b| a.key == b.key);
    Batch {
        sightings,
        ..Batch::default()
    }
}

/// A second of a followed log.
fn trickle(random: &mut Chance, words: &Words, hosts: &[Arc<str>]) -> Batch {
    let mut seen: Vec<Arc<str>> = (0..200)
        .filter_map(|_| {
            let end = 1 << (1 + random.below(16));
            hosts.get(random.below(end) as usize).cloned()
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    Batch {
        sightings: sightings(random, words, Hour(TODAY.0 * 24 + 9), 20).sightings,
        ..digest(&seen, TODAY)
    }
}

/// How long this thread has been on a core.
fn cpu_time() -> Duration {
    core_time::of(rustix::time::ClockId::ThreadCPUTime)
}

fn memory_kb(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|text| {
            text.strip_prefix(line)?
                .trim()
                .strip_suffix(" kB")?
                .parse()
                .ok()
        })
        .unwrap_or(0)
}
