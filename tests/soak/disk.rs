//! A disk that is full again and again, a database that somebody else holds, bytes that change by themselves.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::chance::Chance;
use crate::log::Lines;
use crate::service::{Service, assert_same, totals, until};
use crate::size::quick_or_whole;
use crate::volume::Volume;

/// From room to the last line that had to wait for it.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_disk_that_fills_again_and_again_loses_nothing() {
    let Some(volume) = Volume::tmpfs(24 << 20) else {
        return;
    };
    // With a floor, and with none: then it is SQLite that finds no room.
    for floor in [6, 0] {
        let state = volume.path().join(format!("floor{floor}"));
        fill_and_free(&state, &format!("min_free_mb = {floor}\n"));
    }
}

fn fill_and_free(state: &Path, more: &str) {
    let cycles = quick_or_whole(4, 50);
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("access.log");
    let text = Lines::new();
    fs::create_dir(state).unwrap();
    let mut service = Service::with(root.path(), &log, &state.join("gnomon.db"), more);
    let ballast = state.join("ballast");
    let mut written = 0;
    let mut append = |lines: u64| {
        text.append(&log, written..written + lines);
        written += lines;
        written
    };
    let first = append(500);
    service.start();
    service.wait_for(first);
    let mut waited = 0;
    for _ in 0..cycles {
        fill(&ballast);
        let goal = append(2_000);
        // What fits into a log of writes that is there already is committed all the same.
        let waits = until("a wait for room", || {
            assert!(service.ended().is_none(), "{}", service.said());
            let said = service.said();
            let waits =
                said.matches("waiting for room").count() + said.matches("reading waits").count();
            (waits > waited || service.records() >= goal).then_some(waits)
        });
        waited = waits;
        fs::remove_file(&ballast).unwrap();
        let freed = Instant::now();
        service.wait_for(goal);
        assert!(
            freed.elapsed() < SOON,
            "{:?} after there was room",
            freed.elapsed()
        );
    }
    assert!(waited > 0, "the disk was never full\n{}", service.said());
    assert!(service.stop().success());
    service.assert_as_undisturbed(&root.path().join("clean"), &log, written);
    println!(
        "{cycles} times full ({}), {waited} waits, {written} lines",
        more.trim()
    );
    fs::remove_dir_all(state).unwrap();
}

/// Takes all room there is.
fn fill(ballast: &Path) {
    let mut file = File::create(ballast).unwrap();
    let block = vec![1; 64 << 10];
    while let Ok(1..) = file.write(&block) {}
}

#[test]
fn a_database_that_another_program_holds_costs_time_and_nothing_else() {
    let held = Duration::from_secs(quick_or_whole(12, 60));
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("access.log");
    let text = Lines::new();
    text.append(&log, 0..500);
    let mut service = Service::new(root.path(), &log);
    service.start();
    service.wait_for(500);
    let other = rusqlite::Connection::open(service.store()).unwrap();
    other.busy_timeout(Duration::from_secs(10)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let lines = quick_or_whole(30_000, 300_000);
    text.append(&log, 500..lines);
    thread::sleep(held);
    // On a busy machine it comes late to the lock.
    until("a word of the lock", || {
        service
            .said_now()
            .contains("the store is busy")
            .then_some(())
    });
    assert_eq!(service.ended(), None, "{}", service.said());
    assert!(service.records() < lines);
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    service.wait_for(lines);
    assert!(service.stop().success());
    service.assert_as_undisturbed(&root.path().join("clean"), &log, lines);
    println!("held for {held:?}, {lines} lines");
}

const LINES: u64 = 3_000;
/// From start to the first look at the logs, restarts by the supervisor included.
const START: Duration = Duration::from_secs(5);

/// How a store with a changed byte came out.
#[derive(Default)]
struct Flips {
    harmless: AtomicU64,
    restored: AtomicU64,
    told: AtomicU64,
}

#[test]
fn a_flipped_byte_is_never_a_panic_and_never_a_silently_wrong_total() {
    let flips = quick_or_whole(12, 300);
    let chance = Chance::seeded(8);
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("access.log");
    Lines::new().append(&log, 0..LINES);
    let original = root.path().join("original");
    let mut service = Service::new(&original, &log);
    service.start();
    service.wait_for(LINES / 2);
    let state = original.join("state");
    until("a copy of the day", || {
        state.join("gnomon.db.backup").exists().then_some(())
    });
    service.wait_for(LINES);
    // Killed, so that there is a write-ahead log; and the same store ended in peace, with everything in the file.
    service.kill();
    let in_peace = root.path().join("in peace");
    copy_state(&state, &in_peace);
    SqliteStore::open(&in_peace.join("gnomon.db"))
        .unwrap()
        .end()
        .unwrap();
    let mut clean = Service::new(&root.path().join("clean"), &log);
    clean.start();
    clean.wait_for(LINES);
    assert!(clean.stop().success());
    let clean = totals(clean.store());
    let came_out = Flips::default();
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= flips {
                        return;
                    }
                    let directory = root.path().join(format!("flip{number}"));
                    let from = if number.is_multiple_of(2) {
                        &in_peace
                    } else {
                        &state
                    };
                    copy_state(from, &directory.join("state"));
                    let what = flip(&directory.join("state"), number, &mut chance.fork(number));
                    let mut service = Service::new(&directory, &log);
                    start(&mut service, &what);
                    judge(&mut service, &what, &clean, &came_out);
                    fs::remove_dir_all(directory).unwrap();
                }
            });
        }
    });
    println!(
        "{flips} flips: {} harmless, {} stores restored, {} told of",
        came_out.harmless.into_inner(),
        came_out.restored.into_inner(),
        came_out.told.into_inner()
    );
}

