//! A line without end, from a pipe and in a followed file: bounded memory, and the lines around it are read.

use std::fs::File;
use std::io::Write;

use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::log::Lines;
use crate::service::{Service, peak_memory_kib, scan_of_stdin};
use crate::size::quick_or_whole;

/// What the whole may take, in KiB.
const MEMORY_KIB: u64 = 100 << 10;
const AROUND: u64 = 200;

#[test]
fn a_line_without_end_in_a_pipe_costs_bounded_memory() {
    let root = tempfile::tempdir().unwrap();
    let store = root.path().join("endless.db");
    let mut scan = scan_of_stdin(root.path(), &store);
    let peak = peak_memory_kib(scan.id());
    let mut pipe = scan.stdin.take().unwrap();
    write(&mut pipe);
    drop(pipe);
    let ended = scan.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    let peak = peak.join().unwrap();
    println!(
        "scan: {} MiB in one line, {} MiB of memory",
        mebibytes(),
        peak >> 10
    );
    assert!(peak <= MEMORY_KIB, "{} MiB of memory", peak >> 10);
    assert_read(&store);
}

#[test]
fn a_line_without_end_in_a_followed_log_costs_bounded_memory() {
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("access.log");
    let mut file = File::create(&log).unwrap();
    let mut service = Service::new(root.path(), &log);
    service.start();
    let peak = peak_memory_kib(service.process());
    write(&mut file);
    service.wait_for(2 * AROUND);
    assert!(service.stop().success());
    let peak = peak.join().unwrap();
    println!(
        "run: {} MiB in one line, {} MiB of memory",
        mebibytes(),
        peak >> 10
    );
    assert!(peak <= MEMORY_KIB, "{} MiB of memory", peak >> 10);
    assert_read(service.store());
}

fn mebibytes() -> usize {
    quick_or_whole(48, 1_024)
}

/// Lines, one without end, and lines behind its end.
fn write(out: &mut impl Write) {
    let text = Lines::new();
    (0..AROUND).for_each(|number| text.write(number, out));
    let part = vec![b'x'; 1 << 20];
    for _ in 0..mebibytes() {
        out.write_all(&part).unwrap();
    }
    out.write_all(b"\n").unwrap();
    (AROUND..2 * AROUND).for_each(|number| text.write(number, out));
}

/// Every line around it is an event, and it is told of.
fn assert_read(store: &std::path::Path) {
    let store = SqliteStore::open_read_only(store).unwrap();
    let coverage = store.coverage().unwrap();
    let [one] = &*coverage else {
        panic!("{coverage:?}");
    };
    assert_eq!(one.events, 2 * AROUND, "{one:?}");
    let is_told = one
        .notes
        .iter()
        .any(|note| note.contains("1 overlong line"));
    assert!(is_told, "{one:?}");
}
