//! Logs on a file system that fails: on a server that goes away and comes back, and on one that is full.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::chance::Chance;
use crate::log::{Lines, gzip};
use crate::server::{INPUT_OUTPUT, STALE, Server};
use crate::service::{Service, assert_same, tables, totals};
use crate::size::quick_or_whole;
use crate::volume::Volume;

#[test]
fn logs_on_a_server_that_goes_away_are_read_when_it_is_back() {
    let Some(server) = Server::mounted() else {
        return;
    };
    let mut chance = Chance::seeded(33);
    let outages = quick_or_whole(6, 120);
    let root = tempfile::tempdir().unwrap();
    let seen = server.path().join("access.log");
    let log = server.directory().join("access.log");
    let text = Lines::new();
    let mut written = 0;
    let mut append = |lines: u64| {
        text.append(&log, written..written + lines);
        written += lines;
        written
    };
    append(500);
    let mut service = Service::new(&root.path().join("tried"), &seen);
    service.start();
    let mut killed = 0;
    for outage in 0..outages {
        append(1 + chance.below(3_000));
        thread::sleep(Duration::from_millis(chance.below(60)));
        server.goes_away([STALE, INPUT_OUTPUT][usize::try_from(chance.below(2)).unwrap()]);
        append(1 + chance.below(300));
        let rotated = server
            .directory()
            .join(format!("access.log-{}", 20_260_000 + outage));
        match chance.below(5) {
            0 => fs::rename(&log, &rotated).unwrap(),
            1 => {
                fs::rename(&log, &rotated).unwrap();
                gzip(&rotated);
            }
            2 => {
                fs::copy(&log, &rotated).unwrap();
                let live = File::options().write(true).open(&log).unwrap();
                live.set_len(0).unwrap();
            }
            _ => {}
        }
        thread::sleep(Duration::from_millis(40 + chance.below(150)));
        if chance.below(4) == 0 {
            service.kill();
            service.start();
            killed += 1;
            thread::sleep(Duration::from_millis(300));
        }
        assert_eq!(service.ended(), None, "{}", service.said());
        let all = append(1 + chance.below(300));
        server.comes_back();
        if chance.below(2) == 0 {
            service.wait_for(all);
        }
    }
    let all = append(1);
    service.wait_for(all);
    assert!(service.stop().success());
    let mut clean = Service::new(&root.path().join("clean"), &seen);
    clean.start();
    clean.wait_for(all);
    assert!(clean.stop().success());
    let mut sums = totals(service.store());
    // The directory itself is a source that was told of.
    let nothing = "(0, 0, 0, 0)";
    sums.get_mut("records")
        .unwrap()
        .retain(|row| row != nothing);
    assert_same(&sums, &totals(clean.store()));
    let (mut found, clean) = (tables(service.store()), tables(clean.store()));
    let told = service.said() + &found["coverage"].join("");
    assert!(told.contains("cannot be"), "nothing was said: {told}");
    // What it says of the outages is no difference.
    found.insert("coverage", clean["coverage"].clone());
    assert_same(&found, &clean);
    println!("{outages} outages, {killed} kills, {all} lines, every table as in a clean run");
}

#[test]
fn a_log_whose_own_disk_is_full_is_read_as_far_as_it_could_be_written() {
    let Some(volume) = Volume::tmpfs(1 << 20) else {
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let log = volume.path().join("access.log");
    let ballast = File::create(volume.path().join("ballast")).unwrap();
    let turns = quick_or_whole(4, 50);
    let room = 8 << 10;
    ballast.write_all_at(&vec![1; turns * room], 0).unwrap();
    let text = Lines::new();
    let mut service = Service::new(root.path(), &log);
    service.start();
    let mut file = File::create(&log).unwrap();
    let (mut number, mut refused) = (0, 0);
    for turn in 1..=turns {
        // Like a daemon: what does not fit is lost, a half of a line stays, and the next one follows on it.
        while refused < 3 * turn {
            let mut line = Vec::new();
            text.write(number, &mut line);
            number += 1;
            refused += usize::from(file.write_all(&line).is_err());
        }
        service.wait_for(lines(&log));
        let rest = u64::try_from((turns - turn) * room).unwrap();
        ballast.set_len(rest).unwrap();
    }
    fs::rename(&log, volume.path().join("access.log.1")).unwrap();
    text.append(&log, number..number + 10);
    let there = lines(&log) + lines(&volume.path().join("access.log.1"));
    service.wait_for(there);
    assert!(service.stop().success());
    let store = SqliteStore::open_read_only(service.store()).unwrap();
    let coverage = store.coverage().unwrap();
    let read: u64 = coverage.iter().map(|one| one.read).sum();
    println!("{turns} times full, {refused} writes refused, {read} lines read");
    assert_eq!(read, there);
    assert!(!service.said().contains("WARN"), "{}", service.said());
}

/// Whole lines in a file.
fn lines(path: &Path) -> u64 {
    let bytes = fs::read(path).unwrap_or_default();
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