fn copy_state(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Changes one byte of the database, of its write-ahead log, or of a position in either; says which.
fn flip(state: &Path, number: u64, chance: &mut Chance) -> String {
    let name = ["gnomon.db", "gnomon.db-wal"][usize::from(number % 2 == 1)];
    let path = state.join(name);
    let mut file = File::options().read(true).write(true).open(&path).unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    if bytes.is_empty() {
        return format!("nothing, {name} is empty");
    }
    let length = u64::try_from(bytes.len()).unwrap();
    let position = bytes
        .windows(9)
        .rposition(|window| window == b"\"offset\":");
    let at = match position {
        Some(found) if number.is_multiple_of(5) => {
            u64::try_from(found).unwrap() + 9 + chance.below(4)
        }
        _ => chance.below(length),
    };
    let changed = bytes[usize::try_from(at).unwrap()] ^ (1 << chance.below(8));
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[changed]).unwrap();
    format!("byte {at} of {name}")
}

/// Starts it as a supervisor does, again after an end with 74.
fn start(service: &mut Service, what: &str) {
    let begun = Instant::now();
    service.start();
    until("a start", || {
        if let Some(ended) = service.ended() {
            assert_eq!(ended.code(), Some(74), "{what}: {}", service.said());
            service.start();
        }
        service.said_now().contains("following").then_some(())
    });
    assert!(
        begun.elapsed() < quick_or_whole(6, 1) * START,
        "{what}: started after {:?}",
        begun.elapsed()
    );
}

fn judge(
    service: &mut Service,
    what: &str,
    clean: &std::collections::BTreeMap<&'static str, Vec<String>>,
    came_out: &Flips,
) {
    let begun = Instant::now();
    until("an answer", || {
        if let Some(ended) = service.ended() {
            assert_eq!(ended.code(), Some(74), "{what}: {}", service.said());
            service.start();
        }
        let is_read = service.records() >= LINES && service.said_now().contains("following");
        (is_read && begun.elapsed() > Duration::from_millis(1_500) || begun.elapsed() > 4 * START)
            .then_some(())
    });
    let ended = service.stop();
    assert!(
        ended.success() || ended.code() == Some(74),
        "{what}: {ended} {}",
        service.said()
    );
    let said = service.said();
    assert!(!said.contains("panicked"), "{what}: {said}");
    if said.contains("It is set aside") {
        came_out.restored.fetch_add(1, Ordering::Relaxed);
    } else if said.contains("ERROR") {
        // It goes on with what it has, and people know that it does not add up.
        came_out.told.fetch_add(1, Ordering::Relaxed);
        return;
    } else {
        came_out.harmless.fetch_add(1, Ordering::Relaxed);
    }
    let sound = SqliteStore::open_read_only(service.store()).and_then(|store| store.check());
    assert_eq!(sound.unwrap(), Vec::<String>::new(), "{what}: {said}");
    assert_same(&totals(service.store()), clean);
}
