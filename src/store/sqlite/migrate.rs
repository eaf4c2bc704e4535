//! Brings a file to the schema that this program knows, one numbered SQL file after the other.
//!
//! `PRAGMA user_version` says how far a file has come. Each step is one transaction together with its number, so a
//! crash leaves a whole version. A file from a newer program is refused: guessing at it could lose what it holds.

use rusqlite::{Connection, Result, TransactionBehavior};

use super::{digest, epoch, loose};

/// A file of SQL, and what SQL cannot do.
type Step = (&'static str, fn(&Connection) -> Result<()>);

/// Every step, in order; the n-th makes version n. To add one: a file, a line.
const MIGRATIONS: &[Step] = &[
    (include_str!("migrations/0001_register.sql"), begin),
    (include_str!("migrations/0002_pages.sql"), pack),
    (include_str!("migrations/0003_governance.sql"), nothing),
    (include_str!("migrations/0004_checksums.sql"), nothing),
    (include_str!("migrations/0005_marks.sql"), nothing),
    (include_str!("migrations/0006_evidence.sql"), nothing),
    (
        include_str!("migrations/0007_clients.sql"),
        digest::make_room_for_clients,
    ),
    (include_str!("migrations/0008_cases.sql"), nothing),
];

/// Marks the file as ours in its header: "gnom".
const APPLICATION_ID: i32 = 0x676e_6f6d;

/// What a file is to this program.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing in it yet.
    Empty,
    /// Of an earlier version.
    Old,
    Current,
    /// Of a later version.
    Newer {
        version: i64,
        known: i64,
    },
    /// A database of some other program.
    Foreign,
}

/// How this file stands.
pub(super) fn standing(conn: &Connection) -> Result<Standing> {
    let known = count_known();
    let version = version(conn)?;
    let tables: i64 = conn.query_one("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 && version == 0 {
        return Ok(Standing::Empty);
    }
    let id: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id != APPLICATION_ID {
        return Ok(Standing::Foreign);
    }
    Ok(match version.cmp(&known) {
        std::cmp::Ordering::Less => Standing::Old,
        std::cmp::Ordering::Equal => Standing::Current,
        std::cmp::Ordering::Greater => Standing::Newer { version, known },
    })
}

/// Runs the steps that this file has not seen yet.
pub(super) fn migrate(conn: &mut Connection) -> Result<()> {
    migrate_to(conn, count_known())
}

fn migrate_to(conn: &mut Connection, goal: i64) -> Result<()> {
    for (number, (sql, rest)) in (1..=goal).zip(MIGRATIONS) {
        let step = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&step)? < number {
            step.execute_batch(sql)?;
            rest(&step)?;
            step.pragma_update(None, "user_version", number)?;
            step.commit()?;
        }
    }
    Ok(())
}

fn begin(conn: &Connection) -> Result<()> {
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    epoch::begin(conn)
}

/// Packs what version 1 kept as rows.
fn pack(conn: &Connection) -> Result<()> {
    digest::pack_rows(conn)?;
    loose::pack(conn)
}

/// SQL was enough.
#[allow(clippy::unnecessary_wraps, reason = "a step may fail")]
fn nothing(_: &Connection) -> Result<()> {
    Ok(())
}

pub(super) fn version(conn: &Connection) -> Result<i64> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn count_known() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("a handful of files")
}

#[cfg(test)]
mod tests {
    use super::super::digest_page::Hits;
    use super::super::transitions;
    use super::*;
    use crate::model::{Day, Sketch};

    fn schema(conn: &Connection) -> Vec<String> {
        conn.prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_>>()
            .unwrap()
    }

    #[test]
    fn every_earlier_version_becomes_the_current_one() {
        let mut fresh = Connection::open_in_memory().unwrap();
        assert_eq!(standing(&fresh), Ok(Standing::Empty));
        migrate(&mut fresh).unwrap();
        assert_eq!(standing(&fresh), Ok(Standing::Current));
        for earlier in 1..=count_known() {
            let mut conn = Connection::open_in_memory().unwrap();
            migrate_to(&mut conn, earlier).unwrap();
            let epoch: String = epoch::read(&conn).unwrap();
            migrate(&mut conn).unwrap();
            assert_eq!(schema(&conn), schema(&fresh), "from version {earlier}");
            assert_eq!(epoch::read(&conn).unwrap(), epoch);
        }
    }

