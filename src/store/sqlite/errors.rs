//! What SQLite complains of, sorted by what the caller can do about it.
//!
//! After a failed fsync nobody knows what is on the disk, and SQLite itself would go on (see "fsyncgate"): so every
//! I/O error and every sign of damage means that the storage must not be trusted, and the store writes no more.

use rusqlite::{Error, ErrorCode};

use crate::store::StoreError;

/// Says of the store called `name` what went wrong.
pub(super) fn explain(name: &str, error: &Error) -> StoreError {
    match error {
        Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                StoreError::Busy(format!("{name} is locked by another program; try again"))
            }
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Untrusted(format!(
                "{name} is damaged or no store at all ({error}); set it aside, restore a backup and read the logs again"
            )),
            ErrorCode::SystemIoFailure => StoreError::Untrusted(format!(
                "the disk under {name} failed ({error}); what was written last may be lost, restart to read it again"
            )),
            ErrorCode::DiskFull => StoreError::Failed(format!(
                "the disk under {name} is full; nothing of this batch was written, free some space and try again"
            )),
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                StoreError::Failed(format!("{name} may not be written by this user ({error})"))
            }
            ErrorCode::CannotOpen => StoreError::Failed(format!(
                "cannot open {name} ({error}); is it there, and may this user read it and write its directory?"
            )),
            _ => StoreError::Failed(format!("{name}: {error}")),
        },
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) => StoreError::Untrusted(format!(
            "{name} holds what gnomon never writes ({error}); set it aside, restore a backup and read the logs again"
        )),
        _ => StoreError::Failed(format!("{name}: {error}")),
    }
}
