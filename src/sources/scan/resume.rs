//! How far a file was read, so that a scan that was cut off goes on there when it is asked for again.
//!
//! A file is known by its path, its size, the time it was written, and the hash of its first lines: if any of them has
//! changed it is not the file that was begun, and reading on would skip or double some of it. Bytes before the place are
//! read once more and dropped, which costs little beside understanding them.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::model::{Position, Time};

use super::super::blocks::Block;

const KEY_PREFIX: &str = "scan ";

/// What is kept of a file; `Position::state` is this as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) bytes: u64,
    pub(super) modified: i64,
    head: String,
    /// In the unpacked stream.
    offset: u64,
    line: u64,
    /// Whether the file was read to its end.
    pub(super) ended: bool,
}

/// Where files were left.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<String, Place>);

impl Places {
    /// Of the positions the ones that a scan wrote.
    pub(super) fn of(positions: &[Position]) -> Self {
        let place = |position: &Position| {
            let source = position.key.strip_prefix(KEY_PREFIX)?;
            Some((
                source.to_owned(),
                serde_json::from_str(&position.state).ok()?,
            ))
        };
        Self(positions.iter().filter_map(place).collect())
    }

    /// Whether no scan was here before.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where this file was left, if it is still the one that was begun.
    pub(super) fn of_file(&self, source: &str, bytes: u64, modified: Time) -> Option<&Place> {
        let place = self.0.get(source)?;
        (place.bytes == bytes && place.modified == modified.micros()).then_some(place)
    }

    /// Names under which a file of this size and time was begun.
    pub(super) fn names_of(&self, bytes: u64, modified: Time) -> impl Iterator<Item = &str> {
        let is_it = move |place: &Place| {
            place.bytes == bytes && place.modified == modified.micros() && place.offset > 0
        };
        let all = self.0.iter();
        all.filter(move |(_, place)| is_it(place))
            .map(|(name, _)| name.as_str())
    }
}

/// Keeps the place in one file.
#[derive(Debug)]
pub(super) struct Bookmark {
    key: String,
    place: Place,
    /// Where reading stopped before.
    from: u64,
}

impl Bookmark {
    /// Begins at the first byte, or where the same file was left.
    pub(super) fn new(
        source: &Arc<str>,
        bytes: u64,
        modified: Time,
        head: &[u8],
        left: Option<&Place>,
    ) -> Self {
        let place = Place {
            bytes,
            modified: modified.micros(),
            head: hash(head),
            offset: 0,
            line: 1,
            ended: false,
        };
        let left = left.filter(|left| left.head == place.head);
        Self {
            key: format!("{KEY_PREFIX}{source}"),
            from: left.map_or(0, |left| left.offset),
            place: left.cloned().unwrap_or(place),
        }
    }

    /// What of a block was not read before; `None` if nothing is left of it.
    pub(super) fn unread(&self, mut block: Block) -> Option<Block> {
        if block.offset >= self.from {
            return Some(block);
        }
        if block.end() <= self.from {
            return None;
        }
        let read = usize::try_from(self.from - block.offset).ok()?;
        let unread = block.bytes.split_off(read.min(block.bytes.len()));
        block.line += memchr::memchr_iter(b'\n', &block.bytes).count() as u64;
        block.offset = self.from;
        block.bytes = unread;
        Some(block)
    }

    /// The end of a file of which everything was handed out before but that.
    pub(super) fn end(&self) -> Block {
        Block::empty(self.place.offset, self.place.line)
    }

    /// The position behind a block.
    pub(super) fn behind(&mut self, block: &Block, ended: bool) -> Option<Position> {
        let lines = memchr::memchr_iter(b'\n', block.raw()).count() as u64;
        self.place.offset = block.end();
        self.place.line = block.line + lines;
        self.place.ended = ended;
        Some(Position {
            key: self.key.clone(),
            state: serde_json::to_string(&self.place).ok()?,
        })
    }
}

fn hash(head: &[u8]) -> String {
    let digest = Sha256::digest(head);
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}
