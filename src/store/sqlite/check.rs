//! Is the file whole, and do the accounts balance?
//!
//! SQLite keeps no checksums, so a flipped bit in a count is a valid row. What can be summed two ways is summed two
//! ways here: profiles against sightings, tables against the ledger, records against their outcomes.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

use super::columns::{damaged, sum};
use super::id_set::IdSet;
use super::register::{Book, ProfileKey};
use super::texts::Texts;
use super::{candidates, cases, day_use, decisions, earlier, epoch, hosts, marks, observed};
use super::{digest, ledger, outbox, positions, register, sightings, unmaskings};
use crate::model::{Day, Hour, Profile};

/// What is wrong or missing, in sentences.
pub(super) fn check(conn: &Connection, texts: &mut Texts) -> Result<Vec<String>> {
    let mut wrong = damage(conn, texts)?;
    if wrong.is_empty() {
        wrong.extend(overflow(conn)?);
    }
    Ok(wrong)
}

/// What is wrong, in sentences.
pub(super) fn damage(conn: &Connection, texts: &mut Texts) -> Result<Vec<String>> {
    let mut wrong = structure(conn)?;
    if !wrong.is_empty() {
        // Sums over a broken tree would only repeat it in other words.
        return Ok(wrong);
    }
    wrong.extend(unreadable(conn)?);
    if !wrong.is_empty() {
        return Ok(wrong);
    }
    wrong.extend(register_and_sightings(conn, texts)?);
    wrong.extend(day_tables(conn)?);
    wrong.extend(accounts(conn)?);
    as_its_readers_do(conn)?;
    Ok(wrong)
}

/// Reads what no sum looks at, by the functions that will read it: a changed word is a valid text, and a start that
/// needs the row would fail at it each time.
fn as_its_readers_do(conn: &Connection) -> Result<()> {
    positions::read(conn)?;
    epoch::sequence(conn)?;
    earlier::signatures(conn)?;
    earlier::read(conn, None)?;
    decisions::decisions(conn, None)?;
    decisions::duty_records(conn, None)?;
    observed::enforcements(conn, None)?;
    observed::observations(conn, None)?;
    observed::standings(conn, None)?;
    cases::read(conn, false)?;
    outbox::visit(conn, &mut |_| ())?;
    candidates::read(conn)?;
    candidates::verdicts(conn)?;
    marks::read(conn)?;
    day_use::read(conn)?;
    unmaskings::read(conn)?;
    hosts::roles(conn)?;
    Ok(())
}

/// The accounts that take no time to ask.
pub(super) fn accounts(conn: &Connection) -> Result<Vec<String>> {
    let mut wrong = records(conn)?;
    wrong.extend(queued_twice(conn)?);
    Ok(wrong)
}

/// What SQLite itself finds, and references that lead nowhere.
fn structure(conn: &Connection) -> Result<Vec<String>> {
    let mut wrong = complaints(conn, "PRAGMA quick_check(20)")?;
    if !wrong.is_empty() {
        return Ok(wrong);
    }
    // A row that its index does not find is never updated, and fails whoever deletes it; the quick check does not look.
    let indexed: Vec<String> = conn
        .prepare("SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'index' AND tbl_name != 'name'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_>>()?;
    for table in indexed {
        wrong.extend(complaints(
            conn,
            &format!("PRAGMA integrity_check(\"{table}\")"),
        )?);
    }
    let in_table = sum_of_names(conn, "NOT INDEXED")?;
    if in_table
        != sum_of_names(
            conn,
            "INDEXED BY sqlite_autoindex_name_1 ORDER BY dimension, text",
        )?
    {
        wrong.push("the file is damaged: names and their index differ".to_owned());
    }
    let dangling: u64 =
        conn.query_one("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
            row.get(0)
        })?;
    if dangling > 0 {
        wrong.push(format!("{dangling} rows refer to something that is gone"));
    }
    Ok(wrong)
}

fn complaints(conn: &Connection, pragma: &str) -> Result<Vec<String>> {
    conn.prepare(pragma)?
        .query_map([], |row| row.get::<_, String>(0))?
        .filter(|line| !matches!(line, Ok(text) if text == "ok"))
        .map(|line| line.map(|text| format!("the file is damaged: {text}")))
        .collect()
}

/// A sum over all names in whichever order. There are a million of them, and to look each up in the index, as SQLite's
/// own check does, takes many times as long as reading both.
fn sum_of_names(conn: &Connection, read: &str) -> Result<u64> {
    let mut select = conn.prepare(&format!("SELECT id, dimension, text FROM name {read}"))?;
    let mut rows = select.query([])?;
    let mut all = 0_u64;
    while let Some(row) = rows.next()? {
        let mut one = DefaultHasher::new();
        (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?).hash(&mut one);
        row.get_ref(2)?
            .as_bytes()
            .map_err(|error| damaged(2, error))?
            .hash(&mut one);
        all = all.wrapping_add(one.finish());
    }
    Ok(all)
}

