//! Follows log files across rotation, restart and compression, losing and doubling nothing.
//!
//! A log is a path; its generations are the streams of bytes it was between two rotations. Each round looks at all
//! files by `stat`, decides which file continues which generation (`decide`, with proof by content), and reads at
//! most one chunk per log, older generations first. Nothing is waited for: the caller asks again. Copytruncate can
//! lose what was written between the copy and the truncation before we looked; what is known to be lost is told.
//! The algorithm is a composite of what the tailers of Filebeat, Vector, Fluent Bit and rsyslog learnt the hard way.

mod admit;
mod decide;
mod discover;
mod generation;
mod glob;
mod reading;
mod reconcile;

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::model::Position;

use super::key::{Eye, Key};
use super::limits::Limits;
use super::{Chunk, Next, Source};
use admit::Waiting;
use generation::{Generation, Saved};
use reading::Part;

/// With more open files than this, few logs at a time are read, each to its end, and files with nothing to read in them
/// are closed; with fewer where the system allows few.
const OPEN_FILES: usize = 256;
/// So many logs take turns then: enough to keep all cores busy.
const FEW_LOGS: usize = 8;
/// After so many bytes the files are looked at again even if there is more to read.
const BYTES_PER_ROUND: u64 = 64 << 20;

/// The files that an input's path or pattern covers now; a plain path stands for itself, whether it exists or not.
#[must_use]
pub fn covered(pattern: &str) -> Vec<PathBuf> {
    if glob::is_pattern(pattern) {
        glob::expand(pattern, &mut Vec::new())
    } else {
        vec![PathBuf::from(pattern)]
    }
}

/// One followed log, or a pattern of logs.
#[derive(Debug, Clone)]
pub struct Input {
    /// A path (`/var/log/squid/access.log`) or a pattern (`/var/log/zeek/*/dns*.log`). Rotated siblings
    /// (`access.log.1`, `access.log-20261122.gz`, …) belong to it by themselves.
    pub pattern: String,
    /// Where rotated files are moved to, if not beside the log; relative to the log's directory, as logrotate has it.
    pub olddir: Option<PathBuf>,
    /// The format, if it is not to be recognised.
    pub format: Option<String>,
    /// The zone of times without one.
    pub zone: Option<jiff::tz::TimeZone>,
}

/// What a [`Follow`] is to do.
#[derive(Debug, Clone)]
pub struct FollowSettings {
    pub inputs: Vec<Input>,
    pub limits: Limits,
    /// Whether the rotated files that are there when a log is seen for the first time are read as history.
    pub backfill: bool,
    /// How long a rotated file must be untouched before its unterminated last line counts as a line.
    pub settle: Duration,
}

impl Default for FollowSettings {
    fn default() -> Self {
        Self {
            inputs: Vec::new(),
            limits: Limits::default(),
            backfill: true,
            settle: Duration::from_secs(10),
        }
    }
}

/// The source of the service.
pub struct Follow {
    settings: FollowSettings,
    formats: Vec<Option<Arc<str>>>,
    eye: Eye,
    /// Oldest first within each log.
    generations: Vec<Generation>,
    /// Where the generations of each log stand.
    by_source: HashMap<Arc<str>, Vec<usize>>,
    waiting: HashMap<Key, Waiting>,
    /// Logs with at least one generation, now or before.
    known: HashSet<Arc<str>>,
    first_round: bool,
    serial: u64,
    streams: u64,
    /// Logs whose turn it is in this round.
    turns: VecDeque<Arc<str>>,
    bytes_in_round: u64,
    ready: VecDeque<Next>,
    /// Troubles that last, so as to tell each once.
    said: HashSet<(String, String)>,
    /// Files that could not be opened, and why.
    unreadable: HashMap<PathBuf, String>,
    /// How many files may stay open.
    open_files: usize,
    /// How many are open, or were when this round began.
    open_now: usize,
}

impl Follow {
    /// Goes on from the positions that were committed; those of other sources are left alone.
    #[must_use]
    pub fn new(settings: FollowSettings, positions: &[Position]) -> Self {
        let formats = settings
            .inputs
            .iter()
            .map(|input| input.format.as_deref().map(Arc::from))
            .collect();
        let mut follow = Self {
            settings,
            formats,
            eye: Eye::default(),
            generations: Vec::new(),
            by_source: HashMap::new(),
            waiting: HashMap::new(),
            known: HashSet::new(),
            first_round: true,
            serial: 0,
            streams: 0,
            turns: VecDeque::new(),
            bytes_in_round: 0,
            ready: VecDeque::new(),
            said: HashSet::new(),
            unreadable: HashMap::new(),
            open_files: open_files(),
            open_now: 0,
        };
        for position in positions.iter().filter(|p| p.key.starts_with(KEY_PREFIX)) {
            follow.restore(position);
        }
        follow.generations.sort_by_key(|g| g.saved.serial);
        follow
    }

    fn restore(&mut self, position: &Position) {
        if position.state.is_empty() {
            return;
        }
        match serde_json::from_str::<Saved>(&position.state) {
            Ok(saved) => {
                self.serial = self.serial.max(saved.serial);
                let source: Arc<str> = saved.source.as_str().into();
                self.known.insert(Arc::clone(&source));
                let generation = Generation::new(position.key.clone(), saved, source, 0);
                self.generations.push(generation);
            }
            Err(error) => {
                let note = format!(
                    "{}: position cannot be understood ({error}); the file may be read again",
                    position.key
                );
                let source = position.key.as_str().into();
                self.ready.push_back(Next::Trouble { source, note });
                self.ready
                    .push_back(Next::Forget(vec![position.key.clone()]));
            }
        }
    }

