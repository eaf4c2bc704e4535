//! One round of looking: which file continues which generation, what is new, what is gone.
//!
//! Carries out what [`super::decide`] decides. The newest generation of a key is asked first, so that a file
//! rewritten in place, whose key two generations then have, goes to the one whose bytes it holds.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;

use super::super::blocks::Block;
use super::super::key::{Key, Stamp};
use super::super::limits::Limits;
use super::super::rotation::Age;
use super::super::witness::{Content, Held, Witness};
use super::decide::{self, Absence, Gone, Known};
use super::discover::{Found, Log, look_around};
use super::generation::{Generation, Saved};
use super::reading::Part;
use super::{Follow, KEY_PREFIX, Next};

/// So many positions are kept of files that are gone and that nothing came after.
const ABSENT_KEPT: usize = 10_000;

/// What one round has found out so far.
#[derive(Default)]
pub(super) struct Round {
    /// Serials of the generations whose file was seen.
    pub(super) present: HashSet<u64>,
    taken: HashSet<Key>,
    by_key: HashMap<Key, Vec<usize>>,
    /// Logs of which at least one file was seen.
    visited: HashSet<Arc<str>>,
}

impl Follow {
    /// Looks around and brings the generations up to date.
    pub(super) fn reconcile(&mut self) {
        self.eye.forget_file_systems();
        let around = look_around(&self.settings.inputs, &mut self.eye);
        for (path, why) in &around.troubles {
            if self.said.insert((path.clone(), why.clone())) {
                self.trouble(&path.as_str().into(), why);
            }
        }
        self.said.retain(|said| around.troubles.contains(said));
        let mut round = Round::default();
        self.index();
        for (at, generation) in self.generations.iter().enumerate() {
            if let Some(key) = generation.saved.key {
                round.by_key.entry(key).or_default().push(at);
            }
        }
        for log in around.logs {
            self.reconcile_log(log, &mut round);
        }
        for generation in &mut self.generations {
            if !round.present.contains(&generation.saved.serial) {
                generation.at_live_path = false;
                generation.missing_rounds = generation.missing_rounds.saturating_add(1);
            }
        }
        self.look_at_held();
        self.forget_gone(&round);
        self.close_finished_files();
        self.waiting.retain(|key, _| round.taken.contains(key));
        self.first_round = false;
    }

    fn reconcile_log(&mut self, log: Log, round: &mut Round) {
        let source: Arc<str> = log.source.as_str().into();
        if !log.files.is_empty() {
            round.visited.insert(Arc::clone(&source));
        }
        let mut strangers = Vec::new();
        // Live first, so that a hard link to it under a rotated name does not take its place.
        for found in log.files.into_iter().rev() {
            if !round.taken.insert(found.look.key) {
                continue;
            }
            match self.recognise(&source, &found, log.input, round) {
                Some(serial) => {
                    round.present.insert(serial);
                }
                None => strangers.push(found),
            }
        }
        let first_sight = self.first_round && !self.known.contains(&source);
        strangers.retain(|found| found.look.stamp.size > 0);
        for found in strangers.iter().rev() {
            if self.copies_one_of(&source, &strangers, found) {
                continue;
            }
            let unwanted = first_sight && found.age != Age::Live && !self.settings.backfill;
            let serial = if unwanted {
                self.ignore(&source, log.input, found)
            } else {
                self.admit(&source, log.input, found, round)
            };
            if let Some(serial) = serial {
                round.present.insert(serial);
                self.known.insert(Arc::clone(&source));
            }
        }
    }

