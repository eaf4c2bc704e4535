//! Cuts a byte stream into blocks of whole lines, whatever the bytes are.
//!
//! Memory is bounded by one block: a line beyond the limit is thrown away while it streams by, and counted, never
//! merged with its neighbours. Runs of NUL bytes (a writer that does not append after copytruncate, a power
//! loss) are skipped and counted. Every block is contiguous in the stream, so that line numbers and offsets
//! within it can be counted on; a skip starts a new block. CRLF stays: stripping it is the parser's business.

mod seen;

use std::io;

use memchr::{memchr, memmem, memrchr};

use super::fill::{Fill, fill_up};
use seen::Seen;

/// How many bytes a block has at most, and how many are read at a time.
pub(crate) const BLOCK_BYTES: usize = 1 << 20;

/// Fewer NUL bytes in a row are left to the parser.
const NUL_RUN: &[u8] = &[0; 4];
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Some whole lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) bytes: Vec<u8>,
    /// Where it begins in the stream.
    pub(crate) offset: u64,
    /// Number of its first line, from 1.
    pub(crate) line: u64,
    /// Whether the last line end is ours: a run of NULs tore the line.
    pub(crate) torn: bool,
}

impl Block {
    /// No bytes: a stream that ends here.
    pub(crate) fn empty(offset: u64, line: u64) -> Self {
        Self {
            bytes: Vec::new(),
            offset,
            line,
            torn: false,
        }
    }

    /// Where what follows begins in the stream.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.raw().len() as u64
    }

    /// The bytes as they stand in the stream.
    pub(crate) fn raw(&self) -> &[u8] {
        let length = self.bytes.len() - usize::from(self.torn);
        self.bytes.get(..length).unwrap_or_default()
    }
}

/// What was not handed out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Skipped {
    pub(crate) long_lines: u64,
    /// Number of the last of them.
    pub(crate) long_line: u64,
    pub(crate) nul_bytes: u64,
}

/// Where a stream goes on: always the start of a line, or the inside of one that is being thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    pub(crate) line: u64,
    /// Whether the line at `offset` is the rest of one that is too long.
    pub(crate) in_long_line: bool,
}

impl Place {
    pub(crate) const START: Self = Self {
        offset: 0,
        line: 1,
        in_long_line: false,
    };
}

/// The cutter of one stream.
pub(crate) struct Blocks {
    held: Vec<u8>,
    /// Where the bytes not yet handed out begin in `held`.
    start: usize,
    /// Where the last line end in `held` is passed; 0 if there is none.
    lines_end: usize,
    /// What is among the bytes not yet handed out. A NUL may be gone already.
    seen: Seen,
    place: Place,
    ended: bool,
    skipped: Skipped,
    line_bytes: usize,
    block_bytes: usize,
    /// How many bytes are read at a time: at first no more than were said to be there.
    room: usize,
}

impl Blocks {
    /// A cutter for a reader that stands at `place`.
    pub(crate) fn new(place: Place, line_bytes: usize) -> Self {
        let block_bytes = BLOCK_BYTES;
        Self {
            held: Vec::new(),
            start: 0,
            lines_end: 0,
            seen: Seen::default(),
            place,
            ended: false,
            skipped: Skipped::default(),
            line_bytes,
            block_bytes,
            room: block_bytes,
        }
    }

    /// The same where so many bytes are there, as far as is known: a few lines need no buffer for many.
    pub(crate) fn expecting(mut self, bytes: u64) -> Self {
        // One more, so that the end is seen by the first read that finds it.
        let bytes = usize::try_from(bytes.saturating_add(1)).unwrap_or(usize::MAX);
        self.room = bytes.min(self.block_bytes);
        self
    }

    /// A cutter for a reader that stands behind the head of a stream, or at its end.
    pub(crate) fn behind(head: Vec<u8>, ended: bool, line_bytes: usize) -> Self {
        let mut blocks = Self::new(Place::START, line_bytes);
        blocks.held = head;
        blocks.look_from(0);
        blocks.ended = ended;
        blocks
    }

    /// The next whole lines; `None` at the end, with the unterminated rest still held.
    pub(crate) fn next(&mut self, reader: &mut dyn Fill) -> io::Result<Option<Block>> {
        loop {
            if let Some(block) = self.cut() {
                return Ok(Some(block));
            }
            if self.ended {
                return Ok(None);
            }
            self.fill(reader)?;
        }
    }

    /// After the end: the last line, if it lacks its line end.
    pub(crate) fn rest(&mut self) -> Option<Block> {
        let held = self.held.get(self.start..).unwrap_or_default();
        let length = held.len() - held.iter().rev().take_while(|b| **b == 0).count();
        let nuls = held.len() - length;
        if self.place.in_long_line {
            self.pass(held.len());
            return None;
        }
        let block = (length > 0).then(|| self.hand_out(length, false));
        self.skipped.nul_bytes += nuls as u64;
        self.pass(nuls);
        block
    }

