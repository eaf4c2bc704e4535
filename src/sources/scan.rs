//! Files, directories and stdin, read once through.
//!
//! One thing after the other in an order that only depends on names: directories recursively, rotated files of
//! one log oldest first. What cannot be read becomes a trouble that names it, and the others go on. Nothing here
//! blocks on anything but reading: FIFOs, devices and sockets in a directory are skipped.

mod list;
mod resume;
mod steps;

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::{Position, Time};

use super::blocks::{Block, Blocks};
use super::limits::Limits;
use super::notes::SkipNotes;
use super::opened::{lines_of_head, modified, open_regular, read_head, refusal};
use super::recode::Recode;
use super::unpack::Codec;
use super::{Chunk, Next, Source};
use list::Entry;
use resume::{Bookmark, Places};
use steps::{Cutter, Steps};

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
    /// Where an earlier scan left files.
    places: Places,
    /// One of them under another name than then, and the name then.
    renamed: Option<(Arc<str>, String)>,
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
}

impl Scan {
    /// Lists what is there. `-` is stdin.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>, settings: Settings) -> Self {
        let list::Listing { entries, troubles } = list::list(paths);
        let total = entries.iter().map(|entry| entry.bytes).sum::<Option<u64>>();
        Self {
            settings,
            found: entries.len() + troubles.len(),
            ahead: entries.into(),
            current: None,
            last: None,
            troubles: troubles.into(),
            streams: 0,
            readable: 0,
            places: Places::default(),
            renamed: None,
            total,
            finished: 0,
        }
    }

    /// Goes on where an earlier scan of the same files was cut off; gives the names of those that it read to their end,
    /// which are left out.
    pub fn resume(&mut self, positions: &[Position]) -> Vec<Arc<str>> {
        self.places = Places::of(positions);
        self.renamed = self.find_renamed();
        let mut whole = Vec::new();
        let places = &self.places;
        self.ahead.retain(|entry| {
            let is_whole = left(places, entry).is_some_and(|place| place.ended);
            if is_whole {
                whole.push(Arc::clone(&entry.source));
            }
            !is_whole
        });
        whole
    }

    /// Names of what an earlier scan has begun and not read to its end, with the file unchanged since.
    pub fn begun(&self) -> impl Iterator<Item = &str> {
        let begun = |entry: &&Entry| left(&self.places, entry).is_some();
        self.ahead.iter().filter(begun).map(|entry| &*entry.source)
    }

    /// A file that an earlier scan has begun under a name that is no longer its own, and that name.
    pub fn renamed(&self) -> Option<&(Arc<str>, String)> {
        self.renamed.as_ref()
    }

    fn find_renamed(&self) -> Option<(Arc<str>, String)> {
        if self.places.is_empty() {
            return None;
        }
        self.ahead.iter().find_map(|entry| {
            let bytes = entry.bytes?;
            let (_, modified) = open(&entry.path).ok()?;
            // A copy beside it is a log of its own.
            let is_still_there = |name: &str| {
                let there = open(Path::new(name)).and_then(|(file, at)| Ok((file.metadata()?, at)));
                there.is_ok_and(|(file, at)| file.len() == bytes && at == modified)
            };
            let mut names = self.places.names_of(bytes, modified);
            let earlier = names.find(|name| !is_still_there(name))?;
            Some((Arc::clone(&entry.source), earlier.to_owned()))
        })
    }

    /// How many files (and stdin) could be read so far, empty ones too; at the end, 0 means that nothing could be read.
    #[must_use]
    pub fn readable(&self) -> usize {
        self.readable
    }

    /// Names of what is still to be read, as coverage will show them.
    pub fn ahead(&self) -> impl Iterator<Item = &str> {
        self.ahead.iter().map(|entry| &*entry.source)
    }

    /// How many files (and stdin) were found or asked for.
    #[must_use]
    pub fn found(&self) -> usize {
        self.found
    }

    fn open(&mut self, entry: Entry) {
        let Entry {
            path,
            source,
            bytes,
        } = entry;
        match self.stream(&path, &source, bytes.unwrap_or_default()) {
            Ok(stream) => self.current = Some(stream),
            Err(why) => {
                self.finished += bytes.unwrap_or_default();
                self.trouble(source, &why);
            }
        }
    }

    fn stream(&mut self, path: &Path, source: &Arc<str>, bytes: u64) -> Result<Stream, String> {
        let cannot = |error: io::Error| match error.kind() {
            // Our own sentence.
            io::ErrorKind::InvalidInput if error.raw_os_error().is_none() => error.to_string(),
            _ => format!("cannot be read: {error}"),
        };
        let (file, modified) = open(path).map_err(cannot)?;
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
        self.readable += 1;
        self.streams += 1;
        let is_file = !list::is_stdin(path) && !list::is_handed_pipe(path);
        let bookmark = is_file.then(|| {
            let place = self.places.of_file(source, bytes, modified);
            Bookmark::new(source, bytes, modified, &head, place)
        });
        Ok(Stream {
            bookmark,
            source: Arc::clone(source),
            number: self.streams,
            modified,
            bytes_on_disk: bytes,
            head: Some(lines_of_head(&head).into()),
            steps: Steps::Here(Box::new(Cutter {
                reader,
                blocks: Blocks::behind(head, ended, limits.line_bytes),
            })),
            taken: 0,
            notes: SkipNotes::default(),
            block: None,
        })
    }

    fn trouble(&mut self, source: Arc<str>, note: &str) {
        let note = format!("{source}: {note}");
        self.troubles.push_back((source, note));
    }

    /// Reads one block further in the current file; its end closes it.
    fn advance(&mut self, mut stream: Stream) -> Option<Chunk> {
        let mut step = stream.steps.next();
        stream.taken = step.taken;
        if let Some(bookmark) = &stream.bookmark {
            step.block = step.block.and_then(|block| bookmark.unread(block));
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
        let bookmark = stream.bookmark.as_mut();
        let position = bookmark.and_then(|bookmark| bookmark.behind(&block, last));
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

/// Where an earlier scan left the file of an entry, if nobody touched it since.
fn left<'p>(places: &'p Places, entry: &Entry) -> Option<&'p resume::Place> {
    let (_, modified) = open(&entry.path).ok().filter(|_| entry.bytes.is_some())?;
    places.of_file(&entry.source, entry.bytes?, modified)
}

/// Opens what an entry names, and says when it was last written.
fn open(path: &Path) -> io::Result<(File, Time)> {
    let now = || jiff::Timestamp::now().into();
    if list::is_stdin(path) {
        let stdin = io::stdin().as_fd().try_clone_to_owned()?;
        return Ok((stdin.into(), now()));
    }
    if list::is_handed_pipe(path) {
        return Ok((File::open(path)?, now()));
    }
    let file = open_regular(path)?;
    let modified = modified(&file.metadata()?);
    Ok((file, modified))
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
            } else if let Some(entry) = self.ahead.pop_front() {
                self.open(entry);
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
