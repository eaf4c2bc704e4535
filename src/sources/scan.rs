//! Files, directories and stdin, read once through.
//!
//! One thing after the other in an order that only depends on names: directories recursively, rotated files of
//! one log oldest first. What cannot be read becomes a trouble that names it, and the others go on. Nothing here
//! blocks on anything but reading: FIFOs, devices and sockets in a directory are skipped.

mod evidence;
mod judge;
mod list;
mod missing;
mod place;
mod resume;
mod steps;

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::model::{Position, Time};

use super::blocks::{Block, Blocks};
use super::key::Eye;
use super::limits::Limits;
use super::notes::SkipNotes;
use super::opened::{lines_of_head, read_head, refusal};
use super::recode::Recode;
use super::unpack::Codec;
use super::{Chunk, Next, Source};
use list::Entry;
use place::{Bookmark, Left, Opened, REWRITTEN, UNENDED};
use resume::Places;
use steps::{Cutter, End, Steps};

/// What holds for all files of a scan.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The format, if it is not to be recognised.
    pub format: Option<Arc<str>>,
    /// The zone of times without one.
    pub zone: Option<jiff::tz::TimeZone>,
    pub limits: Limits,
}

/// A one-shot source.
pub struct Scan {
    settings: Settings,
    ahead: VecDeque<Entry>,
    current: Option<Stream>,
    /// The last chunk of a stream that ended with two.
    last: Option<Chunk>,
    troubles: VecDeque<(Arc<str>, String)>,
    streams: u64,
    found: usize,
    readable: usize,
    eye: Eye,
    /// Where earlier scans left what they read.
    places: Places,
    /// Of those, what is now elsewhere and has no more to read.
    moved: VecDeque<Left>,
    /// Whether another scan will go on where this one ends.
    is_resumed: bool,
    /// Whether something was left to it.
    is_open: bool,
    /// Bytes on disk of everything listed; `None` with a pipe among it.
    total: Option<u64>,
    finished: u64,
}

/// The file being read.
struct Stream {
    source: Arc<str>,
    number: u64,
    modified: Time,
    bytes_on_disk: u64,
    head: Option<Arc<[u8]>>,
    steps: Steps,
    /// Bytes taken from the file for the blocks that came.
    taken: u64,
    notes: SkipNotes,
    /// Of a file that can be found again.
    bookmark: Option<Bookmark>,
    /// Held back until it is known whether it is the last.
    block: Option<Block>,
    /// Whether it ended before its end.
    is_cut: bool,
}

