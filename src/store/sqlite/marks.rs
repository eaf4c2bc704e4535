//! What requests told beside the sightings. Values may come from logs, so a store keeps so many, and so many of a kind of
//! each subject; the rest is one mark named `__other__`. Agents are named by whoever asks any host, so they get a quarter of
//! the room, and clients, of which there are as many as there are, have one of their own: they must not keep out what an
//! application is judged by.

use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use super::Limits;
use super::columns::{count, time, word};
use super::names::{Numbering, OTHER};
use crate::model::{CLIENT, Mark, MarkKind, Sketch, UNLISTED, UNLISTED_MCP};

/// How many marks of one kind and subject are kept.
const OF_SUBJECT: u64 = 64;

/// The share of all marks that agents may take.
const AGENTS_SHARE: u64 = 4;

const COLUMNS: &str = "subject, kind, value, events, first, last, clients";

/// Merges the marks of a batch into those there are.
pub(super) fn write(
    conn: &Connection,
    numbering: &mut Numbering<'_>,
    marks: &[Mark],
) -> Result<()> {
    if marks.is_empty() {
        return Ok(());
    }
    let mut find = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM mark WHERE subject = ?1 AND kind = ?2 AND value = ?3"
    ))?;
    let mut of_subject =
        conn.prepare_cached("SELECT count(*) FROM mark WHERE subject = ?1 AND kind = ?2")?;
    let mut put = conn.prepare_cached(&format!(
        "INSERT OR REPLACE INTO mark ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    ))?;
    // Counted when the first new one asks for room.
    let mut rooms: Option<Rooms> = None;
    for mark in marks {
        let mut merged = mark.clone();
        let mut lookup = |mark: &Mark| {
            find.query_one(
                params![mark.subject, mark.kind.as_str(), mark.value],
                read_row,
            )
            .optional()
        };
        let mut there = lookup(&merged)?;
        if there.is_none() {
            let of = params![merged.subject, merged.kind.as_str()];
            let beside: u64 = of_subject.query_one(of, |row| row.get(0))?;
            let rooms = match &mut rooms {
                Some(rooms) => rooms,
                none => none.insert(Rooms::of(conn)?),
            };
            let (total, most) = rooms.of_mark(&merged, numbering.limits());
            if *total >= most {
                merged.subject = OTHER.into();
                merged.value = OTHER.into();
            } else if beside >= OF_SUBJECT {
                merged.value = OTHER.into();
            }
            if *merged.value == *OTHER {
                numbering.overflowed("marks", mark.events);
                there = lookup(&merged)?;
            }
            *total += u64::from(there.is_none());
        }
        if let Some(there) = there {
            merged.merge(&there);
        }
        put.execute(params![
            merged.subject,
            merged.kind.as_str(),
            merged.value,
            count(merged.events),
            merged.first.micros(),
            merged.last.micros(),
            merged.clients.0.cast_signed(),
        ])?;
    }
    Ok(())
}

/// How many marks there are of those that share a room.
struct Rooms {
    agents: u64,
    clients: u64,
    others: u64,
}

impl Rooms {
    fn of(conn: &Connection) -> Result<Self> {
        let (agents, clients, all): (u64, u64, u64) = conn
            .prepare_cached(
                "SELECT count(*) FILTER (WHERE kind = 'agent'), count(*) FILTER (WHERE subject GLOB ?1 || '*'),
                        count(*)
                 FROM mark",
            )?
            .query_one([CLIENT], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(Self {
            agents,
            clients,
            others: all.saturating_sub(agents + clients),
        })
    }

    /// How many there are in the room of a mark, and how many fit.
    fn of_mark(&mut self, mark: &Mark, limits: &Limits) -> (&mut u64, u64) {
        let for_agents = limits.marks / AGENTS_SHARE;
        if mark.kind == MarkKind::Agent {
            (&mut self.agents, for_agents)
        } else if mark.subject.starts_with(CLIENT) {
            (&mut self.clients, limits.client_marks)
        } else {
            (&mut self.others, limits.marks - for_agents)
        }
    }
}

/// All marks, sorted by subject, kind, value.
pub(super) fn read(conn: &Connection) -> Result<Vec<Mark>> {
    let mut marks = conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM mark"))?
        .query_map([], read_row)?
        .collect::<Result<Vec<Mark>>>()?;
    marks.sort_unstable();
    Ok(marks)
}

/// The marks of one subject.
pub(super) fn of(conn: &Connection, subject: &str) -> Result<Vec<Mark>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM mark WHERE subject = ?1"))?
        .query_map([subject], read_row)?
        .collect()
}

/// The marks of all applications in no signature, and what clients fetched, by which they are judged too.
pub(super) fn of_unlisted(conn: &Connection) -> Result<Vec<Mark>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM mark
         WHERE subject GLOB ?1 || '*' OR subject GLOB ?2 || '*'
            OR (subject GLOB ?3 || '*' AND kind = 'shape')"
    ))?
    .query_map([UNLISTED, UNLISTED_MCP, CLIENT], read_row)?
    .collect()
}

fn read_row(row: &Row<'_>) -> Result<Mark> {
    Ok(Mark {
        subject: row.get(0)?,
        kind: word(row, 1)?,
        value: row.get(2)?,
        events: row.get(3)?,
        first: time(row, 4)?,
        last: time(row, 5)?,
        clients: Sketch(row.get::<_, i64>(6)?.cast_unsigned()),
    })
}
