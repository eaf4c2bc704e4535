//! One generation: the stream of bytes that a log was between two rotations, wherever its file is now.
//!
//! Reads it block by block and keeps what a restart needs. Which file belongs to it is decided elsewhere. Partial
//! last lines stay in the file: the offset always stands at the start of a line.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::model::{Position, Time};

use super::super::blocks::{Block, Blocks, Place, Skipped};
use super::super::limits::Limits;
use super::super::notes::SkipNotes;
use super::super::opened::{lines_of_head, open_regular, read_head, refusal};
use super::super::unpack::Unpack;
use super::decide::Stamp;
use super::key::{Key, Look};
use super::witness::{AtOffset, Content, Witness};

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
    /// The stamp of the file when it was last looked at.
    pub(super) stamp: Stamp,
    /// The stamp with which it was read to its very end.
    pub(super) done: Option<Stamp>,
}

impl Saved {
    fn place(&self) -> Place {
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
    unpacking: Option<Unpacking>,
    stream: Option<u64>,
    skipped: Skipped,
    notes: SkipNotes,
    /// The stamp with which it was found to be no log.
    refused: Option<Stamp>,
    /// Why, as told.
    told: Option<String>,
    /// The stamp with which it was read as far as its lines go.
    exhausted: Option<Stamp>,
}

struct Unpacking {
    reader: Unpack,
    blocks: Blocks,
}

/// What one turn at a generation gave.
#[derive(Default)]
pub(super) struct Turn {
    pub(super) part: Option<Part>,
    pub(super) notes: Vec<String>,
}

/// Bytes for one chunk.
pub(super) struct Part {
    pub(super) stream: u64,
    pub(super) head: Option<Arc<[u8]>>,
    pub(super) block: Block,
    pub(super) last: bool,
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

    /// Takes note that its file was seen.
    pub(super) fn seen(&mut self, path: PathBuf, look: &Look, at_live_path: bool) {
        self.missing_rounds = 0;
        self.modified = look.modified;
        self.at_live_path = at_live_path;
        self.saved.path = path;
        self.saved.key = Some(look.key);
        self.stamped(look.stamp);
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

    /// Tries again what was postponed.
    pub(super) fn resume(&mut self) {
        self.exhausted = None;
    }

    /// Nothing more is tried until its file changes or another round verifies it.
    pub(super) fn postpone(&mut self) {
        self.exhausted = Some(self.saved.stamp);
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
        let gone = self.missing_rounds > 0 && self.file.is_none();
        !self.is_displaced() && !gone && self.refused != Some(self.saved.stamp)
    }

    /// Whether nobody writes here any more, so that an unterminated rest is a line and a torn archive stays torn.
    fn ends(&self, settle: Duration) -> bool {
        (self.saved.packed || !self.at_live_path) && self.settled(settle)
    }

    /// Bytes ahead and bytes read, as stored.
    pub(super) fn progress(&self) -> (u64, u64) {
        let size = self.saved.stamp.size;
        if !self.saved.packed {
            return (size, self.saved.offset.min(size));
        }
        let taken = self.unpacking.as_ref().map(|u| u.reader.taken().bytes());
        let done = if self.has_unread_bytes() {
            taken.unwrap_or(0)
        } else {
            size
        };
        (size, done.min(size))
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
            let file = open_regular(&self.saved.path)?;
            let metadata = file.metadata()?;
            if self.saved.key.is_some_and(|key| !key.is_of(&metadata)) {
                return Err(io::ErrorKind::NotFound.into());
            }
            self.file = Some(file);
        }
        self.file
            .as_ref()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Reads one block, or finds that there is none.
    pub(super) fn turn(&mut self, limits: Limits, settle: Duration, streams: &mut u64) -> Turn {
        let mut turn = Turn::default();
        let ends = self.ends(settle);
        let refusal = match self.read(limits, ends, streams, &mut turn) {
            Ok(refusal) => refusal.map(str::to_owned),
            // Moved since we looked: the next round finds it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => Some(format!("cannot be read: {error}")),
        };
        if refusal.is_some() {
            self.file = None;
            self.unpacking = None;
            self.refused = Some(self.saved.stamp);
            if self.told != refusal {
                turn.notes.extend(refusal.clone());
                self.told = refusal;
            }
        }
        if turn.part.is_none() {
            self.exhausted = Some(self.saved.stamp);
        }
        turn
    }

    fn read(
        &mut self,
        limits: Limits,
        ends: bool,
        streams: &mut u64,
        turn: &mut Turn,
    ) -> io::Result<Option<&'static str>> {
        let file = self.open()?.try_clone()?;
        let content = Content::of(&file, limits)?;
        let mut head = None;
        if self.stream.is_none() {
            let bytes = read_head(&mut content.reader()?)?;
            if let Some(why) = refusal(&bytes, content.packed) {
                return Ok(Some(why));
            }
            if self.saved.offset == 0 {
                self.saved.packed = content.packed;
            }
            head = Some(lines_of_head(&bytes).into());
        }
        let (block, last) = if self.saved.packed {
            self.read_packed(&content, limits, ends, turn)?
        } else {
            self.read_plain(file, limits, ends)?
        };
        let note = if last {
            self.notes.last(self.skipped)
        } else {
            self.notes.due(self.skipped)
        };
        turn.notes.extend(note);
        self.saved.done = last.then_some(self.saved.stamp);
        if last {
            self.file = None;
        }
        let block = match block {
            Some(block) => block,
            // The end of a stream that somebody has begun to parse, or that took an unpacking to find out.
            None if last && (self.stream.is_some() || self.saved.packed) => Block {
                bytes: Vec::new(),
                offset: self.saved.offset,
                line: self.saved.line,
                torn: false,
            },
            None => return Ok(None),
        };
        let stream = *self.stream.get_or_insert_with(|| {
            *streams += 1;
            *streams
        });
        if last {
            self.stream = None;
        }
        self.saved.witness.saw(block.offset, block.raw());
        turn.part = Some(Part {
            stream,
            head,
            block,
            last,
        });
        Ok(None)
    }

