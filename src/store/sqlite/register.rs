//! The register: what every defining sighting ever committed adds up to, per service, segment and tier.
//!
//! One function makes profiles of sightings and one merges profiles; commit, retention and the check of accounts all
//! use these two, so that the sums of a profile are always its live sightings plus what retention deleted. Use is what
//! was allowed or of unknown outcome, an attempt is what was blocked, and what failed (`error`) is neither. Bytes are
//! those of use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rusqlite::{Connection, Result, Row};

use super::bulk;
use super::columns::{count, damaged, micros, of_service, sum, time, time_or_none, word};
use crate::model::{Grade, Outcome, Profile, Sighting, Tier, Time};

/// Service, segment, tier.
pub(super) type ProfileKey = (Arc<str>, Arc<str>, Tier);

/// The two tables that hold profiles.
#[derive(Debug, Clone, Copy)]
pub(super) enum Book {
    Register,
    /// What retention deleted the sightings of.
    Forgotten,
}

impl Book {
    const fn table(self) -> &'static str {
        match self {
            Self::Register => "profile",
            Self::Forgotten => "forgotten_profile",
        }
    }
}

/// What sightings add to the register.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    profiles: BTreeMap<ProfileKey, Profile>,
    /// The one that the sighting before belongs to, which is mostly that of the next one too.
    open: Option<Profile>,
}

impl Profiles {
    pub(super) fn add(&mut self, sighting: &Sighting) {
        let Some(one) = profile_of(sighting) else {
            return;
        };
        match &mut self.open {
            Some(open) if key_of(open) == key_of(&one) => merge(open, &one),
            _ => {
                if let Some(before) = self.open.replace(one) {
                    add(&mut self.profiles, before);
                }
            }
        }
    }

    pub(super) fn finish(mut self) -> BTreeMap<ProfileKey, Profile> {
        if let Some(last) = self.open.take() {
            add(&mut self.profiles, last);
        }
        self.profiles
    }
}

/// Merges a profile into those there are.
pub(super) fn add(profiles: &mut BTreeMap<ProfileKey, Profile>, one: Profile) {
    let key = (Arc::clone(&one.service), Arc::clone(&one.segment), one.tier);
    match profiles.entry(key) {
        std::collections::btree_map::Entry::Occupied(mut there) => merge(there.get_mut(), &one),
        std::collections::btree_map::Entry::Vacant(place) => {
            place.insert(one);
        }
    }
}

fn profile_of(sighting: &Sighting) -> Option<Profile> {
    let (key, tally) = (&sighting.key, &sighting.tally);
    let is_use = match key.outcome {
        Outcome::Allowed | Outcome::Unknown => true,
        Outcome::Blocked => false,
        Outcome::Error => return None,
    };
    let of_use = |value: u64| if is_use { sum(value, 0) } else { 0 };
    key.role.is_defining().then(|| Profile {
        service: Arc::clone(&key.service),
        segment: Arc::clone(&key.segment),
        tier: key.tier,
        events: of_use(tally.events),
        attempts: if is_use { 0 } else { sum(tally.events, 0) },
        bytes_up: of_use(tally.bytes_up),
        bytes_down: of_use(tally.bytes_down),
        first_seen: tally.first,
        last_seen: tally.last,
        first_use: is_use.then_some(tally.first),
        last_use: is_use.then_some(tally.last),
        last_contact: (is_use && tally.grade > Grade::Resolved).then_some(tally.last),
        grade: is_use.then_some(tally.grade),
    })
}

fn merge(into: &mut Profile, other: &Profile) {
    into.events = sum(into.events, other.events);
    into.attempts = sum(into.attempts, other.attempts);
    into.bytes_up = sum(into.bytes_up, other.bytes_up);
    into.bytes_down = sum(into.bytes_down, other.bytes_down);
    into.first_seen = into.first_seen.min(other.first_seen);
    into.last_seen = into.last_seen.max(other.last_seen);
    into.first_use = match (into.first_use, other.first_use) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    into.last_use = into.last_use.max(other.last_use);
    into.last_contact = into.last_contact.max(other.last_contact);
    into.grade = into.grade.max(other.grade);
}

