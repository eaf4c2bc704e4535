//! What was read, as hashes of two stretches: the first bytes and the ones just before the offset.
//!
//! A head alone proves little: W3C, Squid and Zeek files begin with the same header. An offset is only inherited
//! when the anchor, too, is found in the other file at the same place of its unpacked bytes.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use rustix::buffer::spare_capacity;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fill::Fill;
use super::limits::Limits;
use super::recode::Recode;
use super::unpack::{Codec, SNIFF_BYTES, Unpack};

const HEAD_BYTES: usize = 1024;
const ANCHOR_BYTES: usize = 512;
/// Fewer than the last prove nothing.
const BEGINNINGS_BYTES: [usize; 4] = [512, 256, 128, PROOF_BYTES as usize];
/// A content that is shorter than this may be another that begins alike.
pub(crate) const PROOF_BYTES: u64 = 64;
const COMPARE_BYTES: usize = 64 << 10;

/// Whether a content has what a witness saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Yes,
    No,
    /// It agrees as far as it goes, but ends before.
    Short,
    /// The original was moved, truncated or deleted while it was compared: the next look tells.
    Untold,
}

/// A stretch of a stream and its hash.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) length: u64,
    hash: String,
}

impl Span {
    pub(crate) fn of(start: u64, bytes: &[u8]) -> Self {
        Self {
            start,
            length: bytes.len() as u64,
            hash: hash(bytes),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// The first 16 bytes of SHA-256: foreign text must not be able to forge a witness.
fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// The witnesses of one generation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Witness {
    pub(crate) head: Span,
    pub(crate) anchor: Span,
    /// The bytes behind the spans, as far as this process has seen them.
    #[serde(skip)]
    head_bytes: Vec<u8>,
    #[serde(skip)]
    anchor_bytes: Vec<u8>,
}

impl Witness {
    /// Takes note of bytes that were read at `offset`.
    pub(crate) fn saw(&mut self, offset: u64, bytes: &[u8]) {
        let head_end = self.head.start + self.head.length;
        let contiguous = self.head_bytes.len() as u64 == self.head.length && head_end == offset;
        if self.head.is_empty() {
            self.head_bytes = bytes.iter().take(HEAD_BYTES).copied().collect();
            self.head = Span::of(offset, &self.head_bytes);
        } else if contiguous && self.head_bytes.len() < HEAD_BYTES {
            let room = HEAD_BYTES - self.head_bytes.len();
            self.head_bytes.extend(bytes.iter().take(room));
            self.head = Span::of(self.head.start, &self.head_bytes);
        }
        let anchor_end = self.anchor.start + self.anchor.length;
        if self.anchor_bytes.len() as u64 != self.anchor.length || anchor_end != offset {
            self.anchor_bytes.clear();
        }
        let recent = bytes.len().saturating_sub(ANCHOR_BYTES);
        self.anchor_bytes
            .extend_from_slice(bytes.get(recent..).unwrap_or_default());
        let surplus = self.anchor_bytes.len().saturating_sub(ANCHOR_BYTES);
        self.anchor_bytes.drain(..surplus);
        let end = offset + bytes.len() as u64;
        self.anchor = Span::of(end - self.anchor_bytes.len() as u64, &self.anchor_bytes);
    }

    /// Shorter and shorter beginnings of the head, for a file that is shorter than the head; as far as this process has
    /// seen it.
    pub(crate) fn beginnings(&self) -> Vec<Span> {
        let lengths = BEGINNINGS_BYTES.iter();
        let beginning = |length: &usize| self.head_bytes.get(..*length);
        lengths
            .filter_map(beginning)
            .map(|bytes| Span::of(self.head.start, bytes))
            .collect()
    }

    /// Whether a content holds head and anchor.
    pub(crate) fn held_by(&mut self, content: &Content<'_>) -> io::Result<Held> {
        let head = content.stretch(&self.head)?;
        match holds(&self.head, &head) {
            Held::Yes => self.head_bytes = head,
            other => return Ok(other),
        }
        let anchor = content.stretch(&self.anchor)?;
        let held = holds(&self.anchor, &anchor);
        if held == Held::Yes {
            self.anchor_bytes = anchor;
        }
        Ok(held)
    }

    /// Whether a plain content holds the anchor.
    pub(crate) fn anchor_held_by(&self, content: &Content<'_>) -> io::Result<bool> {
        Ok(content.has(&self.anchor)? == Held::Yes)
    }

    /// Whether a content holds the head: all that can be asked cheaply of a packed file.
    pub(crate) fn head_held_by(&self, content: &Content<'_>) -> io::Result<Held> {
        content.has(&self.head)
    }
}

fn holds(span: &Span, bytes: &[u8]) -> Held {
    if span.is_empty() {
        return Held::Yes;
    }
    if (bytes.len() as u64) < span.length {
        return Held::Short;
    }
    if hash(bytes) == span.hash {
        Held::Yes
    } else {
        Held::No
    }
}

/// The unpacked bytes of an open file.
pub(crate) struct Content<'a> {
    file: &'a File,
    /// Whether they do not stand in the file as they are.
    pub(crate) packed: bool,
    /// Whether they are what a scan makes lines of: dnstap as text, UTF-16 as UTF-8.
    recoded: bool,
    pub(crate) limits: Limits,
}

impl<'a> Content<'a> {
    pub(crate) fn of(file: &'a File, limits: Limits) -> io::Result<Self> {
        let mut first = [0; SNIFF_BYTES];
        let length = read_up_to(file, &mut first, 0)?;
        let first = first.get(..length).unwrap_or_default();
        Ok(Self {
            file,
            packed: Codec::sniff(first) != Codec::Plain,
            recoded: false,
            limits,
        })
    }

