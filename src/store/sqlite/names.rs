//! Names and facets as numbers: written once, meant by number ever after.
//!
//! Clients, users and hosts come from logs, so each of them has a cap; past it a new name becomes `__other__` and what
//! it did is counted in the overflow table. What a transaction numbers is remembered only if that transaction becomes
//! final: a rollback takes the numbers back.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::columns::{count, damaged};
use super::known::{Known, Place};
use super::{Limits, bulk};
use crate::model::{Channel, Day, Kind, Outcome, Role, SightingKey, Tier};

/// The name of everything past a cap.
pub(super) const OTHER: &str = "__other__";

/// How much memory names may take from one transaction to the next.
const REMEMBERED_BYTES: usize = 16 << 20;

/// When one name in so many was asked for, reading all of them is cheaper than going on asking.
const ASKED_SHARE: u64 = 8;

/// What a name is the name of. Numbers are part of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    /// A service, a segment or a source: named by signatures and configuration, not by logs.
    Word = 0,
    Client = 1,
    User = 2,
    Host = 3,
}

impl Dimension {
    const COUNT: usize = 4;

    const fn cap(self, limits: &Limits) -> u64 {
        match self {
            Self::Word => u64::MAX,
            Self::Client => limits.clients,
            Self::User => limits.users,
            Self::Host => limits.hosts,
        }
    }

    const fn plural(self) -> &'static str {
        match self {
            Self::Word => "words",
            Self::Client => "clients",
            Self::User => "users",
            Self::Host => "hosts",
        }
    }
}

/// The closed words of a sighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Facet {
    pub(super) role: Role,
    pub(super) tier: Tier,
    pub(super) channel: Channel,
    pub(super) kind: Kind,
    pub(super) outcome: Outcome,
}

impl Facet {
    pub(super) const fn of(key: &SightingKey) -> Self {
        Self {
            role: key.role,
            tier: key.tier,
            channel: key.channel,
            kind: key.kind,
            outcome: key.outcome,
        }
    }
}

/// Numbers of names, for writing.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    books: [Book; Dimension::COUNT],
    facets: HashMap<Facet, i64>,
    /// The number of the next new name; `None` until looked up.
    next: Option<i64>,
    /// How many rows the hosts of services have at most, by day.
    host_rows: HashMap<Day, u64>,
    /// How many sightings wait to be packed, at most; `None` until counted.
    loose_rows: Option<u64>,
}

/// What is remembered of the names of one dimension.
#[derive(Debug, Default)]
struct Book {
    known: Known,
    /// How many the file holds; `None` until counted.
    total: Option<Total>,
    /// How many were asked for one by one.
    asked: u64,
    /// Whether they are too many to be remembered all.
    is_large: bool,
}

#[derive(Debug, Clone, Copy)]
struct Total {
    all: u64,
    /// Those that count against the cap.
    capped: u64,
}

/// Gives numbers inside one transaction.
pub(super) struct Numbering<'t> {
    conn: &'t Connection,
    numbers: &'t mut Numbers,
    limits: Limits,
    /// Names that have a number and are not written yet.
    fresh: Vec<(Dimension, Place)>,
    overflow: BTreeMap<&'static str, u64>,
}

