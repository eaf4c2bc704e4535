//! The digest: every host of every day, that a later catalogue can be matched against.
//!
//! Whoever can send a DNS question can invent hosts, so each day keeps so many and adds up the rest as `__other__`. A
//! busy gateway meets most hosts of its day in every batch: they stand in pages of many (see `digest_page.rs`), because
//! as many rows of a table would cost a hundred times as much.

use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::columns::{count, damaged};
use super::digest_page::{Hits, Layout, merge, pack, page_of, unpack};
use super::id_set::IdSet;
use super::ledger;
use super::names::{Dimension, Numbering, OTHER};
use super::texts::Texts;
use crate::model::{Day, DigestRow, Sketch, Time};

/// Adds the digest of all hosts.
pub(super) fn write(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    rows: &[DigestRow],
) -> Result<()> {
    // A batch holds them day after day.
    for of_day in rows.chunk_by(|a, b| a.day == b.day) {
        if let Some(first) = of_day.first() {
            let mut numbered = number(conn, numbering, first.day, of_day)?;
            numbered.sort_unstable_by_key(|(host, _)| *host);
            let added = numbered.iter().map(|(host, row)| Hits {
                host: *host,
                hits: row.hits,
                first: row.first.micros(),
                last: row.last.micros(),
                clients: row.clients,
            });
            add(conn, Layout::Current, first.day, added)?;
        }
    }
    ledger::add(conn, ledger::DIGEST, rows.iter().map(|row| row.hits))
}

/// The rows of a day with their hosts as numbers: those there are, new ones as far as there is room, and `__other__`.
///
/// Only what is new is put in order, so that the same names get the same numbers: most hosts of a batch were met before.
fn number<'r>(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    day: Day,
    rows: &'r [DigestRow],
) -> Result<Vec<(i64, &'r DigestRow)>> {
    let there: u64 = conn
        .prepare_cached("SELECT coalesce(sum(hosts), 0) FROM digest WHERE day = ?1")?
        .query_one([day.0], |row| row.get(0))?;
    let mut room = numbering.limits().hosts_per_day.saturating_sub(there);
    let mut of_day = None;
    if rows.len() as u64 > room {
        let mut known = IdSet::default();
        visit(conn, (day, day), &mut |_, hosts| {
            hosts.iter().for_each(|one| known.insert(one.host));
        })?;
        of_day = Some(known);
    }
    let mut numbered = Vec::with_capacity(rows.len());
    let mut new = Vec::new();
    for row in rows {
        let found = numbering.find(Dimension::Host, &row.host)?;
        let is_there = |host: &i64| of_day.as_ref().is_none_or(|known| known.contains(*host));
        match found.filter(is_there) {
            Some(host) => numbered.push((host, row)),
            None => new.push(row),
        }
    }
    new.sort_unstable_by(|one, other| one.host.cmp(&other.host));
    for row in new {
        let host = if of_day.is_none() || room > 0 || &*row.host == OTHER {
            room = room.saturating_sub(1);
            numbering.number(Dimension::Host, &row.host, row.hits)?
        } else {
            numbering.overflowed("hosts per day", row.hits);
            numbering.number(Dimension::Host, OTHER, 0)?
        };
        numbered.push((host, row));
    }
    Ok(numbered)
}

/// Adds sorted hosts to the pages of a day.
fn add(
    conn: &Connection,
    layout: Layout,
    day: Day,
    added: impl Iterator<Item = Hits>,
) -> Result<()> {
    let mut find = conn.prepare_cached("SELECT packed FROM digest WHERE day = ?1 AND page = ?2")?;
    let mut put = conn.prepare_cached(
        "INSERT INTO digest (day, page, hosts, packed) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (day, page) DO UPDATE SET hosts = excluded.hosts, packed = excluded.packed",
    )?;
    let start = day.start().micros();
    let (mut there, mut merged, mut packed) = (Vec::new(), Vec::new(), Vec::new());
    let mut added = added.peekable();
    while let Some(first) = added.peek() {
        let page = page_of(first.host);
        there.clear();
        find.query_one(params![day.0, page], |row| {
            let packed = row.get_ref(0)?.as_blob()?;
            unpack(layout, start, page, packed, &mut there).ok_or_else(broken)
        })
        .optional()?;
        let of_page = std::iter::from_fn(|| added.next_if(|one| page_of(one.host) == page));
        merge(&there, of_page, &mut merged);
        pack(layout, start, page, &merged, &mut packed);
        put.execute(params![day.0, page, count(merged.len() as u64), packed])?;
    }
    Ok(())
}

