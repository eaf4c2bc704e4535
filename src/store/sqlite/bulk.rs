//! Many rows with few statements.
//!
//! Starting a statement costs as much as a row: locks, cursors, the way from the root of the tree. One statement that
//! inserts many rows pays that once, and its cursor stays near the row before.

use rusqlite::{Connection, Result, Statement};

/// How many rows one statement takes; the rest of a batch goes in smaller pieces.
const SIZES: [usize; 3] = [64, 8, 1];

/// Runs `INSERT … VALUES (…), (…), … ON CONFLICT …` for all rows. `bind` binds the values of one row beginning at
/// this index and there must be `width` of them.
pub(super) fn put<R>(
    conn: &Connection,
    (insert, on_conflict): (&str, &str),
    width: usize,
    mut rows: &[R],
    mut bind: impl FnMut(&mut Statement<'_>, usize, &R) -> Result<()>,
) -> Result<()> {
    let row = format!("({}?)", "?, ".repeat(width.saturating_sub(1)));
    for size in SIZES {
        let pieces = rows.chunks_exact(size);
        let rest = pieces.remainder();
        if rest.len() < rows.len() {
            let others = format!(", {row}").repeat(size - 1);
            let sql = format!("{insert} VALUES {row}{others} {on_conflict}");
            let mut statement = conn.prepare_cached(&sql)?;
            for piece in pieces {
                for (at, row) in piece.iter().enumerate() {
                    bind(&mut statement, at * width + 1, row)?;
                }
                statement.raw_execute()?;
            }
        }
        rows = rest;
    }
    Ok(())
}

/// Binds numbers one after the other.
pub(super) fn bind_numbers<const N: usize>(
    statement: &mut Statement<'_>,
    first: usize,
    numbers: [i64; N],
) -> Result<()> {
    for (at, number) in (first..).zip(numbers) {
        statement.raw_bind_parameter(at, number)?;
    }
    Ok(())
}

/// The same with texts.
pub(super) fn bind_texts<const N: usize>(
    statement: &mut Statement<'_>,
    first: usize,
    texts: [&str; N],
) -> Result<()> {
    for (at, text) in (first..).zip(texts) {
        statement.raw_bind_parameter(at, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_written_whatever_their_number() {
        for total in [0, 1, 7, 8, 63, 64, 65, 200] {
            let conn = Connection::open_in_memory().unwrap();
            conn.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)")
                .unwrap();
            let rows: Vec<i64> = (0..total).collect();
            for _ in 0..2 {
                put(
                    &conn,
                    (
                        "INSERT INTO t (a, b)",
                        "ON CONFLICT DO UPDATE SET b = b + excluded.b",
                    ),
                    2,
                    &rows,
                    |statement, first, row| bind_numbers(statement, first, [*row, 10 * row]),
                )
                .unwrap();
            }
            let found: (i64, i64) = conn
                .query_one("SELECT count(*), coalesce(sum(b), 0) FROM t", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .unwrap();
            assert_eq!(found, (total, 10 * total * (total - 1)), "{total}");
        }
    }
}
