//! Counters that a progress bar or a status page reads while the engine works.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What has been done so far. Written by the engine, read by anyone.
#[derive(Debug, Default)]
pub struct Meter {
    disk_total: AtomicU64,
    disk_read: AtomicU64,
    bytes: AtomicU64,
    records: AtomicU64,
    events: AtomicU64,
    commits: AtomicU64,
    /// Microseconds that the last commit took.
    commit_took: AtomicU64,
    reader_beats: AtomicU64,
    committer_beats: AtomicU64,
}

/// One reading of the meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// Bytes on disk that the source knows of, and how many of them it has read.
    pub disk_total: u64,
    pub disk_read: u64,
    /// Bytes after decompression, records and events that are committed.
    pub bytes: u64,
    pub records: u64,
    pub events: u64,
    pub commits: u64,
}

impl Meter {
    /// Reads all counters.
    #[must_use]
    pub fn read(&self) -> Reading {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Reading {
            disk_total: of(&self.disk_total),
            disk_read: of(&self.disk_read),
            bytes: of(&self.bytes),
            records: of(&self.records),
            events: of(&self.events),
            commits: of(&self.commits),
        }
    }

    /// Turns of the reader and of the committer: both move while the engine is alive, idle or not.
    #[must_use]
    pub fn beats(&self) -> (u64, u64) {
        (
            self.reader_beats.load(Ordering::Relaxed),
            self.committer_beats.load(Ordering::Relaxed),
        )
    }

    pub(super) fn reader_beat(&self) {
        self.reader_beats.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn committer_beat(&self) {
        self.committer_beats.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn on_disk(&self, total: u64, read: u64) {
        self.disk_total.store(total, Ordering::Relaxed);
        self.disk_read.store(read, Ordering::Relaxed);
    }

    pub(super) fn taken(&self, bytes: u64, records: u64, events: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.records.fetch_add(records, Ordering::Relaxed);
        self.events.fetch_add(events, Ordering::Relaxed);
    }

    pub(super) fn committed(&self, took: Duration) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.commit_took.store(micros, Ordering::Relaxed);
    }

    /// How long the last commit took.
    pub(super) fn commit_took(&self) -> Duration {
        Duration::from_micros(self.commit_took.load(Ordering::Relaxed))
    }
}