    /// Of a file that is known to be neither packed nor anything but text.
    pub(crate) fn plain(file: &'a File, limits: Limits) -> Self {
        Self {
            file,
            packed: false,
            recoded: false,
            limits,
        }
    }

    /// The same as a scan reads it.
    pub(crate) fn in_lines(file: &'a File, limits: Limits) -> io::Result<Self> {
        let content = Self::of(file, limits)?;
        let packed = Recode::new(Box::new(content.reader_at(0)?), limits)?.is_work();
        Ok(Self {
            packed,
            recoded: packed,
            ..content
        })
    }

    /// A reader from the first unpacked byte.
    pub(crate) fn reader(&self) -> io::Result<Unpack> {
        Unpack::new(Box::new(self.reader_at(0)?), self.limits)
    }

    /// A reader of the file as it is, from an offset on.
    pub(crate) fn reader_at(&self, offset: u64) -> io::Result<AtOffset> {
        let file = self.file.try_clone()?;
        Ok(AtOffset { file, offset })
    }

    fn stretch(&self, span: &Span) -> io::Result<Vec<u8>> {
        if self.recoded {
            let inner = Box::new(self.reader_at(0)?);
            return stretch_of(&mut Recode::new(inner, self.limits)?, span);
        }
        if self.packed {
            return stretch_of(&mut self.reader()?, span);
        }
        let mut bytes = vec![
            0;
            usize::try_from(span.length)
                .unwrap_or_default()
                .min(HEAD_BYTES)
        ];
        let length = read_up_to(self.file, &mut bytes, span.start)?;
        bytes.truncate(length);
        Ok(bytes)
    }

    /// What stands here, as far as there is something.
    pub(crate) fn span(&self, start: u64, length: u64) -> io::Result<Span> {
        let hash = String::new();
        let bytes = self.stretch(&Span {
            start,
            length,
            hash,
        })?;
        Ok(Span::of(start, &bytes))
    }

    /// Whether a stretch stands here.
    pub(crate) fn has(&self, span: &Span) -> io::Result<Held> {
        Ok(holds(span, &self.stretch(span)?))
    }

    /// Whether everything here, or the first so many bytes, also stands at the beginning of `other`, a plain file.
    pub(crate) fn is_beginning_of(&self, other: &File, at_most: u64) -> io::Result<bool> {
        let mut reader = self.reader()?.take(at_most);
        let (mut mine, mut theirs) = (vec![0; COMPARE_BYTES], vec![0; COMPARE_BYTES]);
        let mut offset = 0;
        loop {
            let length = reader.read(&mut mine)?;
            if length == 0 {
                return Ok(true);
            }
            let theirs = theirs.get_mut(..length).unwrap_or_default();
            if read_up_to(other, theirs, offset)? < length || Some(&*theirs) != mine.get(..length) {
                return Ok(false);
            }
            offset += length as u64;
        }
    }

