//! One batch, what follows from it, and how far was read: one transaction, all of it or nothing.
//!
//! The caller opens and ends the transaction; a panic in `follow` unwinds through here and rolls it back.

use std::collections::{BTreeSet, HashSet};

use rusqlite::{Connection, Result};

use super::names::{Numbering, Numbers};
use super::register::Book;
use super::{
    Limits, candidates, cases, coverage, day_use, decisions, digest, earlier, epoch, hosts, marks,
    outbox, positions, register, sightings, transitions, unlisted,
};
use crate::model::{Batch, Changes, Consequences, Mark, Time, Watched, unlisted_host};
use crate::store::Committed;

/// So many services at once are many.
const MANY: usize = 64;

/// Writes the batch and its consequences.
pub(super) fn commit(
    conn: &Connection,
    numbers: &mut Numbers,
    limits: Limits,
    batch: &Batch,
    now: Time,
    follow: &mut dyn FnMut(&Changes) -> Consequences,
) -> Result<Committed> {
    let mut numbering = Numbering::new(conn, numbers, limits);
    let batch = &*unlisted::capped(conn, &mut numbering, batch)?;
    sightings::write(conn, &mut numbering, &batch.sightings)?;
    day_use::write(conn, &batch.sightings)?;
    hosts::write(conn, &mut numbering, &batch.hosts)?;
    digest::write(conn, &mut numbering, &batch.digest)?;
    candidates::write(conn, &mut numbering, &batch.candidates)?;
    marks::write(conn, &mut numbering, &batch.marks)?;
    coverage::write(conn, &batch.coverage)?;
    positions::write(conn, &batch.positions)?;
    numbering.finish()?;

    if batch.is_history {
        epoch::advance(conn)?;
        return Ok(Committed::default());
    }
    let consequences = follow(&changes(conn, batch, now)?);
    // An idle tick writes nothing, not even its number: it would cost an fsync.
    if *batch != Batch::default() || consequences != Consequences::default() {
        epoch::advance(conn)?;
    }
    write(conn, &consequences, now)
}

/// What the batch is about to change, read back inside the transaction.
fn changes(conn: &Connection, batch: &Batch, now: Time) -> Result<Changes> {
    let told = outbox::told(conn, now)?;
    let unannounced = if told.storm {
        Vec::new()
    } else {
        transitions::unannounced(conn)?
    };
    let mut changes = Changes {
        unannounced,
        silenced: cases::silenced(conn, now)?,
        health: batch.health.clone(),
        told,
        watched: Watched {
            span: coverage::connections(conn)?,
            segments: register::connected_segments(conn)?,
        },
        ..Changes::default()
    };
    let mut touched: Vec<&str> = batch.sightings.iter().map(|s| &*s.key.service).collect();
    // They come in runs.
    touched.dedup();
    let touched: BTreeSet<&str> = touched.into_iter().collect();
    if touched.is_empty() {
        changes.profiles = register::read(conn, Book::Register, None)?;
        changes.marks = marks::of_unlisted(conn)?;
        changes.days = day_use::read(conn)?;
        changes.decisions = decisions::decisions(conn, None)?;
        changes.known = transitions::known(conn, None)?;
        changes.earlier = earlier::read(conn, None)?;
        return Ok(changes);
    }
    // People write few of them: of many services they are read in one go.
    let are_many = touched.len() > MANY;
    if are_many {
        let all = decisions::decisions(conn, None)?.into_iter();
        changes.decisions = all
            .filter(|made| touched.contains(&*made.service))
            .collect();
    }
    for service in touched {
        let service = Some(service);
        changes
            .profiles
            .extend(register::read(conn, Book::Register, service)?);
        if !are_many {
            let of_service = decisions::decisions(conn, service)?;
            changes.decisions.extend(of_service);
        }
        changes.known.extend(transitions::known(conn, service)?);
        if let Some(unlisted) = service.filter(|id| unlisted_host(id).is_some()) {
            let told = marks::of(conn, unlisted)?;
            for machine in told.iter().filter_map(Mark::machine) {
                changes.marks.extend(marks::of(conn, &machine)?);
            }
            changes.marks.extend(told);
        }
        changes.earlier.extend(earlier::read(conn, service)?);
    }
    changes.decisions.sort_by_key(|decision| decision.id);
    Ok(changes)
}

fn write(conn: &Connection, consequences: &Consequences, now: Time) -> Result<Committed> {
    let announced: HashSet<&str> = consequences.announced.iter().map(|id| &**id).collect();
    transitions::announce(conn, &announced)?;
    let mut committed = Committed {
        transitions: transitions::record(conn, &consequences.transitions, &announced, now)?,
        ..Committed::default()
    };
    for (alert, channels) in &consequences.alerts {
        for channel in channels {
            committed.queued += usize::from(outbox::enqueue(conn, alert, channel, now)?);
        }
    }
    Ok(committed)
}