impl Scan {
    /// Lists what is there. `-` is stdin.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>, settings: Settings) -> Self {
        let list::Listing { entries, troubles } = list::list(paths);
        let total = entries.iter().map(Entry::bytes).sum::<Option<u64>>();
        Self {
            settings,
            found: entries.len() + troubles.len(),
            ahead: entries.into(),
            current: None,
            last: None,
            troubles: troubles.into(),
            streams: 0,
            readable: 0,
            eye: Eye::default(),
            places: Places::default(),
            moved: VecDeque::new(),
            is_resumed: false,
            is_open: false,
            total,
            finished: 0,
        }
    }

    /// Goes on where earlier scans of the same logs ended or were cut off, wherever rotation has moved them since; gives
    /// the names of files that were read to their end, which are left out, with the names under which that was.
    pub fn resume(&mut self, positions: &[Position]) -> Vec<(Arc<str>, String)> {
        self.is_resumed = true;
        self.places = Places::of(positions, self.settings.limits);
        let entries = std::mem::take(&mut self.ahead).into();
        let outcome = self.places.judge_all(entries, &mut self.eye);
        self.total = outcome.entries.iter().map(Entry::bytes).sum();
        self.ahead = outcome.entries.into();
        self.moved = outcome.moved.into();
        self.is_open = outcome.is_open;
        for (source, note) in outcome.notes {
            self.trouble(source, &note);
        }
        outcome.whole
    }

    /// Names of what is to be read from its first byte though nothing tells whether what an earlier scan counted under that
    /// name is something else.
    pub fn unexplained(&self) -> impl Iterator<Item = &str> {
        let from_the_first_byte = |entry: &&Entry| entry.goes_on.is_none() && entry.look.is_some();
        let ahead = self.ahead.iter().filter(from_the_first_byte);
        ahead
            .map(|entry| &*entry.source)
            .filter(|source| !self.places.explain(source))
    }

    /// How many files (and stdin) could be read so far, empty ones too; at the end, 0 means that nothing could be read.
    #[must_use]
    pub fn readable(&self) -> usize {
        self.readable
    }

    /// Whether there is nothing to read, and nothing was left to another scan.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.ahead.is_empty() && !self.is_open
    }

    /// How many files (and stdin) were found or asked for.
    #[must_use]
    pub fn found(&self) -> usize {
        self.found
    }

    fn open(&mut self, entry: &Entry) {
        match self.stream(entry) {
            Ok(stream) => self.current = Some(stream),
            Err(why) => {
                self.finished += entry.bytes().unwrap_or_default();
                self.trouble(Arc::clone(&entry.source), &why);
            }
        }
    }

    fn stream(&mut self, entry: &Entry) -> Result<Stream, String> {
        let cannot = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => {
                "was moved or removed since the scan began; ask again to have it read".to_owned()
            }
            // Our own sentence.
            io::ErrorKind::InvalidInput if error.raw_os_error().is_none() => error.to_string(),
            _ => format!("cannot be read: {error}"),
        };
        let file = entry.open().map_err(cannot)?;
        let look = match entry.look {
            Some(_) => Some(self.eye.look_at_open(&file).map_err(cannot)?),
            None => None,
        };
        let watched = file.try_clone().map_err(cannot)?;
        let limits = self.settings.limits;
        let mut reader = Recode::new(Box::new(file), limits).map_err(cannot)?;
        let (head, ended) = read_head(&mut reader).map_err(cannot)?;
        if head.is_empty() {
            if let Some(fault) = reader.fault() {
                return Err(fault.to_string());
            }
            self.readable += 1;
            return Err("is empty".to_owned());
        }
        if let Some(why) = refusal(&head, reader.codec() != Codec::Plain) {
            return Err(why.to_owned());
        }
        let bookmark = match look {
            Some(look) => {
                let opened = Opened {
                    look,
                    path: entry.path.to_string_lossy().into_owned(),
                    packed: reader.is_work(),
                    head: &head,
                };
                Some(self.bookmark(entry, opened, watched)?)
            }
            None => None,
        };
        self.readable += 1;
        self.streams += 1;
        Ok(Stream {
            bookmark,
            source: Arc::clone(&entry.source),
            number: self.streams,
            modified: look.map_or_else(now, |look| look.modified),
            bytes_on_disk: look.map_or(0, |look| look.stamp.size),
            head: Some(lines_of_head(&head).into()),
            steps: Steps::Here(Box::new(Cutter {
                reader,
                blocks: Blocks::behind(head, ended, limits.line()),
            })),
            taken: 0,
            notes: SkipNotes::default(),
            block: None,
            is_cut: false,
        })
    }

    /// Where reading is to begin, and what will be kept of it.
    fn bookmark(
        &mut self,
        entry: &Entry,
        opened: Opened<'_>,
        watched: File,
    ) -> Result<Bookmark, String> {
        let limits = self.settings.limits;
        let left = |at: Option<usize>| at.and_then(|at| self.places.left(at)).cloned();
        let (goes_on, branches) = (left(entry.goes_on), left(entry.branches));
        let mut bookmark = if let Some(left) = goes_on {
            Bookmark::going_on(&left, opened, limits)
        } else {
            let (key, serial) = self.places.begin(&entry.source);
            let mut bookmark = Bookmark::new(key, &entry.source, serial, opened, limits);
            if let Some(left) = branches {
                bookmark.stands_where(&left.place);
            }
            bookmark
        };
        match bookmark.watch(watched) {
            Ok(true) => Ok(bookmark),
            Ok(false) => Err(REWRITTEN.to_owned()),
            Err(error) => Err(format!("cannot be read: {error}")),
        }
    }

    /// Nothing to read, but where what was read is now.
    fn elsewhere(&mut self, left: &Left) -> Chunk {
        self.streams += 1;
        Chunk {
            source: left.source().into(),
            format: self.settings.format.clone(),
            zone: self.settings.zone.clone(),
            stream: self.streams,
            head: None,
            offset: left.place.offset,
            line: left.place.line,
            bytes: Vec::new(),
            modified: Time::from_micros(left.place.modified),
            position: left.place.position(&left.key),
            last: true,
        }
    }

    fn trouble(&mut self, source: Arc<str>, note: &str) {
        let note = format!("{source}: {note}");
        self.troubles.push_back((source, note));
    }

    /// Reads one block further in the current file; its end closes it.
    fn advance(&mut self, mut stream: Stream) -> Option<Chunk> {
        let mut step = stream.steps.next();
        stream.taken = step.taken;
        if let Some(bookmark) = &mut stream.bookmark {
            step.block = step.block.and_then(|block| bookmark.unread(block));
            let is_due = step.block.is_some() || step.end.is_some();
            let why = match is_due.then(|| bookmark.follows(step.block.as_ref())) {
                Some(Ok(false)) => Some(REWRITTEN.to_owned()),
                Some(Err(error)) => Some(format!("cannot be read: {error}")),
                _ if step.end.is_some() && step.block.is_some() && self.is_resumed => {
                    let is_being_written = bookmark.is_being_written(now());
                    is_being_written.then(|| UNENDED.to_owned())
                }
                _ => None,
            };
            if let Some(fault) = why {
                step.block = None;
                step.end = Some(End::cut(fault));
            }
        }
        let Some(end) = step.end else {
            if let Some(note) = stream.notes.due(step.skipped) {
                self.trouble(Arc::clone(&stream.source), &note);
            }
            let earlier = match step.block {
                Some(block) => stream.block.replace(block),
                None => None,
            };
            let chunk = earlier.map(|block| self.chunk(&mut stream, block, false));
            self.current = Some(stream);
            return chunk;
        };
        if let Some(note) = stream.notes.last(step.skipped) {
            self.trouble(Arc::clone(&stream.source), &note);
        }
        stream.is_cut = end.is_cut;
        if let Some(fault) = end.fault {
            self.trouble(Arc::clone(&stream.source), &fault);
        }
        self.finished += stream.bytes_on_disk;
        let last = match (stream.block.take(), step.block) {
            (Some(mut block), Some(rest)) if block.end() == rest.offset => {
                block.bytes.extend_from_slice(&rest.bytes);
                Some(block)
            }
            (Some(block), Some(rest)) => {
                // A skip lies between the two.
                let chunk = self.chunk(&mut stream, block, false);
                self.last = Some(self.chunk(&mut stream, rest, true));
                return Some(chunk);
            }
            (block, rest) => block
                .or(rest)
                .or_else(|| stream.bookmark.as_ref().map(Bookmark::end)),
        };
        last.map(|block| self.chunk(&mut stream, block, true))
    }

    fn chunk(&self, stream: &mut Stream, block: Block, last: bool) -> Chunk {
        let is_cut = stream.is_cut;
        let bookmark = stream.bookmark.as_mut();
        let position = bookmark.and_then(|bookmark| bookmark.behind(&block, last && !is_cut));
        Chunk {
            source: Arc::clone(&stream.source),
            format: self.settings.format.clone(),
            zone: self.settings.zone.clone(),
            stream: stream.number,
            head: stream.head.take(),
            offset: block.offset,
            line: block.line,
            bytes: block.bytes,
            modified: stream.modified,
            position,
            last,
        }
    }
}

fn now() -> Time {
    jiff::Timestamp::now().into()
}

impl Source for Scan {
    fn next(&mut self) -> Next {
        loop {
            if let Some((source, note)) = self.troubles.pop_front() {
                return Next::Trouble { source, note };
            }
            if let Some(chunk) = self.last.take() {
                return Next::Chunk(chunk);
            }
            if let Some(stream) = self.current.take() {
                if let Some(chunk) = self.advance(stream) {
                    return Next::Chunk(chunk);
                }
            } else if let Some(left) = self.moved.pop_front() {
                return Next::Chunk(self.elsewhere(&left));
            } else if let Some(entry) = self.ahead.pop_front() {
                self.open(&entry);
            } else {
                return Next::End;
            }
        }
    }

    fn leave(&mut self, stream: u64) {
        self.last.take_if(|last| last.stream == stream);
        if let Some(left) = self.current.take_if(|current| current.number == stream) {
            self.finished += left.bytes_on_disk;
        }
    }

    fn progress(&self) -> Option<(u64, u64)> {
        let current = self
            .current
            .as_ref()
            .map_or(0, |stream| stream.taken.min(stream.bytes_on_disk));
        self.total.map(|total| (total, self.finished + current))
    }
}
