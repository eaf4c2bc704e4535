//! Opening a store: the file, who may write it, and the promises that SQLite has to be told.
//!
//! There is one writer of batches, and it holds `<path>.lock` for as long as it lives: positions and tallies of two
//! writers would interleave into nonsense that SQLite's own locks, which end with a transaction, cannot prevent.
//! Short commands append beside it under those; readers need neither.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::errors::explain;
use super::migrate::{Standing, migrate, standing};
use super::names::Numbers;
use super::texts::Texts;
use crate::store::StoreError;

/// Before this version, SQLite could corrupt a file when a checkpoint raced with a writer (the WAL-reset bug).
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long one program waits for another's transaction.
const PATIENCE: Duration = Duration::from_secs(10);

/// How large the write-ahead log stays once it is written back.
const WAL_BYTES: i64 = 64 << 20;

/// A connection and what it remembers.
#[derive(Debug)]
pub(super) struct Handle {
    pub(super) conn: Connection,
    pub(super) numbers: Numbers,
    pub(super) texts: Texts,
}

impl From<Connection> for Handle {
    fn from(conn: Connection) -> Self {
        conn.set_prepared_statement_cache_capacity(96);
        Self {
            conn,
            numbers: Numbers::default(),
            texts: Texts::default(),
        }
    }
}

/// The right to be the one writer; given back when dropped.
#[derive(Debug)]
pub(super) struct WriterLock(#[expect(dead_code, reason = "its lock ends when it is closed")] File);

impl WriterLock {
    /// Takes the lock, or says who has it.
    pub(super) fn take(store: &Path) -> Result<Self, StoreError> {
        let path = beside(store, ".lock");
        let cannot = |error| StoreError::Failed(format!("cannot lock {}: {error}", path.display()));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(store, &mut file)),
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "{}", std::process::id()))
            .map_err(cannot)?;
        Ok(Self(file))
    }
}

fn held(store: &Path, file: &mut File) -> StoreError {
    let mut text = String::new();
    // Only for the message: a pid that cannot be read is left out.
    let _ = file.take(20).read_to_string(&mut text);
    let pid = text
        .parse::<u32>()
        .map_or_else(|_| String::new(), |pid| format!(" (pid {pid})"));
    StoreError::Busy(format!(
        "{} is held by another gnomon{pid}; stop it or use --store with another path",
        store.display()
    ))
}

/// Makes sure of the file and the directory around it, readable by this user alone.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    let cannot = |error| StoreError::Failed(format!("cannot create {}: {error}", path.display()));
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() && !directory.exists() => {
            DirBuilder::new()
                .recursive(true)
                .mode(0o750)
                .create(directory)
                .map_err(cannot)?;
        }
        _ => {}
    }
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(cannot)?;
    Ok(())
}

/// Connects as the one writer; creates or upgrades the schema if need be.
pub(super) fn connect(path: &Path, _: &WriterLock) -> Result<Connection, StoreError> {
    // Left over when the last writer died; a clean end deletes it.
    let is_unclean = fs::metadata(beside(path, "-wal")).is_ok_and(|wal| wal.len() > 0);
    let (conn, stands) = reach(path)?;
    let conn = ready(conn, path, stands != Standing::Current)?;
    if is_unclean {
        quick_check(&conn, path)?;
    }
    Ok(conn)
}

/// Connects for short commands beside the one writer.
pub(super) fn connect_shared(path: &Path) -> Result<Connection, StoreError> {
    if path.exists() {
        let (conn, stands) = reach(path)?;
        if stands == Standing::Current {
            return ready(conn, path, false);
        }
    }
    // Not there or not of this version yet: for that alone it takes the lock.
    create(path)?;
    connect(path, &WriterLock::take(path)?)
}

fn reach(path: &Path) -> Result<(Connection, Standing), StoreError> {
    let name = path.display().to_string();
    new_enough(&name)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let (conn, stands) = Connection::open_with_flags(path, flags)
        .and_then(|conn| {
            conn.busy_timeout(PATIENCE)?;
            let stands = standing(&conn)?;
            Ok((conn, stands))
        })
        .map_err(|error| explain(&name, &error))?;
    refuse(&name, &stands)?;
    Ok((conn, stands))
}

