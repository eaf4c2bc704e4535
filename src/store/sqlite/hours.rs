//! The pages that hold the sightings of an hour each.

use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::columns::{count, damaged};
use super::sighting_page::{Row, merge, pack, unpack};
use crate::model::Hour;

/// Adds sorted rows to the page of their hour.
pub(super) fn add(conn: &Connection, hour: Hour, rows: &[Row]) -> Result<()> {
    let there = find(conn, hour, None)?;
    let merged = merge(&there, rows);
    conn.prepare_cached(
        "INSERT INTO sighting_page (hour, rows, packed) VALUES (?1, ?2, ?3)
         ON CONFLICT (hour) DO UPDATE SET rows = excluded.rows, packed = excluded.packed",
    )?
    .execute(params![
        hour.0,
        count(merged.len() as u64),
        pack(hour, &merged)
    ])?;
    Ok(())
}

/// The rows of one service or all that the page of an hour has, sorted.
pub(super) fn find(conn: &Connection, hour: Hour, service: Option<i64>) -> Result<Vec<Row>> {
    conn.prepare_cached("SELECT rows, packed FROM sighting_page WHERE hour = ?1")?
        .query_one([hour.0], |found| {
            let total: usize = found.get(0)?;
            let packed = found.get_ref(1)?.as_blob()?;
            let mut rows = Vec::new();
            if service.is_none() {
                // A damaged count must not ask for all memory there is.
                rows.reserve_exact(total.min(packed.len()));
            }
            unpack(hour, packed, service, &mut rows)
                .filter(|()| service.is_some() || rows.len() == total)
                .ok_or_else(|| damaged(1, "a page of sightings is not as it was written"))?;
            Ok(rows)
        })
        .optional()
        .map(Option::unwrap_or_default)
}
