//! A copy of a living store, whole or not there at all.
//!
//! The copy is made under another name, flushed, and renamed at the end. It begins an epoch of its own: restored after
//! a loss, it must not number its next batches like the ones that were lost.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::epoch;
use super::errors::explain;
use super::open::beside;
use crate::store::StoreError;

/// Copies what `from` sees right now.
pub(super) fn backup(from: &Connection, own: Option<&Path>, to: &Path) -> Result<(), StoreError> {
    if own.is_some_and(|own| is_same_file(own, to)) {
        return Err(StoreError::Failed(format!(
            "{} is the store itself; name another file for the backup",
            to.display()
        )));
    }
    let cannot =
        |error| StoreError::Failed(format!("cannot write the backup {}: {error}", to.display()));
    let part = beside(to, ".part");
    match fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(cannot(error)),
        _ => {}
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part)
        .map_err(cannot)?;
    copy(from, &part).map_err(|error| explain(&part.display().to_string(), &error))?;
    File::open(&part)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&part, to))
        .map_err(cannot)?;
    let directory = match to.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(cannot)
}

fn copy(from: &Connection, part: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(part, flags)?;
    // All pages in one step: one snapshot, and no writer can make it start over.
    match Backup::new(from, &mut copy)?.step(-1)? {
        StepResult::Done => {}
        _ => {
            return Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
                None,
            ));
        }
    }
    // A single file, without a write-ahead log beside it.
    copy.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    copy.close().map_err(|(_, error)| error)?;
    begin_epoch(part)
}

/// Begins a new epoch in a copy that nobody has open.
pub(super) fn begin_epoch(copy: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(copy, flags)?;
    let change = copy.transaction()?;
    epoch::begin(&change)?;
    change.commit()?;
    copy.close().map_err(|(_, error)| error)
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}
