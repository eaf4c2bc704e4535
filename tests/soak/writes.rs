//! Writes of the database that the system cuts short or interrupts: what is missing is written, and nothing shows it.
//!
//! `strace` can make a call fail but not make it write less, so `shim.c` does, from inside the process.

use std::fs;
use std::path::PathBuf;

use crate::log::Lines;
use crate::service::{Service, assert_same, tables};
use crate::shim;
use crate::size::quick_or_whole;

const LINES: u64 = 4_000;

#[test]
fn a_write_that_is_cut_short_or_interrupted_is_finished() {
    let Some(shim) = shim::compiled() else {
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("access.log");
    Lines::new().append(&log, 0..LINES);
    let mut clean = Service::new(&root.path().join("clean"), &log);
    clean.start();
    clean.wait_for(LINES);
    assert!(clean.stop().success());
    let clean = tables(clean.store());
    let most = quick_or_whole(4, 40);
    let cells: Vec<(&str, usize)> = ["short", "eintr"]
        .into_iter()
        // Every write cut short is one that takes many calls; every write interrupted is one that never happens.
        .flat_map(|how| (if how == "short" { 1 } else { 2 }..=most).map(move |every| (how, every)))
        .collect();
    let (mut faults, mut killed) = (0, 0);
    for (number, (how, every)) in cells.iter().enumerate() {
        let directory = root.path().join(format!("of{number}"));
        let seen = directory.join("seen");
        let state = directory.join("state");
        fs::create_dir_all(&state).unwrap();
        let environment = vec![
            ("LD_PRELOAD", shim.to_path_buf()),
            ("SHIM_WRITES", state.join("gnomon.db")),
            ("SHIM_EVERY", PathBuf::from(every.to_string())),
            ("SHIM_HOW", PathBuf::from(how)),
            ("SHIM_SEEN", seen.clone()),
        ];
        let mut service = Service::new(&directory, &log).with_environment(environment);
        service.start();
        // Every third is killed in between, so that what was written in pieces is also what a restart finds.
        if number % 3 == 2 {
            service.wait_for(1);
            service.kill();
            service.start();
            killed += 1;
        }
        service.wait_for(LINES);
        assert!(
            service.stop().success(),
            "{how} {every}: {}",
            service.said()
        );
        let said = service.said();
        assert!(!said.contains("ERROR"), "{how} {every}: {said}");
        let letters = fs::read(&seen).unwrap_or_default().len();
        assert!(letters > 0, "{how} {every}: no write was hit");
        faults += letters;
        assert_same(&tables(service.store()), &clean);
        fs::remove_dir_all(directory).unwrap();
    }
    println!(
        "{} services ({killed} killed), {faults} writes cut short or interrupted, every table as in a clean run",
        cells.len()
    );
}