impl<'t> Numbering<'t> {
    pub(super) fn new(conn: &'t Connection, numbers: &'t mut Numbers, limits: Limits) -> Self {
        Self {
            conn,
            numbers,
            limits,
            fresh: Vec::new(),
            overflow: BTreeMap::new(),
        }
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many rows the hosts of services of a day have at most, if that is known.
    pub(super) fn host_rows(&self, day: Day) -> Option<u64> {
        self.numbers.host_rows.get(&day).copied()
    }

    /// Remembers how many rows the hosts of services of a day have at most.
    pub(super) fn has_host_rows(&mut self, day: Day, rows: u64) {
        if self.numbers.host_rows.len() > 1_000 {
            self.numbers.host_rows.clear();
        }
        self.numbers.host_rows.insert(day, rows);
    }

    /// How many sightings wait to be packed at most, if that is known.
    pub(super) const fn loose_rows(&self) -> Option<u64> {
        self.numbers.loose_rows
    }

    /// Remembers how many sightings wait to be packed.
    pub(super) const fn has_loose_rows(&mut self, rows: u64) {
        self.numbers.loose_rows = Some(rows);
    }

    /// The number of a name, new if need be; of `__other__` when there are too many already.
    pub(super) fn number(&mut self, of: Dimension, text: &str, events: u64) -> Result<i64> {
        match self.find(of, text)? {
            Some(id) => Ok(id),
            None => self.give(of, text, events),
        }
    }

    /// The number of a name, if it has one.
    pub(super) fn find(&mut self, of: Dimension, text: &str) -> Result<Option<i64>> {
        if let Some(id) = self.book(of).known.find(text) {
            return Ok(Some(id));
        }
        let total = self.total(of)?;
        if self.book(of).known.len() as u64 >= total.all {
            // All are remembered, so this is none of them.
            return Ok(None);
        }
        self.ask(of, text, total)
    }

    /// Numbers a name that has no number, or answers with that of `__other__`.
    fn give(&mut self, of: Dimension, text: &str, events: u64) -> Result<i64> {
        // An empty name says that the log does not tell; that must stay different from "one of many".
        let is_capped = !text.is_empty() && text != OTHER;
        let total = self.total(of)?;
        if is_capped && total.capped >= of.cap(&self.limits) {
            self.overflowed(of.plural(), events);
            return self.number(of, OTHER, 0);
        }
        let id = self.next()?;
        let book = self.book(of);
        let place = book
            .known
            .add(text, id)
            .ok_or_else(|| rusqlite::Error::ToSqlConversionFailure("too many names".into()))?;
        book.total = Some(Total {
            all: total.all + 1,
            capped: total.capped + u64::from(is_capped),
        });
        self.fresh.push((of, place));
        Ok(id)
    }

    /// A number that no name ever had, as AUTOINCREMENT would give it.
    fn next(&mut self) -> Result<i64> {
        let next = match self.numbers.next {
            Some(next) => next,
            None => {
                let last: i64 = self.conn.query_one(
                    "SELECT max(coalesce((SELECT max(id) FROM name), 0),
                                coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'name'), 0))",
                    [],
                    |row| row.get(0),
                )?;
                last.checked_add(1)
                    .ok_or_else(|| damaged(0, "the numbers of names are used up"))?
            }
        };
        self.numbers.next = Some(next.saturating_add(1));
        Ok(next)
    }

    /// Looks a name up in the file.
    fn ask(&mut self, of: Dimension, text: &str, total: Total) -> Result<Option<i64>> {
        let book = self.book(of);
        book.asked += 1;
        if !book.is_large && book.asked * ASKED_SHARE > total.all {
            self.remember_all(of)?;
            if let Some(id) = self.book(of).known.find(text) {
                return Ok(Some(id));
            }
        }
        let id = self
            .conn
            .prepare_cached("SELECT id FROM name WHERE dimension = ?1 AND text = ?2")?
            .query_one(params![of as i64, text], |row| row.get(0))
            .optional()?;
        if let Some(id) = id {
            self.book(of).known.add(text, id);
        }
        Ok(id)
    }

    /// Reads all names of a dimension, or as many as there is room for.
    fn remember_all(&mut self, of: Dimension) -> Result<()> {
        let conn = self.conn;
        let book = self.book(of);
        let mut select = conn.prepare_cached("SELECT text, id FROM name WHERE dimension = ?1")?;
        let mut rows = select.query([of as i64])?;
        while let Some(row) = rows.next()? {
            if book.known.bytes() > REMEMBERED_BYTES / 2 {
                book.is_large = true;
                break;
            }
            let text = row.get_ref(0)?;
            let text = text.as_str().map_err(|error| damaged(0, error))?;
            if book.known.find(text).is_none() {
                book.known.add(text, row.get(1)?);
            }
        }
        Ok(())
    }

    /// The number of a facet, new if need be.
    pub(super) fn facet(&mut self, facet: Facet) -> Result<i64> {
        if let Some(id) = self.numbers.facets.get(&facet) {
            return Ok(*id);
        }
        let words = [
            facet.role.as_str(),
            facet.tier.as_str(),
            facet.channel.as_str(),
            facet.kind.as_str(),
            facet.outcome.as_str(),
        ];
        let found = self
            .conn
            .prepare_cached(
                "SELECT id FROM facet
                 WHERE role = ?1 AND tier = ?2 AND channel = ?3 AND kind = ?4 AND outcome = ?5",
            )?
            .query_one(words, |row| row.get(0))
            .optional()?;
        let id = if let Some(id) = found {
            id
        } else {
            self.conn
                .prepare_cached(
                    "INSERT INTO facet (role, tier, channel, kind, outcome) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(words)?;
            self.conn.last_insert_rowid()
        };
        self.numbers.facets.insert(facet, id);
        Ok(id)
    }

    /// Counts what a cap took the name of.
    pub(super) fn overflowed(&mut self, what: &'static str, events: u64) {
        let sum = self.overflow.entry(what).or_default();
        *sum = sum.saturating_add(events);
    }

    /// Writes down the new names and the overflow.
    pub(super) fn finish(mut self) -> Result<()> {
        self.write_names()?;
        for (what, events) in &self.overflow {
            self.conn
                .prepare_cached(
                    "INSERT INTO overflow (what, events) VALUES (?1, ?2)
                     ON CONFLICT (what) DO UPDATE SET events = min(events + excluded.events, 9223372036854775807)",
                )?
                .execute(params![what, count(*events)])?;
        }
        let books = &mut self.numbers.books;
        if books.iter().map(|book| book.known.bytes()).sum::<usize>() > REMEMBERED_BYTES {
            for book in books {
                book.known = Known::default();
                book.is_large = true;
            }
        }
        Ok(())
    }

    fn write_names(&mut self) -> Result<()> {
        let books = &self.numbers.books;
        let mut names: Vec<(i64, &str, i64)> = self
            .fresh
            .iter()
            .filter_map(|(of, place)| {
                let (id, text) = books.get(*of as usize)?.known.name(*place);
                Some((*of as i64, text, id))
            })
            .collect();
        // In the order of the index, so that neighbours share pages.
        names.sort_unstable();
        bulk::put(
            self.conn,
            ("INSERT INTO name (id, dimension, text)", ""),
            3,
            &names,
            |statement, first, (of, text, id)| {
                statement.raw_bind_parameter(first, id)?;
                statement.raw_bind_parameter(first + 1, of)?;
                statement.raw_bind_parameter(first + 2, text)
            },
        )
    }

    fn book(&mut self, of: Dimension) -> &mut Book {
        &mut self.numbers.books[of as usize]
    }

    fn total(&mut self, of: Dimension) -> Result<Total> {
        if let Some(total) = self.book(of).total {
            return Ok(total);
        }
        let total = self
            .conn
            .prepare_cached(
                "SELECT count(*), count(*) FILTER (WHERE text NOT IN ('', '__other__'))
                 FROM name WHERE dimension = ?1",
            )?
            .query_one([of as i64], |row| {
                Ok(Total {
                    all: row.get(0)?,
                    capped: row.get(1)?,
                })
            })?;
        self.book(of).total = Some(total);
        Ok(total)
    }
}
