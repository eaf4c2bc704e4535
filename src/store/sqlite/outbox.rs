//! Messages on their way out: pending → leased → sent or dead.
//!
//! A message is written in the transaction that caused it and leaves this table only by retention, so a crash can
//! send one twice but lose none. Receivers drop repeats by the alert's id. Clocks may be set back: what was written or
//! tried "in the future" counts as due, and as nothing that was told lately; otherwise a jump of a day would hold back
//! alerts for a day.

use rusqlite::{Connection, Result, Row, params};

use super::columns::{json, time, time_or_none, to_json};
use crate::model::{Alert, Outgoing, Time, Told};
use crate::store::{OutboxState, Settled};

/// Queues an alert for a channel; `false` when the channel has it already.
pub(super) fn enqueue(conn: &Connection, alert: &Alert, channel: &str, now: Time) -> Result<bool> {
    let added = conn
        .prepare_cached(
            "INSERT INTO outbox (channel, alert_id, alert, alert_at, state, attempts, created, due)
             VALUES (?1, ?2, ?3, ?4, 'pending', 0, ?5, ?5)
             ON CONFLICT (channel, alert_id) DO NOTHING",
        )?
        .execute(params![
            channel,
            alert.id,
            to_json(alert)?,
            alert.at.micros(),
            now.micros()
        ])?;
    Ok(added > 0)
}

/// Whether a channel has messages that are neither sent nor dead.
pub(super) fn waits(conn: &Connection, channel: &str) -> Result<bool> {
    conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE state IN ('pending', 'leased') AND channel = ?1)",
    )?
    .query_one([channel], |row| row.get(0))
}

/// Takes due messages of one channel, oldest first. A lease that ran out counts as an attempt.
pub(super) fn lease(
    conn: &Connection,
    channel: &str,
    now: Time,
    lease_until: Time,
    limit: usize,
) -> Result<Vec<Outgoing>> {
    let mut taken = conn
        .prepare_cached(&format!(
            "UPDATE outbox SET
                 attempts = attempts + (state = 'leased'), state = 'leased',
                 leased = ?2, lease_until = ?3, created = min(created, ?2)
             WHERE id IN (
                 SELECT id FROM outbox
                 WHERE channel = ?1 AND (
                     (state = 'pending' AND (due <= ?2 OR created > ?2))
                     OR (state = 'leased' AND lease_until <= ?2)
                     OR (state IN ('pending', 'leased') AND leased > ?2))
                 ORDER BY due, id LIMIT ?4)
             RETURNING {COLUMNS}"
        ))?
        .query_map(
            params![
                channel,
                now.micros(),
                lease_until.micros(),
                i64::try_from(limit).unwrap_or(i64::MAX)
            ],
            read_row,
        )?
        .collect::<Result<Vec<_>>>()?;
    taken.sort_by_key(|outgoing| outgoing.id);
    Ok(taken)
}

/// Makes every leased message due again. For the one process that sends, at its start: whoever took these is gone.
pub(super) fn release(conn: &Connection) -> Result<usize> {
    conn.prepare_cached(
        "UPDATE outbox SET state = 'pending', attempts = attempts + 1, lease_until = NULL WHERE state = 'leased'",
    )?
    .execute([])
}

/// Says what became of a message; `false` when there is no such message.
///
/// What was sent stays sent: a late answer of a second try cannot send it again.
pub(super) fn settle(conn: &Connection, id: i64, settled: &Settled, now: Time) -> Result<bool> {
    let now = now.micros();
    let changed = match settled {
        Settled::Sent => conn
            .prepare_cached(
                "UPDATE outbox SET state = 'sent', attempts = attempts + 1, settled = ?2, lease_until = NULL
                 WHERE id = ?1 AND state != 'sent'",
            )?
            .execute(params![id, now])?,
        Settled::Retry { at, why } => conn
            .prepare_cached(
                "UPDATE outbox SET state = 'pending', attempts = attempts + 1, due = ?2, last_error = ?3, lease_until = NULL
                 WHERE id = ?1 AND state = 'leased'",
            )?
            .execute(params![id, at.micros(), why])?,
        Settled::Dead { why } => conn
            .prepare_cached(
                "UPDATE outbox SET state = 'dead', attempts = attempts + 1, settled = ?2, last_error = ?3, lease_until = NULL
                 WHERE id = ?1 AND state = 'leased'",
            )?
            .execute(params![id, now, why])?,
    };
    if changed > 0 {
        return Ok(true);
    }
    conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE id = ?1)")?
        .query_one([id], |row| row.get(0))
}

