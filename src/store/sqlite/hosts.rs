//! Hosts per day: those of services, and the digest of all that a later catalogue can be matched against.
//!
//! Whoever can send a DNS question can invent hosts, so each day keeps so many and adds up the rest as `__other__`.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Result, Statement, ToSql, params};

use super::columns::{count, time, word};
use super::ledger;
use super::names::{Dimension, Numbering, OTHER, Texts};
use crate::model::{Day, DigestRow, HostRow};

/// Adds the hosts of services.
pub(super) fn write(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    rows: &[HostRow],
) -> Result<()> {
    let mut update = conn.prepare_cached(
        "UPDATE host SET events = min(events + ?5, 9223372036854775807)
         WHERE day = ?1 AND host = ?2 AND service = ?3 AND role = ?4",
    )?;
    let mut insert = conn.prepare_cached(
        "INSERT INTO host (day, host, service, role, events) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut room = Room::new(
        "hosts of services per day",
        "SELECT count(*) FROM host WHERE day = ?1",
    );
    for row in rows {
        let service = numbering.number(Dimension::Word, &row.service, row.events)?;
        let rest: [&dyn ToSql; 3] = [&service, &row.role.as_str(), &count(row.events)];
        let place = (row.day, &row.host, row.events);
        room.put(conn, numbering, place, &mut update, &mut insert, &rest)?;
    }
    ledger::add(conn, ledger::HOSTS, rows.iter().map(|row| row.events))
}

/// Adds the digest of all hosts.
pub(super) fn write_digest(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    rows: &[DigestRow],
) -> Result<()> {
    let mut update = conn.prepare_cached(
        "UPDATE digest SET hits = min(hits + ?3, 9223372036854775807), first = min(first, ?4), last = max(last, ?5)
         WHERE day = ?1 AND host = ?2",
    )?;
    let mut insert = conn.prepare_cached(
        "INSERT INTO digest (day, host, hits, first, last) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut room = Room::new(
        "hosts per day",
        "SELECT count(*) FROM digest WHERE day = ?1",
    );
    for row in rows {
        let rest: [&dyn ToSql; 3] = [&count(row.hits), &row.first.micros(), &row.last.micros()];
        let place = (row.day, &row.host, row.hits);
        room.put(conn, numbering, place, &mut update, &mut insert, &rest)?;
    }
    ledger::add(conn, ledger::DIGEST, rows.iter().map(|row| row.hits))
}

/// How much room the days of a batch have left in one table.
struct Room {
    what: &'static str,
    count_sql: &'static str,
    rows: BTreeMap<Day, u64>,
}

impl Room {
    const fn new(what: &'static str, count_sql: &'static str) -> Self {
        Self {
            what,
            count_sql,
            rows: BTreeMap::new(),
        }
    }

    /// Updates the row of this day and host, or inserts it while there is room, or adds to `__other__`.
    fn put(
        &mut self,
        conn: &Connection,
        numbering: &mut Numbering<'_>,
        (day, host, events): (Day, &Arc<str>, u64),
        update: &mut Statement<'_>,
        insert: &mut Statement<'_>,
        rest: &[&dyn ToSql],
    ) -> Result<()> {
        if let Some(id) = numbering.find(Dimension::Host, host)?
            && update.execute(&*values(&day.0, &id, rest))? > 0
        {
            return Ok(());
        }
        let rows = match self.rows.entry(day) {
            std::collections::btree_map::Entry::Occupied(there) => there.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => {
                let mut select = conn.prepare_cached(self.count_sql)?;
                place.insert(select.query_one([day.0], |row| row.get(0))?)
            }
        };
        let id = if *rows < numbering.limits().hosts_per_day || &**host == OTHER {
            *rows += 1;
            numbering.number(Dimension::Host, host, events)?
        } else {
            numbering.overflowed(self.what, events);
            numbering.number(Dimension::Host, &Arc::from(OTHER), 0)?
        };
        // A cap may have made it `__other__`, which may have a row already.
        if update.execute(&*values(&day.0, &id, rest))? == 0 {
            insert.execute(&*values(&day.0, &id, rest))?;
        }
        Ok(())
    }
}

fn values<'v>(day: &'v i32, host: &'v i64, rest: &[&'v dyn ToSql]) -> Vec<&'v dyn ToSql> {
    let mut values: Vec<&dyn ToSql> = vec![day, host];
    values.extend_from_slice(rest);
    values
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

/// The first day from `from` on that the digest knows.
pub(super) fn next_digest_day(conn: &Connection, from: Day) -> Result<Option<Day>> {
    conn.prepare_cached("SELECT day FROM digest WHERE day >= ?1 ORDER BY day LIMIT 1")?
        .query_one([from.0], |row| row.get(0).map(Day))
        .optional()
}

/// The digest of one day, sorted by host.
pub(super) fn digest_of_day(
    conn: &Connection,
    texts: &mut Texts,
    day: Day,
) -> Result<Vec<DigestRow>> {
    let mut select =
        conn.prepare_cached("SELECT host, hits, first, last FROM digest WHERE day = ?1")?;
    let mut found = select.query([day.0])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(DigestRow {
            day,
            host: texts.name(conn, row.get(0)?)?,
            hits: row.get(1)?,
            first: time(row, 2)?,
            last: time(row, 3)?,
        });
    }
    rows.sort();
    Ok(rows)
}
