//! What a store knows of itself: its epoch, the number of its last batch, the catalogue it was last used with.
//!
//! The epoch is random and made with the file. Together with the batch number it keys what a gateway sends to a
//! fleet's register, so a restored copy must begin a new epoch: otherwise it would send other batches under old keys.

use std::fmt::Write as _;

use rusqlite::{Connection, Error, OptionalExtension as _, Result};

/// Begins a new epoch, with batches counted from zero.
pub(super) fn begin(conn: &Connection) -> Result<()> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| Error::ToSqlConversionFailure(error.to_string().into()))?;
    let mut epoch = String::with_capacity(32);
    for byte in random {
        // Writing to a String cannot fail.
        let _ = write!(epoch, "{byte:02x}");
    }
    note(conn, "epoch", &epoch)?;
    note(conn, "sequence", "0")
}

pub(super) fn read(conn: &Connection) -> Result<String> {
    Ok(noted(conn, "epoch")?.unwrap_or_default())
}

/// Number of the last batch that wrote something.
pub(super) fn sequence(conn: &Connection) -> Result<u64> {
    let text = noted(conn, "sequence")?.unwrap_or_default();
    text.parse()
        .map_err(|error| super::columns::damaged(0, error))
}

/// Counts one more batch.
pub(super) fn advance(conn: &Connection) -> Result<()> {
    let next = sequence(conn)?.saturating_add(1);
    note(conn, "sequence", &next.to_string())
}

pub(super) fn note(conn: &Connection, key: &str, value: &str) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute([key, value])?;
    Ok(())
}

pub(super) fn noted(conn: &Connection, key: &str) -> Result<Option<String>> {
    conn.prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_one([key], |row| row.get(0))
        .optional()
}
