//! What was read of each source: what became of its records, and what went wrong with it.

use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use super::columns::{count, json, micros, time_or_none, to_json};
use crate::model::{Coverage, Sample, Time, Untrusted};

/// Adds what a batch counted.
pub(super) fn write(conn: &Connection, coverage: &[Coverage]) -> Result<()> {
    for added in coverage {
        let mut merged = read_one(conn, &added.source)?.unwrap_or_else(|| Coverage {
            source: added.source.clone(),
            ..Coverage::default()
        });
        merged.merge(added);
        conn.prepare_cached(&format!(
            "INSERT INTO coverage ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (source) DO UPDATE SET
                 format = excluded.format, read = excluded.read, events = excluded.events,
                 skipped = excluded.skipped, bad = excluded.bad, bytes = excluded.bytes,
                 first = excluded.first, last = excluded.last, reasons = excluded.reasons,
                 notes = excluded.notes, cannot_tell = excluded.cannot_tell,
                 lookups = excluded.lookups, connections = excluded.connections"
        ))?
        .execute(params![
            merged.source,
            merged.format,
            count(merged.read),
            count(merged.events),
            count(merged.skipped),
            count(merged.bad),
            count(merged.bytes),
            micros(merged.first),
            micros(merged.last),
            to_json(&merged.reasons)?,
            to_json(&merged.notes)?,
            to_json(&merged.cannot_tell)?,
            merged.shows_lookups,
            merged.shows_connections,
        ])?;
        write_samples(conn, &merged)?;
    }
    Ok(())
}

fn write_samples(conn: &Connection, coverage: &Coverage) -> Result<()> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO bad_sample (source, ordinal, line, why, text) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO NOTHING",
    )?;
    // Samples are only ever added at the end, so what has an ordinal already is the same.
    for (ordinal, sample) in coverage.bad_samples.iter().enumerate() {
        insert.execute(params![
            coverage.source,
            ordinal,
            count(sample.line),
            sample.why,
            sample.text.bytes(),
        ])?;
    }
    Ok(())
}

/// From when to when sources were read that show connections.
pub(super) fn connections(conn: &Connection) -> Result<Option<(Time, Time)>> {
    conn.prepare_cached("SELECT min(first), max(last) FROM coverage WHERE connections = 1")?
        .query_one([], |row| {
            Ok(time_or_none(row, 0)?.zip(time_or_none(row, 1)?))
        })
}

/// Coverage of every source, sorted by source.
pub(super) fn read(conn: &Connection) -> Result<Vec<Coverage>> {
    let mut all = conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM coverage ORDER BY source"))?
        .query_map([], read_row)?
        .collect::<Result<Vec<_>>>()?;
    for coverage in &mut all {
        coverage.bad_samples = read_samples(conn, &coverage.source)?;
    }
    Ok(all)
}

fn read_one(conn: &Connection, source: &str) -> Result<Option<Coverage>> {
    let found = conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM coverage WHERE source = ?1"))?
        .query_one([source], read_row)
        .optional()?;
    let Some(mut coverage) = found else {
        return Ok(None);
    };
    coverage.bad_samples = read_samples(conn, source)?;
    Ok(Some(coverage))
}

const COLUMNS: &str = "source, format, read, events, skipped, bad, bytes, first, last, reasons,
     notes, cannot_tell, lookups, connections";

fn read_row(row: &Row<'_>) -> Result<Coverage> {
    Ok(Coverage {
        source: row.get(0)?,
        format: row.get(1)?,
        read: row.get(2)?,
        events: row.get(3)?,
        skipped: row.get(4)?,
        bad: row.get(5)?,
        bytes: row.get(6)?,
        first: time_or_none(row, 7)?,
        last: time_or_none(row, 8)?,
        reasons: json(row, 9)?,
        bad_samples: Vec::new(),
        notes: json(row, 10)?,
        cannot_tell: json(row, 11)?,
        shows_lookups: row.get(12)?,
        shows_connections: row.get(13)?,
    })
}

fn read_samples(conn: &Connection, source: &str) -> Result<Vec<Sample>> {
    conn.prepare_cached(
        "SELECT line, why, text FROM bad_sample WHERE source = ?1 ORDER BY ordinal",
    )?
    .query_map([source], |row| {
        Ok(Sample {
            line: row.get(0)?,
            why: row.get(1)?,
            text: Untrusted::rebuilt(row.get(2)?),
        })
    })?
    .collect()
}
