//! One generation: the stream of bytes that a log was between two rotations, wherever its file is now.
//!
//! Keeps what a restart needs and knows whether there is something to read. Which file belongs to it is decided in
//! `reconcile`; `reading` reads it.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::model::{Position, Time};

use super::super::blocks::{Place, Skipped};
use super::super::key::{Key, Stamp};
use super::super::notes::SkipNotes;
use super::super::opened::open_regular;
use super::super::rotation::Age;
use super::super::witness::Witness;
use super::discover::Found;
use super::reading::Unpacking;

/// What is kept over a restart; `Position::state` is this as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Saved {
    /// The live path of the log it belongs to.
    pub(super) source: String,
    /// Counts generations; a later one of the same source has a higher one.
    pub(super) serial: u64,
    pub(super) path: PathBuf,
    /// `None` once its file was rewritten in place.
    pub(super) key: Option<Key>,
    pub(super) witness: Witness,
    pub(super) offset: u64,
    pub(super) line: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) in_long_line: bool,
    pub(super) packed: bool,
    /// Whether what was read last lacks its line end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) torn: bool,
    /// The stamp of the file when it was last looked at.
    pub(super) stamp: Stamp,
    /// The stamp with which it was read to its very end.
    pub(super) done: Option<Stamp>,
}

impl Saved {
    pub(super) fn place(&self) -> Place {
        Place {
            offset: self.offset,
            line: self.line,
            in_long_line: self.in_long_line,
        }
    }
}

/// A generation and what this process holds of it.
pub(super) struct Generation {
    /// The key of its position.
    pub(super) id: String,
    pub(super) saved: Saved,
    pub(super) source: Arc<str>,
    pub(super) input: usize,
    pub(super) modified: Time,
    pub(super) at_live_path: bool,
    /// Rounds without a file of its key.
    pub(super) missing_rounds: u32,
    /// Rounds without a change.
    pub(super) quiet_rounds: u32,
    pub(super) touched: Instant,
    /// Whether the witnesses agreed with the file as it is stamped now.
    pub(super) verified: bool,
    pub(super) file: Option<File>,
    pub(super) unpacking: Option<Unpacking>,
    pub(super) stream: Option<u64>,
    pub(super) skipped: Skipped,
    pub(super) notes: SkipNotes,
    /// The stamp with which it was found to be no log.
    pub(super) refused: Option<Stamp>,
    /// Why, as told.
    pub(super) told: Option<String>,
    /// The stamp with which it was read as far as its lines go.
    pub(super) exhausted: Option<Stamp>,
}

impl Generation {
    /// A generation that nothing was read of, or one that a position tells of.
    pub(super) fn new(id: String, saved: Saved, source: Arc<str>, input: usize) -> Self {
        Self {
            id,
            source,
            input,
            modified: Time::default(),
            at_live_path: false,
            missing_rounds: 0,
            quiet_rounds: 0,
            touched: Instant::now(),
            verified: false,
            file: None,
            unpacking: None,
            stream: None,
            skipped: Skipped::default(),
            notes: SkipNotes::default(),
            refused: None,
            told: None,
            exhausted: None,
            saved,
        }
    }

    /// Takes note of a stamp; any difference is a touch.
    pub(super) fn stamped(&mut self, stamp: Stamp) {
        if self.saved.stamp == stamp {
            self.quiet_rounds = self.quiet_rounds.saturating_add(1);
            return;
        }
        self.saved.stamp = stamp;
        self.quiet_rounds = 0;
        self.touched = Instant::now();
    }

    /// Whether its file has not changed for a while.
    pub(super) fn settled(&self, settle: Duration) -> bool {
        self.quiet_rounds >= 2 && self.touched.elapsed() >= settle
    }

    /// Goes on in another file, which holds the same bytes.
    pub(super) fn continue_in(&mut self, packed: bool) {
        self.file = None;
        self.unpacking = None;
        self.exhausted = None;
        self.saved.packed = packed;
        self.saved.done = None;
        self.verified = true;
        self.quiet_rounds = 0;
        self.touched = Instant::now();
    }

