//! The store of one machine: one SQLite file.
//!
//! | opened with | by | may |
//! |---|---|---|
//! | [`SqliteStore::open`] | `run`, `scan` | everything; one process at a time, others get `Busy` at once |
//! | [`SqliteStore::open_shared`] | `decide`, `duties attest`, `cases ack` | read, and append in short transactions beside the one writer; no batches, no retention |
//! | [`SqliteStore::open_read_only`] | `report`, `apps` | read |
//! | [`SqliteStore::open_in_memory`] | a scan without a store, tests | everything, until it is dropped |
//!
//! Commits are flushed to the disk before they are reported (`synchronous=FULL`). Once the disk failed or the file
//! proved damaged, nothing more is written. Times are arguments: no clock is read here.

mod backup;
mod bulk;
mod candidates;
mod cases;
mod check;
mod columns;
mod commit;
mod coverage;
mod day_use;
mod decisions;
mod digest;
mod digest_page;
mod earlier;
mod epoch;
mod errors;
mod hosts;
mod hours;
mod id_set;
mod known;
mod ledger;
mod loose;
mod marks;
mod migrate;
mod names;
mod observed;
mod open;
mod outbox;
mod packed;
mod positions;
mod recover;
mod register;
mod renamed;
mod retention;
mod seam;
mod sighting_page;
mod sightings;
mod texts;
mod transitions;
mod unlisted;
mod unmaskings;
mod wal;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, TransactionBehavior};

pub use self::recover::Recovered;

use self::errors::explain;
use self::names::Numbers;
use self::open::{Handle, WriterLock};
use self::texts::Texts;
use super::StoreError;
use crate::model::Hour;

/// How much of what logs can invent is kept; the rest is counted as `__other__`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Different clients whose sightings are kept.
    pub clients: u64,
    /// Different users whose sightings are kept.
    pub users: u64,
    /// Different hosts, over all days that are kept.
    pub hosts: u64,
    /// Hosts per day, in the digest and beside services each.
    pub hosts_per_day: u64,
    pub candidates: u64,
    /// What was told beside sightings, see [`crate::model::Mark`].
    pub marks: u64,
    /// The same of clients: what they fetched, which systems they show.
    pub client_marks: u64,
    /// Applications in no signature.
    pub unlisted: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            clients: 200_000,
            users: 200_000,
            hosts: 1_000_000,
            hosts_per_day: 50_000,
            candidates: 10_000,
            marks: 20_000,
            client_marks: 50_000,
            unlisted: 256,
        }
    }
}

/// A [`super::Store`] in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    name: String,
    path: Option<PathBuf>,
    access: Access,
    limits: Limits,
    is_untrusted: AtomicBool,
    /// So that pages are read while a batch is written. Closed before `main`: only a connection that may write
    /// can clear the write-ahead log away when it is the last.
    reader: Option<Mutex<Handle>>,
    main: Mutex<Handle>,
    /// Last, so that it is given back when the connections are closed.
    _lock: Option<WriterLock>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Whole,
    Short,
    Read,
}

