//! Finds in the files that are here the streams that earlier scans began, whatever rotation has done to them since.
//!
//! The file that was read is known by its key under any name; one that has taken its place (compressed, copied before a
//! truncation, moved to another file system) by its content. Known files are asked first, so that what is left of
//! the streams is free for the others; plain ones before packed ones, so that an archive in the making is seen to be a
//! copy. `evidence` compares, [`super::judge`] decides, and this carries it out.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::Position;

use super::super::key::{Eye, Key};
use super::super::limits::Limits;
use super::super::witness::{Content, Span};
use super::judge::{Fate, Kinship, judge};
use super::list::{Entry, family_beside};
use super::place::{KEY_PREFIX, Left, Trail};

const CUT: &str = "is shorter than what was read of it and begins alike, so that it cannot be told whether it was cut or begun anew; left out until it is longer (name another file with --store to have it read now)";
const UNTOLD: &str = "may be a copy in the making of what was read already; left to the next scan (name another file with --store to have it read now)";

/// Where streams were left.
#[derive(Default)]
pub(super) struct Places {
    pub(super) all: Vec<Left>,
    /// The file that goes on with each, once it is found.
    pub(super) taken: Vec<Option<(PathBuf, Key)>>,
    by_key: HashMap<Key, Vec<usize>>,
    pub(super) by_head: HashMap<Span, Vec<usize>>,
    pub(super) by_stamp: HashMap<(u64, i64), Vec<usize>>,
    by_source: HashMap<String, Vec<usize>>,
    /// Where heads begin and how long they are.
    pub(super) heads: HashSet<(u64, u64)>,
    keys: HashSet<String>,
    serial: u64,
    pub(super) limits: Limits,
}

/// What is to be done with a file.
pub(super) enum Verdict {
    /// From its first byte.
    Read,
    GoesOn(usize),
    /// Behind what it has in common with a stream.
    Branches(usize),
    Whole(usize),
    /// Not in this scan, and why.
    Leave(String),
    /// Unless the stream is found elsewhere, it may be a part of it.
    Cut(usize),
    /// It holds what this file holds.
    Copy(PathBuf),
}

/// What the places say of a list of files.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) entries: Vec<Entry>,
    /// Names of what was read to its end, now and when it was begun.
    pub(super) whole: Vec<(Arc<str>, String)>,
    /// Streams that were read to their end in a file that is now another, or has another name.
    pub(super) moved: Vec<Left>,
    /// What is left out, or was missed, and why.
    pub(super) notes: Vec<(Arc<str>, String)>,
    /// Whether something is left out that may have unread lines.
    pub(super) is_open: bool,
}

impl Places {
    /// Of the positions the ones that a scan wrote.
    pub(super) fn of(positions: &[Position], limits: Limits) -> Self {
        let mut places = Self {
            limits,
            ..Self::default()
        };
        for position in positions {
            if !position.key.starts_with(KEY_PREFIX) {
                continue;
            }
            if let Ok(place) = serde_json::from_str(&position.state) {
                let key = position.key.clone();
                places.all.push(Left { key, place });
            }
        }
        let serial = |left: &Left| left.place.trail.as_ref().map_or(0, |trail| trail.serial);
        // The newest first.
        places
            .all
            .sort_by_key(|left| std::cmp::Reverse(serial(left)));
        places.serial = places.all.first().map_or(0, serial);
        places.taken = vec![None; places.all.len()];
        places.index();
        places
    }

    fn index(&mut self) {
        for (at, left) in self.all.iter().enumerate() {
            let place = &left.place;
            self.keys.insert(left.key.clone());
            let of_source = self.by_source.entry(left.source().to_owned());
            of_source.or_default().push(at);
            let stamp = (place.bytes, place.modified);
            self.by_stamp.entry(stamp).or_default().push(at);
            let Some(trail) = &place.trail else {
                continue;
            };
            self.by_key.entry(trail.key).or_default().push(at);
            let head = &trail.witness.head;
            if !head.is_empty() {
                self.heads.insert((head.start, head.length));
                self.by_head.entry(head.clone()).or_default().push(at);
            }
        }
    }

    pub(super) fn left(&self, at: usize) -> Option<&Left> {
        self.all.get(at)
    }

