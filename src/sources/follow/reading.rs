//! Reads a generation block by block, packed or plain.
//!
//! Partial last lines stay in the file: the offset always stands at the start of a line. Only when nobody writes
//! any more does an unterminated rest count as one. A packed file is unpacked once, as long as this process lives.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use super::super::blocks::{Block, Blocks, Place, Skipped};
use super::super::limits::Limits;
use super::super::opened::{lines_of_head, read_head, refusal};
use super::super::unpack::Unpack;
use super::super::witness::Content;
use super::generation::Generation;

/// A packed file in the middle of being read.
pub(super) struct Unpacking {
    pub(super) reader: Unpack,
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
    /// Reads one block, or finds that there is none.
    pub(super) fn turn(&mut self, limits: Limits, settle: Duration, streams: &mut u64) -> Turn {
        let mut turn = Turn::default();
        let ends = self.ends(settle);
        let refusal = match self.read(limits, ends, streams, &mut turn) {
            Ok(refusal) => refusal.map(str::to_owned),
            // Moved since we looked: the next round finds it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            // Of the system, not of what the file holds: it is tried again in every round.
            Err(error) if error.raw_os_error().is_some() => {
                self.cannot_be_read(&error, &mut turn);
                return turn;
            }
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
        } else {
            self.told = None;
        }
        turn
    }

    /// Says so once and closes the file, so that the next try begins anew.
    fn cannot_be_read(&mut self, error: &io::Error, turn: &mut Turn) {
        self.file = None;
        self.unpacking = None;
        let why = Some(format!("cannot be read now: {error}; it is tried again"));
        if self.told != why {
            turn.notes.extend(why.clone());
            self.told = why;
        }
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
            let (bytes, _) = read_head(&mut content.reader()?)?;
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
            self.read_plain(&content, limits, ends)?
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
            None if last && (self.stream.is_some() || self.saved.packed) => {
                Block::empty(self.saved.offset, self.saved.line)
            }
            None => return Ok(None),
        };
        let stream = *self.stream.get_or_insert_with(|| {
            *streams += 1;
            *streams
        });
        if last {
            self.stream = None;
        }
        if let Some(end) = block.raw().last() {
            self.saved.torn = *end != b'\n';
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
        content: &Content<'_>,
        limits: Limits,
        ends: bool,
    ) -> io::Result<(Option<Block>, bool)> {
        let ahead = self.saved.stamp.size.saturating_sub(self.saved.offset);
        let mut blocks = Blocks::new(self.saved.place(), limits.line()).expecting(ahead);
        let mut block = blocks.next(&mut content.reader_at(self.saved.offset)?)?;
        // Truncated and grown anew since it was verified: these bytes do not follow on what was read. Asked after
        // reading, so that nothing can happen in between.
        if block.is_some() && !self.saved.witness.anchor_held_by(content)? {
            return Ok((None, false));
        }
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
                    blocks: Blocks::new(self.saved.place(), limits.line()),
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
