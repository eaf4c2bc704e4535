//! Cuts a byte stream into blocks of whole lines, whatever the bytes are.
//!
//! Memory is bounded by one block: a line beyond the limit is thrown away while it streams by, and counted, never
//! merged with its neighbours. Runs of NUL bytes (a writer that does not append after copytruncate, a power
//! loss) are skipped and counted. Every block is contiguous in the stream, so that line numbers and offsets
//! within it can be counted on; a skip starts a new block. CRLF stays: stripping it is the parser's business.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memmem, memrchr};

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
    place: Place,
    ended: bool,
    skipped: Skipped,
    line_bytes: usize,
    block_bytes: usize,
}

impl Blocks {
    /// A cutter for a reader that stands at `place`.
    pub(crate) fn new(place: Place, line_bytes: u64) -> Self {
        let block_bytes = BLOCK_BYTES;
        Self {
            held: Vec::new(),
            start: 0,
            place,
            ended: false,
            skipped: Skipped::default(),
            line_bytes: usize::try_from(line_bytes)
                .unwrap_or(usize::MAX)
                .clamp(1, block_bytes / 2),
            block_bytes,
        }
    }

    /// The next whole lines; `None` at the end, with the unterminated rest still held.
    pub(crate) fn next(&mut self, reader: &mut dyn Read) -> io::Result<Option<Block>> {
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

    fn fill(&mut self, reader: &mut dyn Read) -> io::Result<()> {
        self.held.drain(..self.start);
        self.start = 0;
        let want = self.block_bytes - self.held.len();
        self.held.reserve(want);
        let got = reader.take(want as u64).read_to_end(&mut self.held)?;
        self.ended = got < want;
        Ok(())
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
            let lines = memrchr(b'\n', held).map_or(0, |at| at + 1);
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
        let mut bytes = if self.start == 0 && length > self.held.len() / 2 {
            let rest = self.held.split_off(end);
            std::mem::replace(&mut self.held, rest)
        } else {
            let bytes = self.held.get(self.start..end).unwrap_or_default().to_vec();
            self.start = end;
            bytes
        };
        self.place.offset += length as u64;
        self.place.line += memchr_iter(b'\n', &bytes).count() as u64;
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(bytes: &[u8], block_bytes: usize, line_bytes: usize) -> (Vec<Block>, Skipped) {
        let mut blocks = Blocks::new(Place::START, 1);
        blocks.block_bytes = block_bytes;
        blocks.line_bytes = line_bytes;
        let mut reader = bytes;
        let mut out = Vec::new();
        while let Some(block) = blocks.next(&mut reader).unwrap() {
            out.push(block);
        }
        out.extend(blocks.rest());
        assert_eq!(blocks.place().offset, bytes.len() as u64);
        (out, blocks.skipped())
    }

    fn text(blocks: &[Block]) -> String {
        blocks
            .iter()
            .map(|b| String::from_utf8_lossy(&b.bytes).into_owned())
            .collect()
    }

    #[test]
    fn long_line_is_skipped_counted_and_not_merged() {
        let long = "x".repeat(300 << 10);
        let input = format!("one\n{long}\ntwo\nthree");
        let (blocks, skipped) = cut(input.as_bytes(), BLOCK_BYTES, 256 << 10);
        assert_eq!(text(&blocks), "one\ntwo\nthree");
        assert_eq!((skipped.long_lines, skipped.long_line), (1, 2));
        assert_eq!(blocks.get(1).map(|b| b.line), Some(3));
        assert_eq!(blocks.get(1).map(|b| b.offset), Some(long.len() as u64 + 5));
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_read() {
        let (blocks, skipped) = cut(b"12345678\n123456789\n1\n", 64, 8);
        assert_eq!(text(&blocks), "12345678\n1\n");
        assert_eq!(skipped.long_lines, 1);
    }

    #[test]
    fn long_last_line_without_end_is_dropped() {
        let (blocks, skipped) = cut(&[b"a\n".to_vec(), vec![b'x'; 500]].concat(), 64, 8);
        assert_eq!(text(&blocks), "a\n");
        assert_eq!(skipped.long_lines, 1);
    }

    #[test]
    fn nul_runs_are_skipped_and_split_what_they_tear() {
        let input = [&[0; 100][..], b"one\ntw", &[0; 50], b"three\n", &[0; 7]].concat();
        for block_bytes in [64, 1024] {
            let (blocks, skipped) = cut(&input, block_bytes, 32);
            assert_eq!(text(&blocks), "one\ntw\nthree\n");
            assert_eq!(skipped.nul_bytes, 157);
            assert_eq!(blocks.first().map(|b| (b.offset, b.line)), Some((100, 1)));
            assert_eq!(blocks.last().map(|b| (b.offset, b.line)), Some((156, 2)));
        }
    }

    #[test]
    fn byte_order_mark_goes_carriage_returns_stay() {
        let (blocks, _) = cut(b"\xef\xbb\xbfa\r\nb\r\n", 64, 32);
        assert_eq!(text(&blocks), "a\r\nb\r\n");
        assert_eq!(blocks.first().map(|b| b.offset), Some(3));
    }

    #[test]
    fn rest_stays_at_its_place_until_asked_for() {
        let mut blocks = Blocks::new(Place::START, 100);
        let mut reader: &[u8] = b"whole\npart";
        assert_eq!(
            text(&[blocks.next(&mut reader).unwrap().unwrap()]),
            "whole\n"
        );
        assert_eq!(blocks.next(&mut reader).unwrap(), None);
        assert_eq!((blocks.place().offset, blocks.place().line), (6, 2));
    }

    proptest! {
        #[test]
        fn lines_offsets_and_numbers_agree_with_a_plain_split(
            lines in prop::collection::vec("[a-z]{0,40}", 0..60), block_bytes in 64usize..200, ended in any::<bool>(),
        ) {
            let mut input = lines.join("\n");
            if ended { input.push('\n'); }
            let (blocks, _) = cut(input.as_bytes(), block_bytes, 16);
            let mut offset = 0u64;
            let mut expected = Vec::new();
            for (index, line) in input.split_inclusive('\n').enumerate() {
                if line.trim_end_matches('\n').len() <= 16 {
                    expected.push((offset, index as u64 + 1, line.to_owned()));
                }
                offset += line.len() as u64;
            }
            let mut found = Vec::new();
            for block in &blocks {
                let (mut at, mut number) = (block.offset, block.line);
                for line in block.bytes.split_inclusive(|b| *b == b'\n') {
                    found.push((at, number, String::from_utf8(line.to_vec()).unwrap()));
                    at += line.len() as u64;
                    number += 1;
                }
            }
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn any_bytes_are_cut_without_loss_of_place(bytes in prop::collection::vec(prop::sample::select(vec![0u8, b'\n', b'a', 0xef]), 0..600)) {
            let (blocks, skipped) = cut(&bytes, 64, 16);
            let handed: usize = blocks.iter().map(|b| b.bytes.len()).sum();
            prop_assert!(handed <= bytes.len());
            prop_assert!(skipped.nul_bytes as usize + handed <= bytes.len() + blocks.len());
        }
    }
}