    /// Where the bytes begin that were not handed out.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    pub(crate) fn skipped(&self) -> Skipped {
        self.skipped
    }

    fn fill(&mut self, reader: &mut dyn Fill) -> io::Result<()> {
        self.held.drain(..self.start);
        self.lines_end = self.lines_end.saturating_sub(self.start);
        self.start = 0;
        self.seen.has_nul = self.seen.has_nul && memchr(0, &self.held).is_some();
        let before = self.held.len();
        let length = before.saturating_add(self.room).min(self.block_bytes);
        self.room = self.block_bytes;
        let ended = fill_up(&mut self.held, length, reader);
        self.look_from(before);
        self.ended = ended?;
        Ok(())
    }

    fn look_from(&mut self, at: usize) {
        let new = self.held.get(at..).unwrap_or_default();
        let seen = Seen::of(new);
        self.seen.line_ends += seen.line_ends;
        self.seen.has_nul |= seen.has_nul;
        if let Some(last) = memrchr(b'\n', new) {
            self.lines_end = at + last + 1;
        }
    }

    fn cut(&mut self) -> Option<Block> {
        loop {
            self.pass_bom();
            if self.place.in_long_line && !self.pass_long_line() {
                return None;
            }
            if self.pass_nuls() {
                continue;
            }
            let held = self.held.get(self.start..)?;
            let lines = self.lines_end.saturating_sub(self.start);
            if let Some(run) = self.nul_run(held, lines) {
                let at_line_start = run == 0 || held.get(run - 1) == Some(&b'\n');
                return Some(self.hand_out(run, !at_line_start));
            }
            match first_long_line(held, self.line_bytes) {
                Some(0) => {
                    self.skipped.long_lines += 1;
                    self.skipped.long_line = self.place.line;
                    self.place.in_long_line = true;
                }
                Some(at) => return Some(self.hand_out(at, false)),
                None if lines == 0 => return None,
                None => return Some(self.hand_out(lines, false)),
            }
        }
    }

    /// Where a run of NULs stands that something else precedes, if it is sure not to be a tail still being written.
    fn nul_run(&self, held: &[u8], lines: usize) -> Option<usize> {
        if !self.seen.has_nul {
            return None;
        }
        let full = held.len() >= self.block_bytes;
        let search = if full { held } else { held.get(..lines)? };
        memmem::find(search, NUL_RUN)
    }

    fn pass_bom(&mut self) {
        if self.place.offset == 0
            && self
                .held
                .get(self.start..)
                .is_some_and(|h| h.starts_with(BOM))
        {
            self.pass(BOM.len());
        }
    }

    /// Throws the long line away as far as it is there; whether its end was found.
    fn pass_long_line(&mut self) -> bool {
        let held = self.held.get(self.start..).unwrap_or_default();
        let Some(end) = memchr(b'\n', held) else {
            self.pass(held.len());
            return false;
        };
        self.pass(end + 1);
        self.seen.line_ends -= 1;
        self.place.line += 1;
        self.place.in_long_line = false;
        true
    }

    /// Skips a run of NULs that something else follows, or that fills the block.
    fn pass_nuls(&mut self) -> bool {
        let held = self.held.get(self.start..).unwrap_or_default();
        let run = held.iter().take_while(|b| **b == 0).count();
        let followed = run < held.len() || run >= self.block_bytes;
        if run < NUL_RUN.len() || !followed {
            return false;
        }
        self.skipped.nul_bytes += run as u64;
        self.pass(run);
        true
    }

    fn pass(&mut self, bytes: usize) {
        self.start += bytes;
        self.place.offset += bytes as u64;
    }

    fn hand_out(&mut self, length: usize, add_line_end: bool) -> Block {
        let Place { offset, line, .. } = self.place;
        let end = self.start + length;
        let whole = end >= self.lines_end;
        let mut bytes = if self.start == 0 && length > self.held.len() / 2 {
            let rest = self.held.split_off(end);
            self.lines_end = self.lines_end.saturating_sub(end);
            std::mem::replace(&mut self.held, rest)
        } else {
            let bytes = self.held.get(self.start..end).unwrap_or_default().to_vec();
            self.start = end;
            bytes
        };
        let line_ends = match whole {
            true => self.seen.line_ends,
            false => Seen::of(&bytes).line_ends,
        };
        self.seen.line_ends -= line_ends;
        self.place.offset += length as u64;
        self.place.line += line_ends as u64;
        if add_line_end {
            bytes.push(b'\n');
        }
        if bytes.len() < bytes.capacity() / 4 {
            bytes.shrink_to_fit();
        }
        Block {
            bytes,
            offset,
            line,
            torn: add_line_end,
        }
    }
}

/// Where the first line begins that has more than `limit` bytes, its end not counted.
fn first_long_line(bytes: &[u8], limit: usize) -> Option<usize> {
    let mut at = 0;
    loop {
        // The last line end within reach: everything up to it is short enough.
        let reach = bytes.get(at..at + limit + 1)?;
        match memrchr(b'\n', reach) {
            Some(end) => at += end + 1,
            None => return Some(at),
        }
    }
}

#[cfg(test)]
mod tests;