/// Tables with a text that is none: SQLite takes any bytes for one, and whoever reads the row would fail.
fn unreadable(conn: &Connection) -> Result<Vec<String>> {
    let columns: Vec<(String, String)> = conn
        .prepare(
            "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
             WHERE t.type = 'table' AND c.type = 'TEXT' ORDER BY t.name, c.cid",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    let mut wrong = Vec::new();
    for (table, column) in columns {
        let mut select = conn.prepare(&format!("SELECT \"{column}\" FROM \"{table}\""))?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            if let ValueRef::Text(bytes) = row.get_ref(0)?
                && std::str::from_utf8(bytes).is_err()
            {
                wrong.push(format!("a {column} of the table {table} is no text"));
                break;
            }
        }
    }
    Ok(wrong)
}

/// Every profile is its live sightings plus what retention deleted, to the microsecond.
fn register_and_sightings(conn: &Connection, texts: &mut Texts) -> Result<Vec<String>> {
    let mut expected: BTreeMap<ProfileKey, Profile> = BTreeMap::new();
    for profile in register::read(conn, Book::Forgotten, None)? {
        register::add(&mut expected, profile);
    }
    let mut events = 0;
    let mut from = Hour(i32::MIN);
    while let Some(hour) = sightings::next_hour(conn, from)? {
        let rows = sightings::of_hour(conn, hour, None)?;
        events = rows
            .iter()
            .fold(events, |all, row| sum(all, row.tally.events));
        let mut profiles = register::Profiles::default();
        texts.learn(conn, &rows)?;
        sightings::show(hour, &rows, texts, &mut |sighting| profiles.add(sighting))?;
        for profile in profiles.finish().into_values() {
            register::add(&mut expected, profile);
        }
        let Some(next) = hour.0.checked_add(1) else {
            break;
        };
        from = Hour(next);
    }
    let mut wrong = balance(conn, ledger::SIGHTINGS, events)?;
    let found = register::read(conn, Book::Register, None)?;
    if found.len() != expected.len() {
        wrong.push(format!(
            "the register has {} profiles, its sightings make {}",
            found.len(),
            expected.len()
        ));
    }
    for profile in found {
        let key = (
            profile.service.clone(),
            profile.segment.clone(),
            profile.tier,
        );
        if expected.get(&key) != Some(&profile) {
            wrong.push(format!(
                "the profile of {} in segment {:?} on tier {} is not the sum of its sightings",
                profile.service, profile.segment, profile.tier
            ));
        }
    }
    Ok(wrong)
}

fn day_tables(conn: &Connection) -> Result<Vec<String>> {
    let mut events = 0;
    let mut select = conn.prepare_cached("SELECT events FROM host")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        events = sum(events, row.get(0)?);
    }
    let mut wrong = balance(conn, ledger::HOSTS, events)?;

    let mut names = IdSet::default();
    let mut select = conn.prepare_cached("SELECT id FROM name WHERE dimension = 3")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        names.insert(row.get(0)?);
    }
    let (mut hits, mut nameless) = (0, 0);
    let all = (Day(i32::MIN), Day(i32::MAX));
    digest::visit(conn, all, &mut |_, hosts| {
        hits = hosts.iter().fold(hits, |all, one| sum(all, one.hits));
        nameless += hosts.iter().filter(|one| !names.contains(one.host)).count();
    })?;
    wrong.extend(balance(conn, ledger::DIGEST, hits)?);
    nameless += conn.query_one(
        "SELECT count(*) FROM host WHERE host NOT IN (SELECT id FROM name)
                                      OR service NOT IN (SELECT id FROM name)",
        [],
        |row| row.get::<_, usize>(0),
    )?;
    if nameless > 0 {
        wrong.push(format!("{nameless} rows of hosts mean names that are gone"));
    }
    Ok(wrong)
}

fn balance(conn: &Connection, account: &str, there: u64) -> Result<Vec<String>> {
    let (added, forgotten) = ledger::read(conn, account)?;
    if sum(there, forgotten) == added {
        return Ok(Vec::new());
    }
    Ok(vec![format!(
        "{account}: {added} events were added and {forgotten} deleted by retention, but {there} are there"
    )])
}

/// Every record read became an event, was skipped or was bad.
fn records(conn: &Connection) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for source in super::coverage::read(conn)? {
        let outcomes = sum(sum(source.events, source.skipped), source.bad);
        if source.read != outcomes {
            wrong.push(format!(
                "{:?}: {} records were read, but {outcomes} are accounted for",
                source.source, source.read
            ));
        }
    }
    Ok(wrong)
}

fn queued_twice(conn: &Connection) -> Result<Vec<String>> {
    // The `+` keeps SQLite from answering out of the very index that would have to forbid it.
    let doubled: u64 = conn.query_one(
        "SELECT count(*) FROM (SELECT 1 FROM outbox GROUP BY +channel, +alert_id HAVING count(*) > 1)",
        [],
        |row| row.get(0),
    )?;
    Ok(match doubled {
        0 => Vec::new(),
        _ => vec![format!("{doubled} alerts are queued twice for one channel")],
    })
}

fn overflow(conn: &Connection) -> Result<Vec<String>> {
    conn.prepare_cached("SELECT what, events FROM overflow ORDER BY what")?
        .query_map([], |row| {
            let (what, events): (String, u64) = (row.get(0)?, row.get(1)?);
            Ok(format!(
                "there were more {what} than the store keeps; {events} events are counted as __other__"
            ))
        })?
        .collect()
}
