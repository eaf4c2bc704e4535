//! What numbers of names and facets mean, for reading.

use std::sync::Arc;

use hashbrown::HashMap;
use rusqlite::{Connection, Result};

use super::columns::{damaged, word};
use super::names::Facet;
use super::sighting_page::{Key, Row};

/// How many names are remembered before memory is freed and they are read again.
const REMEMBERED: usize = 100_000;

/// Names of numbers, for reading. A number never changes its meaning, so this may be kept.
#[derive(Debug, Default)]
pub(super) struct Texts {
    names: HashMap<i64, Arc<str>>,
    facets: HashMap<i64, Facet>,
}

impl Texts {
    /// Reads the names and facets of these rows that are not known yet.
    pub(super) fn learn(&mut self, conn: &Connection, rows: &[Row]) -> Result<()> {
        if self.names.len() > REMEMBERED {
            self.names.clear();
        }
        let mut before = Key::default();
        for Row { key, .. } in rows {
            for (id, before) in [
                (key.service, before.service),
                (key.client, before.client),
                (key.user, before.user),
                (key.segment, before.segment),
                (key.source, before.source),
            ] {
                if id != before && !self.names.contains_key(&id) {
                    let name = read_name(conn, id)?;
                    self.names.insert(id, name);
                }
            }
            if key.facet != before.facet {
                self.facet(conn, key.facet)?;
            }
            before = *key;
        }
        Ok(())
    }

    /// A name that was learnt.
    pub(super) fn known(&self, id: i64) -> Result<&Arc<str>> {
        let name = self.names.get(&id);
        name.ok_or_else(|| missing(rusqlite::Error::QueryReturnedNoRows, "name", id))
    }

    /// A facet that was learnt.
    pub(super) fn known_facet(&self, id: i64) -> Result<&Facet> {
        let facet = self.facets.get(&id);
        facet.ok_or_else(|| missing(rusqlite::Error::QueryReturnedNoRows, "facet", id))
    }

    pub(super) fn name(&mut self, conn: &Connection, id: i64) -> Result<Arc<str>> {
        if let Some(name) = self.names.get(&id) {
            return Ok(Arc::clone(name));
        }
        let name = read_name(conn, id)?;
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

fn read_name(conn: &Connection, id: i64) -> Result<Arc<str>> {
    conn.prepare_cached("SELECT text FROM name WHERE id = ?1")?
        .query_one([id], |row| row.get(0))
        .map_err(|error| missing(error, "name", id))
}

/// A number without a meaning is damage, not an empty answer.
fn missing(error: rusqlite::Error, what: &str, id: i64) -> rusqlite::Error {
    match error {
        rusqlite::Error::QueryReturnedNoRows => {
            damaged(0, format!("{what} {id} is meant and not there"))
        }
        other => other,
    }
}
