//! Finds the files that belong to each log: the live one and its rotated siblings.
//!
//! Looks by name and `stat` only and opens nothing. A log is named by its live path even while that file is missing
//! between two steps of a rotation.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::super::key::{Eye, Look};
use super::super::rotation::{Age, Rotated};
use super::Input;
use super::glob::{self, Unlisted};

/// A file of a log.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) age: Age,
    pub(super) look: Look,
}

/// The files of a log, oldest first.
#[derive(Debug)]
pub(super) struct Log {
    /// The live path.
    pub(super) source: String,
    pub(super) input: usize,
    pub(super) files: Vec<Found>,
}

/// What a look around gave.
#[derive(Debug, Default)]
pub(super) struct Around {
    pub(super) logs: Vec<Log>,
    /// Paths that people should know of, and why.
    pub(super) troubles: Vec<(String, String)>,
}

/// Looks around for the inputs' logs.
pub(super) fn look_around(inputs: &[Input], eye: &mut Eye) -> Around {
    let mut around = Around::default();
    let mut listed: BTreeMap<PathBuf, Siblings> = BTreeMap::new();
    let mut taken: HashSet<OsString> = HashSet::new();
    let mut unlisted = Unlisted::new();
    for (number, input) in inputs.iter().enumerate() {
        for live in live_paths(&input.pattern, &mut unlisted) {
            if !taken.insert(live.clone().into_os_string()) {
                continue;
            }
            let name = live.file_name().unwrap_or_default().to_string_lossy();
            let mut rotated = Vec::new();
            for dir in rotated_to(&live, input.olddir.as_deref()) {
                let siblings = listed
                    .entry(dir.clone())
                    .or_insert_with_key(|dir| siblings(dir, &mut unlisted));
                let of_live = siblings.get(&*name).into_iter().flatten();
                rotated.extend(of_live.map(|(age, name)| (age.clone(), dir.join(name))));
            }
            rotated.sort();
            let log = log(number, &live, rotated, eye, &mut around.troubles);
            around.logs.push(log);
        }
    }
    unlisted.sort_by(|(a, _), (b, _)| a.cmp(b));
    unlisted.dedup_by(|(a, _), (b, _)| a == b);
    let troubles = unlisted.into_iter().map(|(directory, error)| {
        let why = format!("cannot be listed: {error}; the logs in it are read as soon as it can");
        (directory.to_string_lossy().into_owned(), why)
    });
    around.troubles.extend(troubles);
    around
}

/// The directories in which rotated files of a log may be.
fn rotated_to(live: &Path, olddir: Option<&Path>) -> Vec<PathBuf> {
    let beside = live.parent().map(Path::to_path_buf).unwrap_or_default();
    let moved = olddir.map(|olddir| beside.join(olddir));
    std::iter::once(beside.clone())
        .chain(moved.filter(|moved| *moved != beside))
        .collect()
}

/// The live paths that a pattern stands for; a plain path stands for itself.
fn live_paths(pattern: &str, unlisted: &mut Unlisted) -> Vec<PathBuf> {
    if !glob::is_pattern(pattern) {
        return vec![PathBuf::from(pattern)];
    }
    let live = |path: PathBuf| {
        let name = path.file_name()?.to_str()?;
        Some(path.with_file_name(Rotated::parse(name).live))
    };
    let found = glob::expand(pattern, unlisted);
    let mut paths: Vec<PathBuf> = found.into_iter().filter_map(live).collect();
    glob::sort(&mut paths);
    paths.dedup();
    paths
}

/// The rotated files of each live name in a directory, oldest first.
type Siblings = HashMap<String, Vec<(Age, String)>>;

fn siblings(dir: &Path, unlisted: &mut Unlisted) -> Siblings {
    let mut siblings = Siblings::new();
    for name in glob::names(dir, unlisted) {
        let rotated = Rotated::parse(&name);
        if !rotated.is_live() {
            let of_live = siblings.entry(rotated.live).or_default();
            of_live.push((rotated.age, name));
        }
    }
    for of_live in siblings.values_mut() {
        of_live.sort();
    }
    siblings
}

fn log(
    input: usize,
    live: &Path,
    rotated: Vec<(Age, PathBuf)>,
    eye: &mut Eye,
    troubles: &mut Vec<(String, String)>,
) -> Log {
    let paths = rotated
        .into_iter()
        .map(|(age, path)| (path, age))
        .chain([(live.to_path_buf(), Age::Live)]);
    let mut files = Vec::new();
    let mut missing = None;
    for (path, age) in paths {
        match eye.look(&path) {
            Ok(look) if look.regular => files.push(Found { path, age, look }),
            Ok(_) => {
                let why = "is no regular file; skipped".to_owned();
                troubles.push((path.to_string_lossy().into_owned(), why));
            }
            Err(error) => missing = Some((path, error)),
        }
    }
    // Between two steps of a rotation the live file may be missing: only a log without any file is a trouble.
    if let Some((path, error)) = missing.filter(|_| files.is_empty()) {
        let why = format!("cannot be read: {error}; it is read as soon as it is there");
        troubles.push((path.to_string_lossy().into_owned(), why));
    }
    Log {
        source: live.to_string_lossy().into_owned(),
        input,
        files,
    }
}