/// Shows the pages of these days, in order.
pub(super) fn visit(
    conn: &Connection,
    (from, until): (Day, Day),
    see: &mut dyn FnMut(Day, &[Hits]),
) -> Result<()> {
    let mut select = conn.prepare_cached(
        "SELECT day, page, hosts, packed FROM digest WHERE day BETWEEN ?1 AND ?2 ORDER BY day, page",
    )?;
    let mut rows = select.query([from.0, until.0])?;
    let mut hosts = Vec::new();
    while let Some(row) = rows.next()? {
        let day = Day(row.get(0)?);
        let packed = row.get_ref(3)?.as_blob()?;
        hosts.clear();
        let start = day.start().micros();
        unpack(Layout::Current, start, row.get(1)?, packed, &mut hosts).ok_or_else(broken)?;
        if hosts.len() as u64 != row.get::<_, u64>(2)? {
            return Err(broken());
        }
        see(day, &hosts);
    }
    Ok(())
}

/// The hosts that a digest or a service means.
pub(super) fn hosts_meant(conn: &Connection) -> Result<IdSet> {
    let mut meant = IdSet::default();
    visit(conn, (Day(i32::MIN), Day(i32::MAX)), &mut |_, hosts| {
        hosts.iter().for_each(|one| meant.insert(one.host));
    })?;
    let mut select = conn.prepare("SELECT DISTINCT host FROM host")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        meant.insert(row.get(0)?);
    }
    Ok(meant)
}

/// The first day from `from` on that the digest knows.
pub(super) fn next_day(conn: &Connection, from: Day) -> Result<Option<Day>> {
    conn.prepare_cached("SELECT day FROM digest WHERE day >= ?1 ORDER BY day LIMIT 1")?
        .query_one([from.0], |row| row.get(0).map(Day))
        .optional()
}

/// The digest of one day, sorted by host.
pub(super) fn of_day(conn: &Connection, texts: &mut Texts, day: Day) -> Result<Vec<DigestRow>> {
    let mut hosts = Vec::new();
    visit(conn, (day, day), &mut |_, page| {
        hosts.extend_from_slice(page);
    })?;
    let mut rows = Vec::with_capacity(hosts.len());
    for one in hosts {
        rows.push(DigestRow {
            day,
            host: texts.name(conn, one.host)?,
            hits: one.hits,
            first: Time::from_micros(one.first),
            last: Time::from_micros(one.last),
            clients: one.clients,
        });
    }
    rows.sort_unstable();
    Ok(rows)
}

/// Packs the rows of a digest that was a table of hosts, as it was in version 1.
pub(super) fn pack_rows(conn: &Connection) -> Result<()> {
    let mut from = i32::MIN;
    while let Some(day) = conn
        .prepare_cached("SELECT day FROM digest_row WHERE day >= ?1 ORDER BY day LIMIT 1")?
        .query_one([from], |row| row.get::<_, i32>(0))
        .optional()?
    {
        let mut hosts = Vec::new();
        let mut select = conn.prepare_cached(
            "SELECT host, hits, first, last FROM digest_row WHERE day = ?1 ORDER BY host",
        )?;
        let mut rows = select.query([day])?;
        while let Some(row) = rows.next()? {
            hosts.push(Hits {
                host: row.get(0)?,
                hits: row.get(1)?,
                first: row.get(2)?,
                last: row.get(3)?,
                clients: Sketch::EMPTY,
            });
        }
        add(conn, Layout::WithoutClients, Day(day), hosts.into_iter())?;
        let Some(next) = day.checked_add(1) else {
            break;
        };
        from = next;
    }
    conn.flush_prepared_statement_cache();
    conn.execute_batch("DROP TABLE digest_row")
}

/// Packs the pages anew that were written before they knew of clients.
pub(super) fn make_room_for_clients(conn: &Connection) -> Result<()> {
    let mut pages = conn.prepare("SELECT day, page FROM digest ORDER BY day, page")?;
    let pages: Vec<(i32, i64)> = pages
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    let mut find = conn.prepare("SELECT packed FROM digest WHERE day = ?1 AND page = ?2")?;
    let mut put = conn.prepare("UPDATE digest SET packed = ?3 WHERE day = ?1 AND page = ?2")?;
    let (mut hosts, mut packed) = (Vec::new(), Vec::new());
    for (day, page) in pages {
        let start = Day(day).start().micros();
        hosts.clear();
        find.query_one([i64::from(day), page], |row| {
            let before = row.get_ref(0)?.as_blob()?;
            unpack(Layout::WithoutClients, start, page, before, &mut hosts).ok_or_else(broken)
        })?;
        pack(Layout::Current, start, page, &hosts, &mut packed);
        put.execute(params![day, page, packed])?;
    }
    Ok(())
}

fn broken() -> rusqlite::Error {
    damaged(3, "a page of the digest is not as it was written")
}