    fn read_plain(
        &mut self,
        file: File,
        limits: Limits,
        ends: bool,
    ) -> io::Result<(Option<Block>, bool)> {
        let mut blocks = Blocks::new(self.saved.place(), limits.line_bytes);
        let mut reader = AtOffset {
            file,
            offset: self.saved.offset,
        };
        let mut block = blocks.next(&mut reader)?;
        let mut last = false;
        if block.is_none() && ends {
            block = blocks.rest();
            last = true;
        }
        self.went_to(blocks.place(), blocks.skipped(), Skipped::default());
        Ok((block, last))
    }

    fn read_packed(
        &mut self,
        content: &Content<'_>,
        limits: Limits,
        ends: bool,
        turn: &mut Turn,
    ) -> io::Result<(Option<Block>, bool)> {
        let mut unpacking = match self.unpacking.take() {
            Some(unpacking) => unpacking,
            None => {
                let mut reader = content.reader()?;
                io::copy(&mut (&mut reader).take(self.saved.offset), &mut io::sink())?;
                Unpacking {
                    reader,
                    blocks: Blocks::new(self.saved.place(), limits.line_bytes),
                }
            }
        };
        let before = unpacking.blocks.skipped();
        let mut block = unpacking.blocks.next(&mut unpacking.reader)?;
        let mut last = false;
        if block.is_none() {
            match unpacking.reader.fault() {
                // Still being written: once more when it has changed, from where the lines ended.
                Some(fault) if fault.ends_early() && !ends => {
                    self.went_to(unpacking.blocks.place(), unpacking.blocks.skipped(), before);
                    return Ok((None, false));
                }
                Some(fault) => turn.notes.push(fault.to_string()),
                None => block = unpacking.blocks.rest(),
            }
            last = true;
        }
        self.went_to(unpacking.blocks.place(), unpacking.blocks.skipped(), before);
        if !last {
            self.unpacking = Some(unpacking);
        }
        Ok((block, last))
    }

    fn went_to(&mut self, place: Place, skipped: Skipped, before: Skipped) {
        self.saved.offset = place.offset;
        self.saved.line = place.line;
        self.saved.in_long_line = place.in_long_line;
        self.skipped.long_lines += skipped.long_lines - before.long_lines;
        self.skipped.nul_bytes += skipped.nul_bytes - before.nul_bytes;
        if skipped.long_lines > before.long_lines {
            self.skipped.long_line = skipped.long_line;
        }
    }
}
