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
use super::list::{Entry, entry_of, family_beside, siblings};
use super::place::{KEY_PREFIX, Left, Trail};

/// Where streams were left.
#[derive(Default)]
pub(super) struct Places {
    all: Vec<Left>,
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
enum Verdict {
    /// From its first byte.
    Read,
    GoesOn(usize),
    /// Behind what it has in common with a stream.
    Branches(usize),
    Whole(usize),
    /// Not now, and why.
    Leave(String),
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
            Verdict::Leave(why) => outcome.notes.push((entry.source, why)),
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
    fn verdicts(&mut self, entries: &[Entry]) -> Vec<Verdict> {
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
        let mut by_family: HashMap<(PathBuf, String), Vec<&Entry>> = HashMap::new();
        for entry in entries {
            let family = by_family.entry(family_beside(&entry.path));
            family.or_default().push(entry);
        }
        for at in strangers {
            let (Some(entry), Some(verdict)) = (entries.get(at), verdicts.get_mut(at)) else {
                continue;
            };
            let family = by_family.get(&family_beside(&entry.path));
            *verdict = Some(self.admit(entry, family.map_or(&[], Vec::as_slice)));
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
    fn admit(&mut self, entry: &Entry, family: &[&Entry]) -> Verdict {
        let judged = self.copies_one_of(entry, family).and_then(|original| {
            if let Some(original) = original {
                return Ok(copy_of(&original.path));
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
            Fate::Copy(claim) => return Ok(self.copy_of_stream(of(claim))),
            Fate::Branches(claim) => return Ok(Verdict::Branches(of(claim))),
            Fate::Untold(claim) => return Ok(untold(candidates.get(claim))),
            Fate::GoesOn(claim) => (of(claim), Verdict::GoesOn(of(claim))),
            Fate::Whole(claim) => (of(claim), Verdict::Whole(of(claim))),
        };
        if let (Some(taken), Some(look)) = (self.taken.get_mut(at), &entry.look) {
            *taken = Some((entry.path.clone(), look.key));
        }
        Ok(verdict)
    }

    fn copy_of_stream(&self, at: usize) -> Verdict {
        let taken = self.taken.get(at).and_then(Option::as_ref);
        let home = || self.left(at).map(|left| PathBuf::from(left.path()));
        let original = taken.map(|(path, _)| path.clone()).or_else(home);
        copy_of(&original.unwrap_or_default())
    }

    /// Looks for streams that are in none of the files: a log that was asked for by its name may have been rotated to a
    /// name that was not.
    fn look_elsewhere(&mut self, entries: &[Entry], eye: &mut Eye) -> Vec<(Entry, Verdict)> {
        let mut seen: HashSet<Key> = HashSet::new();
        seen.extend(entries.iter().filter_map(|entry| Some(entry.look?.key)));
        let mut families = HashSet::new();
        for at in self.missing(entries) {
            if let Some(left) = self.left(at) {
                families.insert(family_beside(Path::new(left.path())));
                families.insert(family_beside(Path::new(left.source())));
            }
        }
        let mut families: Vec<_> = families.into_iter().collect();
        families.sort();
        let mut found = Vec::new();
        for (directory, live) in families {
            let others = siblings(&directory, &live).into_iter();
            let others = others.filter_map(|path| entry_of(path, eye));
            found.extend(
                others.filter(|entry| entry.look.is_some_and(|look| seen.insert(look.key))),
            );
        }
        let verdicts = self.verdicts(&found);
        let judged = found.into_iter().zip(verdicts);
        judged
            .filter(|(_, verdict)| matches!(verdict, Verdict::GoesOn(_)))
            .collect()
    }

    /// Streams that were found in none of the files, though their log was asked for, or their directory and something of
    /// them is unread.
    fn missing(&self, entries: &[Entry]) -> Vec<usize> {
        let names: HashSet<&str> = entries.iter().map(|entry| &*entry.source).collect();
        let parents: HashSet<_> = entries.iter().map(|entry| entry.path.parent()).collect();
        let is_missing = |at: &usize| {
            let Some(left) = self.left(*at).filter(|_| self.is_free(*at)) else {
                return false;
            };
            let is_asked_for = names.contains(left.source()) || names.contains(left.path());
            let is_beside = parents.contains(&Path::new(left.path()).parent());
            is_asked_for || (is_beside && !left.place.ended)
        };
        (0..self.all.len()).filter(is_missing).collect()
    }

    /// Tells once of what can be read nowhere.
    fn tell_missed(&self, entries: &[Entry], verdicts: &[Verdict], outcome: &mut Outcome) {
        let left_out: HashSet<&str> = entries
            .iter()
            .zip(verdicts)
            .filter(|(_, verdict)| matches!(verdict, Verdict::Leave(_)))
            .map(|(entry, _)| &*entry.source)
            .collect();
        for at in self.missing(entries) {
            let Some(left) = self.left(at) else { continue };
            let Some(trail) = &left.place.trail else {
                continue;
            };
            if left.place.ended || trail.missed || left_out.contains(&*trail.path) {
                continue;
            }
            let unread = trail.stamp.size.saturating_sub(left.place.offset);
            let how_much = match trail.packed || unread == 0 {
                true => "the rest of it was".to_owned(),
                false => format!("at least {unread} bytes of it were"),
            };
            let why = format!(
                "was truncated or removed since an earlier scan began it, and no copy of it is here: {how_much} not read; scan the copy if there is one"
            );
            outcome.notes.push((left.source().into(), why));
            let mut told = left.clone();
            if let Some(trail) = &mut told.place.trail {
                trail.missed = true;
            }
            outcome.moved.push(told);
        }
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

fn copy_of(original: &Path) -> Verdict {
    Verdict::Leave(format!(
        "holds what {} holds; read once",
        original.display()
    ))
}

fn untold(candidate: Option<&(usize, Kinship)>) -> Verdict {
    let is_cut = candidate.is_some_and(|(_, kinship)| *kinship == Kinship::Same);
    Verdict::Leave(match is_cut {
        true => "is shorter than what was read of it and begins alike, so that it cannot be told whether it was cut or begun anew; left out until it is longer (name another file with --store to have it read now)".to_owned(),
        false => "may be a copy in the making of what was read already; left to the next scan (name another file with --store to have it read now)".to_owned(),
    })
}
