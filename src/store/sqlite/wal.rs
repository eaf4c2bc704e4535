//! Writing the write-ahead log back into the file.
//!
//! SQLite would do this by itself after a commit, but it keeps the errors to itself: a disk that fails there would be
//! noticed by nobody. So it is told not to, and the one writer does it here, where an error counts.

use rusqlite::{Connection, Result};

/// How many pages may wait in the log.
const PAGES: i64 = 1_000;

/// Writes the log back when it has grown long; what a reader still needs waits for the next time.
pub(super) fn write_back_if_long(conn: &Connection) -> Result<()> {
    let (logged, done): (i64, i64) = conn
        .prepare_cached("PRAGMA wal_checkpoint(NOOP)")?
        .query_one([], |row| Ok((row.get(1)?, row.get(2)?)))?;
    if logged.saturating_sub(done) < PAGES {
        return Ok(());
    }
    conn.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?
        .query_one([], |_| Ok(()))
}

/// Writes the log back and empties it, if no reader is in the way.
pub(super) fn empty(conn: &Connection) -> Result<()> {
    conn.prepare_cached("PRAGMA wal_checkpoint(TRUNCATE)")?
        .query_one([], |_| Ok(()))
}
