//! Cases: open conversations about transitions, and what people did with them.
//!
//! Times of a case are those of its transitions and of what people did with it, not of the machine that noticed them:
//! logs read late give the same cases as logs read live. Only `noticed_at` of a transition is by this machine's clock.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use super::columns::{time, time_or_none, word};
use super::transitions;
use crate::model::{Case, Time};
use crate::store::CaseChange;

/// Cases, the most recently updated first.
pub(super) fn read(conn: &Connection, open_only: bool) -> Result<Vec<Case>> {
    let mut cases = conn
        .prepare_cached(
            "SELECT id, service, segment, tier, open, opened, updated, acknowledged_by, silenced_until, number
             FROM cases WHERE open OR NOT ?1 ORDER BY updated DESC, id",
        )?
        .query_map([open_only], |row| Ok((row.get(9)?, read_case(row)?)))?
        .collect::<Result<Vec<(i64, Case)>>>()?;
    let mut of_cases = transitions::of_cases(conn, open_only)?;
    for (number, case) in &mut cases {
        case.transitions = of_cases.remove(number).unwrap_or_default();
    }
    Ok(cases.into_iter().map(|(_, case)| case).collect())
}

/// Ids of the cases that are silenced now.
pub(super) fn silenced(conn: &Connection, now: Time) -> Result<BTreeSet<String>> {
    conn.prepare_cached("SELECT id FROM cases WHERE silenced_until > ?1")?
        .query_map([now.micros()], |row| row.get(0))?
        .collect()
}

/// Acknowledges, silences or closes; `false` when there is no such case.
pub(super) fn update(conn: &Connection, id: &str, change: &CaseChange, now: Time) -> Result<bool> {
    let now = now.micros();
    let (what, by, until) = match change {
        CaseChange::Acknowledge { by } => ("acknowledged", by, None),
        CaseChange::Silence { by, until } => ("silenced", by, Some(until.micros())),
        CaseChange::Close { by } => ("closed", by, None),
    };
    let Some(number) = number_of(conn, id)? else {
        return Ok(false);
    };
    match change {
        CaseChange::Acknowledge { by } => conn
            .prepare_cached(
                "UPDATE cases SET acknowledged_by = ?2, updated = max(updated, ?3) WHERE number = ?1",
            )?
            .execute(params![number, by, now])?,
        CaseChange::Silence { .. } => conn
            .prepare_cached(
                "UPDATE cases SET silenced_until = ?2, updated = max(updated, ?3) WHERE number = ?1",
            )?
            .execute(params![number, until, now])?,
        CaseChange::Close { .. } => conn
            .prepare_cached(
                "UPDATE cases SET open = 0, updated = max(updated, ?2) WHERE number = ?1",
            )?
            .execute(params![number, now])?,
    };
    conn.prepare_cached(
        "INSERT INTO case_note (case_number, what, by, at, until) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![number, what, by, now, until])?;
    Ok(true)
}

/// The case of an id. All are looked through, because people ask for few.
fn number_of(conn: &Connection, id: &str) -> Result<Option<i64>> {
    conn.prepare_cached("SELECT number FROM cases WHERE id = ?1")?
        .query_one([id], |row| row.get(0))
        .optional()
}

fn read_case(row: &Row<'_>) -> Result<Case> {
    Ok(Case {
        id: row.get(0)?,
        service: row.get(1)?,
        segment: row.get(2)?,
        tier: word(row, 3)?,
        open: row.get(4)?,
        opened: time(row, 5)?,
        updated: time(row, 6)?,
        transitions: Vec::new(),
        acknowledged_by: row.get(7)?,
        silenced_until: time_or_none(row, 8)?,
    })
}
