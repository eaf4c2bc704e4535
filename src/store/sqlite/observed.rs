//! What was observed, how applications stood, and what was pushed to enforcement points: appended, never changed.
//!
//! Observations and standings are repeated at every look; a row is written only when it is news after the newest.

use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use super::columns::{count, of_service, time, word};
use crate::model::{Enforcement, Observation, Standing, Time};

/// Appends an enforcement.
pub(super) fn enforce(conn: &Connection, made: &Enforcement) -> Result<Enforcement> {
    conn.prepare_cached(
        "INSERT INTO enforcement (service, action, place, rule, ticket, by, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        made.service,
        made.action.as_str(),
        made.place,
        made.rule,
        made.ticket,
        made.by,
        made.at.micros(),
    ])?;
    Ok(Enforcement {
        id: conn.last_insert_rowid(),
        ..made.clone()
    })
}

/// Enforcements of one service or all, oldest first.
pub(super) fn enforcements(conn: &Connection, service: Option<&str>) -> Result<Vec<Enforcement>> {
    conn.prepare_cached(&format!(
        "SELECT id, service, action, place, rule, ticket, by, at FROM enforcement
         WHERE {} ORDER BY id",
        of_service(service)
    ))?
    .query_map([service], |row| {
        Ok(Enforcement {
            id: row.get(0)?,
            service: row.get(1)?,
            action: word(row, 2)?,
            place: row.get(3)?,
            rule: row.get(4)?,
            ticket: row.get(5)?,
            by: row.get(6)?,
            at: time(row, 7)?,
        })
    })?
    .collect()
}

/// Appends what is news after the newest of its kind; returns how many rows that were.
pub(super) fn note(
    conn: &Connection,
    observations: &[Observation],
    standings: &[Standing],
) -> Result<u64> {
    let mut written = 0;
    for seen in observations {
        let newest = conn
            .prepare_cached(&format!(
                "SELECT {OBSERVATION} FROM observation WHERE service = ?1 AND rule = ?2
                 ORDER BY id DESC LIMIT 1"
            ))?
            .query_row([&*seen.service, seen.rule.as_str()], read_observation)
            .optional()?;
        if newest.is_none_or(|newest| seen.is_news_after(&newest)) {
            write_observation(conn, seen)?;
            written += 1;
        }
    }
    for stands in standings {
        let newest = conn
            .prepare_cached(&format!(
                "SELECT {STANDING} FROM standing WHERE service = ?1 ORDER BY id DESC LIMIT 1"
            ))?
            .query_row([&stands.service], read_standing)
            .optional()?;
        if newest.is_none_or(|newest| stands.differs_from(&newest)) {
            write_standing(conn, stands)?;
            written += 1;
        }
    }
    Ok(written)
}

const OBSERVATION: &str =
    "service, rule, finding, detail, from_time, until_time, coverage, numerator, denominator";
const STANDING: &str = "service, at, state, tier, residual, band";

fn write_observation(conn: &Connection, seen: &Observation) -> Result<()> {
    conn.prepare_cached(&format!(
        "INSERT INTO observation ({OBSERVATION}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    ))?
    .execute(params![
        seen.service,
        seen.rule.as_str(),
        seen.finding.as_str(),
        seen.detail,
        seen.from.micros(),
        seen.until.micros(),
        seen.coverage,
        count(seen.numerator),
        count(seen.denominator),
    ])?;
    Ok(())
}

fn write_standing(conn: &Connection, stands: &Standing) -> Result<()> {
    conn.prepare_cached(&format!(
        "INSERT INTO standing ({STANDING}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    ))?
    .execute(params![
        stands.service,
        stands.at.micros(),
        stands.state.as_str(),
        stands.tier.as_str(),
        stands.residual,
        stands.band,
    ])?;
    Ok(())
}

/// Observations of one service or all, oldest first.
pub(super) fn observations(conn: &Connection, service: Option<&str>) -> Result<Vec<Observation>> {
    conn.prepare_cached(&format!(
        "SELECT {OBSERVATION} FROM observation WHERE {} ORDER BY id",
        of_service(service)
    ))?
    .query_map([service], read_observation)?
    .collect()
}

/// Standings of one service or all, oldest first.
pub(super) fn standings(conn: &Connection, service: Option<&str>) -> Result<Vec<Standing>> {
    conn.prepare_cached(&format!(
        "SELECT {STANDING} FROM standing WHERE {} ORDER BY id",
        of_service(service)
    ))?
    .query_map([service], read_standing)?
    .collect()
}

fn read_observation(row: &Row<'_>) -> Result<Observation> {
    Ok(Observation {
        service: row.get(0)?,
        rule: word(row, 1)?,
        finding: word(row, 2)?,
        detail: row.get(3)?,
        from: time(row, 4)?,
        until: time(row, 5)?,
        coverage: row.get(6)?,
        numerator: row.get(7)?,
        denominator: row.get(8)?,
    })
}

fn read_standing(row: &Row<'_>) -> Result<Standing> {
    Ok(Standing {
        service: row.get(0)?,
        at: time(row, 1)?,
        state: word(row, 2)?,
        tier: word(row, 3)?,
        residual: row.get(4)?,
        band: row.get(5)?,
    })
}

/// The latest moment at which anybody wrote anything down. Standings do not count: theirs may be a time of a log.
pub(super) fn newest_moment(conn: &Connection) -> Result<Option<Time>> {
    let micros: Option<i64> = conn.query_one(
        "SELECT max(at) FROM (
             SELECT max(at) AS at FROM decision UNION ALL
             SELECT max(at) FROM duty_record UNION ALL
             SELECT max(at) FROM enforcement)",
        [],
        |row| row.get(0),
    )?;
    Ok(micros.map(Time::from_micros))
}