    /// A key for the position of a stream that begins, and its number.
    pub(super) fn begin(&mut self, source: &str) -> (String, u64) {
        self.serial += 1;
        let mut key = format!("{KEY_PREFIX}{source}");
        if self.keys.contains(&key) {
            key = format!("{key} {}", self.serial);
        }
        while !self.keys.insert(key.clone()) {
            key.push('+');
        }
        (key, self.serial)
    }

    /// Whether what was counted under a name is known to be in no file but those that were judged.
    pub(super) fn explain(&self, source: &str) -> bool {
        let all = self.by_source.get(source).map_or(&[][..], Vec::as_slice);
        let is_explained = |at: &usize| {
            !self.is_free(*at)
                || self
                    .left(*at)
                    .is_some_and(|left| left.place.trail.is_some())
        };
        !all.is_empty() && all.iter().all(is_explained)
    }

    /// Judges all files of a scan.
    pub(super) fn judge_all(&mut self, entries: Vec<Entry>, eye: &mut Eye) -> Outcome {
        let mut outcome = Outcome::default();
        if self.all.is_empty() && entries.len() < 2 {
            outcome.entries = entries;
            return outcome;
        }
        let verdicts = self.verdicts(&entries);
        let elsewhere = self.look_elsewhere(&entries, eye);
        let verdicts: Vec<Verdict> = verdicts
            .into_iter()
            .map(|verdict| match verdict {
                Verdict::Cut(at) if !self.is_free(at) => Verdict::Read,
                Verdict::Cut(_) => Verdict::Leave(CUT.to_owned()),
                other => other,
            })
            .collect();
        self.tell_missed(&entries, &verdicts, &mut outcome);
        let judged = entries.into_iter().zip(verdicts);
        for (entry, verdict) in elsewhere.into_iter().chain(judged) {
            self.put(entry, verdict, &mut outcome);
        }
        outcome
    }

    fn put(&self, mut entry: Entry, verdict: Verdict, outcome: &mut Outcome) {
        match verdict {
            Verdict::Read => outcome.entries.push(entry),
            Verdict::Leave(why) => {
                outcome.is_open = true;
                outcome.notes.push((entry.source, why));
            }
            Verdict::Cut(_) => {}
            Verdict::Copy(original) => {
                let why = format!("holds what {} holds; read once", original.display());
                outcome.notes.push((entry.source, why));
            }
            Verdict::GoesOn(at) => {
                let Some(left) = self.left(at) else { return };
                entry.source = left.source().into();
                entry.goes_on = Some(at);
                outcome.entries.push(entry);
            }
            Verdict::Branches(at) => {
                entry.branches = Some(at);
                outcome.entries.push(entry);
            }
            Verdict::Whole(at) => {
                let Some(left) = self.left(at) else { return };
                let source = left.source().to_owned();
                outcome.moved.extend(self.moved(left, &entry));
                outcome.whole.push((entry.source, source));
            }
        }
    }

    /// The place of a stream that was read to its end, in the file where it is now; `None` if that is where it was.
    fn moved(&self, left: &Left, entry: &Entry) -> Option<Left> {
        let look = entry.look?;
        let trail = left.place.trail.as_ref()?;
        let is_home = trail.key == look.key && trail.path == *entry.source;
        if is_home && trail.stamp.has_content_of(look.stamp) {
            return None;
        }
        let file = entry.open().ok()?;
        let packed = Content::in_lines(&file, self.limits).ok()?.packed;
        let mut moved = left.clone();
        moved.place.bytes = look.stamp.size;
        moved.place.modified = look.modified.micros();
        moved.place.trail = Some(Trail {
            path: entry.source.to_string(),
            key: look.key,
            stamp: look.stamp,
            packed,
            ..trail.clone()
        });
        Some(moved)
    }

