//! A log directory, a writer that numbers its lines, and a follower whose committed positions survive it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gnomon::model::Position;
use gnomon::sources::follow::{Follow, FollowSettings, Input};
use gnomon::sources::{Chunk, Limits, Next, Source};

/// Enough rounds for everything that is decided by looking again.
const ROUNDS: usize = 8;

pub(super) struct Stand {
    root: tempfile::TempDir,
    settings: FollowSettings,
    follow: Follow,
    committed: BTreeMap<String, String>,
    written: Vec<String>,
    next_id: u64,
    /// Answers that the store has not taken yet.
    later: Vec<Next>,
    /// Chunks that count: handed out and committed.
    pub(super) chunks: Vec<Chunk>,
    pub(super) troubles: Vec<String>,
}

impl Stand {
    pub(super) fn new() -> Self {
        Self::of("access.log")
    }

    pub(super) fn of(pattern: &str) -> Self {
        Self::within(&std::env::temp_dir(), pattern)
    }

    /// A stand in a directory of its own below this one.
    pub(super) fn within(directory: &Path, pattern: &str) -> Self {
        let root = tempfile::tempdir_in(directory).unwrap();
        let dir = root.path().join("log");
        fs::create_dir(&dir).unwrap();
        let settings = FollowSettings {
            inputs: vec![Input {
                pattern: dir.join(pattern).display().to_string(),
                olddir: Some("../old".into()),
                format: None,
                zone: None,
            }],
            limits: Limits::default(),
            backfill: true,
            settle: Duration::ZERO,
        };
        Self {
            follow: Follow::new(settings.clone(), &[]),
            root,
            settings,
            committed: BTreeMap::new(),
            written: Vec::new(),
            next_id: 1,
            later: Vec::new(),
            chunks: Vec::new(),
            troubles: Vec::new(),
        }
    }

    pub(super) fn backfill(&mut self, backfill: bool) {
        self.settings.backfill = backfill;
        self.restart();
    }

    pub(super) fn settle_secs(&mut self, secs: u64) {
        self.settle(Duration::from_secs(secs));
    }

    pub(super) fn settle(&mut self, settle: Duration) {
        self.settings.settle = settle;
        self.restart();
    }

    // The directory.

