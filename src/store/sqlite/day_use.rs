//! Use of services by day: what the defining sightings of a day add up to, attempts left out.

use std::collections::BTreeMap;

use rusqlite::{Connection, Result, params};

use super::columns::count;
use crate::model::{Day, DayUse, Outcome, Sighting};

/// Adds the sightings of a batch.
pub(super) fn write(conn: &Connection, sightings: &[Sighting]) -> Result<()> {
    let mut days: BTreeMap<(&str, Day), u64> = BTreeMap::new();
    for Sighting { key, tally } in sightings {
        let is_use = matches!(key.outcome, Outcome::Allowed | Outcome::Unknown);
        if key.role.is_defining() && is_use {
            let events = days.entry((&key.service, key.hour.day())).or_default();
            *events = events.saturating_add(tally.events);
        }
    }
    let mut put = conn.prepare_cached(
        "INSERT INTO day_use (service, day, events) VALUES (?1, ?2, ?3)
         ON CONFLICT (service, day) DO UPDATE SET events = min(events + excluded.events, 9223372036854775807)",
    )?;
    for ((service, day), events) in days {
        put.execute(params![service, day.0, count(events)])?;
    }
    Ok(())
}

/// The days of all services, sorted.
pub(super) fn read(conn: &Connection) -> Result<Vec<DayUse>> {
    let mut days = conn
        .prepare_cached("SELECT service, day, events FROM day_use")?
        .query_map([], |row| {
            Ok(DayUse {
                service: row.get(0)?,
                day: Day(row.get(1)?),
                events: row.get(2)?,
            })
        })?
        .collect::<Result<Vec<_>>>()?;
    days.sort_unstable();
    Ok(days)
}