    /// Its file was rewritten in place: it is nowhere until a copy turns up.
    pub(super) fn lose_file(&mut self) {
        self.saved.key = None;
        self.file = None;
        self.unpacking = None;
        self.verified = false;
        self.at_live_path = false;
        self.missing_rounds = 1;
        self.touched = Instant::now();
    }

    /// Its file was found and holds what was read.
    pub(super) fn verified_as(&mut self, found: &Found, input: usize) {
        if !self.verified {
            self.exhausted = None;
        }
        self.verified = true;
        self.input = input;
        self.missing_rounds = 0;
        self.modified = found.look.modified;
        self.at_live_path = found.age == Age::Live;
        self.saved.path.clone_from(&found.path);
        self.saved.key = Some(found.look.key);
        self.stamped(found.look.stamp);
    }

    /// Its file was found, but nobody knows whether it holds what was read: nothing is read until that is known.
    pub(super) fn unverified(&mut self) {
        self.verified = false;
        self.missing_rounds = 0;
        self.file = None;
        self.exhausted = Some(self.saved.stamp);
    }

    /// Whether there is no file to read from.
    pub(super) fn is_absent(&self) -> bool {
        self.missing_rounds > 0 && self.file.is_none()
    }

    /// Closes the file where too many are open and it can be opened again: nobody has moved it away.
    pub(super) fn close_if(&mut self, is_crowded: bool) {
        if is_crowded && self.missing_rounds == 0 && self.unpacking.is_none() {
            self.file = None;
        }
    }

    pub(super) fn is_displaced(&self) -> bool {
        self.saved.key.is_none()
    }

    /// Whether a turn may give something: bytes, or the end of a file that nobody writes any more.
    pub(super) fn has_more(&self, settle: Duration) -> bool {
        if !self.is_within_reach() {
            return false;
        }
        let end_is_due = self.saved.done.is_none() && self.ends(settle);
        end_is_due || self.has_unread_bytes()
    }

    /// Whether bytes are known to be there that were not looked at.
    pub(super) fn has_unread_bytes(&self) -> bool {
        let stamp = self.saved.stamp;
        let grown = if self.saved.packed {
            !self
                .saved
                .done
                .is_some_and(|done| done.has_content_of(stamp))
        } else {
            stamp.size > self.saved.offset
        };
        self.is_within_reach() && grown && self.exhausted != Some(stamp)
    }

    fn is_within_reach(&self) -> bool {
        !self.is_displaced() && !self.is_absent() && self.refused != Some(self.saved.stamp)
    }

    /// Whether nobody writes here any more, so that an unterminated rest is a line and a torn archive stays torn.
    pub(super) fn ends(&self, settle: Duration) -> bool {
        (self.saved.packed || !self.at_live_path) && self.settled(settle)
    }

    /// Bytes ahead and bytes read, as stored.
    pub(super) fn progress(&self) -> (u64, u64) {
        let size = self.saved.stamp.size;
        if !self.saved.packed {
            return (size, self.saved.offset.min(size));
        }
        if self.is_read_to_its_end() {
            return (size, size);
        }
        let taken = self.unpacking.as_ref().map(|u| u.reader.taken().bytes());
        (size, taken.unwrap_or(0).min(size))
    }

    fn is_read_to_its_end(&self) -> bool {
        let stamp = self.saved.stamp;
        self.saved
            .done
            .is_some_and(|done| done.has_content_of(stamp))
    }

    pub(super) fn position(&self) -> Option<Position> {
        let state = serde_json::to_string(&self.saved).ok()?;
        Some(Position {
            key: self.id.clone(),
            state,
        })
    }

    /// The open file; opens it where it was last seen. `NotFound` also if another file has taken its place.
    pub(super) fn open(&mut self) -> io::Result<&File> {
        if self.file.is_none() {
            let path = &self.saved.path;
            let file = match self.saved.key {
                Some(key) => key.open(path)?,
                None => open_regular(path)?,
            };
            self.file = Some(file);
        }
        self.file
            .as_ref()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