    #[test]
    fn the_digest_of_version_1_is_packed_and_nothing_of_it_lost() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate_to(&mut conn, 1).unwrap();
        let mut expected = Vec::new();
        for (day, host) in [(-1, 1), (20_000, 7), (20_000, 2_000), (20_001, 7)] {
            let at = i64::from(day) * 86_400_000_000;
            let hits = Hits {
                host,
                hits: host.cast_unsigned(),
                first: at + 5,
                last: at + 77_000_000,
                clients: Sketch::EMPTY,
            };
            conn.execute(
                "INSERT INTO digest (day, host, hits, first, last) VALUES (?1, ?2, ?3, ?4, ?5)",
                (day, host, host, hits.first, hits.last),
            )
            .unwrap();
            expected.push((Day(day), hits));
        }
        migrate(&mut conn).unwrap();
        let mut found = Vec::new();
        let all = (Day(i32::MIN), Day(i32::MAX));
        digest::visit(&conn, all, &mut |day, hosts| {
            found.extend(hosts.iter().map(|one| (day, *one)));
        })
        .unwrap();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_cases_of_version_7_keep_their_transitions_and_who_was_told() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.pragma_update(None, "foreign_keys", true).unwrap();
        migrate_to(&mut conn, 7).unwrap();
        let insert = "
            INSERT INTO cases (id, service, segment, tier, open, opened, updated, acknowledged_by, silenced_until)
            VALUES ('c9', 'a', 'sales', 'consumer', 1, 10, 40, NULL, 99), ('c1', 'b', '', 'unknown', 0, 20, 20, 'dana', NULL);
            INSERT INTO transition (id, kind, service, segment, tier, at, detail, case_id, noticed_at, announced)
            VALUES ('t2', 'first_seen', 'a', 'sales', 'consumer', 10, 'first', 'c9', 50, 1),
                   ('t1', 'new_segment', 'a', 'sales', 'consumer', 40, 'then', 'c9', 50, 0),
                   ('t3', 'gone', 'b', '', 'unknown', 20, 'gone', 'c1', 60, 0);
            INSERT INTO case_note (case_id, what, by, at, until)
            VALUES ('c1', 'acknowledged', 'dana', 30, NULL), ('c9', 'silenced', 'ines', 31, 99);";
        conn.execute_batch(insert).unwrap();
        migrate(&mut conn).unwrap();
        let texts = |sql: &str| -> Vec<String> {
            let mut select = conn.prepare(sql).unwrap();
            let rows = select.query_map([], |row| row.get(0)).unwrap();
            rows.collect::<Result<_>>().unwrap()
        };
        let cases = texts(
            "SELECT concat_ws(' ', id, service, segment, tier, open, opened, updated, acknowledged_by, silenced_until)
             FROM cases ORDER BY number",
        );
        let [first, second] = [
            "c9 a sales consumer 1 10 40 99",
            "c1 b  unknown 0 20 20 dana",
        ];
        assert_eq!(cases, [first, second]);
        let of_cases =
            "SELECT concat_ws(' ', cases.id, transition.id, kind, at, detail, noticed_at)
                        FROM transition JOIN cases ON cases.number = case_number ORDER BY at";
        let first = "c9 t2 first_seen 10 first 50";
        let rest = ["c1 t3 gone 20 gone 60", "c9 t1 new_segment 40 then 50"];
        assert_eq!(texts(of_cases), [&[first][..], &rest].concat());
        let untold = transitions::unannounced(&conn).unwrap();
        let ids: Vec<&str> = untold.iter().map(|one| &*one.id).collect();
        assert_eq!(ids, ["t3", "t1"]);
        let notes = "SELECT concat_ws(' ', case_note.id, cases.id, what, by, at, until)
                     FROM case_note JOIN cases ON cases.number = case_number ORDER BY case_note.id";
        assert_eq!(
            texts(notes),
            ["1 c1 acknowledged dana 30", "2 c9 silenced ines 31 99"]
        );
        let broken = texts("SELECT \"table\" FROM pragma_foreign_key_check");
        assert!(broken.is_empty(), "{broken:?}");
        conn.execute("DELETE FROM transition", []).unwrap_err();
        conn.execute("UPDATE transition SET at = 0", [])
            .unwrap_err();
    }

    #[test]
    fn a_newer_file_and_a_foreign_one_are_told_apart() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn).unwrap();
        conn.pragma_update(None, "user_version", 99).unwrap();
        assert_eq!(
            standing(&conn),
            Ok(Standing::Newer {
                version: 99,
                known: count_known()
            })
        );
        let foreign = Connection::open_in_memory().unwrap();
        foreign.execute_batch("CREATE TABLE t (x)").unwrap();
        assert_eq!(standing(&foreign), Ok(Standing::Foreign));
    }
}
