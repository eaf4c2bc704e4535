//! How far a stream of bytes was read, so that a later scan goes on there.
//!
//! What is kept is what the follower keeps of a generation: which file it was, and hashes of its first bytes and of those
//! just before the place. Bytes before the place are read once more and dropped, which costs little beside understanding
//! them. The names of the first fields are those of the first version, whose positions have nothing else.

use std::fs::File;
use std::io;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::model::{Position, Time};

use super::super::blocks::Block;
use super::super::key::{Key, Look, Stamp};
use super::super::limits::Limits;
use super::super::opened::modified;
use super::super::witness::{Content, Held, Span, Witness};

pub(super) const KEY_PREFIX: &str = "scan ";
pub(super) const REWRITTEN: &str =
    "was truncated or written anew while it was looked at; ask again to have it read";
pub(super) const UNENDED: &str =
    "ends in a line that is still being written; the next scan reads it";

/// So many first bytes of a block show whether it still stands where it was read.
const TRIED_BYTES: usize = 512;
/// Ten seconds, as the service waits by default.
const SETTLE_MICROS: i64 = 10_000_000;

/// What is kept of a stream; `Position::state` is this as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) bytes: u64,
    pub(super) modified: i64,
    pub(super) head: String,
    /// In the unpacked stream.
    pub(super) offset: u64,
    pub(super) line: u64,
    /// Whether the file was read to its end.
    pub(super) ended: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trail: Option<Trail>,
}

/// What leads to the file again when it has another name, or is another file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trail {
    /// The name under which it was begun; what it says is counted under it.
    pub(super) source: String,
    /// Counts beginnings; of two streams in one file the later has the higher one.
    pub(super) serial: u64,
    /// Where the file was last.
    pub(super) path: String,
    pub(super) key: Key,
    /// Of the file before it was read: whatever is written later shows.
    pub(super) stamp: Stamp,
    pub(super) packed: bool,
    pub(super) witness: Witness,
    /// For a file that is shorter than the head.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) beginnings: Vec<Span>,
    /// Whether what was read last lacks its line end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) torn: bool,
    /// Whether it was told that the rest is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) missed: bool,
}

impl Place {
    /// Whether a file of this size and time is what was read, as far as that tells.
    pub(super) fn is_stamped(&self, look: &Look) -> bool {
        self.bytes == look.stamp.size && self.modified == look.modified.micros()
    }

    pub(super) fn position(&self, key: &str) -> Option<Position> {
        Some(Position {
            key: key.to_owned(),
            state: serde_json::to_string(self).ok()?,
        })
    }
}

/// A place and where it is kept.
#[derive(Debug, Clone)]
pub(super) struct Left {
    /// The key of the position.
    pub(super) key: String,
    pub(super) place: Place,
}

impl Left {
    /// The name under which it was begun.
    pub(super) fn source(&self) -> &str {
        match &self.place.trail {
            Some(trail) => &trail.source,
            None => self.key.strip_prefix(KEY_PREFIX).unwrap_or(&self.key),
        }
    }

    /// Where its file was last.
    pub(super) fn path(&self) -> &str {
        match &self.place.trail {
            Some(trail) => &trail.path,
            None => self.source(),
        }
    }
}

/// The file that is to be read.
pub(super) struct Opened<'f> {
    pub(super) look: Look,
    pub(super) path: String,
    pub(super) packed: bool,
    pub(super) head: &'f [u8],
}

/// Keeps the place in one file.
pub(super) struct Bookmark {
    left: Left,
    /// Where reading stopped before.
    from: u64,
    /// Whether that was in the middle of a line, which was counted as it was.
    in_line: bool,
    /// To see that the bytes are still there; only where they stand in the file as they are.
    file: Option<File>,
    limits: Limits,
}

impl Bookmark {
    /// Begins at the first byte.
    pub(super) fn new(
        key: String,
        source: &str,
        serial: u64,
        opened: Opened<'_>,
        limits: Limits,
    ) -> Self {
        let Opened {
            look,
            path,
            packed,
            head,
        } = opened;
        let place = Place {
            bytes: look.stamp.size,
            modified: look.modified.micros(),
            head: hash(head),
            offset: 0,
            line: 1,
            ended: false,
            trail: Some(Trail {
                source: source.to_owned(),
                serial,
                path,
                key: look.key,
                stamp: look.stamp,
                packed,
                witness: Witness::default(),
                beginnings: Vec::new(),
                torn: false,
                missed: false,
            }),
        };
        Self {
            left: Left { key, place },
            from: 0,
            in_line: false,
            file: None,
            limits,
        }
    }

