//! Which signatures this store has been matched against, and what the digest knew of a service before its own came.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use super::columns::{count, json, of_service, time, to_json};
use crate::model::{Earlier, Sketch};

/// The services that were known so far, each with a digest of its rules.
pub(super) fn signatures(conn: &Connection) -> Result<BTreeMap<String, String>> {
    conn.prepare_cached("SELECT service, rules FROM signature")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Notes the services that are known from now on, and what was found of the new ones.
pub(super) fn know(
    conn: &Connection,
    signatures: &BTreeMap<String, String>,
    found: &[Earlier],
) -> Result<()> {
    conn.execute("DELETE FROM signature", [])?;
    let mut insert = conn.prepare("INSERT INTO signature (service, rules) VALUES (?1, ?2)")?;
    for (service, rules) in signatures {
        insert.execute([service, rules])?;
    }
    for new in found {
        let there = conn
            .prepare_cached(&format!("{SELECT} WHERE service = ?1"))?
            .query_one([&*new.service], read_row)
            .optional()?;
        let mut merged = there.unwrap_or_else(|| new.clone());
        if merged != *new {
            merged.merge(new);
        }
        conn.prepare_cached(
            "INSERT OR REPLACE INTO earlier (service, first, last, days, hits, hosts, clients)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            merged.service,
            merged.first.micros(),
            merged.last.micros(),
            count(merged.days),
            count(merged.hits),
            to_json(&merged.hosts)?,
            merged.clients.0.cast_signed(),
        ])?;
    }
    Ok(())
}

/// What was seen of one service or all before they were known, sorted by service.
pub(super) fn read(conn: &Connection, service: Option<&str>) -> Result<Vec<Earlier>> {
    let wanted = of_service(service);
    conn.prepare_cached(&format!("{SELECT} WHERE {wanted} ORDER BY service"))?
        .query_map([service], read_row)?
        .collect()
}

const SELECT: &str = "SELECT service, first, last, days, hits, hosts, clients FROM earlier";

fn read_row(row: &Row<'_>) -> Result<Earlier> {
    Ok(Earlier {
        service: row.get(0)?,
        first: time(row, 1)?,
        last: time(row, 2)?,
        days: row.get(3)?,
        hits: row.get(4)?,
        hosts: json(row, 5)?,
        clients: Sketch(row.get::<_, i64>(6)?.cast_unsigned()),
    })
}
