//! Names and facets as numbers: written once, meant by number ever after.
//!
//! Clients, users and hosts come from logs, so each of them has a cap; past it a new name becomes `__other__` and what
//! it did is counted in the overflow table. What was numbered inside a transaction becomes known to the store only
//! when that transaction is final: a rollback takes the numbers back.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::Limits;
use super::columns::{count, word};
use crate::model::{Channel, Kind, Outcome, Role, SightingKey, Tier};

/// The name of everything past a cap.
pub(super) const OTHER: &str = "__other__";

/// How many names are remembered before memory is freed and they are looked up again.
const REMEMBERED: usize = 1_000_000;

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
    names: [HashMap<Arc<str>, i64>; Dimension::COUNT],
    facets: HashMap<Facet, i64>,
    /// How many names the file holds, per dimension; `None` until counted.
    totals: [Option<u64>; Dimension::COUNT],
}

impl Numbers {
    /// Takes over what a transaction numbered, now that it is final.
    pub(super) fn learn(&mut self, fresh: Self) {
        if self.names.iter().map(HashMap::len).sum::<usize>() > REMEMBERED {
            self.names = Default::default();
        }
        for (known, fresh) in self.names.iter_mut().zip(fresh.names) {
            known.extend(fresh);
        }
        self.facets.extend(fresh.facets);
        for (known, fresh) in self.totals.iter_mut().zip(fresh.totals) {
            *known = fresh.or(*known);
        }
    }
}

/// Gives numbers inside one transaction.
pub(super) struct Numbering<'t> {
    conn: &'t Connection,
    known: &'t Numbers,
    limits: Limits,
    fresh: Numbers,
    overflow: BTreeMap<&'static str, u64>,
}

impl<'t> Numbering<'t> {
    pub(super) fn new(conn: &'t Connection, known: &'t Numbers, limits: Limits) -> Self {
        Self {
            conn,
            known,
            limits,
            fresh: Numbers::default(),
            overflow: BTreeMap::new(),
        }
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The number of a name, new if need be; of `__other__` when there are too many already.
    pub(super) fn number(&mut self, of: Dimension, text: &Arc<str>, events: u64) -> Result<i64> {
        if let Some(id) = self.find(of, text)? {
            return Ok(id);
        }
        // An empty name says that the log does not tell; that must stay different from "one of many".
        let is_counted = !text.is_empty() && &**text != OTHER;
        let total = self.total(of)?;
        if is_counted && total >= of.cap(&self.limits) {
            self.overflowed(of.plural(), events);
            return self.number(of, &Arc::from(OTHER), 0);
        }
        self.conn
            .prepare_cached("INSERT INTO name (dimension, text) VALUES (?1, ?2)")?
            .execute(params![of as i64, text])?;
        let id = self.conn.last_insert_rowid();
        if let Some(names) = self.fresh.names.get_mut(of as usize) {
            names.insert(Arc::clone(text), id);
        }
        if let Some(slot) = self.fresh.totals.get_mut(of as usize) {
            *slot = Some(total + u64::from(is_counted));
        }
        Ok(id)
    }

    /// The number of a name, if it has one.
    pub(super) fn find(&mut self, of: Dimension, text: &Arc<str>) -> Result<Option<i64>> {
        for numbers in [self.known, &self.fresh] {
            if let Some(id) = numbers.names.get(of as usize).and_then(|n| n.get(text)) {
                return Ok(Some(*id));
            }
        }
        let id = self
            .conn
            .prepare_cached("SELECT id FROM name WHERE dimension = ?1 AND text = ?2")?
            .query_one(params![of as i64, text], |row| row.get(0))
            .optional()?;
        if let (Some(id), Some(names)) = (id, self.fresh.names.get_mut(of as usize)) {
            names.insert(Arc::clone(text), id);
        }
        Ok(id)
    }

    /// The number of a facet, new if need be.
    pub(super) fn facet(&mut self, facet: Facet) -> Result<i64> {
        for numbers in [self.known, &self.fresh] {
            if let Some(id) = numbers.facets.get(&facet) {
                return Ok(*id);
            }
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
        self.fresh.facets.insert(facet, id);
        Ok(id)
    }

    /// Counts what a cap took the name of.
    pub(super) fn overflowed(&mut self, what: &'static str, events: u64) {
        let sum = self.overflow.entry(what).or_default();
        *sum = sum.saturating_add(events);
    }

    /// Writes the overflow down and hands over the new numbers, to be learnt once the transaction is final.
    pub(super) fn finish(self) -> Result<Numbers> {
        for (what, events) in &self.overflow {
            self.conn
                .prepare_cached(
                    "INSERT INTO overflow (what, events) VALUES (?1, ?2)
                     ON CONFLICT (what) DO UPDATE SET events = min(events + excluded.events, 9223372036854775807)",
                )?
                .execute(params![what, count(*events)])?;
        }
        Ok(self.fresh)
    }

    fn total(&self, of: Dimension) -> Result<u64> {
        for numbers in [&self.fresh, self.known] {
            if let Some(Some(total)) = numbers.totals.get(of as usize) {
                return Ok(*total);
            }
        }
        self.conn
            .prepare_cached(
                "SELECT count(*) FROM name WHERE dimension = ?1 AND text NOT IN ('', '__other__')",
            )?
            .query_one([of as i64], |row| row.get(0))
    }
}

/// Names of numbers, for reading. A number never changes its meaning, so this may be kept.
#[derive(Debug, Default)]
pub(super) struct Texts {
    names: HashMap<i64, Arc<str>>,
    facets: HashMap<i64, Facet>,
}

impl Texts {
    pub(super) fn name(&mut self, conn: &Connection, id: i64) -> Result<Arc<str>> {
        if let Some(name) = self.names.get(&id) {
            return Ok(Arc::clone(name));
        }
        let name: Arc<str> = conn
            .prepare_cached("SELECT text FROM name WHERE id = ?1")?
            .query_one([id], |row| row.get(0))
            .map_err(|error| missing(error, "name", id))?;
        if self.names.len() > REMEMBERED {
            self.names.clear();
        }
        self.names.insert(id, Arc::clone(&name));
        Ok(name)
    }

    pub(super) fn facet(&mut self, conn: &Connection, id: i64) -> Result<Facet> {
        if let Some(facet) = self.facets.get(&id) {
            return Ok(*facet);
        }
        let facet = conn
            .prepare_cached("SELECT role, tier, channel, kind, outcome FROM facet WHERE id = ?1")?
            .query_one([id], |row| {
                Ok(Facet {
                    role: word(row, 0)?,
                    tier: word(row, 1)?,
                    channel: word(row, 2)?,
                    kind: word(row, 3)?,
                    outcome: word(row, 4)?,
                })
            })
            .map_err(|error| missing(error, "facet", id))?;
        self.facets.insert(id, facet);
        Ok(facet)
    }
}

/// A number without a meaning is damage, not an empty answer.
fn missing(error: rusqlite::Error, what: &str, id: i64) -> rusqlite::Error {
    match error {
        rusqlite::Error::QueryReturnedNoRows => {
            super::columns::damaged(0, format!("{what} {id} is meant and not there"))
        }
        other => other,
    }
}