    /// Goes on where an earlier scan left the stream that this file has been found to hold.
    pub(super) fn going_on(left: &Left, opened: Opened<'_>, limits: Limits) -> Self {
        let serial = left.place.trail.as_ref().map_or(0, |trail| trail.serial);
        let mut bookmark = Self::new(left.key.clone(), left.source(), serial, opened, limits);
        bookmark.stands_where(&left.place);
        bookmark
    }

    /// Leaves out what was read of another stream, and of this one as well.
    pub(super) fn stands_where(&mut self, was: &Place) {
        let place = &mut self.left.place;
        (place.offset, place.line) = (was.offset, was.line);
        self.from = was.offset;
        if let (Some(now), Some(then)) = (&mut place.trail, &was.trail) {
            now.witness.clone_from(&then.witness);
            now.beginnings.clone_from(&then.beginnings);
            now.torn = then.torn;
            self.in_line = then.torn;
        }
    }

    /// Looks into the file after each block, where its bytes stand as they are. Says whether they are still there now.
    pub(super) fn watch(&mut self, file: File) -> io::Result<bool> {
        let trail = self.left.place.trail.as_mut();
        let Some(trail) = trail.filter(|trail| !trail.packed) else {
            return Ok(true);
        };
        let content = Content::plain(self.file.insert(file), self.limits);
        Ok(trail.witness.held_by(&content)? == Held::Yes)
    }

    /// Whether the watched file was written a moment ago, so that a line without an end is still being written.
    pub(super) fn is_being_written(&self, now: Time) -> bool {
        let metadata = self.file.as_ref().and_then(|file| file.metadata().ok());
        metadata.is_some_and(|metadata| {
            let age_micros = now.micros() - modified(&metadata).micros();
            (0..SETTLE_MICROS).contains(&age_micros)
        })
    }

    /// What of a block was not read before; `None` if nothing is left of it.
    pub(super) fn unread(&mut self, mut block: Block) -> Option<Block> {
        if block.end() <= self.from {
            return None;
        }
        if block.offset < self.from {
            let read = usize::try_from(self.from - block.offset).ok()?;
            drop_front(&mut block, read);
        }
        if self.in_line {
            self.in_line = false;
            let rest = memchr::memchr(b'\n', &block.bytes);
            drop_front(&mut block, rest.map_or(usize::MAX, |end| end + 1));
        }
        (!block.bytes.is_empty()).then_some(block)
    }

    /// Whether a block that was just read, or the end, follows on what was read before: the file may have been truncated
    /// and written anew in between.
    pub(super) fn follows(&self, block: Option<&Block>) -> io::Result<bool> {
        let (Some(file), Some(trail)) = (&self.file, &self.left.place.trail) else {
            return Ok(true);
        };
        let content = Content::plain(file, self.limits);
        if !trail.witness.anchor_held_by(&content)? {
            return Ok(false);
        }
        let Some(block) = block else {
            return Ok(true);
        };
        let raw = block.raw();
        let tried = raw.get(..TRIED_BYTES).unwrap_or(raw);
        Ok(content.has(&Span::of(block.offset, tried))? == Held::Yes)
    }

    /// The end of a file of which everything was handed out before but that.
    pub(super) fn end(&self) -> Block {
        Block::empty(self.left.place.offset, self.left.place.line)
    }

    /// The position behind a block.
    pub(super) fn behind(&mut self, block: &Block, ended: bool) -> Option<Position> {
        let lines = memchr::memchr_iter(b'\n', block.raw()).count() as u64;
        let place = &mut self.left.place;
        place.offset = block.end();
        place.line = block.line + lines;
        place.ended = ended;
        if let Some(trail) = &mut place.trail
            && let Some(last) = block.raw().last()
        {
            // A line that NULs tore was ended there; nothing of it follows.
            trail.torn = *last != b'\n' && !block.torn;
            trail.witness.saw(block.offset, block.raw());
            let beginnings = trail.witness.beginnings();
            if !beginnings.is_empty() {
                trail.beginnings = beginnings;
            }
        }
        place.position(&self.left.key)
    }
}

/// Drops the first bytes of a block.
fn drop_front(block: &mut Block, bytes: usize) {
    let unread = block.bytes.split_off(bytes.min(block.bytes.len()));
    block.line += memchr::memchr_iter(b'\n', &block.bytes).count() as u64;
    block.offset += block.bytes.len() as u64;
    block.bytes = unread;
}

/// As the first version has it: of all first bytes.
pub(super) fn hash(head: &[u8]) -> String {
    let digest = Sha256::digest(head);
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}
