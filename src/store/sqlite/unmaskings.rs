//! Who was told which name is behind a pseudonym: appended, never changed.

use rusqlite::{Connection, Result, params};

use super::columns::time;
use crate::model::Unmasking;

pub(super) fn write(conn: &Connection, one: &Unmasking) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO unmasking (pseudonym, found, reason, by, at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        one.pseudonym,
        one.found,
        one.reason,
        one.by,
        one.at.micros()
    ])?;
    Ok(())
}

/// Every one, oldest first.
pub(super) fn read(conn: &Connection) -> Result<Vec<Unmasking>> {
    conn.prepare_cached("SELECT pseudonym, found, reason, by, at FROM unmasking ORDER BY id")?
        .query_map([], |row| {
            Ok(Unmasking {
                pseudonym: row.get(0)?,
                found: row.get(1)?,
                reason: row.get(2)?,
                by: row.get(3)?,
                at: time(row, 4)?,
            })
        })?
        .collect()
}
