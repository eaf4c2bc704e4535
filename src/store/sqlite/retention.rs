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
    let rows = sightings::of_hour(conn, hour, None)?;
    let events = rows.iter().map(|row| row.tally.events);
    ledger::forget(conn, ledger::SIGHTINGS, events)?;
    let mut profiles = register::Profiles::default();
    texts.learn(conn, &rows)?;
    sightings::show(hour, &rows, texts, &mut |sighting| profiles.add(sighting))?;
    register::write(conn, Book::Forgotten, profiles.finish())?;
    sightings::forget_hour(conn, hour)?;
    Ok(Some(rows.len() as u64))
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
    rows += conn.execute("DELETE FROM mark WHERE last < ?1", [start])?;
    conn.execute("DELETE FROM day_use WHERE day <= ?1", [last.0])?;
    rows += conn.execute(
        "DELETE FROM outbox WHERE state = 'sent' AND settled < ?1",
        [start],
    )?;
    forget_names(conn)?;
    Ok(u64::try_from(rows).unwrap_or(u64::MAX))
}

/// Deletes the names of clients, users and hosts that nothing means any more.
fn forget_names(conn: &Connection) -> Result<()> {
    let mut meant = digest::hosts_meant(conn)?;
    let mut from = Hour(i32::MIN);
    while let Some(hour) = sightings::next_hour(conn, from)? {
        for row in sightings::of_hour(conn, hour, None)? {
            meant.insert(row.key.client);
            meant.insert(row.key.user);
        }
        let Some(next) = hour.0.checked_add(1) else {
            break;
        };
        from = Hour(next);
    }
    let mut meaningless = Vec::new();
    let mut select = conn.prepare("SELECT id FROM name WHERE dimension IN (1, 2, 3)")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        if !meant.contains(id) {
            meaningless.push(id);
        }
    }
    let mut delete = conn.prepare("DELETE FROM name WHERE id = ?1")?;
    for id in meaningless {
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