    pub(super) fn dir(&self) -> PathBuf {
        self.root.path().join("log")
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    /// A file of the test's own, not among the logs.
    pub(super) fn outside(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(super) fn name(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(super) fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub(super) fn write(&mut self, name: &str, bytes: &[u8]) {
        let mut file = fs::File::options()
            .create(true)
            .append(true)
            .open(self.path(name))
            .unwrap();
        file.write_all(bytes).unwrap();
    }

    /// Appends numbered lines, which are expected to be read.
    pub(super) fn append(&mut self, name: &str, count: usize) {
        for _ in 0..count {
            let line = format!("{} a line of no interest", self.next_id);
            self.next_id += 1;
            self.write(name, format!("{line}\n").as_bytes());
            self.wrote(&line);
        }
    }

    pub(super) fn write_lines(&mut self, name: &str, text: &str) {
        self.write(name, text.as_bytes());
        for line in text.lines() {
            self.wrote(line);
        }
    }

    pub(super) fn wrote(&mut self, line: &str) {
        self.written.push(line.to_owned());
    }

    pub(super) fn forget_written(&mut self) {
        self.written.clear();
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub(super) fn remove(&mut self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    pub(super) fn copytruncate(&mut self, from: &str, to: &str) {
        fs::copy(self.path(from), self.path(to)).unwrap();
        fs::File::options()
            .write(true)
            .truncate(true)
            .open(self.path(from))
            .unwrap();
    }

    /// `access.log` → `access.log.1` → `access.log.2` …, the last one falls off.
    pub(super) fn rotate_numbered(&mut self, name: &str, keep: usize) {
        for n in (1..keep).rev() {
            let from = format!("{name}.{n}");
            if self.exists(&from) {
                self.rename(&from, &format!("{name}.{}", n + 1));
            }
        }
        self.rename(name, &format!("{name}.1"));
    }

    pub(super) fn gzipped(&self, name: &str) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        writer
            .write_all(&fs::read(self.path(name)).unwrap())
            .unwrap();
        writer.finish().unwrap()
    }

    pub(super) fn gzip(&mut self, from: &str, to: &str) {
        let packed = self.gzipped(from);
        self.replace(from, to, &packed);
    }

    pub(super) fn zstd(&mut self, from: &str, to: &str) {
        let packed = zstd::encode_all(&fs::read(self.path(from)).unwrap()[..], 3).unwrap();
        self.replace(from, to, &packed);
    }

    pub(super) fn xz(&mut self, from: &str, to: &str) {
        let mut writer = liblzma::write::XzEncoder::new(Vec::new(), 6);
        writer
            .write_all(&fs::read(self.path(from)).unwrap())
            .unwrap();
        self.replace(from, to, &writer.finish().unwrap());
    }

    pub(super) fn bzip2(&mut self, from: &str, to: &str) {
        let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
        writer
            .write_all(&fs::read(self.path(from)).unwrap())
            .unwrap();
        self.replace(from, to, &writer.finish().unwrap());
    }

    fn replace(&mut self, from: &str, to: &str, packed: &[u8]) {
        fs::write(self.path(to), packed).unwrap();
        self.remove(from);
    }

    /// Unmounts the directory, so to speak.
    pub(super) fn away(&mut self) -> PathBuf {
        let away = self.root.path().join("away");
        fs::rename(self.dir(), &away).unwrap();
        away
    }

    pub(super) fn back(&mut self, away: impl AsRef<Path>) {
        fs::rename(away, self.dir()).unwrap();
    }

    // The follower.

    /// Asks until there is nothing more, so many times over; everything is committed.
    pub(super) fn poll(&mut self, rounds: usize) {
        for _ in 0..rounds {
            while self.step(true) {}
        }
    }

    /// Asks once; whether there was anything. What is not committed was never read.
    pub(super) fn step(&mut self, commit: bool) -> bool {
        let next = self.follow.next();
        self.take(next, commit)
    }

    fn take(&mut self, next: Next, commit: bool) -> bool {
        match next {
            Next::Chunk(chunk) => {
                if commit {
                    let position = chunk
                        .position
                        .clone()
                        .expect("a followed chunk has a position");
                    self.committed.insert(position.key, position.state);
                    self.chunks.push(chunk);
                }
            }
            Next::Trouble { note, .. } | Next::Lost { note, .. } => self.troubles.push(note),
            Next::Forget(keys) => {
                if commit {
                    for key in keys {
                        self.committed.remove(&key);
                    }
                }
            }
            Next::Idle => return false,
            Next::End => panic!("a follower never ends"),
        }
        true
    }

    /// Asks once and keeps the answer for later: the store takes nothing now. Whether there was anything.
    pub(super) fn step_later(&mut self) -> bool {
        match self.follow.next() {
            Next::Idle => false,
            next => {
                self.later.push(next);
                true
            }
        }
    }

    /// How many answers wait.
    pub(super) fn waiting(&self) -> usize {
        self.later.len()
    }

    /// The store takes what was kept.
    pub(super) fn commit_later(&mut self) {
        for next in std::mem::take(&mut self.later) {
            self.take(next, true);
        }
    }

    /// Asks without committing anything: what a crash throws away.
    pub(super) fn read_in_vain(&mut self) {
        for _ in 0..3 {
            while self.step(false) {}
        }
    }

    /// Kill -9 and start: nothing survives but the committed positions.
    pub(super) fn restart(&mut self) {
        let positions: Vec<Position> = self
            .committed
            .iter()
            .map(|(key, state)| Position {
                key: key.clone(),
                state: state.clone(),
            })
            .collect();
        self.later.clear();
        self.follow = Follow::new(self.settings.clone(), &positions);
    }

    pub(super) fn position_count(&self) -> usize {
        self.committed.len()
    }

    // The oracle.

    pub(super) fn written_lines(&self) -> &[String] {
        &self.written
    }

    pub(super) fn read_lines(&self) -> Vec<String> {
        self.chunks
            .iter()
            .flat_map(|chunk| chunk.bytes.split_inclusive(|b| *b == b'\n'))
            .map(|line| String::from_utf8_lossy(line).trim_end().to_owned())
            .collect()
    }

    pub(super) fn expect_in_order(&mut self) {
        self.poll(ROUNDS);
        assert_eq!(self.read_lines(), self.written);
    }

    /// Everything written was read, nothing lost and nothing doubled.
    pub(super) fn expect_all(&mut self) {
        self.poll(ROUNDS);
        let mut read = self.read_lines();
        let mut written = self.written.clone();
        read.sort();
        written.sort();
        if read != written {
            let missing: Vec<_> = difference(&written, &read);
            let doubled: Vec<_> = difference(&read, &written);
            panic!(
                "lost {missing:?}, doubled or invented {doubled:?}\ntroubles {:#?}",
                self.troubles
            );
        }
    }
}

/// What `a` has more often than `b`; both sorted.
fn difference(a: &[String], b: &[String]) -> Vec<String> {
    let mut counts: BTreeMap<&String, i64> = BTreeMap::new();
    for line in a {
        *counts.entry(line).or_default() += 1;
    }
    for line in b {
        *counts.entry(line).or_default() -= 1;
    }
    counts
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(line, n)| format!("{line} ×{n}"))
        .take(12)
        .collect()
}
