//! Sightings: added up in place, read back hour by hour.
//!
//! An hour is the page of a long answer: it is read, sorted and let go before the visitor sees it, so that a slow
//! visitor holds no lock and no snapshot, and the write-ahead log cannot grow behind its back.

use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::columns::{count, time};
use super::names::{Dimension, Facet, Numbering};
use super::register::{grade_of, grade_rank};
use super::texts::Texts;
use super::{bulk, ledger, register};
use crate::model::{Hour, Sighting, SightingKey, Tally};

/// Adds the sightings of a batch, and to the register what follows from them.
pub(super) fn write(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    sightings: &[Sighting],
) -> Result<()> {
    let mut words = Words::default();
    let mut rows = Vec::with_capacity(sightings.len());
    for sighting in sightings {
        let key = numbers(numbering, &mut words, sighting)?;
        rows.push((key, &sighting.tally));
    }
    // In the order of the table, so that neighbours share pages.
    rows.sort_unstable_by_key(|(key, _)| *key);
    bulk::put(
        conn,
        (
            "INSERT INTO sighting (hour, service, facet, client, user, segment, source,
                 events, prompts, uploads, bytes_up, bytes_down, first, last, grade)",
            "ON CONFLICT DO UPDATE SET
                 events = min(events + excluded.events, 9223372036854775807),
                 prompts = min(prompts + excluded.prompts, 9223372036854775807),
                 uploads = min(uploads + excluded.uploads, 9223372036854775807),
                 bytes_up = min(bytes_up + excluded.bytes_up, 9223372036854775807),
                 bytes_down = min(bytes_down + excluded.bytes_down, 9223372036854775807),
                 first = min(first, excluded.first),
                 last = max(last, excluded.last),
                 grade = max(grade, excluded.grade)",
        ),
        15,
        &rows,
        |statement, at, (key, tally)| {
            bulk::bind_numbers(statement, at, *key)?;
            let values = [
                count(tally.events),
                count(tally.prompts),
                count(tally.uploads),
                count(tally.bytes_up),
                count(tally.bytes_down),
                tally.first.micros(),
                tally.last.micros(),
                grade_rank(tally.grade),
            ];
            bulk::bind_numbers(statement, at + key.len(), values)
        },
    )?;
    let events = sightings.iter().map(|sighting| sighting.tally.events);
    ledger::add(conn, ledger::SIGHTINGS, events)?;
    register::write(
        conn,
        register::Book::Register,
        register::profiles_of(sightings),
    )
}

/// The words of the sighting before: mostly those of the next one too.
#[derive(Default)]
struct Words<'s> {
    service: Option<(&'s str, i64)>,
    segment: Option<(&'s str, i64)>,
    source: Option<(&'s str, i64)>,
}

fn numbers<'s>(
    numbering: &mut Numbering<'_>,
    words: &mut Words<'s>,
    sighting: &'s Sighting,
) -> Result<[i64; 7]> {
    let key = &sighting.key;
    let events = sighting.tally.events;
    let service = word(numbering, &mut words.service, &key.service)?;
    let segment = word(numbering, &mut words.segment, &key.segment)?;
    let source = word(numbering, &mut words.source, &key.source)?;
    Ok([
        i64::from(key.hour.0),
        service,
        numbering.facet(Facet::of(key))?,
        numbering.number(Dimension::Client, &key.client, events)?,
        numbering.number(Dimension::User, &key.user, events)?,
        segment,
        source,
    ])
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
    conn.prepare_cached("SELECT hour FROM sighting WHERE hour >= ?1 ORDER BY hour LIMIT 1")?
        .query_one([from.0], |row| row.get(0).map(Hour))
        .optional()
}

/// The sightings of one hour, sorted by their key.
pub(super) fn of_hour(
    conn: &Connection,
    texts: &mut Texts,
    hour: Hour,
    service: Option<&str>,
) -> Result<Vec<Sighting>> {
    let mut select = conn.prepare_cached(
        "SELECT service, facet, client, user, segment, source,
             events, prompts, uploads, bytes_up, bytes_down, first, last, grade
         FROM sighting
         WHERE hour = ?1
           AND (?2 IS NULL OR service = (SELECT id FROM name WHERE dimension = 0 AND text = ?2))",
    )?;
    let mut rows = select.query(params![hour.0, service])?;
    let mut sightings = Vec::new();
    while let Some(row) = rows.next()? {
        let facet = texts.facet(conn, row.get(1)?)?;
        let key = SightingKey {
            hour,
            service: texts.name(conn, row.get(0)?)?,
            role: facet.role,
            tier: facet.tier,
            channel: facet.channel,
            kind: facet.kind,
            outcome: facet.outcome,
            client: texts.name(conn, row.get(2)?)?,
            user: texts.name(conn, row.get(3)?)?,
            segment: texts.name(conn, row.get(4)?)?,
            source: texts.name(conn, row.get(5)?)?,
        };
        let tally = Tally {
            events: row.get(6)?,
            prompts: row.get(7)?,
            uploads: row.get(8)?,
            bytes_up: row.get(9)?,
            bytes_down: row.get(10)?,
            first: time(row, 11)?,
            last: time(row, 12)?,
            grade: grade_of(13, row.get(13)?)?,
        };
        sightings.push(Sighting { key, tally });
    }
    sightings.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(sightings)
}
