//! How far sources were read, with a checksum each: a changed byte in one would lose or double a part of a log.

use rusqlite::{Connection, Result};
use sha2::{Digest as _, Sha256};

use super::columns::damaged;
use crate::model::Position;

/// Writes how far sources were read; an empty state forgets the position.
pub(super) fn write(conn: &Connection, positions: &[Position]) -> Result<()> {
    for position in positions {
        let Position { key, state } = position;
        if state.is_empty() {
            conn.prepare_cached("DELETE FROM position WHERE key = ?1")?
                .execute([key])?;
        } else {
            conn.prepare_cached(
                "INSERT INTO position (key, state, checksum) VALUES (?1, ?2, ?3)
                 ON CONFLICT (key) DO UPDATE SET state = excluded.state, checksum = excluded.checksum",
            )?
            .execute((key, state, checksum(position)))?;
        }
    }
    Ok(())
}

/// Positions of every stream, sorted by key. One that is not as it was written is damage.
pub(super) fn read(conn: &Connection) -> Result<Vec<Position>> {
    conn.prepare_cached("SELECT key, state, checksum FROM position ORDER BY key")?
        .query_map([], |row| {
            let position = Position {
                key: row.get(0)?,
                state: row.get(1)?,
            };
            match row.get::<_, Option<i64>>(2)? {
                Some(written) if written != checksum(&position) => {
                    Err(damaged(1, "a position is not as it was written"))
                }
                _ => Ok(position),
            }
        })?
        .collect()
}

fn checksum(position: &Position) -> i64 {
    let mut hash = Sha256::new();
    hash.update(position.key.as_bytes());
    hash.update([0]);
    hash.update(position.state.as_bytes());
    let digest = hash.finalize();
    let first = digest.iter().take(7);
    first.fold(0, |number, byte| number << 8 | i64::from(*byte))
}