    /// Finds the generation that the file is known to be, and makes sure that it still is.
    fn recognise(
        &mut self,
        source: &Arc<str>,
        found: &Found,
        input: usize,
        round: &Round,
    ) -> Option<u64> {
        let limits = self.settings.limits;
        for at in round.by_key.get(&found.look.key)?.iter().rev() {
            let generation = self.generations.get_mut(*at)?;
            if generation.source != *source {
                continue;
            }
            let was_open = generation.file.is_some();
            let verified = match known(generation, found) {
                Known::Untouched => Ok(true),
                Known::Rewritten => Ok(false),
                Known::Verify => verify(generation, found, limits),
            };
            if !was_open {
                // Found under its name in this very round.
                if self.open_now >= self.open_files {
                    generation.file = None;
                }
                self.open_now += usize::from(generation.file.is_some());
            }
            let serial = generation.saved.serial;
            match verified {
                Ok(true) => {
                    generation.verified_as(found, input);
                    self.unreadable.remove(&found.path);
                    return Some(serial);
                }
                Ok(false) => generation.lose_file(),
                Err(error) => {
                    generation.unverified();
                    self.cannot_read(source, &found.path, &error);
                    return Some(serial);
                }
            }
        }
        None
    }

    /// A generation that begins with the first byte of the file. If one is missing of which nothing was read, a
    /// rotated file may well be that one; reading it from its first byte is right either way.
    pub(super) fn begin(
        &mut self,
        source: &Arc<str>,
        input: usize,
        found: &Found,
        round: &Round,
    ) -> u64 {
        let unread = self.of_source(source).into_iter().find(|at| {
            self.generations.get(*at).is_some_and(|g| {
                g.saved.offset == 0 && g.file.is_none() && !round.present.contains(&g.saved.serial)
            })
        });
        let unread = unread.filter(|_| found.age != Age::Live);
        if let Some(generation) = unread.and_then(|at| self.generations.get_mut(at)) {
            generation.continue_in(false);
            generation.verified_as(found, input);
            return generation.saved.serial;
        }
        self.add(source, input, found)
    }

    fn add(&mut self, source: &Arc<str>, input: usize, found: &Found) -> u64 {
        self.serial += 1;
        let saved = Saved {
            source: source.to_string(),
            serial: self.serial,
            path: found.path.clone(),
            key: Some(found.look.key),
            witness: Witness::default(),
            offset: 0,
            line: 1,
            in_long_line: false,
            packed: false,
            torn: false,
            stamp: found.look.stamp,
            done: None,
        };
        let id = format!("{KEY_PREFIX}{source} {}", self.serial);
        let mut generation = Generation::new(id, saved, Arc::clone(source), input);
        generation.verified_as(found, input);
        let at = self.generations.len();
        self.generations.push(generation);
        self.by_source
            .entry(Arc::clone(source))
            .or_default()
            .push(at);
        self.serial
    }

    /// History that is not wanted: remembers it as read.
    fn ignore(&mut self, source: &Arc<str>, input: usize, found: &Found) -> Option<u64> {
        let size = found.look.stamp.size;
        let look = || -> io::Result<(bool, Witness)> {
            let file = found.look.key.open(&found.path)?;
            let content = Content::of(&file, self.settings.limits)?;
            Ok((content.packed, content.witness_of_all(size)?))
        };
        let (packed, witness) = match look() {
            Ok(seen) => seen,
            Err(error) => {
                self.cannot_read(source, &found.path, &error);
                return None;
            }
        };
        let serial = self.add(source, input, found);
        self.streams += 1;
        let stream = self.streams;
        let at = self.generations.len().checked_sub(1)?;
        let generation = self.generations.get_mut(at)?;
        generation.saved.packed = packed;
        generation.saved.witness = witness;
        generation.saved.offset = if packed { 0 } else { size };
        generation.saved.done = Some(found.look.stamp);
        let part = Part {
            stream,
            head: None,
            block: Block::empty(generation.saved.offset, 1),
            last: true,
        };
        let chunk = self.chunk(at, part);
        self.ready.push_back(Next::Chunk(chunk));
        Some(serial)
    }