impl SqliteStore {
    /// Opens a store as its one writer, for as long as it lives; creates or upgrades it if need be.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        open::create(path)?;
        let lock = WriterLock::take(path)?;
        let main = open::connect(path, &lock)?;
        // Only the holder of the lock sends, so a lease found here is that of a process that crashed.
        outbox::release(&main).map_err(|error| explain(&path.display().to_string(), &error))?;
        let reader = open::connect_read_only(path)?;
        Ok(Self {
            reader: Some(Mutex::new(reader.into())),
            _lock: Some(lock),
            ..Self::of(main, Some(path), Access::Whole)
        })
    }

    /// Opens a store for short commands that write beside its one writer; creates it if need be.
    ///
    /// SQLite's own locks order the transactions: a command waits for a batch, and a batch for a command.
    pub fn open_shared(path: &Path) -> Result<Self, StoreError> {
        let main = open::connect_shared(path)?;
        Ok(Self::of(main, Some(path), Access::Short))
    }

    /// Opens an existing store for reading, also while another process writes it.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let main = open::connect_read_only(path)?;
        Ok(Self::of(main, Some(path), Access::Read))
    }

    /// Makes a store that ends with the process.
    pub fn open_in_memory() -> Result<Self, StoreError> {
        Ok(Self::of(open::connect_in_memory()?, None, Access::Whole))
    }

    fn of(main: Connection, path: Option<&Path>, access: Access) -> Self {
        Self {
            name: path.map_or_else(
                || "the store in memory".to_owned(),
                |path| path.display().to_string(),
            ),
            path: path.map(Path::to_owned),
            access,
            limits: Limits::default(),
            is_untrusted: AtomicBool::new(false),
            main: Mutex::new(main.into()),
            reader: None,
            _lock: None,
        }
    }

    /// The same store with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Version of the SQLite inside this program.
    #[must_use]
    pub fn engine() -> &'static str {
        rusqlite::version()
    }

    /// Version of the schema that the file has.
    pub fn schema(&self) -> Result<i64, StoreError> {
        self.read(|conn, _| migrate::version(conn))
    }

    /// The random id made with the file: 32 hex digits.
    pub fn epoch(&self) -> Result<String, StoreError> {
        self.read(|conn, _| epoch::read(conn))
    }

    /// Number of the last batch that wrote something, counted within the epoch.
    pub fn sequence(&self) -> Result<u64, StoreError> {
        self.read(|conn, _| epoch::sequence(conn))
    }

    /// Version of the catalogue that the store was last used with.
    pub fn catalogue_version(&self) -> Result<Option<String>, StoreError> {
        self.read(|conn, _| epoch::noted(conn, "catalogue"))
    }

    /// Notes the version of the catalogue in use.
    pub fn set_catalogue_version(&self, version: &str) -> Result<(), StoreError> {
        self.write(|conn| epoch::note(conn, "catalogue", version))
    }

    /// Copies the store, as it is now, to another file. The copy begins an epoch of its own.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        match &self.path {
            Some(path) => backup::backup(&open::connect_read_only(path)?, Some(path), to),
            None => backup::backup(&lock(&self.main).conn, None, to),
        }
    }

    /// Deletes sightings of the hours before `until`, and hosts, candidates and sent messages of the days before it;
    /// returns how many rows. What they added up to stays in the register.
    pub fn forget_before(&self, until: Hour) -> Result<u64, StoreError> {
        self.must_be_whole("deletes by retention")?;
        let mut rows = 0;
        while let Some(deleted) =
            self.change(|conn, _, texts| retention::forget_hour(conn, texts, until))?
        {
            rows += deleted;
        }
        rows += self.change(|conn, numbers, texts| {
            let deleted = retention::forget_days(conn, texts, until)?;
            (*numbers, *texts) = Default::default();
            Ok(deleted)
        })?;
        if let Some(reader) = &self.reader {
            lock(reader).texts = Texts::default();
        }
        self.tidy()?;
        Ok(rows)
    }

    /// Gives freed pages back to the file system and empties the write-ahead log; for idle times.
    pub fn tidy(&self) -> Result<(), StoreError> {
        self.may_write()?;
        let guard = lock(&self.main);
        retention::vacuum(&guard.conn)
            .and_then(|()| wal::empty(&guard.conn))
            .map_err(|error| self.explain(&error))
    }

    /// Writes the write-ahead log back into the file.
    fn write_back(&self) -> Result<(), StoreError> {
        self.may_write()?;
        wal::empty(&lock(&self.main).conn).map_err(|error| self.explain(&error))
    }

    /// Bytes in the write-ahead log: they grow while a reader holds on to an old snapshot.
    #[must_use]
    pub fn wal_bytes(&self) -> u64 {
        let wal = self.path.as_deref().map(|path| open::beside(path, "-wal"));
        wal.and_then(|wal| std::fs::metadata(wal).ok())
            .map_or(0, |found| found.len())
    }

    /// Bytes that are free where the store lies; `None` in memory, or where nobody knows.
    #[must_use]
    pub fn free_bytes(&self) -> Option<u64> {
        let path = self.path.as_deref()?;
        let found = rustix::fs::statvfs(path).ok()?;
        Some(found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// Reads under one snapshot.
    fn read<T>(
        &self,
        work: impl FnOnce(&Connection, &mut Texts) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut guard = lock(self.reader.as_ref().unwrap_or(&self.main));
        let Handle { conn, texts, .. } = &mut *guard;
        conn.transaction()
            .and_then(|snapshot| work(&snapshot, texts))
            .map_err(|error| self.explain(&error))
    }

    /// Writes in one transaction.
    fn write<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.change(|conn, _, _| work(conn))
    }

    /// Writes in one transaction. Numbers of names are lent to it and lost unless it becomes final: a rollback (also
    /// that of a panic) takes them back.
    ///
    /// A transaction that is dropped rolls back, but only if SQLite has not done so by itself (a full disk).
    fn change<T>(
        &self,
        work: impl FnOnce(&Connection, &mut Numbers, &mut Texts) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.may_write()?;
        let mut guard = lock(&self.main);
        let Handle {
            conn,
            numbers,
            texts,
        } = &mut *guard;
        let answer = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                let mut lent = std::mem::take(numbers);
                let answer = work(&transaction, &mut lent, texts)?;
                transaction.commit()?;
                *numbers = lent;
                Ok(answer)
            })
            .map_err(|error| self.explain(&error))?;
        if self.access == Access::Whole
            && let Err(error) = wal::write_back_if_long(conn)
            && let untrusted @ (StoreError::Untrusted(_) | StoreError::Damaged(_)) =
                self.explain(&error)
        {
            return Err(untrusted);
        }
        // Any other trouble with the log (a full disk) waits for the next time: this transaction is final, and an
        // error would make the caller add its batch again. That the log grows then is told by who watches its size.
        Ok(answer)
    }

    fn may_write(&self) -> Result<(), StoreError> {
        if self.is_untrusted.load(Ordering::Acquire) {
            return Err(StoreError::Untrusted(format!(
                "{} must not be trusted since it failed; restart gnomon",
                self.name
            )));
        }
        if self.access == Access::Read {
            return Err(StoreError::Failed(format!(
                "{} is open for reading only",
                self.name
            )));
        }
        Ok(())
    }

    fn must_be_whole(&self, what: &str) -> Result<(), StoreError> {
        self.may_write()?;
        match self.access {
            Access::Whole => Ok(()),
            Access::Short | Access::Read => Err(StoreError::Failed(format!(
                "only the one writer of {} {what}",
                self.name
            ))),
        }
    }

    /// Writes no more, and leaves a mark so that the next start looks closely.
    fn distrust(&self, error: &StoreError) {
        if !self.is_untrusted.swap(true, Ordering::AcqRel)
            && self.access == Access::Whole
            && let Some(path) = &self.path
        {
            // On a disk that fails this may fail too; then the next start has what SQLite itself notices.
            let is_damaged = matches!(error, StoreError::Damaged(_));
            let again = is_damaged && open::beside(path, recover::CLEARED).exists();
            let mark = if again { recover::AGAIN } else { "" };
            let _ = std::fs::write(open::beside(path, recover::SUSPECT), mark);
        }
    }

    fn explain(&self, error: &rusqlite::Error) -> StoreError {
        let explained = explain(&self.name, error);
        if matches!(explained, StoreError::Untrusted(_) | StoreError::Damaged(_)) {
            self.distrust(&explained);
        }
        explained
    }
}

/// A panic elsewhere rolled its transaction back and left nothing half done, so the lock is as good as before.
fn lock(handle: &Mutex<Handle>) -> MutexGuard<'_, Handle> {
    handle.lock().unwrap_or_else(PoisonError::into_inner)
}
