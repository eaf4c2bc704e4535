//! `kill -9` at random points while a backlog is read and logs are rotated: every table equals that of one clean run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::chance::Chance;
use crate::log::{Lines, gzip};
use crate::service::{Service, assert_same, gnomon, tables};
use crate::size::quick_or_whole;

/// The longest life of a scan that is killed. Killed at any moment of the time that the whole takes, most would die
/// close to its end, and three hundred deaths would take that time a hundred and fifty times.
const LIFE_MS: u64 = 3_000;
/// The most lines that a file holds before it is rotated.
const LINES_PER_FILE: u64 = 50_000;

#[test]
fn a_service_killed_at_random_points_counts_every_line_once() {
    let (kills, lines) = quick_or_whole((10_u64, 100_000_u64), (300, 3_000_000));
    let mut chance = Chance::seeded(300);
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("log/access.log");
    fs::create_dir(root.path().join("log")).unwrap();
    let text = Lines::new();
    let backlog = lines / 3;
    write_and_rotate(text, &log, 0..backlog, &mut chance.fork(1), || {});
    let mut service = Service::new(&root.path().join("killed"), &log);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let mut of_writer = chance.fork(2);
        let (log, is_over) = (&log, &is_over);
        scope.spawn(move || {
            // Spread over the time of the kills.
            let bursts = (lines - backlog) / 1_000;
            let pause = Duration::from_millis(kills * 900 / bursts.max(1));
            write_and_rotate(text, log, backlog..lines, &mut of_writer, || {
                if !is_over.load(Ordering::Relaxed) {
                    thread::sleep(pause);
                }
            });
        });
        for _ in 0..kills {
            service.start();
            thread::sleep(Duration::from_millis(
                chance.below(quick_or_whole(2_500, 1_500)),
            ));
            service.kill();
        }
        is_over.store(true, Ordering::Relaxed);
    });
    service.start();
    service.wait_for(lines);
    assert!(service.stop().success());
    service.assert_as_undisturbed(&root.path().join("clean"), &log, lines);
    println!("run: {kills} kills, {lines} lines, every table as in a clean run");
}

/// Writes a log in bursts and rotates it now and then: renamed, renamed and packed, or copied and truncated.
pub(crate) fn write_and_rotate(
    text: Lines,
    log: &Path,
    lines: std::ops::Range<u64>,
    chance: &mut Chance,
    mut pause: impl FnMut(),
) {
    let mut in_file = 0;
    for from in lines.clone().step_by(1_000) {
        let to = (from + 1_000).min(lines.end);
        text.append(log, from..to);
        in_file += to - from;
        pause();
        if in_file < LINES_PER_FILE / 2 + chance.below(LINES_PER_FILE / 2) {
            continue;
        }
        in_file = 0;
        let rotated = PathBuf::from(format!("{}-{}", log.display(), 20_000_000 + to / 1_000));
        match chance.below(3) {
            0 => fs::rename(log, &rotated).unwrap(),
            1 => {
                fs::rename(log, &rotated).unwrap();
                gzip(&rotated);
            }
            _ => {
                fs::copy(log, &rotated).unwrap();
                fs::File::options()
                    .write(true)
                    .open(log)
                    .unwrap()
                    .set_len(0)
                    .unwrap();
            }
        }
    }
}

#[test]
fn a_scan_killed_at_random_points_and_asked_again_counts_every_line_once() {
    let (kills, lines) = quick_or_whole((10_u64, 100_000_u64), (300, 3_000_000));
    let mut chance = Chance::seeded(301);
    let root = tempfile::tempdir().unwrap();
    let logs = root.path().join("log");
    fs::create_dir(&logs).unwrap();
    let text = Lines::new();
    let files = 6;
    for file in 0..files {
        let path = logs.join(format!("proxy{file}x.log"));
        text.append(&path, lines * file / files..lines * (file + 1) / files);
        if file % 2 == 1 {
            gzip(&path);
        }
    }
    let clean = root.path().join("clean.db");
    let begun = std::time::Instant::now();
    assert!(scan(&logs, &clean).wait().unwrap().success());
    let takes = u64::try_from(begun.elapsed().as_millis()).unwrap();
    let clean = tables(&clean);
    let (mut killed, mut rounds) = (0, 0);
    while killed < kills {
        rounds += 1;
        let store = root.path().join(format!("killed{rounds}.db"));
        loop {
            let mut running = scan(&logs, &store);
            if killed < kills {
                thread::sleep(Duration::from_millis(chance.below(takes.min(LIFE_MS))));
                if running.try_wait().unwrap().is_none() {
                    running.kill().unwrap();
                    running.wait().unwrap();
                    killed += 1;
                    continue;
                }
            }
            if running.wait().unwrap().success() {
                break;
            }
            // Killed after everything was committed and before it could say so: there is nothing left to read.
            let said = std::io::read_to_string(running.stderr.take().unwrap()).unwrap();
            assert!(said.contains("would be counted twice"), "{said}");
            break;
        }
        assert_same(&tables(&store), &clean);
    }
    println!(
        "scan: {killed} kills in {rounds} rounds, {lines} lines, every table as in a clean run, {} s",
        begun.elapsed().as_secs()
    );
}

fn scan(logs: &Path, store: &Path) -> std::process::Child {
    gnomon()
        .args(["scan", "--quiet", "--store"])
        .arg(store)
        .arg(logs)
        .env("XDG_CONFIG_HOME", logs)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}
