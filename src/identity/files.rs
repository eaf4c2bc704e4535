//! The files that say who is who: read at the start, and again when they change.
//!
//! A file that cannot be read when it is read again keeps what it said before; DHCP servers replace theirs at any moment. What
//! a lease file said is kept for as long as the program runs, because some servers drop a lease when it ends.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::Settings;
use super::book::Book;
use super::directory::Directory;
use super::leases::{self, Lease, LeaseFile};
use crate::model::Time;

/// Larger files are refused: a lease takes about a hundred bytes.
const MAX_BYTES: u64 = 256 << 20;

/// A file that says who is who and cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {}: {why}", .path.display())]
pub struct BadFile {
    key: &'static str,
    path: PathBuf,
    why: String,
}

/// What a file looked like when it was read.
type Look = (Option<SystemTime>, u64);

/// The files and what they said.
#[derive(Debug, Default)]
pub(super) struct Files {
    leases: Vec<(LeaseFile, Look, Vec<Lease>)>,
    directory: Option<(PathBuf, Look, String)>,
    /// Bad lines of the last reading, by file.
    pub(super) bad: Vec<(PathBuf, u64)>,
}

impl Files {
    /// Reads every file that the settings name.
    pub(super) fn open(settings: &Settings) -> Result<Self, BadFile> {
        let mut files = Self::default();
        for file in &settings.leases {
            let (look, bytes) = read(&file.path).map_err(|why| BadFile {
                key: "identity.leases",
                path: file.path.clone(),
                why,
            })?;
            let found = leases::read(&bytes, file, modified(look));
            files.bad.push((file.path.clone(), found.bad));
            files.leases.push((file.clone(), look, found.leases));
        }
        if let Some(path) = &settings.directory {
            let (look, bytes) = read(path).map_err(|why| BadFile {
                key: "identity.directory",
                path: path.clone(),
                why,
            })?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            files.directory = Some((path.clone(), look, text));
        }
        Ok(files)
    }

    /// What the files say.
    pub(super) fn book(&mut self) -> Book {
        let mut directory = Directory::default();
        if let Some((path, _, text)) = &self.directory {
            directory = Directory::read(text);
            self.bad.retain(|(of, _)| of != path);
            self.bad.push((path.clone(), directory.bad));
        }
        let leases = self.leases.iter().flat_map(|(_, _, leases)| leases);
        Book::of(leases.cloned(), directory)
    }

    /// Reads again what changed; whether anything did.
    pub(super) fn refresh(&mut self) -> bool {
        let mut changed = false;
        for (file, look, known) in &mut self.leases {
            let Some((now, bytes)) = changed_since(&file.path, *look) else {
                continue;
            };
            let found = leases::read(&bytes, file, modified(now));
            merge(known, found.leases);
            self.bad.retain(|(of, _)| *of != file.path);
            self.bad.push((file.path.clone(), found.bad));
            *look = now;
            changed = true;
        }
        if let Some((path, look, text)) = &mut self.directory
            && let Some((now, bytes)) = changed_since(path, *look)
        {
            *text = String::from_utf8_lossy(&bytes).into_owned();
            *look = now;
            changed = true;
        }
        changed
    }
}

/// Adds what a file says now to what it said before. A lease that goes on is longer; one that another has followed ends where
/// that begins.
fn merge(known: &mut Vec<Lease>, now: Vec<Lease>) {
    for new in now {
        let mut is_there = false;
        for old in known.iter_mut().filter(|old| old.address == new.address) {
            let meets = old.from <= new.until && new.from <= old.until;
            if old.device.hardware == new.device.hardware && meets {
                old.from = old.from.min(new.from);
                old.until = if new.from > old.from {
                    old.until.max(new.until)
                } else {
                    // The same lease, written again: given up early, perhaps.
                    new.until
                };
                old.device = new.device.clone();
                is_there = true;
            } else if old.device.hardware != new.device.hardware && old.from < new.from {
                old.until = old.until.min(new.from);
            }
        }
        if !is_there {
            known.push(new);
        }
    }
    known.retain(|lease| lease.from < lease.until);
}

fn changed_since(path: &Path, look: Look) -> Option<(Look, Vec<u8>)> {
    let found = std::fs::metadata(path).ok()?;
    if (found.modified().ok(), found.len()) == look {
        return None;
    }
    read(path).ok()
}

fn read(path: &Path) -> Result<(Look, Vec<u8>), String> {
    let found = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !found.is_file() || found.len() > MAX_BYTES {
        return Err(format!(
            "no file of at most {} MiB; name the file that the server writes",
            MAX_BYTES >> 20
        ));
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    Ok(((found.modified().ok(), found.len()), bytes))
}

fn modified((modified, _): Look) -> Time {
    let since = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let secs = since.map_or(0, |since| since.as_secs());
    Time::from_secs(i64::try_from(secs).unwrap_or(i64::MAX))
}
