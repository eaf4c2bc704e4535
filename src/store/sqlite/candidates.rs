//! Candidates, and what people said of them.
//!
//! Hosts can be invented, so a store keeps so many candidates; the rest is one candidate named `__other__`.

use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use super::columns::{count, host, json, sum, time, to_json};
use super::names::{Numbering, OTHER};
use crate::model::{Candidate, Host, Verdict};

/// How many reasons one candidate keeps.
const REASONS: usize = 16;

/// Merges the candidates of a batch into those there are.
pub(super) fn write(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    candidates: &[Candidate],
) -> Result<()> {
    if candidates.is_empty() {
        return Ok(());
    }
    let mut find = conn
        .prepare_cached("SELECT host, reasons, hits, first, last FROM candidate WHERE host = ?1")?;
    let mut put = conn.prepare_cached(
        "INSERT OR REPLACE INTO candidate (host, reasons, hits, first, last) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut total: u64 = conn.query_one("SELECT count(*) FROM candidate", [], |row| row.get(0))?;
    let mut put = |candidate: &Candidate| {
        put.execute(params![
            candidate.host.as_str(),
            to_json(&candidate.reasons)?,
            count(candidate.hits),
            candidate.first.micros(),
            candidate.last.micros(),
        ])
    };
    for candidate in candidates {
        let mut merged = candidate.clone();
        let mut there = find
            .query_one([merged.host.as_str()], read_row)
            .optional()?;
        let most = numbering.limits().candidates;
        if there.is_none() && total >= most {
            numbering.overflowed("candidates", candidate.hits);
            let Some(other) = Host::parse(OTHER.as_bytes()) else {
                continue;
            };
            merged.host = other;
            merged.reasons = vec![format!("hosts past the {most} candidates that are kept")];
            there = find.query_one([OTHER], read_row).optional()?;
        } else if there.is_none() {
            total += 1;
        }
        if let Some(there) = there {
            merge(&mut merged, there);
        }
        put(&merged)?;
    }
    Ok(())
}

fn merge(into: &mut Candidate, there: Candidate) {
    into.reasons.extend(there.reasons);
    into.reasons.sort();
    into.reasons.dedup();
    into.reasons.truncate(REASONS);
    into.hits = sum(into.hits, there.hits);
    into.first = into.first.min(there.first);
    into.last = into.last.max(there.last);
}

/// All candidates, sorted by host.
pub(super) fn read(conn: &Connection) -> Result<Vec<Candidate>> {
    conn.prepare_cached("SELECT host, reasons, hits, first, last FROM candidate ORDER BY host")?
        .query_map([], read_row)?
        .collect()
}

fn read_row(row: &Row<'_>) -> Result<Candidate> {
    Ok(Candidate {
        host: host(row, 0)?,
        reasons: json(row, 1)?,
        hits: row.get(2)?,
        first: time(row, 3)?,
        last: time(row, 4)?,
    })
}

/// Appends what people said.
pub(super) fn judge(conn: &Connection, verdict: &Verdict) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO verdict (host, accepted, reason, by, at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        verdict.host.as_str(),
        verdict.accepted,
        verdict.reason,
        verdict.by,
        verdict.at.micros(),
    ])?;
    Ok(())
}

/// The verdict appended last of every judged host, sorted by host.
pub(super) fn verdicts(conn: &Connection) -> Result<Vec<Verdict>> {
    conn.prepare_cached(
        "SELECT host, accepted, reason, by, at FROM verdict
         WHERE id IN (SELECT max(id) FROM verdict GROUP BY host) ORDER BY host",
    )?
    .query_map([], |row| {
        Ok(Verdict {
            host: host(row, 0)?,
            accepted: row.get(1)?,
            reason: row.get(2)?,
            by: row.get(3)?,
            at: time(row, 4)?,
        })
    })?
    .collect()
}
