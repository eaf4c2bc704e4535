//! Forgetting: detail older than an hour is deleted, what it added up to stays in the register.
//!
//! One hour or day is one transaction, so that a year of detail holds up no batch. `secure_delete` overwrites what is
//! deleted and the freed pages go back to the file system: after this, a forgotten name is in no byte of the file.

use rusqlite::{Connection, Result};

use super::columns::sum;
use super::register::Book;
use super::texts::Texts;
use super::{digest, hosts, ledger, register, sightings};
use crate::model::{Day, Hour};

/// Deletes the earliest hour of sightings before `until`; returns how many rows, or `None` when none is left.
pub(super) fn forget_hour(
    conn: &Connection,
    texts: &mut Texts,
    until: Hour,
) -> Result<Option<u64>> {
    let Some(hour) = sightings::next_hour(conn, Hour(i32::MIN))?.filter(|hour| *hour < until)
    else {
        return Ok(None);
    };
    let page = sightings::of_hour(conn, texts, hour, None)?;
    ledger::forget(
        conn,
        ledger::SIGHTINGS,
        page.iter().map(|sighting| sighting.tally.events),
    )?;
    register::write(conn, Book::Forgotten, register::profiles_of(&page))?;
    let rows = conn
        .prepare_cached("DELETE FROM sighting WHERE hour = ?1")?
        .execute([hour.0])?;
    Ok(Some(u64::try_from(rows).unwrap_or(u64::MAX)))
}

/// Deletes hosts, candidates, settled messages and names from before `until` that nothing means any more.
pub(super) fn forget_days(conn: &Connection, texts: &mut Texts, until: Hour) -> Result<u64> {
    let (last, start) = (until.day().plus(-1), until.start().micros());
    let hosts = hosts::read(conn, texts, (Day(i32::MIN), last), None)?;
    ledger::forget(conn, ledger::HOSTS, hosts.iter().map(|row| row.events))?;
    let mut rows = conn.execute("DELETE FROM host WHERE day <= ?1", [last.0])?;
    let mut hits = 0;
    digest::visit(conn, (Day(i32::MIN), last), &mut |_, hosts| {
        rows += hosts.len();
        hits = hosts.iter().fold(hits, |all, one| sum(all, one.hits));
    })?;
    ledger::forget(conn, ledger::DIGEST, std::iter::once(hits))?;
    conn.execute("DELETE FROM digest WHERE day <= ?1", [last.0])?;
    rows += conn.execute("DELETE FROM candidate WHERE last < ?1", [start])?;
    rows += conn.execute(
        "DELETE FROM outbox WHERE state = 'sent' AND settled < ?1",
        [start],
    )?;
    conn.execute_batch(
        "DELETE FROM name WHERE dimension = 1 AND id NOT IN (SELECT client FROM sighting);
         DELETE FROM name WHERE dimension = 2 AND id NOT IN (SELECT user FROM sighting);",
    )?;
    forget_hosts(conn)?;
    Ok(u64::try_from(rows).unwrap_or(u64::MAX))
}

/// Deletes the names of hosts that nothing means any more.
fn forget_hosts(conn: &Connection) -> Result<()> {
    let meant = digest::hosts_meant(conn)?;
    let mut nameless = Vec::new();
    let mut select = conn.prepare("SELECT id FROM name WHERE dimension = 3")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        if !meant.contains(id) {
            nameless.push(id);
        }
    }
    let mut delete = conn.prepare("DELETE FROM name WHERE id = ?1")?;
    for id in nameless {
        delete.execute([id])?;
    }
    Ok(())
}

/// Gives freed pages back to the file system.
pub(super) fn vacuum(conn: &Connection) -> Result<()> {
    // Each step of this pragma frees one page, so it has to be stepped to its end.
    let mut vacuum = conn.prepare("PRAGMA incremental_vacuum")?;
    let mut steps = vacuum.query([])?;
    while steps.next()?.is_some() {}
    Ok(())
}