/// Adds these profiles to a book.
pub(super) fn write(
    conn: &Connection,
    book: Book,
    profiles: BTreeMap<ProfileKey, Profile>,
) -> Result<()> {
    let mut rows: Vec<Profile> = profiles.into_values().collect();
    for of_service in rows.chunk_by_mut(|a, b| a.service == b.service) {
        let service = Arc::clone(&of_service[0].service);
        for there in read(conn, book, Some(&service))? {
            if let Ok(at) = of_service.binary_search_by(|row| key_of(row).cmp(&key_of(&there))) {
                merge(&mut of_service[at], &there);
            }
        }
    }
    let insert = format!("INSERT OR REPLACE INTO {} ({COLUMNS})", book.table());
    bulk::put(conn, (&insert, ""), 13, &rows, |statement, at, row| {
        bulk::bind_texts(
            statement,
            at,
            [&row.service, &row.segment, row.tier.as_str()],
        )?;
        let sums = [row.events, row.attempts, row.bytes_up, row.bytes_down];
        bulk::bind_numbers(statement, at + 3, sums.map(count))?;
        let seen = [row.first_seen, row.last_seen];
        bulk::bind_numbers(statement, at + 7, seen.map(Time::micros))?;
        let used = [row.first_use, row.last_use, row.last_contact].map(micros);
        for (at, value) in (at + 9..).zip(used.into_iter().chain([row.grade.map(grade_rank)])) {
            statement.raw_bind_parameter(at, value)?;
        }
        Ok(())
    })
}

/// Makes the profiles of one service another's, and merges them with those that it has.
pub(super) fn rename(conn: &Connection, book: Book, from: &str, to: &str) -> Result<()> {
    let mut profiles = BTreeMap::new();
    for profile in read(conn, book, Some(from))? {
        let service = to.into();
        add(&mut profiles, Profile { service, ..profile });
    }
    write(conn, book, profiles)?;
    let table = book.table();
    conn.execute(&format!("DELETE FROM {table} WHERE service = ?1"), [from])?;
    Ok(())
}

/// The profiles of one service or all, sorted by service, segment, tier.
pub(super) fn read(conn: &Connection, book: Book, service: Option<&str>) -> Result<Vec<Profile>> {
    let table = book.table();
    let mut select = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM {table} WHERE {}",
        of_service(service)
    ))?;
    let mut rows = select.query([service])?;
    let mut profiles: Vec<Profile> = Vec::new();
    let mut segments: BTreeSet<Arc<str>> = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let (service, segment) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        let service = match profiles.last() {
            Some(before) if *before.service == *service => Arc::clone(&before.service),
            _ => service.into(),
        };
        let segment = match segments.get(segment) {
            Some(held) => Arc::clone(held),
            None => {
                let new: Arc<str> = segment.into();
                segments.insert(Arc::clone(&new));
                new
            }
        };
        profiles.push(read_row(row, service, segment)?);
    }
    profiles.sort_by(|a, b| key_of(a).cmp(&key_of(b)));
    Ok(profiles)
}

/// Segments that connections were seen from.
pub(super) fn connected_segments(conn: &Connection) -> Result<BTreeSet<Arc<str>>> {
    conn.prepare_cached("SELECT DISTINCT segment FROM profile WHERE last_contact IS NOT NULL")?
        .query_map([], |row| row.get(0))?
        .collect()
}

const COLUMNS: &str = "service, segment, tier, events, attempts, bytes_up, bytes_down,
     first_seen, last_seen, first_use, last_use, last_contact, grade";

fn read_row(row: &Row<'_>, service: Arc<str>, segment: Arc<str>) -> Result<Profile> {
    Ok(Profile {
        service,
        segment,
        tier: word(row, 2)?,
        events: row.get(3)?,
        attempts: row.get(4)?,
        bytes_up: row.get(5)?,
        bytes_down: row.get(6)?,
        first_seen: time(row, 7)?,
        last_seen: time(row, 8)?,
        first_use: time_or_none(row, 9)?,
        last_use: time_or_none(row, 10)?,
        last_contact: time_or_none(row, 11)?,
        grade: row
            .get::<_, Option<i64>>(12)?
            .map(|rank| grade_of(12, rank))
            .transpose()?,
    })
}

fn key_of(profile: &Profile) -> (&str, &str, Tier) {
    (&profile.service, &profile.segment, profile.tier)
}

/// A grade as a number that SQL can take the greatest of. Part of the schema; gaps leave room for grades to come.
pub(super) const fn grade_rank(grade: Grade) -> i64 {
    match grade {
        Grade::Resolved => 10,
        Grade::Connected => 20,
        Grade::Exchanged => 30,
        Grade::Uploaded => 40,
        Grade::Confirmed => 50,
    }
}

/// The grade of a rank.
pub(super) fn grade_ranked(rank: i64) -> Option<Grade> {
    Grade::ALL
        .iter()
        .copied()
        .find(|grade| grade_rank(*grade) == rank)
}

pub(super) fn grade_of(column: usize, rank: i64) -> Result<Grade> {
    grade_ranked(rank).ok_or_else(|| damaged(column, format!("{rank} is the rank of no grade")))
}