/// How the outbox stands; what is leased is not delivered yet and counts as pending.
pub(super) fn state(conn: &Connection, channel: Option<&str>) -> Result<OutboxState> {
    conn.prepare_cached(
        "SELECT count(*) FILTER (WHERE state IN ('pending', 'leased')),
                count(*) FILTER (WHERE state = 'sent'),
                count(*) FILTER (WHERE state = 'dead'),
                min(created) FILTER (WHERE state IN ('pending', 'leased'))
         FROM outbox WHERE ?1 IS NULL OR channel = ?1",
    )?
    .query_one([channel], |row| {
        Ok(OutboxState {
            pending: row.get(0)?,
            sent: row.get(1)?,
            dead: row.get(2)?,
            oldest_pending: time_or_none(row, 3)?,
        })
    })
}

/// Rows that are looked at for what was told lately: enough for a storm on a dozen channels.
const LATEST: u32 = 600;

/// What was queued lately.
pub(super) fn told(conn: &Connection, now: Time) -> Result<Told> {
    conn.prepare_cached(
        "SELECT count(DISTINCT CASE WHEN rule <> ?5 THEN alert_id END), coalesce(max(rule = ?3 AND created > ?2), 0) FROM (
             SELECT alert_id, created, alert ->> '$.rule' AS rule FROM outbox
             WHERE id > (SELECT coalesce(max(id), 0) FROM outbox) - ?4 AND created > ?1 AND created <= ?6)",
    )?
    .query_one(
        params![
            now.plus_secs(-600).micros(),
            now.plus_secs(-60).micros(),
            Alert::STORM,
            LATEST,
            Alert::HEALTH,
            now.micros()
        ],
        |row| {
            Ok(Told {
                lately: row.get(0)?,
                storm: row.get(1)?,
            })
        },
    )
}

/// Dead letters, oldest first, with the reason each was given up for.
pub(super) fn dead_letters(conn: &Connection) -> Result<Vec<(Outgoing, String)>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS}, coalesce(last_error, '') FROM outbox WHERE state = 'dead' ORDER BY id"
    ))?
    .query_map([], |row| Ok((read_row(row)?, row.get(6)?)))?
    .collect()
}

/// Shows every message, sent ones too.
pub(super) fn visit(conn: &Connection, visitor: &mut dyn FnMut(Outgoing)) -> Result<()> {
    let mut select = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox"))?;
    for outgoing in select.query_map([], read_row)? {
        visitor(outgoing?);
    }
    Ok(())
}

/// Makes every dead letter pending again and forgets its attempts: it gets a new round of them.
pub(super) fn replay(conn: &Connection, now: Time) -> Result<usize> {
    conn.prepare_cached(
        "UPDATE outbox SET state = 'pending', attempts = 0, due = ?1, settled = NULL WHERE state = 'dead'",
    )?
    .execute([now.micros()])
}

const COLUMNS: &str = "id, channel, alert, alert_at, attempts, created";

fn read_row(row: &Row<'_>) -> Result<Outgoing> {
    let mut alert: Alert = json(row, 2)?;
    alert.at = time(row, 3)?;
    Ok(Outgoing {
        id: row.get(0)?,
        channel: row.get(1)?,
        alert,
        attempts: row.get(4)?,
        created: time(row, 5)?,
    })
}