    /// Files that are held open without being in sight may still grow.
    fn look_at_held(&mut self) {
        for generation in &mut self.generations {
            if generation.missing_rounds == 0 {
                continue;
            }
            let Some(file) = &generation.file else {
                continue;
            };
            if let Ok(look) = self.eye.look_at_open(file) {
                generation.modified = look.modified;
                // Unlinking changes the inode, but not the bytes.
                let changed_ns = generation.saved.stamp.changed_ns;
                generation.stamped(Stamp {
                    changed_ns,
                    ..look.stamp
                });
            }
        }
    }

    /// Forgets only where files were seen: a directory that is not mounted now may come back.
    fn forget_gone(&mut self, round: &Round) {
        let settle = self.settings.settle;
        let mut newest: HashMap<Arc<str>, u64> = HashMap::new();
        let mut absent = 0;
        for generation in &self.generations {
            newest.insert(Arc::clone(&generation.source), generation.saved.serial);
            absent += usize::from(generation.is_absent());
        }
        let mut surplus = absent.saturating_sub(ABSENT_KEPT);
        let mut forgotten = Vec::new();
        let mut losses = Vec::new();
        self.generations.retain(|generation| {
            if !generation.is_absent() {
                return true;
            }
            let over_cap = surplus > 0;
            if !over_cap && !round.visited.contains(&generation.source) {
                return true;
            }
            let newest = newest.get(&generation.source).copied();
            let absence = Absence {
                rounds: generation.missing_rounds,
                settled: generation.touched.elapsed() >= settle,
                rewritten: generation.is_displaced(),
                succeeded: over_cap || newest > Some(generation.saved.serial),
            };
            let (ahead, done) = generation.progress();
            let Gone::Forget { lost } = decide::gone(absence, done, ahead) else {
                return true;
            };
            surplus = surplus.saturating_sub(1);
            forgotten.push(generation.id.clone());
            if let Some(note) = loss(generation, absence, lost) {
                losses.push((Arc::clone(&generation.source), note));
            }
            false
        });
        for (source, note) in losses {
            let note = format!("{source}: {note}");
            self.ready.push_back(Next::Lost { source, note });
        }
        if !forgotten.is_empty() {
            self.ready.push_back(Next::Forget(forgotten));
        }
    }

    fn close_finished_files(&mut self) {
        for generation in &mut self.generations {
            let finished = generation.saved.done.is_some() && !generation.has_unread_bytes();
            if finished && !generation.at_live_path {
                generation.file = None;
            }
        }
    }
}

/// What is lost with a generation, in a sentence; `None` if it was read to its end.
fn loss(generation: &Generation, absence: Absence, lost: u64) -> Option<String> {
    let how = match absence.rewritten {
        true => "truncated",
        false => "removed",
    };
    if lost > 0 {
        return Some(format!(
            "was {how} before it was read to its end: at least {lost} bytes are lost"
        ));
    }
    // Nobody can know how much was written since the last look.
    let is_whole = generation.saved.done.is_some();
    (!is_whole).then(|| {
        format!(
            "was {how}, and no copy of it is in reach: what was written to it after the last look is lost"
        )
    })
}

fn known(generation: &Generation, found: &Found) -> Known {
    let saved = &generation.saved;
    // The size of a packed file says nothing about an offset in what it unpacks to.
    let offset = if saved.packed { 0 } else { saved.offset };
    decide::known(
        Some(saved.stamp),
        found.look.stamp,
        offset,
        generation.verified,
    )
}

/// Whether the file still holds what was read of it.
fn verify(generation: &mut Generation, found: &Found, limits: Limits) -> io::Result<bool> {
    if generation.saved.offset == 0 && generation.saved.witness.head.is_empty() {
        return Ok(true);
    }
    generation.saved.path.clone_from(&found.path);
    let file = generation.open()?.try_clone()?;
    let content = Content::of(&file, limits)?;
    if content.packed != generation.saved.packed {
        return Ok(false);
    }
    let held = if content.packed {
        generation.saved.witness.head_held_by(&content)?
    } else {
        generation.saved.witness.held_by(&content)?
    };
    Ok(held == Held::Yes)
}
