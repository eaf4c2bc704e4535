//! Sightings: added up in place, read back hour by hour.
//!
//! An hour is packed into one page (see `sighting_page.rs`): a tenth of the work of as many rows, and a third of the
//! space. What a followed log brings is too little for that and waits in rows (see `loose.rs`).
//!
//! An hour is also the page of a long answer: it is read and let go before the visitor sees it, so that a slow visitor
//! holds no lock and no snapshot, and the write-ahead log cannot grow behind its back.

use rusqlite::{Connection, OptionalExtension as _, Result};

use super::names::{Dimension, Facet, Numbering};
use super::sighting_page::{Key, Row, merge};
use super::texts::Texts;
use super::{hours, ledger, loose, register};
use crate::model::{Hour, Sighting, SightingKey};

/// A batch of so many is packed at once.
const MANY: usize = 1_000;

/// When so many wait, they are packed.
const LOOSE: u64 = 5_000;

/// Adds the sightings of a batch, and to the register what follows from them.
pub(super) fn write(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    sightings: &[Sighting],
) -> Result<()> {
    let mut words = Words::default();
    let mut rows = Vec::with_capacity(sightings.len());
    let mut profiles = register::Profiles::default();
    for sighting in sightings {
        let key = key(numbering, &mut words, sighting)?;
        rows.push((sighting.key.hour, Row::new(key, &sighting.tally)));
        profiles.add(sighting);
    }
    rows.sort_unstable_by_key(|(hour, row)| (*hour, row.key));
    if rows.len() < MANY {
        loose::add(conn, &rows)?;
        let waiting = match numbering.loose_rows() {
            Some(there) => there + rows.len() as u64,
            None => loose::total(conn)?,
        };
        let is_much = waiting > LOOSE;
        if is_much {
            loose::pack(conn)?;
        }
        numbering.has_loose_rows(if is_much { 0 } else { waiting });
    } else {
        for of_hour in rows.chunk_by(|(a, _), (b, _)| a == b) {
            if let Some((hour, _)) = of_hour.first() {
                let rows: Vec<Row> = of_hour.iter().map(|(_, row)| *row).collect();
                hours::add(conn, *hour, &rows)?;
            }
        }
    }
    let events = sightings.iter().map(|sighting| sighting.tally.events);
    ledger::add(conn, ledger::SIGHTINGS, events)?;
    register::write(conn, register::Book::Register, profiles.finish())
}

/// The words of the sighting before: mostly those of the next one too.
#[derive(Default)]
struct Words<'s> {
    service: Option<(&'s str, i64)>,
    segment: Option<(&'s str, i64)>,
    source: Option<(&'s str, i64)>,
}

fn key<'s>(
    numbering: &mut Numbering<'_>,
    words: &mut Words<'s>,
    sighting: &'s Sighting,
) -> Result<Key> {
    let key = &sighting.key;
    let events = sighting.tally.events;
    Ok(Key {
        service: word(numbering, &mut words.service, &key.service)?,
        facet: numbering.facet(Facet::of(key))?,
        client: numbering.number(Dimension::Client, &key.client, events)?,
        user: numbering.number(Dimension::User, &key.user, events)?,
        segment: word(numbering, &mut words.segment, &key.segment)?,
        source: word(numbering, &mut words.source, &key.source)?,
    })
}

fn word<'s>(
    numbering: &mut Numbering<'_>,
    before: &mut Option<(&'s str, i64)>,
    text: &'s str,
) -> Result<i64> {
    match *before {
        Some((there, id)) if there == text => Ok(id),
        _ => {
            let id = numbering.number(Dimension::Word, text, 0)?;
            *before = Some((text, id));
            Ok(id)
        }
    }
}

/// The first hour from `from` on that has sightings.
pub(super) fn next_hour(conn: &Connection, from: Hour) -> Result<Option<Hour>> {
    conn.prepare_cached(
        "SELECT min(hour) FROM (
             SELECT hour FROM (SELECT hour FROM sighting WHERE hour >= ?1 ORDER BY hour LIMIT 1)
             UNION ALL
             SELECT hour FROM (SELECT hour FROM sighting_page WHERE hour >= ?1 ORDER BY hour LIMIT 1))",
    )?
    .query_one([from.0], |row| Ok(row.get::<_, Option<i32>>(0)?.map(Hour)))
}

/// The number of a service, if anything was seen of it.
pub(super) fn service_number(conn: &Connection, service: &str) -> Result<Option<i64>> {
    conn.prepare_cached("SELECT id FROM name WHERE dimension = 0 AND text = ?1")?
        .query_one([service], |row| row.get(0))
        .optional()
}

/// The sightings of one hour and one service or all, in the order of their numbers.
pub(super) fn of_hour(conn: &Connection, hour: Hour, service: Option<i64>) -> Result<Vec<Row>> {
    let packed = hours::find(conn, hour, service)?;
    let loose = loose::of_hour(conn, hour, service)?;
    Ok(match (packed.is_empty(), loose.is_empty()) {
        (_, true) => packed,
        (true, false) => loose,
        (false, false) => merge(&packed, &loose),
    })
}

/// Deletes the sightings of one hour.
pub(super) fn forget_hour(conn: &Connection, hour: Hour) -> Result<()> {
    conn.prepare_cached("DELETE FROM sighting WHERE hour = ?1")?
        .execute([hour.0])?;
    conn.prepare_cached("DELETE FROM sighting_page WHERE hour = ?1")?
        .execute([hour.0])?;
    Ok(())
}

/// Shows the sightings of an hour; `texts` knows their names (see [`Texts::learn`]).
pub(super) fn show(
    hour: Hour,
    rows: &[Row],
    texts: &Texts,
    see: &mut dyn FnMut(&Sighting),
) -> Result<()> {
    let mut shown: Option<(Key, Sighting)> = None;
    for row in rows {
        match &mut shown {
            None => {
                let sighting = Sighting {
                    key: key_of(hour, &row.key, texts)?,
                    tally: row.tally,
                };
                see(&sighting);
                shown = Some((row.key, sighting));
            }
            // Most of a key is as in the row before.
            Some((before, sighting)) => {
                let key = &mut sighting.key;
                if row.key.service != before.service {
                    key.service = texts.known(row.key.service)?.clone();
                }
                if row.key.facet != before.facet {
                    let facet = texts.known_facet(row.key.facet)?;
                    (key.role, key.tier, key.channel) = (facet.role, facet.tier, facet.channel);
                    (key.kind, key.outcome) = (facet.kind, facet.outcome);
                }
                if row.key.client != before.client {
                    key.client = texts.known(row.key.client)?.clone();
                }
                if row.key.user != before.user {
                    key.user = texts.known(row.key.user)?.clone();
                }
                if row.key.segment != before.segment {
                    key.segment = texts.known(row.key.segment)?.clone();
                }
                if row.key.source != before.source {
                    key.source = texts.known(row.key.source)?.clone();
                }
                sighting.tally = row.tally;
                *before = row.key;
                see(sighting);
            }
        }
    }
    Ok(())
}

fn key_of(hour: Hour, key: &Key, texts: &Texts) -> Result<SightingKey> {
    let facet = texts.known_facet(key.facet)?;
    Ok(SightingKey {
        hour,
        service: texts.known(key.service)?.clone(),
        role: facet.role,
        tier: facet.tier,
        channel: facet.channel,
        kind: facet.kind,
        outcome: facet.outcome,
        client: texts.known(key.client)?.clone(),
        user: texts.known(key.user)?.clone(),
        segment: texts.known(key.segment)?.clone(),
        source: texts.known(key.source)?.clone(),
    })
}
