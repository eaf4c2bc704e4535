//! Whether what was measured was right: a fast wrong answer is worth nothing.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::generate::{difference, found};

/// Compares a store with the truth of the log that was read into it.
pub(crate) fn check(database: &Path, truth: &Path) -> anyhow::Result<()> {
    let meant = fs::read_to_string(truth).with_context(|| truth.display().to_string())?;
    let store = SqliteStore::open_read_only(database)?;
    all_understood(&store)?;
    if let Some(difference) = difference(&meant, &found(&store)?) {
        bail!(
            "{} is not what {} says: {difference}",
            database.display(),
            truth.display()
        );
    }
    Ok(())
}

/// Whether every record was understood.
pub(crate) fn all_understood(store: &SqliteStore) -> anyhow::Result<()> {
    for source in store.coverage()? {
        ensure!(
            source.bad == 0 && source.notes.is_empty(),
            "{}: {} records were not understood; {:?}",
            source.source,
            source.bad,
            source.notes
        );
    }
    Ok(())
}

/// Compares two reports byte by byte.
pub(crate) fn same(one: &Path, other: &Path) -> anyhow::Result<()> {
    let (a, b) = (fs::read(one)?, fs::read(other)?);
    ensure!(!a.is_empty(), "{} is empty", one.display());
    ensure!(a == b, "{} and {} differ", one.display(), other.display());
    Ok(())
}
