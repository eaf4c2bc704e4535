//! An application in no signature that a signature names now: what was counted of it becomes the service's.
//!
//! Sums are moved, none is made: what was seen once is counted once, since when it was seen. What people said of it is
//! appended under the new id, unless something was said of the service itself; under the old one it stays as it was said. Its open cases
//! close, because the service has its own.

use rusqlite::{Connection, Result};

use super::names::{Dimension, Numbering};
use super::register::Book;
use super::sighting_page::{Row, merge};
use super::{cases, decisions, hours, marks, observed, register, sightings, transitions};
use crate::model::{Decision, DutyRecord, Enforcement, Hour, MarkKind};
use crate::store::CaseChange;

/// Moves everything from one id to the other.
pub(super) fn rename(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    from: &str,
    to: &str,
) -> Result<()> {
    if let Some(old) = sightings::service_number(conn, from)? {
        let new = numbering.number(Dimension::Word, to, 0)?;
        move_sightings(conn, old, new)?;
        move_hosts(conn, old, new)?;
    }
    for book in [Book::Register, Book::Forgotten] {
        register::rename(conn, book, from, to)?;
    }
    conn.execute(
        "INSERT INTO day_use (service, day, events) SELECT ?2, day, events FROM day_use WHERE service = ?1
         ON CONFLICT (service, day) DO UPDATE SET events = min(events + excluded.events, 9223372036854775807)",
        [from, to],
    )?;
    conn.execute("DELETE FROM day_use WHERE service = ?1", [from])?;
    move_marks(conn, numbering, from, to)?;
    say_again(conn, from, to)?;
    close_cases(conn, from, to)
}

fn move_sightings(conn: &Connection, old: i64, new: i64) -> Result<()> {
    let mut after = Hour(i32::MIN);
    while let Some(hour) = sightings::next_hour(conn, after)? {
        let mut moved = sightings::of_hour(conn, hour, Some(old))?;
        if !moved.is_empty() {
            let mut kept: Vec<Row> = sightings::of_hour(conn, hour, None)?;
            kept.retain(|row| row.key.service != old);
            moved.iter_mut().for_each(|row| row.key.service = new);
            sightings::forget_hour(conn, hour)?;
            hours::add(conn, hour, &merge(&kept, &moved))?;
        }
        let Some(next) = hour.0.checked_add(1) else {
            break;
        };
        after = Hour(next);
    }
    Ok(())
}

fn move_hosts(conn: &Connection, old: i64, new: i64) -> Result<()> {
    conn.execute(
        "INSERT INTO host (day, service, host, role, events)
         SELECT day, ?2, host, role, events FROM host WHERE service = ?1
         ON CONFLICT DO UPDATE SET events = min(events + excluded.events, 9223372036854775807)",
        [old, new],
    )?;
    conn.execute("DELETE FROM host WHERE service = ?1", [old])?;
    Ok(())
}

/// The shapes of its requests said that it is an application; the signature says so now.
fn move_marks(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    from: &str,
    to: &str,
) -> Result<()> {
    let mut told = marks::of(conn, from)?;
    conn.execute("DELETE FROM mark WHERE subject = ?1", [from])?;
    told.retain(|mark| mark.kind != MarkKind::Shape);
    told.iter_mut().for_each(|mark| mark.subject = to.into());
    marks::write(conn, numbering, &told)
}

fn say_again(conn: &Connection, from: &str, to: &str) -> Result<()> {
    if decisions::decisions(conn, Some(to))?.is_empty() {
        for made in decisions::decisions(conn, Some(from))? {
            let service = to.to_owned();
            decisions::decide(conn, &Decision { service, ..made })?;
        }
    }
    if decisions::duty_records(conn, Some(to))?.is_empty() {
        for step in decisions::duty_records(conn, Some(from))? {
            let service = to.to_owned();
            decisions::record_duty(conn, &DutyRecord { service, ..step })?;
        }
    }
    if observed::enforcements(conn, Some(to))?.is_empty() {
        for made in observed::enforcements(conn, Some(from))? {
            let service = to.to_owned();
            observed::enforce(conn, &Enforcement { service, ..made })?;
        }
    }
    Ok(())
}

fn close_cases(conn: &Connection, from: &str, to: &str) -> Result<()> {
    let by = format!("gnomon: it is {to} now");
    for case in cases::read(conn, true)? {
        if *case.service == *from {
            let change = CaseChange::Close { by: by.clone() };
            cases::update(conn, &case.id, &change, case.updated)?;
        }
    }
    // What was not told yet is told of the service.
    transitions::silence(conn, from)
}
