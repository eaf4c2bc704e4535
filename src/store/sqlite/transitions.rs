//! Transitions, each in its case, and which of them nobody was told of yet.
//!
//! A storm of them is recorded in order of their cases, many rows with a statement, so that the pages written to are
//! few. The same transition is known by its service and its id, in whichever case it was recorded.

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::{Connection, Result, Row, params};

use super::bulk;
use super::columns::{of_service, time, word};
use crate::model::{Case, Tier, Time, Transition};

/// Records transitions and opens, continues or reopens their cases; those known already are left out. Of `announced`
/// somebody is being told. Gives how many are new.
pub(super) fn record(
    conn: &Connection,
    transitions: &[Transition],
    announced: &HashSet<&str>,
    now: Time,
) -> Result<usize> {
    let mut sorted: Vec<&Transition> = transitions.iter().collect();
    sorted.sort_by(|a, b| (place_of(a), a.at, &a.id).cmp(&(place_of(b), b.at, &b.id)));
    let mut new = New::after(conn)?;
    for of_service in sorted.chunk_by(|a, b| a.service == b.service) {
        let there = cases_of(conn, &of_service[0].service)?;
        let mut known = match there.as_slice() {
            [] => BTreeSet::new(),
            _ => known(conn, Some(&of_service[0].service))?,
        };
        for of_case in of_service.chunk_by(|a, b| place_of(a) == place_of(b)) {
            let mut unknown = of_case.to_vec();
            unknown.retain(|transition| known.insert(transition.id.clone()));
            let (Some(first), Some(last)) = (unknown.first(), unknown.last()) else {
                continue;
            };
            let mut is_it = there
                .iter()
                .filter(|case| (&*case.segment, case.tier) == (&*first.segment, first.tier));
            let case = match is_it.next() {
                Some(case) => case.go_on(conn, first.at, last.at)?,
                None => new.open(first, last),
            };
            new.transitions
                .extend(unknown.into_iter().map(|one| (case, one)));
        }
    }
    new.write(conn, announced, now)
}

/// Service, segment, tier: whose case it is.
fn place_of(transition: &Transition) -> (&str, &str, Tier) {
    (&transition.service, &transition.segment, transition.tier)
}

/// A case of a service that is there.
struct There {
    number: i64,
    segment: String,
    tier: Tier,
}

impl There {
    /// Reopens it if need be. Whoever acknowledged a closed case did not acknowledge what reopens it.
    fn go_on(&self, conn: &Connection, first: Time, last: Time) -> Result<i64> {
        conn.prepare_cached(
            "UPDATE cases SET acknowledged_by = iif(open, acknowledged_by, NULL), open = 1,
                 opened = min(opened, ?2), updated = max(updated, ?3)
             WHERE number = ?1",
        )?
        .execute(params![self.number, first.micros(), last.micros()])?;
        Ok(self.number)
    }
}

fn cases_of(conn: &Connection, service: &str) -> Result<Vec<There>> {
    conn.prepare_cached("SELECT number, segment, tier FROM cases WHERE service = ?1")?
        .query_map([service], |row| {
            Ok(There {
                number: row.get(0)?,
                segment: row.get(1)?,
                tier: word(row, 2)?,
            })
        })?
        .collect()
}

/// What is about to be written, with numbers after those there are.
struct New<'t> {
    last_case: i64,
    last_transition: i64,
    /// Each with its number, its first transition and its last one.
    cases: Vec<(i64, &'t Transition, &'t Transition)>,
    /// Each with the number of its case.
    transitions: Vec<(i64, &'t Transition)>,
}

impl<'t> New<'t> {
    fn after(conn: &Connection) -> Result<Self> {
        let last = |table: &str| -> Result<i64> {
            conn.prepare_cached(&format!("SELECT coalesce(max(number), 0) FROM {table}"))?
                .query_one([], |row| row.get(0))
        };
        Ok(Self {
            last_case: last("cases")?,
            last_transition: last("transition")?,
            cases: Vec::new(),
            transitions: Vec::new(),
        })
    }

    fn open(&mut self, first: &'t Transition, last: &'t Transition) -> i64 {
        self.last_case += 1;
        self.cases.push((self.last_case, first, last));
        self.last_case
    }

