//! Accounts that must balance: what was ever added is what is still there plus what retention deleted.
//!
//! Kept in the same transactions as the rows they count, so that a lost or a doubled row shows as a difference.

use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::columns::{count, sum};

/// Events of all sightings.
pub(super) const SIGHTINGS: &str = "sightings";
/// Events of the hosts of services.
pub(super) const HOSTS: &str = "hosts";
/// Hits of the digest of all hosts.
pub(super) const DIGEST: &str = "digest";

/// Books what a batch adds.
pub(super) fn add(
    conn: &Connection,
    account: &str,
    counts: impl Iterator<Item = u64>,
) -> Result<()> {
    book(conn, account, counts.fold(0, sum), 0)
}

/// Books what retention deletes.
pub(super) fn forget(
    conn: &Connection,
    account: &str,
    counts: impl Iterator<Item = u64>,
) -> Result<()> {
    book(conn, account, 0, counts.fold(0, sum))
}

/// What was added and what was forgotten.
pub(super) fn read(conn: &Connection, account: &str) -> Result<(u64, u64)> {
    let found = conn
        .prepare_cached("SELECT added, forgotten FROM ledger WHERE account = ?1")?
        .query_one([account], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn book(conn: &Connection, account: &str, added: u64, forgotten: u64) -> Result<()> {
    if added == 0 && forgotten == 0 {
        return Ok(());
    }
    conn.prepare_cached(
        "INSERT INTO ledger (account, added, forgotten) VALUES (?1, ?2, ?3)
         ON CONFLICT (account) DO UPDATE SET
             added = min(added + excluded.added, 9223372036854775807),
             forgotten = min(forgotten + excluded.forgotten, 9223372036854775807)",
    )?
    .execute(params![account, count(added), count(forgotten)])?;
    Ok(())
}
