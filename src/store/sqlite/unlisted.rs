//! The cap on applications in no signature. Their ids hold a host that a log chose, so whoever asks every host for the
//! paths of model APIs could make thousands; past the cap they are one, `unlisted:__other__`, with all that was counted.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::{Connection, Result};

use super::names::{Numbering, OTHER};
use crate::model::{Batch, UNLISTED, UNLISTED_MCP, unlisted_host};

/// The batch with the new applications past the cap as one.
pub(super) fn capped<'b>(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    batch: &'b Batch,
) -> Result<Cow<'b, Batch>> {
    let services = batch.sightings.iter().map(|sighting| &sighting.key.service);
    let subjects = batch.marks.iter().map(|mark| &mark.subject);
    let named: BTreeSet<&Arc<str>> = services
        .chain(subjects)
        .filter(|id| unlisted_host(id).is_some())
        .collect();
    if named.is_empty() {
        return Ok(Cow::Borrowed(batch));
    }
    let mut is_there = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM profile WHERE service = ?1)
             OR EXISTS (SELECT 1 FROM mark WHERE subject = ?1)",
    )?;
    let mut total: u64 = conn.query_one(
        "SELECT count(*) FROM (
             SELECT service FROM profile WHERE service GLOB ?1 || '*' OR service GLOB ?2 || '*'
             UNION SELECT subject FROM mark WHERE subject GLOB ?1 || '*' OR subject GLOB ?2 || '*')",
        [UNLISTED, UNLISTED_MCP],
        |row| row.get(0),
    )?;
    let mut past = BTreeSet::new();
    for id in named {
        if is_there.query_one([id], |row| row.get::<_, bool>(0))? {
            continue;
        }
        if total >= numbering.limits().unlisted {
            past.insert(id.clone());
        } else {
            total += 1;
        }
    }
    if past.is_empty() {
        return Ok(Cow::Borrowed(batch));
    }
    Ok(Cow::Owned(as_one(numbering, batch.clone(), &past)))
}

fn as_one(numbering: &mut Numbering<'_>, mut batch: Batch, past: &BTreeSet<Arc<str>>) -> Batch {
    let other: Arc<str> = Arc::from(format!("{UNLISTED}{OTHER}"));
    let mut events = 0_u64;
    for sighting in &mut batch.sightings {
        if past.contains(&sighting.key.service) {
            events = events.saturating_add(sighting.tally.events);
            sighting.key.service = other.clone();
        }
    }
    for row in &mut batch.hosts {
        if past.contains(&row.service) {
            row.service = other.clone();
        }
    }
    batch.marks.retain(|mark| !past.contains(&mark.subject));
    numbering.overflowed("unlisted applications", events);
    batch
}
