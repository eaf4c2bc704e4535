//! Transitions and the cases they belong to.
//!
//! Times of a case are those of its transitions and of what people did with it, not of the machine that noticed them:
//! logs read late give the same cases as logs read live. Only `noticed_at` is by this machine's clock.

use std::collections::BTreeSet;

use rusqlite::{Connection, Result, Row, params};

use super::columns::{of_service, time, time_or_none, word};
use crate::model::{Case, Time, Transition};
use crate::store::CaseChange;

/// Records a transition and opens, continues or reopens its case; `false` when it is known already.
pub(super) fn record(conn: &Connection, transition: &Transition, now: Time) -> Result<bool> {
    let is_known: bool = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM transition WHERE id = ?1)")?
        .query_one([&transition.id], |row| row.get(0))?;
    if is_known {
        return Ok(false);
    }
    let case = Case::id_of(&transition.service, &transition.segment, transition.tier);
    // Whoever acknowledged a closed case did not acknowledge what reopens it.
    conn.prepare_cached(
        "INSERT INTO cases (id, service, segment, tier, open, opened, updated)
         VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5)
         ON CONFLICT (id) DO UPDATE SET
             acknowledged_by = iif(open, acknowledged_by, NULL),
             open = 1,
             opened = min(opened, excluded.opened),
             updated = max(updated, excluded.updated)",
    )?
    .execute(params![
        case,
        transition.service,
        transition.segment,
        transition.tier.as_str(),
        transition.at.micros(),
    ])?;
    conn.prepare_cached(
        "INSERT INTO transition (id, kind, service, segment, tier, at, detail, case_id, noticed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        transition.id,
        transition.kind.as_str(),
        transition.service,
        transition.segment,
        transition.tier.as_str(),
        transition.at.micros(),
        transition.detail,
        case,
        now.micros(),
    ])?;
    Ok(true)
}

/// Marks a transition as told.
pub(super) fn announce(conn: &Connection, id: &str) -> Result<()> {
    conn.prepare_cached("UPDATE transition SET announced = 1 WHERE id = ?1 AND announced = 0")?
        .execute([id])?;
    Ok(())
}

/// Ids of the recorded transitions of one service or all.
pub(super) fn known(conn: &Connection, service: Option<&str>) -> Result<BTreeSet<String>> {
    conn.prepare_cached(&format!(
        "SELECT id FROM transition WHERE {}",
        of_service(service)
    ))?
    .query_map([service], |row| row.get(0))?
    .collect()
}

/// Transitions that nobody was told of yet, oldest first.
pub(super) fn unannounced(conn: &Connection) -> Result<Vec<Transition>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transition WHERE announced = 0 ORDER BY at, id"
    ))?
    .query_map([], read_transition)?
    .collect()
}

/// Transitions of a period, sorted by time, then id.
pub(super) fn transitions(
    conn: &Connection,
    from: Option<Time>,
    until: Option<Time>,
    service: Option<&str>,
) -> Result<Vec<Transition>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transition
         WHERE at >= ?1 AND (?2 IS NULL OR at < ?2) AND (?3 IS NULL OR service = ?3)
         ORDER BY at, id"
    ))?
    .query_map(
        params![
            from.map_or(i64::MIN, Time::micros),
            until.map(Time::micros),
            service
        ],
        read_transition,
    )?
    .collect()
}

/// Cases, the most recently updated first.
pub(super) fn read(conn: &Connection, open_only: bool) -> Result<Vec<Case>> {
    let mut cases = conn
        .prepare_cached(
            "SELECT id, service, segment, tier, open, opened, updated, acknowledged_by, silenced_until
             FROM cases WHERE open OR NOT ?1 ORDER BY updated DESC, id",
        )?
        .query_map([open_only], read_case)?
        .collect::<Result<Vec<_>>>()?;
    let mut of_case = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transition WHERE case_id = ?1 ORDER BY at, id"
    ))?;
    for case in &mut cases {
        case.transitions = of_case
            .query_map([&case.id], read_transition)?
            .collect::<Result<_>>()?;
    }
    Ok(cases)
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
    let changed = match change {
        CaseChange::Acknowledge { by } => conn
            .prepare_cached(
                "UPDATE cases SET acknowledged_by = ?2, updated = max(updated, ?3) WHERE id = ?1",
            )?
            .execute(params![id, by, now])?,
        CaseChange::Silence { .. } => conn
            .prepare_cached(
                "UPDATE cases SET silenced_until = ?2, updated = max(updated, ?3) WHERE id = ?1",
            )?
            .execute(params![id, until, now])?,
        CaseChange::Close { .. } => conn
            .prepare_cached("UPDATE cases SET open = 0, updated = max(updated, ?2) WHERE id = ?1")?
            .execute(params![id, now])?,
    };
    if changed == 0 {
        return Ok(false);
    }
    conn.prepare_cached(
        "INSERT INTO case_note (case_id, what, by, at, until) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![id, what, by, now, until])?;
    Ok(true)
}

const COLUMNS: &str = "id, kind, service, segment, tier, at, detail";

fn read_transition(row: &Row<'_>) -> Result<Transition> {
    Ok(Transition {
        id: row.get(0)?,
        kind: word(row, 1)?,
        service: row.get(2)?,
        segment: row.get(3)?,
        tier: word(row, 4)?,
        at: time(row, 5)?,
        detail: row.get(6)?,
    })
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
