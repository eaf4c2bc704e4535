//! The rotation matrix: forty cases, six modes of the reader, three file systems.
//!
//! The real follower reads real files; the oracle is what was written, every line with an id of its own. A cell that
//! is not marked loses nothing and doubles nothing.

mod cases;
mod programs;
mod scene;
#[path = "../../it/sources/stand.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod stand;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::chance::Chance;
use crate::size::quick_or_whole;
use crate::volume::Volume;
use cases::{CASES, Case};
use scene::{Counted, Mode, Scene};

/// Cells at once: they mostly wait for files to settle.
const CREW: usize = 12;
/// Turns of a case before a reader that lags may catch up.
const LAG: usize = 3;

#[test]
fn every_cell_is_exact_or_marked_on_the_ordinary_file_system() {
    every_cell(&std::env::temp_dir());
}

#[test]
fn every_cell_is_exact_or_marked_on_ext4() {
    if let Some(volume) = Volume::ext4(quick_or_whole(512 << 20, 6 << 30)) {
        every_cell(&volume.path());
    }
}

#[test]
fn every_cell_is_exact_or_marked_on_an_overlay() {
    if let Some(volume) = Volume::overlay(quick_or_whole(256 << 20, 4 << 30)) {
        every_cell(&volume.path());
    }
}

fn every_cell(directory: &Path) {
    let chance = Chance::seeded(6);
    allow_many_files();
    let seeds = quick_or_whole(1, 3);
    let cells: Vec<(&Case, Mode, u64)> = CASES
        .iter()
        .flat_map(|case| Mode::ALL.map(|mode| (case, mode)))
        .flat_map(|(case, mode)| (0..seeds).map(move |seed| (case, mode, seed)))
        .collect();
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..CREW {
            scope.spawn(|| {
                while let Some((case, mode, seed)) = cells.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let part = u64::from(case.number) * 100 + *mode as u64 * 10 + seed * 10_000;
                    let result = cell(directory, case, *mode, chance.fork(part));
                    results
                        .lock()
                        .unwrap()
                        .push((case.number, *mode, case.name, result));
                }
            });
        }
    });
    let results = results.into_inner().unwrap();
    let mut all = Counted::default();
    let mut failed = Vec::new();
    for (number, mode, name, result) in &results {
        match result {
            Ok(counted) => {
                all.written += counted.written;
                all.lost += counted.lost;
                all.doubled += counted.doubled;
            }
            Err(why) => failed.push(format!("case {number} ({name}), {mode:?}: {why}")),
        }
    }
    println!(
        "{} cells in {}: {} lines written, {} lost and {} doubled in marked cells",
        results.len(),
        directory.display(),
        all.written,
        all.lost,
        all.doubled
    );
    failed.sort();
    assert!(
        failed.is_empty(),
        "{} cells:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// All followers of all cells are in one process.
fn allow_many_files() {
    let allowed = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: allowed.maximum,
        maximum: allowed.maximum,
    };
    setrlimit(Resource::Nofile, raised).unwrap();
}

fn cell(directory: &Path, case: &Case, mode: Mode, chance: Chance) -> Result<Counted, String> {
    let mut scene = Scene::new(directory, case.pattern, mode, chance);
    (case.before)(scene.stand());
    scene.begin();
    let turns = if mode == Mode::Lagging { LAG } else { 1 };
    for _ in 0..turns {
        (case.body)(&mut scene);
    }
    scene.verdict((case.allowed)(mode))
}
