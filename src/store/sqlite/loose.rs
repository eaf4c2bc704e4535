//! Sightings that are rows: those of small batches, one upsert each, until there are enough to be packed.
//!
//! A followed log brings a few sightings a second; writing the page of the whole hour for each of them would wear the
//! disk for nothing.

use rusqlite::{Connection, Result, Row as Found, params};

use super::columns::{count, time};
use super::register::{grade_of, grade_rank};
use super::sighting_page::{Key, Row};
use super::{bulk, hours};
use crate::model::{Hour, Tally};

/// Adds sorted rows.
pub(super) fn add(conn: &Connection, rows: &[(Hour, Row)]) -> Result<()> {
    bulk::put(
        conn,
        (
            "INSERT INTO sighting (hour, service, facet, client, user, segment, source,
                 events, prompts, uploads, bytes_up, bytes_down, first, last, grade)",
            "ON CONFLICT DO UPDATE SET
                 events = min(events + excluded.events, 9223372036854775807),
                 prompts = min(prompts + excluded.prompts, 9223372036854775807),
                 uploads = min(uploads + excluded.uploads, 9223372036854775807),
                 bytes_up = min(bytes_up + excluded.bytes_up, 9223372036854775807),
                 bytes_down = min(bytes_down + excluded.bytes_down, 9223372036854775807),
                 first = min(first, excluded.first),
                 last = max(last, excluded.last),
                 grade = max(grade, excluded.grade)",
        ),
        15,
        rows,
        |statement, at, (hour, Row { key, tally })| {
            let values = [
                i64::from(hour.0),
                key.service,
                key.facet,
                key.client,
                key.user,
                key.segment,
                key.source,
                count(tally.events),
                count(tally.prompts),
                count(tally.uploads),
                count(tally.bytes_up),
                count(tally.bytes_down),
                tally.first.micros(),
                tally.last.micros(),
                grade_rank(tally.grade),
            ];
            bulk::bind_numbers(statement, at, values)
        },
    )
}

/// How many there are.
pub(super) fn total(conn: &Connection) -> Result<u64> {
    conn.prepare_cached("SELECT count(*) FROM sighting")?
        .query_one([], |row| row.get(0))
}

/// Those of one hour and one service or all, sorted.
pub(super) fn of_hour(conn: &Connection, hour: Hour, service: Option<i64>) -> Result<Vec<Row>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM sighting
         WHERE hour = ?1 AND (?2 IS NULL OR service = ?2)
         ORDER BY service, facet, client, user, segment, source"
    ))?
    .query_map(params![hour.0, service], read_row)?
    .collect()
}

/// Packs all of them.
pub(super) fn pack(conn: &Connection) -> Result<()> {
    let mut select = conn.prepare_cached(&format!(
        "SELECT {COLUMNS}, hour FROM sighting
         ORDER BY hour, service, facet, client, user, segment, source"
    ))?;
    let mut found = select.query([])?;
    let mut gathered: Option<(Hour, Vec<Row>)> = None;
    while let Some(row) = found.next()? {
        let hour = Hour(row.get(14)?);
        match &mut gathered {
            Some((same, rows)) if *same == hour => rows.push(read_row(row)?),
            _ => {
                let next = Some((hour, vec![read_row(row)?]));
                if let Some((hour, rows)) = std::mem::replace(&mut gathered, next) {
                    hours::add(conn, hour, &rows)?;
                }
            }
        }
    }
    if let Some((hour, rows)) = gathered {
        hours::add(conn, hour, &rows)?;
    }
    drop(found);
    conn.prepare_cached("DELETE FROM sighting")?.execute([])?;
    Ok(())
}

const COLUMNS: &str = "service, facet, client, user, segment, source,
     events, prompts, uploads, bytes_up, bytes_down, first, last, grade";

fn read_row(row: &Found<'_>) -> Result<Row> {
    Ok(Row {
        key: Key {
            service: row.get(0)?,
            facet: row.get(1)?,
            client: row.get(2)?,
            user: row.get(3)?,
            segment: row.get(4)?,
            source: row.get(5)?,
        },
        tally: Tally {
            events: row.get(6)?,
            prompts: row.get(7)?,
            uploads: row.get(8)?,
            bytes_up: row.get(9)?,
            bytes_down: row.get(10)?,
            first: time(row, 11)?,
            last: time(row, 12)?,
            grade: grade_of(13, row.get(13)?)?,
        },
    })
}
