//! Hosts of services per day.
//!
//! Whoever can send a DNS question can invent hosts, so each day keeps so many and adds up the rest as `__other__`.

use std::collections::BTreeMap;

use rusqlite::{Connection, Result, params};

use super::columns::{count, sum, word};
use super::names::{Dimension, Numbering, OTHER};
use super::texts::Texts;
use super::{bulk, ledger};
use crate::model::{Day, HostRow, Role};

const INSERT: &str = "INSERT INTO host (day, service, host, role, events)";
const ON_CONFLICT: &str =
    "ON CONFLICT DO UPDATE SET events = min(events + excluded.events, 9223372036854775807)";

/// Day, service, host, role: a row of the table, and its order.
type Key<'r> = (i32, i64, i64, &'r str);

/// Adds the hosts of services.
pub(super) fn write(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    rows: &[HostRow],
) -> Result<()> {
    for of_day in rows.chunk_by(|a, b| a.day == b.day) {
        let mut keyed = match room(conn, numbering, of_day)? {
            Some(room) => fit(conn, numbering, of_day, room)?,
            None => number(numbering, of_day)?,
        };
        // In the order of the table, so that neighbours share pages.
        keyed.sort_unstable();
        bulk::put(
            conn,
            (INSERT, ON_CONFLICT),
            5,
            &keyed,
            |statement, at, ((day, service, host, role), events)| {
                statement.raw_bind_parameter(at, day)?;
                statement.raw_bind_parameter(at + 1, service)?;
                statement.raw_bind_parameter(at + 2, host)?;
                statement.raw_bind_parameter(at + 3, role)?;
                statement.raw_bind_parameter(at + 4, count(*events))
            },
        )?;
    }
    ledger::add(conn, ledger::HOSTS, rows.iter().map(|row| row.events))
}

/// How many more rows a day may have, when these may be too many; `None` when they cannot.
fn room(conn: &Connection, numbering: &mut Numbering<'_>, rows: &[HostRow]) -> Result<Option<u64>> {
    let Some(day) = rows.first().map(|row| row.day) else {
        return Ok(None);
    };
    let most = numbering.limits().hosts_per_day;
    let added = rows.len() as u64;
    let before = numbering.host_rows(day);
    if let Some(there) = before.filter(|there| there.saturating_add(added) <= most) {
        numbering.has_host_rows(day, there + added);
        return Ok(None);
    }
    let there: u64 = conn
        .prepare_cached("SELECT count(*) FROM host WHERE day = ?1")?
        .query_one([day.0], |row| row.get(0))?;
    if there.saturating_add(added) <= most {
        numbering.has_host_rows(day, there + added);
        return Ok(None);
    }
    numbering.has_host_rows(day, u64::MAX);
    Ok(Some(most.saturating_sub(there)))
}

/// The rows with their names as numbers.
fn number<'r>(numbering: &mut Numbering<'_>, rows: &'r [HostRow]) -> Result<Vec<(Key<'r>, u64)>> {
    let mut keyed = Vec::with_capacity(rows.len());
    for row in rows {
        let service = numbering.number(Dimension::Word, &row.service, row.events)?;
        let host = numbering.number(Dimension::Host, &row.host, row.events)?;
        keyed.push(((row.day.0, service, host, row.role.as_str()), row.events));
    }
    Ok(keyed)
}

/// Adds to the rows that are there already; returns what is new as far as there is room, and the rest as `__other__`.
fn fit<'r>(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    rows: &'r [HostRow],
    mut room: u64,
) -> Result<Vec<(Key<'r>, u64)>> {
    let mut update = conn.prepare_cached(
        "UPDATE host SET events = min(events + ?5, 9223372036854775807)
         WHERE day = ?1 AND service = ?2 AND host = ?3 AND role = ?4",
    )?;
    let mut fresh = Vec::new();
    let mut others: BTreeMap<Key<'r>, u64> = BTreeMap::new();
    for row in rows {
        let service = numbering.number(Dimension::Word, &row.service, row.events)?;
        let (day, role, events) = (row.day.0, row.role.as_str(), row.events);
        if let Some(host) = numbering.find(Dimension::Host, &row.host)?
            && update.execute(params![day, service, host, role, count(events)])? > 0
        {
            continue;
        }
        if room > 0 || &*row.host == OTHER {
            room = room.saturating_sub(1);
            let host = numbering.number(Dimension::Host, &row.host, events)?;
            fresh.push(((day, service, host, role), events));
        } else {
            numbering.overflowed("hosts of services per day", events);
            let other = numbering.number(Dimension::Host, OTHER, 0)?;
            let all = others.entry((day, service, other, role)).or_default();
            *all = sum(*all, events);
        }
    }
    fresh.extend(others);
    Ok(fresh)
}

/// The roles that hosts have.
pub(super) fn roles(conn: &Connection) -> Result<Vec<Role>> {
    conn.prepare_cached("SELECT DISTINCT role FROM host")?
        .query_map([], |row| word(row, 0))?
        .collect()
}

/// Hosts per service in these days, sorted.
pub(super) fn read(
    conn: &Connection,
    texts: &mut Texts,
    (from, until): (Day, Day),
    service: Option<&str>,
) -> Result<Vec<HostRow>> {
    let mut select = conn.prepare_cached(
        "SELECT day, service, host, role, events FROM host
         WHERE day BETWEEN ?1 AND ?2
           AND (?3 IS NULL OR service = (SELECT id FROM name WHERE dimension = 0 AND text = ?3))",
    )?;
    let mut found = select.query(params![from.0, until.0, service])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(HostRow {
            day: Day(row.get(0)?),
            service: texts.name(conn, row.get(1)?)?,
            host: texts.name(conn, row.get(2)?)?,
            role: word(row, 3)?,
            events: row.get(4)?,
        });
    }
    rows.sort();
    Ok(rows)
}
