//! `gnomon scan --store` over a directory in which logs are rotated, killed and begun again: every table equals that of
//! one scan that nobody disturbed, when all is quiet.
//!
//! What a scan reads is counted under the name that a file had when it was begun, and rotation changes names; so what is
//! compared is put together by log.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use gnomon::model::{Coverage, SightingKey, Tally};
use gnomon::store::sqlite::SqliteStore;
use gnomon::store::{Filter, Store as _};

use crate::chance::Chance;
use crate::kills::write_and_rotate;
use crate::log::Lines;
use crate::service::{assert_same, gnomon, tables};
use crate::size::quick_or_whole;

/// The longest life of a scan, a little longer than it takes to commit something.
const LIFE_MS: u64 = 3_000;
/// How often a scan that is not killed is asked for until it has nothing more to read.
const ASKED: usize = 5;

#[test]
fn a_scan_killed_and_begun_again_while_logs_are_rotated_counts_every_line_once() {
    let (kills, lines) = quick_or_whole((6_u64, 30_000_u64), (300, 3_000_000));
    let rounds = quick_or_whole(1, 10);
    let mut chance = Chance::seeded(302);
    let root = tempfile::tempdir().unwrap();
    let logs = root.path().join("log");
    fs::create_dir(&logs).unwrap();
    let log = logs.join("access.log");
    let text = Lines::new();
    let mut written = lines / 2;
    write_and_rotate(text, &log, 0..written, &mut chance.fork(1), || {});
    let begun = Instant::now();
    let (mut killed, mut ended) = (0, 0);
    let mut longest = Duration::from_millis(LIFE_MS);
    for round in 1..=rounds {
        let store = root.path().join(format!("killed{round}.db"));
        let until = if round == rounds {
            lines
        } else {
            written + (lines - lines / 2) / rounds
        };
        let quota = kills * round / rounds;
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let mut of_writer = chance.fork(10 + round);
            let (log, is_over) = (&log, &is_over);
            let (from, round_kills) = (written, quota - killed);
            scope.spawn(move || {
                // Spread over the time of the kills.
                let bursts = (until - from) / 1_000;
                let pause = Duration::from_millis(round_kills * 800 / bursts.max(1));
                write_and_rotate(text, log, from..until, &mut of_writer, || {
                    if !is_over.load(Ordering::Relaxed) {
                        thread::sleep(pause);
                    }
                });
            });
            while killed < quota {
                let longest_ms = u64::try_from(longest.as_millis()).unwrap();
                let life = Duration::from_millis(chance.below(longest_ms));
                // Most are to die at work, and some after they have committed something.
                longest = match killed_after(scan(&logs, &store), life) {
                    None => {
                        killed += 1;
                        (longest * 3 / 2).min(Duration::from_millis(LIFE_MS))
                    }
                    Some(took) => {
                        ended += 1;
                        took
                    }
                };
            }
            is_over.store(true, Ordering::Relaxed);
        });
        written = until;
        scan_to_the_end(&logs, &store);
        let clean = root.path().join(format!("clean{round}.db"));
        assert!(scan(&logs, &clean).wait().unwrap().success());
        let (found, clean) = (by_log(&store), by_log(&clean));
        let read: u64 = coverage(&store).values().map(|one| one.read).sum();
        assert_eq!(read, written, "round {round}");
        assert_same(&found, &clean);
    }
    println!(
        "scan under rotation: {killed} kills and {ended} whole scans in {rounds} rounds, {written} lines, every table as in a clean run, {} s",
        begun.elapsed().as_secs()
    );
}

/// Kills a scan after this long; how long it took if it ended before.
fn killed_after(mut running: Child, life: Duration) -> Option<Duration> {
    let begun = Instant::now();
    while begun.elapsed() < life {
        if running.try_wait().unwrap().is_some() {
            return Some(begun.elapsed());
        }
        thread::sleep(Duration::from_millis(5));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    None
}

/// Asks until there is nothing more to read.
fn scan_to_the_end(logs: &Path, store: &Path) {
    for _ in 0..ASKED {
        let mut running = scan(logs, store);
        let is_fine = running.wait().unwrap().success();
        let said = std::io::read_to_string(running.stderr.take().unwrap()).unwrap();
        if !is_fine {
            assert!(said.contains("would be counted twice"), "{said}");
            return;
        }
    }
    panic!("there is always more to read");
}

fn scan(logs: &Path, store: &Path) -> Child {
    gnomon()
        .args(["scan", "--quiet", "--store"])
        .arg(store)
        .arg(logs)
        .env("XDG_CONFIG_HOME", logs.parent().unwrap())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The log that a file belongs to.
fn log_of(source: &str) -> &str {
    let at = source.find("access.log").unwrap() + "access.log".len();
    source.get(..at).unwrap()
}

fn coverage(store: &Path) -> BTreeMap<String, Coverage> {
    let mut by_log: BTreeMap<String, Coverage> = BTreeMap::new();
    for mut one in SqliteStore::open_read_only(store)
        .unwrap()
        .coverage()
        .unwrap()
    {
        one.source = log_of(&one.source).to_owned();
        // What is said of a file while it is rotated is not what was read.
        one.notes.clear();
        if one.read == 0 {
            continue;
        }
        match by_log.get_mut(&one.source) {
            Some(all) => all.merge_beside(one),
            None => {
                by_log.insert(one.source.clone(), one);
            }
        }
    }
    by_log
}

/// The tables of a store, with the files of a log as one source.
fn by_log(path: &Path) -> BTreeMap<&'static str, Vec<String>> {
    let mut tables = tables(path);
    let store = SqliteStore::open_read_only(path).unwrap();
    let mut sightings: BTreeMap<SightingKey, Tally> = BTreeMap::new();
    store
        .sightings(&Filter::default(), &mut |one| {
            let source = log_of(&one.key.source).into();
            let key = SightingKey {
                source,
                ..one.key.clone()
            };
            match sightings.get_mut(&key) {
                Some(all) => all.merge(&one.tally),
                None => {
                    sightings.insert(key, one.tally);
                }
            }
        })
        .unwrap();
    tables.insert(
        "sightings",
        sightings.iter().map(|row| format!("{row:?}")).collect(),
    );
    let coverage = coverage(path);
    tables.insert(
        "coverage",
        coverage.values().map(|row| format!("{row:?}")).collect(),
    );
    tables
}