    /// Whether these are fewer unpacked bytes than so many, and all there are: no archive in the making.
    pub(crate) fn is_whole_within(&self, bytes: u64) -> io::Result<bool> {
        let mut reader = self.reader()?;
        let length = io::copy(&mut (&mut reader).take(bytes), &mut io::sink())?;
        Ok(length < bytes && reader.fault().is_none())
    }

    /// Whether there are unpacked bytes at an offset.
    pub(crate) fn goes_beyond(&self, offset: u64) -> io::Result<bool> {
        let (start, length, hash) = (offset, 1, String::new());
        let byte = Span {
            start,
            length,
            hash,
        };
        Ok(!self.stretch(&byte)?.is_empty())
    }

    /// The witness of everything in here, as if it had been read.
    pub(crate) fn witness_of_all(&self, size: u64) -> io::Result<Witness> {
        let mut witness = Witness::default();
        if self.packed {
            return Ok(witness);
        }
        let stretch = |start, length| {
            self.stretch(&Span {
                start,
                length,
                hash: String::new(),
            })
        };
        witness.saw(0, &stretch(0, size.min(HEAD_BYTES as u64))?);
        let start = size.saturating_sub(ANCHOR_BYTES as u64);
        witness.anchor = Span::of(start, &stretch(start, size - start)?);
        Ok(witness)
    }
}

/// A stretch of what a reader has, from its first byte on.
fn stretch_of(reader: &mut dyn Fill, span: &Span) -> io::Result<Vec<u8>> {
    let end = span.start + span.length;
    let (mut at, mut bytes) = (0, Vec::new());
    let mut step = Vec::with_capacity(COMPARE_BYTES);
    while at < end {
        step.clear();
        match reader.fill(&mut step) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        let within = |offset: u64| {
            let from = offset.saturating_sub(at);
            usize::try_from(from).unwrap_or(usize::MAX).min(step.len())
        };
        bytes.extend_from_slice(
            step.get(within(span.start)..within(end))
                .unwrap_or_default(),
        );
        at += step.len() as u64;
    }
    Ok(bytes)
}

/// Reads a file from an offset on without moving the position that clones of it share.
pub(crate) struct AtOffset {
    file: File,
    offset: u64,
}

impl Fill for AtOffset {
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let length = rustix::io::pread(&self.file, spare_capacity(buffer), self.offset)?;
        self.offset += length as u64;
        Ok(length)
    }
}

/// Reads at an offset until the buffer is full or the file ends.
pub(crate) fn read_up_to(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + length as u64) {
            Ok(0) => break,
            Ok(n) => length += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn held(witness: &mut Witness, bytes: &[u8]) -> Held {
        let file = file(bytes);
        witness
            .held_by(&Content::of(&file, Limits::default()).unwrap())
            .unwrap()
    }

    #[test]
    fn equal_heads_do_not_suffice() {
        let header = b"#Fields: date time c-ip\n".repeat(60);
        let mine = [&header[..], b"10:00 192.0.2.1\n"].concat();
        let mut witness = Witness::default();
        for (at, line) in mine.split_inclusive(|b| *b == b'\n').enumerate() {
            witness.saw(at as u64 * 24, line);
        }
        assert_eq!(
            held(&mut witness, &[&mine[..], b"more\n"].concat()),
            Held::Yes
        );
        assert_eq!(
            held(&mut witness, &[&header[..], b"10:00 192.0.2.2\n"].concat()),
            Held::No
        );
        assert_eq!(held(&mut witness, &header), Held::Short);
        assert_eq!(held(&mut witness, b"something else"), Held::Short);
        let packed = zstd::encode_all(&mine[..], 1).unwrap();
        assert_eq!(held(&mut witness, &packed), Held::Yes);
    }
}
