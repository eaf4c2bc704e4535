//! What people decided and did about duties: appended in the order it was said, never changed.
//!
//! "Oldest first" is that order and not the order of clocks, so that a clock set back cannot make the older word win.

use rusqlite::{Connection, Result, Row, params};

use super::columns::{micros, of_service, time, time_or_none, word};
use crate::model::{Decision, DutyRecord, Scope};

/// Appends a decision and returns it with its id.
pub(super) fn decide(conn: &Connection, decision: &Decision) -> Result<Decision> {
    let (segment, group) = match &decision.scope {
        Scope::Organisation => (None, None),
        Scope::Segment(name) => (Some(name), None),
        Scope::Group(name) => (None, Some(name)),
    };
    conn.prepare_cached(
        "INSERT INTO decision (service, state, segment, owner, reason, by, at, until, user_group, approver, requested_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        decision.service,
        decision.state.as_str(),
        segment,
        decision.owner,
        decision.reason,
        decision.by,
        decision.at.micros(),
        micros(decision.until),
        group,
        decision.approver,
        decision.requested_by,
    ])?;
    Ok(Decision {
        id: conn.last_insert_rowid(),
        ..decision.clone()
    })
}

/// Decisions about one service or all, oldest first.
pub(super) fn decisions(conn: &Connection, service: Option<&str>) -> Result<Vec<Decision>> {
    conn.prepare_cached(&format!(
        "SELECT id, service, state, segment, owner, reason, by, at, until, user_group, approver,
                requested_by
         FROM decision
         WHERE {} ORDER BY id",
        of_service(service)
    ))?
    .query_map([service], read_decision)?
    .collect()
}

fn read_decision(row: &Row<'_>) -> Result<Decision> {
    Ok(Decision {
        id: row.get(0)?,
        service: row.get(1)?,
        state: word(row, 2)?,
        scope: match (row.get(9)?, row.get(3)?) {
            (Some(group), _) => Scope::Group(group),
            (None, Some(segment)) => Scope::Segment(segment),
            (None, None) => Scope::Organisation,
        },
        owner: row.get(4)?,
        reason: row.get(5)?,
        by: row.get(6)?,
        at: time(row, 7)?,
        until: time_or_none(row, 8)?,
        approver: row.get(10)?,
        requested_by: row.get(11)?,
    })
}

/// Appends a step of a duty.
pub(super) fn record_duty(conn: &Connection, record: &DutyRecord) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO duty_record (service, duty, step, evidence, by, at, until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        record.service,
        record.duty,
        record.step.as_str(),
        record.evidence,
        record.by,
        record.at.micros(),
        micros(record.until),
    ])?;
    Ok(())
}

/// Steps of duties of one service or all, oldest first.
pub(super) fn duty_records(conn: &Connection, service: Option<&str>) -> Result<Vec<DutyRecord>> {
    conn.prepare_cached(&format!(
        "SELECT service, duty, step, evidence, by, at, until FROM duty_record
         WHERE {} ORDER BY id",
        of_service(service)
    ))?
    .query_map([service], |row| {
        Ok(DutyRecord {
            service: row.get(0)?,
            duty: row.get(1)?,
            step: word(row, 2)?,
            evidence: row.get(3)?,
            by: row.get(4)?,
            at: time(row, 5)?,
            until: time_or_none(row, 6)?,
        })
    })?
    .collect()
}
