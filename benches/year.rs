//! A year of a company, and how long its answers take: `cargo bench --bench year [-- FILE [USERS]]`.
//!
//! Fills a store with 365 days of 5,000 users (a file that is there already is only read), then reads the sightings,
//! builds the report and writes it. The file is kept for trying the commands on it: `gnomon report --store FILE`.
//! Measured is the time of this thread on a core.

#![expect(clippy::print_stdout, reason = "a table for people")]

mod core_time;

#[allow(dead_code, reason = "ranks are for generated logs")]
#[path = "generate/chance.rs"]
mod chance;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gnomon::catalogue::Catalogue;
use gnomon::govern::{DutyModel, Settings};
use gnomon::model::{
    Batch, Channel, Consequences, Coverage, Day, Grade, HostRow, Hour, Kind, Outcome, Role,
    Sighting, SightingKey, Tally, Tier, Time,
};
use gnomon::reports::{Ask, Edition, build, renderer};
use gnomon::store::sqlite::SqliteStore;
use gnomon::store::{Filter, Store as _};

use chance::Chance;

const FIRST: Day = Day(20_454);
const DAYS: i32 = 365;
/// How many of all services the company meets.
const SERVICES: usize = 250;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let path = arguments.next().map_or_else(
        || std::env::temp_dir().join("gnomon-year.db"),
        PathBuf::from,
    );
    let users = arguments
        .next()
        .and_then(|users| users.parse().ok())
        .unwrap_or(5_000);
    let catalogue = Catalogue::embedded().expect("the embedded catalogue");
    if !path.exists() {
        let start = cpu_time();
        fill(&path, &catalogue, users);
        told("filling the store", start);
    }
    println!(
        "{}: {} MB",
        path.display(),
        std::fs::metadata(&path).map_or(0, |found| found.len() >> 20)
    );
    let store = SqliteStore::open_read_only(&path).expect("a store");
    let duties = DutyModel::embedded().expect("the embedded duties");
    for _ in 0..3 {
        let start = cpu_time();
        let mut rows = 0_u64;
        store
            .sightings(&Filter::default(), &mut |_| rows += 1)
            .expect("sightings");
        told(&format!("reading {rows} sightings"), start);

        let start = cpu_time();
        let hosts = store.hosts(&Filter::default()).expect("hosts");
        told(&format!("reading {} hosts", hosts.len()), start);

        let start = cpu_time();
        let report = build(&Ask {
            store: &store,
            catalogue: &catalogue,
            duties: &duties,
            settings: &Settings::default(),
            zone: &jiff::tz::TimeZone::UTC,
            from: None,
            until: None,
            as_of: Some(FIRST.plus(DAYS).start()),
        })
        .expect("a report");
        told(
            &format!("the report on {} applications", report.applications.len()),
            start,
        );
        for name in ["json", "html"] {
            let start = cpu_time();
            let mut out = Vec::new();
            let renderer = renderer(name).expect("a renderer");
            (renderer.write)(&report, Edition::Soc, &mut out).expect("memory takes all");
            told(&format!("writing {} KB of {name}", out.len() >> 10), start);
        }
    }
}

fn told(what: &str, start: Duration) {
    println!(
        "{:>8.1} ms  {what}",
        (cpu_time() - start).as_secs_f64() * 1e3
    );
}

/// Every working day two fifths of the users turn up, each in one or two departments' favourite services.
fn fill(path: &std::path::Path, catalogue: &Catalogue, users: u64) {
    let store = SqliteStore::open(path).expect("a store");
    let mut random = Chance::new(11);
    let step = (catalogue.services().len() / SERVICES).max(1);
    let services: Vec<Arc<str>> = catalogue
        .services()
        .iter()
        .step_by(step)
        .map(|service| Arc::clone(&service.id))
        .collect();
    for n in 0..DAYS {
        let day = FIRST.plus(n);
        let batch = batch(&mut random, &services, users, day);
        store
            .commit(&batch, day.plus(1).start(), &mut |_| {
                Consequences::default()
            })
            .expect("a commit");
    }
}

fn batch(random: &mut Chance, services: &[Arc<str>], users: u64, day: Day) -> Batch {
    let source: Arc<str> = "/var/log/squid/access.log".into();
    let is_weekend = day.0.rem_euclid(7) >= 5;
    let present = if is_weekend {
        users / 50
    } else {
        users * 2 / 5
    };
    let mut sightings: BTreeMap<SightingKey, Tally> = BTreeMap::new();
    let mut hosts: BTreeMap<(Arc<str>, Arc<str>, Role), u64> = BTreeMap::new();
    for _ in 0..present {
        let user = random.below(users);
        for _ in 0..1 + random.below(3) {
            let most = services.len() as u64;
            let pick = random
                .below(most)
                .min(random.below(most))
                .min(random.below(most));
            let service = &services[pick as usize];
            for _ in 0..1 + random.below(4) {
                let hour = Hour(day.0 * 24 + 7 + random.below(12) as i32);
                for role in [Role::Ui, Role::Api, Role::Cdn] {
                    if role != Role::Ui && random.below(2) == 0 {
                        continue;
                    }
                    let key = SightingKey {
                        hour,
                        service: Arc::clone(service),
                        role,
                        tier: Tier::ALL[random.below(20).min(2) as usize],
                        channel: Channel::Browser,
                        kind: Kind::Proxy,
                        outcome: if random.below(30) == 0 {
                            Outcome::Blocked
                        } else {
                            Outcome::Allowed
                        },
                        client: format!(
                            "10.{}.{}.{}",
                            20 + user / 2_000,
                            user / 200 % 250,
                            user % 200
                        )
                        .into(),
                        user: format!("first.lastname{user}").into(),
                        segment: ["engineering", "sales", "finance", "hr"][user as usize % 4]
                            .into(),
                        source: Arc::clone(&source),
                    };
                    let host: Arc<str> =
                        format!("{role}{}.{service}.example", random.below(3)).into();
                    *hosts.entry((Arc::clone(service), host, role)).or_default() += 1;
                    let time = Time::from_micros(
                        hour.start().micros() + 1_000 * random.below(3_600_000).cast_signed(),
                    );
                    let tally = Tally {
                        events: 1 + random.below(40),
                        prompts: random.below(9),
                        bytes_up: random.below(200_000),
                        bytes_down: random.below(20_000_000),
                        ..Tally::of(time, Grade::Exchanged)
                    };
                    sightings
                        .entry(key)
                        .and_modify(|there| there.merge(&tally))
                        .or_insert(tally);
                }
            }
        }
    }
    let events = sightings.values().map(|tally| tally.events).sum();
    Batch {
        coverage: vec![Coverage {
            source: source.to_string(),
            format: "squid".to_owned(),
            read: events,
            events,
            first: Some(day.start()),
            last: Some(day.plus(1).start()),
            ..Coverage::default()
        }],
        sightings: sightings
            .into_iter()
            .map(|(key, tally)| Sighting { key, tally })
            .collect(),
        hosts: hosts
            .into_iter()
            .map(|((service, host, role), events)| HostRow {
                day,
                service,
                host,
                role,
                events,
            })
            .collect(),
        ..Batch::default()
    }
}

/// How long this thread has been on a core.
fn cpu_time() -> Duration {
    core_time::of(rustix::time::ClockId::ThreadCPUTime)
}