    fn write(self, conn: &Connection, announced: &HashSet<&str>, now: Time) -> Result<usize> {
        let insert =
            "INSERT INTO cases (number, id, service, segment, tier, open, opened, updated)";
        bulk::put(conn, (insert, ""), 8, &self.cases, |statement, at, case| {
            let (number, first, last) = *case;
            let id = Case::id_of(&first.service, &first.segment, first.tier);
            bulk::bind_texts(statement, at + 1, [&id, &first.service, &first.segment])?;
            bulk::bind_texts(statement, at + 4, [first.tier.as_str()])?;
            bulk::bind_numbers(statement, at, [number])?;
            bulk::bind_numbers(statement, at + 5, [1, first.at.micros(), last.at.micros()])
        })?;
        let rows: Vec<(i64, i64, &Transition)> = (self.last_transition + 1..)
            .zip(&self.transitions)
            .map(|(number, (case, transition))| (number, *case, *transition))
            .collect();
        let insert =
            "INSERT INTO transition (number, case_number, id, kind, at, detail, noticed_at)";
        bulk::put(conn, (insert, ""), 7, &rows, |statement, at, row| {
            let (number, case, transition) = *row;
            bulk::bind_numbers(statement, at, [number, case])?;
            bulk::bind_texts(
                statement,
                at + 2,
                [&transition.id, transition.kind.as_str()],
            )?;
            bulk::bind_numbers(statement, at + 4, [transition.at.micros()])?;
            bulk::bind_texts(statement, at + 5, [&transition.detail])?;
            bulk::bind_numbers(statement, at + 6, [now.micros()])
        })?;
        let untold: Vec<i64> = rows
            .iter()
            .filter(|(_, _, transition)| !announced.contains(&*transition.id))
            .map(|(number, _, _)| *number)
            .collect();
        let insert = "INSERT INTO untold (transition)";
        bulk::put(conn, (insert, ""), 1, &untold, |statement, at, number| {
            bulk::bind_numbers(statement, at, [*number])
        })?;
        Ok(rows.len())
    }
}

/// Marks transitions of earlier commits as told.
pub(super) fn announce(conn: &Connection, announced: &HashSet<&str>) -> Result<()> {
    if announced.is_empty() {
        return Ok(());
    }
    let mut told = Vec::new();
    let mut is_any_left = false;
    let mut select = conn.prepare_cached(
        "SELECT number, id FROM untold JOIN transition ON transition.number = untold.transition",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        if announced.contains(row.get_ref(1)?.as_str()?) {
            told.push(row.get::<_, i64>(0)?);
        } else {
            is_any_left = true;
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    if !is_any_left {
        conn.prepare_cached("DELETE FROM untold")?.execute([])?;
        return Ok(());
    }
    let mut delete = conn.prepare_cached("DELETE FROM untold WHERE transition = ?1")?;
    for number in told {
        delete.execute([number])?;
    }
    Ok(())
}

/// Marks all transitions of a service as told.
pub(super) fn silence(conn: &Connection, service: &str) -> Result<()> {
    conn.prepare_cached(
        "DELETE FROM untold WHERE transition IN (
             SELECT transition.number FROM cases
             JOIN transition ON transition.case_number = cases.number WHERE service = ?1)",
    )?
    .execute([service])?;
    Ok(())
}

/// Ids of the recorded transitions of one service or all.
pub(super) fn known(conn: &Connection, service: Option<&str>) -> Result<BTreeSet<String>> {
    conn.prepare_cached(&format!(
        "SELECT transition.id FROM cases
         JOIN transition ON transition.case_number = cases.number WHERE {}",
        of_service(service)
    ))?
    .query_map([service], |row| row.get(0))?
    .collect()
}

/// Transitions that nobody was told of yet, oldest first.
pub(super) fn unannounced(conn: &Connection) -> Result<Vec<Transition>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM untold
         JOIN transition ON transition.number = untold.transition
         JOIN cases ON cases.number = case_number ORDER BY at, transition.id"
    ))?
    .query_map([], read_transition)?
    .collect()
}

/// Transitions of a period, sorted by time, then id.
pub(super) fn read(
    conn: &Connection,
    from: Option<Time>,
    until: Option<Time>,
    service: Option<&str>,
) -> Result<Vec<Transition>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transition JOIN cases ON cases.number = case_number
         WHERE {} AND at >= ?2 AND (?3 IS NULL OR at < ?3) ORDER BY at, transition.id",
        of_service(service)
    ))?
    .query_map(
        params![
            service,
            from.map_or(i64::MIN, Time::micros),
            until.map(Time::micros),
        ],
        read_transition,
    )?
    .collect()
}

/// The transitions of open cases or all by the numbers of the cases, each case's sorted by time, then id.
pub(super) fn of_cases(
    conn: &Connection,
    open_only: bool,
) -> Result<HashMap<i64, Vec<Transition>>> {
    let mut select = conn.prepare_cached(&format!(
        "SELECT {COLUMNS}, case_number FROM transition JOIN cases ON cases.number = case_number
         WHERE open OR NOT ?1 ORDER BY at, transition.id"
    ))?;
    let mut rows = select.query([open_only])?;
    let mut of_cases: HashMap<i64, Vec<Transition>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let transition = read_transition(row)?;
        of_cases.entry(row.get(7)?).or_default().push(transition);
    }
    Ok(of_cases)
}

const COLUMNS: &str = "transition.id, kind, service, segment, tier, at, detail";

fn read_transition(row: &Row<'_>) -> Result<Transition> {
    Ok(Transition {
        id: row.get(0)?,
        kind: word(row, 1)?,
        service: row.get(2)?,
        segment: row.get(3)?,
        tier: word(row, 4)?,
        at: time(row, 5)?,
        detail: row.get(6)?,
    })
}
