//! What SQLite complains of, sorted by what the caller can do about it.
//!
//! After a failed fsync nobody knows what is on the disk, and SQLite itself would go on (see "fsyncgate"): so every
//! I/O error and every sign of damage means that the storage must not be trusted, and the store writes no more.

use rusqlite::{Error, ErrorCode};

use crate::store::StoreError;

/// Says of the store called `name` what went wrong.
pub(super) fn explain(name: &str, error: &Error) -> StoreError {
    match error {
        Error::SqliteFailure(failure, text) => match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                StoreError::Busy(format!("{name} is locked by another program; try again"))
            }
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged(format!(
                "{name} is damaged or no store at all ({error}); set it aside, restore a backup and read the logs again"
            )),
            ErrorCode::SystemIoFailure => StoreError::Untrusted(format!(
                "the disk under {name} failed ({error}); what was written last may be lost, restart to read it again"
            )),
            ErrorCode::DiskFull => StoreError::Full(format!(
                "the disk under {name} is full; nothing of this batch was written, free some space and try again"
            )),
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                StoreError::Failed(format!("{name} may not be written by this user ({error})"))
            }
            ErrorCode::CannotOpen => StoreError::Failed(format!(
                "cannot open {name} ({error}); is it there, and may this user read it and write its directory?"
            )),
            _ if text.as_deref() == Some("malformed JSON") => unwritten(name, error),
            _ => StoreError::Failed(format!("{name}: {error}")),
        },
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) => unwritten(name, error),
        _ => StoreError::Failed(format!("{name}: {error}")),
    }
}

fn unwritten(name: &str, error: &Error) -> StoreError {
    StoreError::Damaged(format!(
        "{name} holds what gnomon never writes ({error}); set it aside, restore a backup and read the logs again"
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{Batch, Changes, Consequences, Outgoing, Position, Time};
    use crate::store::sqlite::{SqliteStore, lock};
    use crate::store::{Settled, Store as _};

    fn commit(store: &SqliteStore, bytes: usize) -> Result<(), StoreError> {
        let batch = Batch {
            positions: vec![Position {
                key: format!("stream {bytes}"),
                state: "x".repeat(bytes),
            }],
            ..Batch::default()
        };
        let mut nothing = |_: &Changes| Consequences::default();
        store
            .commit(&batch, Time::default(), &mut nothing)
            .map(|_| ())
    }

    fn on_main(store: &SqliteStore, pragma: &str, value: i64) {
        lock(&store.main)
            .conn
            .pragma_update_and_check(None, pragma, value, |_| Ok(()))
            .unwrap();
    }

    fn lease(store: &SqliteStore) -> Result<Vec<Outgoing>, StoreError> {
        store.lease("soc", Time::default(), Time::default().plus_secs(60), 10)
    }

    #[test]
    fn a_full_disk_refuses_the_batch_and_the_next_one_fits_again() {
        let store = SqliteStore::open_in_memory().unwrap();
        commit(&store, 1).unwrap();
        let pages: i64 = lock(&store.main)
            .conn
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        on_main(&store, "max_page_count", pages + 4);
        let error = commit(&store, 1 << 20).unwrap_err();
        assert!(matches!(error, StoreError::Full(_)), "{error}");
        assert!(error.to_string().contains("is full"), "{error}");
        assert_eq!(store.positions().unwrap().len(), 1);
        commit(&store, 2).unwrap();
        on_main(&store, "max_page_count", pages + 4_000);
        commit(&store, 1 << 20).unwrap();
        assert_eq!(store.positions().unwrap().len(), 3);
        assert_eq!(store.check().unwrap(), [""; 0]);
    }

    #[test]
    fn a_lock_that_does_not_end_is_busy_and_leaves_the_store_usable() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gnomon.db");
        let store = SqliteStore::open(&path).unwrap();
        lock(&store.main).conn.busy_timeout(Duration::ZERO).unwrap();
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = commit(&store, 1).unwrap_err();
        assert!(matches!(error, StoreError::Busy(_)), "{error}");
        // Whoever has nothing to send does not notice.
        assert!(lease(&store).unwrap().is_empty());
        other.execute_batch("ROLLBACK").unwrap();
        commit(&store, 1).unwrap();
    }

    /// SQLite calls it an ordinary error, and whoever looks into the column would meet it for ever.
    #[test]
    fn json_that_is_none_is_damage() {
        let store = SqliteStore::open_in_memory().unwrap();
        let error = store
            .read(|conn, _| conn.query_one("SELECT '{\"rule\"' ->> '$.rule'", [], |_| Ok(())))
            .unwrap_err();
        assert!(matches!(error, StoreError::Damaged(_)), "{error}");
    }

    #[test]
    fn after_a_failed_flush_nothing_more_is_written() {
        let store = SqliteStore::open_in_memory().unwrap();
        commit(&store, 1).unwrap();
        let failed = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
        let error = store.explain(&Error::SqliteFailure(failed, None));
        assert!(matches!(error, StoreError::Untrusted(_)), "{error}");
        let refused = [
            commit(&store, 2).unwrap_err(),
            store
                .settle(1, &Settled::Sent, Time::default())
                .unwrap_err(),
            lease(&store).unwrap_err(),
            store.tidy().unwrap_err(),
        ];
        for error in refused {
            assert!(matches!(error, StoreError::Untrusted(_)), "{error}");
        }
        assert_eq!(store.positions().unwrap().len(), 1);
    }
}