fn ready(mut conn: Connection, path: &Path, needs_schema: bool) -> Result<Connection, StoreError> {
    let name = path.display().to_string();
    let journal: String = prepare(&mut conn, needs_schema)
        .and_then(|()| conn.pragma_query_value(None, "journal_mode", |row| row.get(0)))
        .map_err(|error| explain(&name, &error))?;
    if journal == "wal" {
        return Ok(conn);
    }
    Err(StoreError::Failed(format!(
        "the file system of {name} cannot hold a write-ahead log; put the store on a local disk"
    )))
}

/// Connects for reading an existing store.
pub(super) fn connect_read_only(path: &Path) -> Result<Connection, StoreError> {
    let name = path.display().to_string();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    new_enough(&name)?;
    let (conn, stands) = Connection::open_with_flags(path, flags)
        .and_then(|conn| {
            conn.busy_timeout(PATIENCE)?;
            conn.pragma_update(None, "query_only", true)?;
            keep_from_files(&conn)?;
            keep_plans(&conn)?;
            let stands = standing(&conn)?;
            Ok((conn, stands))
        })
        .map_err(|error| explain(&name, &error))?;
    refuse(&name, &stands)?;
    match stands {
        Standing::Current => Ok(conn),
        _ => Err(StoreError::Failed(format!(
            "{name} is empty or of an earlier gnomon; run or scan with it once to bring it up to date"
        ))),
    }
}

/// A store that ends with the process.
pub(super) fn connect_in_memory() -> Result<Connection, StoreError> {
    new_enough("the store in memory")?;
    Connection::open_in_memory()
        .and_then(|mut conn| prepare(&mut conn, true).map(|()| conn))
        .map_err(|error| explain("the store in memory", &error))
}

fn prepare(conn: &mut Connection, needs_schema: bool) -> rusqlite::Result<()> {
    // Only a file without any table can still be given this, and it must be before the journal mode.
    conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "secure_delete", true)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update_and_check(None, "journal_size_limit", WAL_BYTES, |_| Ok(()))?;
    conn.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    keep_from_files(conn)?;
    keep_plans(conn)?;
    if needs_schema {
        migrate(conn)?;
    }
    Ok(())
}

/// Has SQLite write nothing to files elsewhere: of a statement that writes many rows it keeps the pages as they were, a few
/// at a time, and what it sorts is no more than a reader holds anyway.
fn keep_from_files(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "temp_store", "MEMORY")
}

/// Has a statement keep its plan, whatever values it is given: otherwise some are read and planned anew for each value.
fn keep_plans(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn refuse(name: &str, stands: &Standing) -> Result<(), StoreError> {
    match stands {
        Standing::Newer { version, known } => Err(StoreError::Failed(format!(
            "{name} was written by a newer gnomon (its version is {version}, this program knows {known}); upgrade gnomon or use another store"
        ))),
        Standing::Foreign => Err(StoreError::Failed(format!(
            "{name} is a database of another program; use another path"
        ))),
        Standing::Empty | Standing::Old | Standing::Current => Ok(()),
    }
}

fn quick_check(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let name = path.display().to_string();
    let found: String = conn
        .query_one("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| explain(&name, &error))?;
    if found == "ok" {
        return Ok(());
    }
    Err(StoreError::Damaged(format!(
        "{name} is damaged ({found}); set it aside, restore a backup and read the logs again"
    )))
}

fn new_enough(name: &str) -> Result<(), StoreError> {
    if rusqlite::version_number() >= OLDEST_SQLITE {
        return Ok(());
    }
    Err(StoreError::Failed(format!(
        "SQLite {} can corrupt {name}; build gnomon with 3.51.3 or later",
        rusqlite::version()
    )))
}

/// A file beside the store: its name and something more.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_not_planned_anew_for_other_values() {
        let conn = connect_in_memory().unwrap();
        let mut select = conn
            .prepare("SELECT line FROM bad_sample WHERE source = ?1 ORDER BY ordinal")
            .unwrap();
        for source in ["a", "b", "c"] {
            let lines = select.query_map([source], |row| row.get::<_, i64>(0));
            assert_eq!(lines.unwrap().count(), 0);
        }
        assert_eq!(select.get_status(StatementStatus::RePrepare), 0);
    }
}