    fn trouble(&mut self, source: &Arc<str>, note: &str) {
        let note = format!("{source}: {note}");
        let source = Arc::clone(source);
        self.ready.push_back(Next::Trouble { source, note });
    }

    /// Tells once that a file of a log cannot be read; again when the reason changes.
    fn cannot_read(&mut self, source: &Arc<str>, path: &Path, error: &std::io::Error) {
        let why = error.to_string();
        if self.unreadable.get(path) == Some(&why) {
            return;
        }
        let note = format!("cannot be read: {why}");
        self.unreadable.insert(path.to_path_buf(), why);
        self.trouble(source, &named(source, &path.to_string_lossy(), note));
    }

    /// Gives one log its turn: its oldest generation with something to read hands out a chunk.
    fn turn(&mut self, source: &Arc<str>) -> Option<Chunk> {
        for at in self.of_source(source) {
            let settle = self.settings.settle;
            let generation = self.generations.get_mut(at);
            let Some(generation) = generation.filter(|g| g.has_more(settle)) else {
                continue;
            };
            let path = generation.saved.path.to_string_lossy().into_owned();
            let was_open = generation.file.is_some();
            let turn = generation.turn(self.settings.limits, settle, &mut self.streams);
            if !generation.has_unread_bytes() {
                generation.close_if(self.open_now >= self.open_files);
            }
            self.open_now += usize::from(generation.file.is_some());
            self.open_now = self.open_now.saturating_sub(usize::from(was_open));
            let chunk = turn.part.map(|part| self.chunk(at, part));
            for note in turn.notes {
                self.trouble(source, &named(source, &path, note));
            }
            if chunk.is_some() {
                return chunk;
            }
        }
        None
    }

    fn chunk(&self, at: usize, part: Part) -> Chunk {
        // `at` was just read from.
        let generation = self
            .generations
            .get(at)
            .expect("the generation whose turn it is");
        let input = self.settings.inputs.get(generation.input);
        Chunk {
            source: Arc::clone(&generation.source),
            format: self.formats.get(generation.input).cloned().flatten(),
            zone: input.and_then(|input| input.zone.clone()),
            stream: part.stream,
            head: part.head,
            offset: part.block.offset,
            line: part.block.line,
            bytes: part.block.bytes,
            modified: generation.modified,
            position: generation.position(),
            last: part.last,
        }
    }

    fn of_source(&self, source: &Arc<str>) -> Vec<usize> {
        self.by_source.get(source).cloned().unwrap_or_default()
    }

    fn index(&mut self) {
        self.by_source.clear();
        for (at, generation) in self.generations.iter().enumerate() {
            let source = Arc::clone(&generation.source);
            self.by_source.entry(source).or_default().push(at);
        }
    }

    fn begin_round(&mut self) {
        self.open_now = self.generations.iter().filter(|g| g.file.is_some()).count();
        self.reconcile();
        self.index();
        let settle = self.settings.settle;
        // Who is waiting for a turn keeps the place; the others queue up behind.
        let mut queued: HashSet<Arc<str>> = self.turns.iter().cloned().collect();
        for generation in self.generations.iter().filter(|g| g.has_more(settle)) {
            if queued.insert(Arc::clone(&generation.source)) {
                self.turns.push_back(Arc::clone(&generation.source));
            }
        }
        self.bytes_in_round = 0;
    }

    fn close_idle_files(&mut self) {
        let open = self.generations.iter().filter(|g| g.file.is_some()).count();
        let surplus = open.saturating_sub(self.open_files);
        let idle = self
            .generations
            .iter_mut()
            .filter(|g| g.file.is_some() && g.missing_rounds == 0 && !g.has_unread_bytes());
        for generation in idle.take(surplus) {
            generation.file = None;
        }
    }
}

/// A quarter of what the process may open leaves the rest to the store and the channels.
fn open_files() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let allowed = limit.and_then(|limit| usize::try_from(limit / 4).ok());
    allowed.unwrap_or(OPEN_FILES).min(OPEN_FILES)
}

const KEY_PREFIX: &str = "file ";

/// Names the file within a log, where it is not the live one.
fn named(source: &str, path: &str, note: String) -> String {
    if path == source {
        return note;
    }
    format!("{path} {note}")
}

impl Source for Follow {
    fn next(&mut self) -> Next {
        let mut idle = false;
        loop {
            if let Some(next) = self.ready.pop_front() {
                return next;
            }
            if idle {
                return Next::Idle;
            }
            if self.turns.is_empty() || self.bytes_in_round >= BYTES_PER_ROUND {
                self.begin_round();
                if self.turns.is_empty() {
                    idle = true;
                    continue;
                }
            }
            let Some(source) = self.turns.pop_front() else {
                continue;
            };
            if let Some(chunk) = self.turn(&source) {
                self.bytes_in_round += chunk.bytes.len() as u64;
                let behind = match self.open_now < self.open_files {
                    true => self.turns.len(),
                    false => self.turns.len().min(FEW_LOGS - 1),
                };
                self.turns.insert(behind, source);
                return Next::Chunk(chunk);
            }
            if self.turns.is_empty() {
                self.close_idle_files();
                idle = true;
            }
        }
    }

    fn progress(&self) -> Option<(u64, u64)> {
        let add = |(ahead, done): (u64, u64), (a, d): (u64, u64)| (ahead + a, done + d);
        Some(
            self.generations
                .iter()
                .map(Generation::progress)
                .fold((0, 0), add),
        )
    }
}
