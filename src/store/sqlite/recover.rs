//! Opening a store that may be damaged: it is set aside, the newest backup that is whole takes its place.
//!
//! A service must not refuse to start because of its own state. What the backup does not hold is read again from the
//! logs that are still there, because its positions are as old as itself. Nothing is deleted: the damaged files keep
//! their bytes under another name.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::open::beside;
use super::{SqliteStore, backup, check};
use crate::store::{Store as _, StoreError};

/// Copies that are kept, newest first.
const BACKUPS: [&str; 2] = [".backup", ".backup.1"];
/// Beside a store that must prove to be whole: it failed when it was last used.
pub(super) const SUSPECT: &str = ".suspect";
/// Beside a store that proved it, until it was used to a clean end.
pub(super) const CLEARED: &str = ".cleared";
/// In the mark of a store that was found damaged after it proved to be whole: the proof does not see everything, and
/// each start would fail at the same row.
pub(super) const AGAIN: &str = "again";
/// Damaged stores that are kept for who wants to look; the oldest makes room.
const SET_ASIDE: u32 = 3;

/// What was done to have a store again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// What was wrong.
    pub why: String,
    /// Where the damaged file is now.
    pub set_aside: PathBuf,
    /// The backup that took its place; `None`: the store begins empty.
    pub from: Option<PathBuf>,
}

impl SqliteStore {
    /// Opens a store as its one writer; one that is damaged is replaced first.
    ///
    /// # Errors
    /// As [`SqliteStore::open`], and when the damaged files cannot be moved.
    pub fn open_or_recover(path: &Path) -> Result<(Self, Option<Recovered>), StoreError> {
        let why = match Self::open_checked(path) {
            Ok(store) => return Ok((store, None)),
            Err(StoreError::Damaged(why)) => why,
            Err(error) => return Err(error),
        };
        let what = why.clone();
        let cannot = move |error: io::Error| {
            StoreError::Failed(format!("{what}; and it cannot be set aside: {error}"))
        };
        let set_aside = set_aside(path).map_err(&cannot)?;
        let mut recovered = Recovered {
            why,
            set_aside,
            from: None,
        };
        for suffix in BACKUPS {
            let copy = beside(path, suffix);
            if copy.exists() && restore(&copy, path).is_ok() {
                match Self::open_checked(path) {
                    Ok(store) => {
                        recovered.from = Some(copy);
                        return Ok((store, Some(recovered)));
                    }
                    // This one is no better.
                    Err(StoreError::Damaged(_)) => remove(path).map_err(&cannot)?,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok((Self::open(path)?, Some(recovered)))
    }

    /// Opens a store; one that failed when it was last used must prove to be whole.
    fn open_checked(path: &Path) -> Result<Self, StoreError> {
        let suspect = beside(path, SUSPECT);
        let store = Self::open(path)?;
        store.positions()?;
        if suspect.exists() {
            store.must_be_sound()?;
            if fs::read(&suspect).is_ok_and(|mark| mark == AGAIN.as_bytes()) {
                return Err(StoreError::Damaged(format!(
                    "{} was damaged twice, though it looked whole in between",
                    store.name
                )));
            }
            // It is looked at once more next time if the mark cannot be moved.
            let _ = fs::rename(suspect, beside(path, CLEARED));
        }
        Ok(store)
    }

    /// Ends the use of a store that nothing was wrong with: writes the write-ahead log back into the file, where SQLite
    /// would do it and tell nobody of an error.
    ///
    /// # Errors
    /// When the log cannot be written back.
    pub fn end(&self) -> Result<(), StoreError> {
        self.write_back()?;
        if let Some(path) = &self.path {
            // A mark that stays costs one look.
            let _ = fs::remove_file(beside(path, CLEARED));
        }
        Ok(())
    }

    fn must_be_sound(&self) -> Result<(), StoreError> {
        match self.read(check::damage)?.first() {
            None => Ok(()),
            Some(wrong) => Err(StoreError::Damaged(format!(
                "{} is damaged: {wrong}",
                self.name
            ))),
        }
    }

    /// Copies the store beside itself; yesterday's copy is kept under another name. Gives the path of the copy; `None`
    /// in memory.
    ///
    /// # Errors
    /// When the copy cannot be written. The earlier ones stay.
    pub fn back_up(&self) -> Result<Option<PathBuf>, StoreError> {
        let Some(path) = &self.path else {
            return Ok(None);
        };
        let [newest, older] = BACKUPS.map(|suffix| beside(path, suffix));
        let next = beside(path, ".backup.next");
        // Only a copy that is whole may push out an older one.
        self.backup(&next)
            .and_then(|()| Self::open_read_only(&next)?.must_be_sound())
            .map_err(of_the_copy)?;
        let moved = match fs::rename(&newest, &older) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::rename(&next, &newest),
        };
        moved.map_err(|error| {
            StoreError::Failed(format!(
                "cannot keep the backup {}: {error}",
                newest.display()
            ))
        })?;
        Ok(Some(newest))
    }

    /// Damaged stores that were set aside beside this one.
    #[must_use]
    pub fn set_aside(path: &Path) -> Vec<PathBuf> {
        let names = (1..=SET_ASIDE).map(|number| beside(path, &format!(".damaged-{number}")));
        names.filter(|name| name.exists()).collect()
    }

    /// When the newest backup beside a store was made; `None` if there is none.
    #[must_use]
    pub fn backed_up(path: &Path) -> Option<std::time::SystemTime> {
        let found = fs::metadata(beside(path, BACKUPS.first()?)).ok()?;
        found.modified().ok()
    }
}

/// What is wrong with a copy is no reason to stop: the store itself is asked at its next use.
fn of_the_copy(error: StoreError) -> StoreError {
    match error {
        StoreError::Untrusted(why) | StoreError::Damaged(why) => {
            StoreError::Failed(format!("the copy of the day cannot be used: {why}"))
        }
        other => other,
    }
}

/// Moves a store and what belongs to it out of the way; gives its new name.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let name = |number: u32| beside(path, &format!(".damaged-{number}"));
    let free = (1..SET_ASIDE).find(|number| !name(*number).exists());
    let number = match free {
        Some(number) => number,
        None => {
            for number in 1..SET_ASIDE {
                move_all(&name(number + 1), &name(number))?;
            }
            SET_ASIDE
        }
    };
    let to = name(number);
    move_all(path, &to)?;
    for mark in [SUSPECT, CLEARED] {
        let _ = fs::remove_file(beside(path, mark));
    }
    Ok(to)
}

fn move_all(from: &Path, to: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (beside(from, suffix), beside(to, suffix));
        match fs::rename(from, &to) {
            // A log of writes that is left over from another store must not meet this one.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let _ = fs::remove_file(to);
            }
            other => other?,
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        match fs::remove_file(beside(path, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Puts a copy of a backup in a store's place, whole or not at all, in an epoch of its own.
fn restore(copy: &Path, path: &Path) -> io::Result<()> {
    let part = beside(path, ".part");
    fs::copy(copy, &part)?;
    backup::begin_epoch(&part).map_err(io::Error::other)?;
    File::open(&part)?.sync_all()?;
    fs::rename(&part, path)?;
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => File::open(directory)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