    /// One verdict for each file.
    pub(super) fn verdicts(&mut self, entries: &[Entry]) -> Vec<Verdict> {
        let mut verdicts: Vec<Option<Verdict>> = Vec::new();
        for entry in entries {
            let verdict = match &entry.look {
                Some(look) if look.stamp.size > 0 => self.recognise(entry),
                _ => Some(Verdict::Read),
            };
            verdicts.push(verdict);
        }
        let mut strangers: Vec<usize> = Vec::new();
        strangers.extend((0..entries.len()).filter(|at| matches!(verdicts.get(*at), Some(None))));
        strangers.sort_by_key(|at| entries.get(*at).is_some_and(|entry| self.is_packed(entry)));
        let by_path: HashMap<&Path, &Entry> =
            entries.iter().map(|entry| (&*entry.path, entry)).collect();
        for at in strangers {
            let (Some(entry), Some(verdict)) = (entries.get(at), verdicts.get_mut(at)) else {
                continue;
            };
            let (directory, live) = family_beside(&entry.path);
            let originals = [directory.join(live), entry.path.with_extension("")];
            let originals = originals.iter().filter_map(|path| by_path.get(&**path));
            *verdict = Some(self.admit(entry, originals.copied().collect()));
        }
        let verdicts = verdicts.into_iter();
        verdicts.map(|one| one.unwrap_or(Verdict::Read)).collect()
    }

    /// What becomes of a file that was read before, if it was.
    fn recognise(&mut self, entry: &Entry) -> Option<Verdict> {
        let look = entry.look.as_ref()?;
        let mut candidates = self.by_key.get(&look.key).cloned().unwrap_or_default();
        let named = self.by_source.get(&*entry.source).into_iter().flatten();
        candidates.extend(named.filter(|at| {
            let left = self.left(**at);
            left.is_some_and(|left| left.place.trail.is_none() && left.place.is_stamped(look))
        }));
        candidates.retain(|at| self.is_free(*at));
        if candidates.is_empty() {
            return None;
        }
        let same = |at: usize| (at, Kinship::Same);
        match self.fate(entry, candidates.into_iter().map(same).collect()) {
            Ok(Verdict::Read) => None,
            Ok(verdict) => Some(verdict),
            Err(error) => Some(cannot(&error)),
        }
    }

    pub(super) fn is_free(&self, at: usize) -> bool {
        matches!(self.taken.get(at), Some(None))
    }

    /// What becomes of a file that nobody has read.
    fn admit(&mut self, entry: &Entry, originals: Vec<&Entry>) -> Verdict {
        let judged = self.copies_one_of(entry, originals).and_then(|original| {
            if let Some(original) = original {
                return Ok(Verdict::Copy(original.path.clone()));
            }
            let candidates = self.candidates(entry)?;
            self.fate(entry, candidates)
        });
        judged.unwrap_or_else(|error| cannot(&error))
    }

    fn fate(&mut self, entry: &Entry, candidates: Vec<(usize, Kinship)>) -> io::Result<Verdict> {
        let mut claims = Vec::new();
        for (at, kinship) in &candidates {
            let claim = match self.left(*at) {
                Some(left) => self.claim(entry, *at, left, *kinship)?,
                None => continue,
            };
            claims.push(claim);
        }
        let of = |claim: usize| candidates.get(claim).map_or(0, |(at, _)| *at);
        let (at, verdict) = match judge(entry.is_live(), &claims) {
            Fate::New => return Ok(Verdict::Read),
            Fate::Copy(claim) => return Ok(Verdict::Copy(self.where_is(of(claim)))),
            Fate::Branches(claim) => return Ok(Verdict::Branches(of(claim))),
            Fate::Untold(claim) => {
                let kinship = candidates.get(claim).map(|(_, kinship)| *kinship);
                let is_cut = kinship == Some(Kinship::Same);
                return Ok(match is_cut {
                    true => Verdict::Cut(of(claim)),
                    false => Verdict::Leave(UNTOLD.to_owned()),
                });
            }
            Fate::GoesOn(claim) => (of(claim), Verdict::GoesOn(of(claim))),
            Fate::Whole(claim) => (of(claim), Verdict::Whole(of(claim))),
        };
        if let (Some(taken), Some(look)) = (self.taken.get_mut(at), &entry.look) {
            *taken = Some((entry.path.clone(), look.key));
        }
        Ok(verdict)
    }

    fn where_is(&self, at: usize) -> PathBuf {
        let taken = self.taken.get(at).and_then(Option::as_ref);
        let home = || self.left(at).map(|left| PathBuf::from(left.path()));
        let path = taken.map(|(path, _)| path.clone());
        path.or_else(home).unwrap_or_default()
    }
}

fn cannot(error: &io::Error) -> Verdict {
    Verdict::Leave(match error.kind() {
        io::ErrorKind::NotFound => {
            "was moved or removed while it was looked at; ask again to have it read".to_owned()
        }
        _ => format!("cannot be read: {error}"),
    })
}
