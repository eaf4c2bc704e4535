//! Rotation at every moment of a round, not only between two: another thread rotates while the follower looks.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::thread;

use crate::sources::stand::Stand;

const ROTATIONS: usize = 300;

/// Appends a few numbered lines.
fn append(log: &Path, turn: usize) {
    let mut file = fs::File::options()
        .create(true)
        .append(true)
        .open(log)
        .unwrap();
    for n in 0..4 {
        writeln!(file, "{turn}.{n} a line of no interest").unwrap();
    }
}

/// Runs the rotations in a thread of their own, polls until they are over, and expects every line once.
fn expect_all_under(rotate: impl Fn(&Path, usize) + Sync) {
    let mut stand = Stand::new();
    // What is decided by waiting is not decided by a thread that pauses in the middle of a copy.
    stand.settle_secs(3_600);
    let log = stand.path("access.log");
    thread::scope(|scope| {
        let rotating = scope.spawn(|| {
            for turn in 0..ROTATIONS {
                append(&log, turn);
                rotate(&log, turn);
            }
        });
        while !rotating.is_finished() {
            stand.poll(1);
        }
    });
    for turn in 0..ROTATIONS {
        for n in 0..4 {
            stand.wrote(&format!("{turn}.{n} a line of no interest"));
        }
    }
    stand.expect_all();
    // The first look may come before the first line, and a renamed log is missing until its writer makes it anew.
    let expected = |trouble: &String| trouble.ends_with("it is read as soon as it is there");
    assert!(stand.troubles.iter().all(expected), "{:?}", stand.troubles);
}

fn rotated(log: &Path, turn: usize, ending: &str) -> std::path::PathBuf {
    let name = log.file_name().unwrap().to_str().unwrap();
    log.with_file_name(format!("{name}-{}{ending}", 20_260_000 + turn))
}

fn pack(from: &Path, to: &Path) {
    let file = fs::File::create(to).unwrap();
    let mut writer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    writer.write_all(&fs::read(from).unwrap()).unwrap();
    writer.finish().unwrap();
    fs::remove_file(from).unwrap();
}

fn copy_and_truncate(log: &Path, to: &Path) {
    fs::copy(log, to).unwrap();
    let live = fs::File::options().write(true).open(log).unwrap();
    live.set_len(0).unwrap();
}

#[test]
fn copied_and_truncated_under_the_eye() {
    expect_all_under(|log, turn| copy_and_truncate(log, &rotated(log, turn, "")));
}

#[test]
fn copied_truncated_and_packed_one_later_under_the_eye() {
    expect_all_under(|log, turn| {
        if let Some(before) = turn.checked_sub(1) {
            pack(&rotated(log, before, ""), &rotated(log, before, ".gz"));
        }
        copy_and_truncate(log, &rotated(log, turn, ""));
    });
}

#[test]
fn renamed_and_packed_at_once_under_the_eye() {
    expect_all_under(|log, turn| {
        let plain = rotated(log, turn, "");
        fs::rename(log, &plain).unwrap();
        pack(&plain, &rotated(log, turn, ".gz"));
    });
}
