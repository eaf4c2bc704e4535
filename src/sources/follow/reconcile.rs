//! One round of looking: which file continues which generation, what is new, what is gone.
//!
//! Carries out what [`super::decide`] decides. The newest generation of a key is asked first, so that a file rewritten
//! in place, whose key two generations then have, goes to the one whose bytes it holds.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::super::blocks::Block;
use super::super::opened::open_regular;
use super::super::rotation::Age;
use super::decide::{self, Absence, Claim, Fate, Free, Gone, Held, Known, Stamp};
use super::discover::{Found, Log, look_around};
use super::generation::{Generation, Part, Saved};
use super::key::Key;
use super::witness::{Content, Witness};
use super::{Follow, KEY_PREFIX, Next};

/// An unknown file that may be a copy in the making.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    stamp: Stamp,
    since: Instant,
    rounds: u32,
    /// The generation that it was found to be a copy of, while that one is where it was.
    twin: Option<u64>,
}

impl Follow {
    /// Looks around and brings the generations up to date.
    pub(super) fn reconcile(&mut self) {
        self.eye.forget_file_systems();
        let patterns: Vec<&str> = self
            .settings
            .inputs
            .iter()
            .map(|i| i.pattern.as_str())
            .collect();
        let around = look_around(&patterns, &mut self.eye);
        for (path, why) in &around.troubles {
            if self.said.insert((path.clone(), why.clone())) {
                self.trouble(&path.as_str().into(), why);
            }
        }
        self.said.retain(|said| around.troubles.contains(said));
        let mut present = Vec::new();
        let mut taken = HashSet::new();
        let mut visited = HashSet::new();
        for log in around.logs {
            if !log.files.is_empty() {
                visited.insert(log.source.clone());
            }
            self.reconcile_log(log, &mut present, &mut taken);
        }
        for generation in &mut self.generations {
            if !present.contains(&generation.saved.serial) {
                generation.at_live_path = false;
                generation.missing_rounds = generation.missing_rounds.saturating_add(1);
            }
        }
        self.look_at_held();
        self.forget_gone(&visited);
        self.close_finished_files();
        self.waiting.retain(|key, _| taken.contains(key));
        self.first_round = false;
    }

    fn reconcile_log(&mut self, log: Log, present: &mut Vec<u64>, taken: &mut HashSet<Key>) {
        let source: Arc<str> = log.source.as_str().into();
        let mut strangers = Vec::new();
        // Live first, so that a hard link to it under a rotated name does not take its place.
        for found in log.files.into_iter().rev() {
            if !taken.insert(found.look.key) {
                continue;
            }
            match self.recognise(&source, &found, log.input) {
                Some(serial) => present.push(serial),
                None => strangers.push(found),
            }
        }
        let first_sight = self.first_round && !self.known.contains(&*source);
        for found in strangers.into_iter().rev() {
            if found.look.stamp.size == 0 {
                continue;
            }
            let history = first_sight && found.age != Age::Live;
            if history && !self.settings.backfill {
                present.extend(self.ignore(&source, log.input, &found));
                continue;
            }
            if let Some(serial) = self.admit(&source, log.input, &found, present) {
                present.push(serial);
            }
        }
        if !present.is_empty() {
            self.known.insert(source.to_string());
        }
    }

    /// Finds the generation that the file is known to be, and makes sure that it still is.
    fn recognise(&mut self, source: &Arc<str>, found: &Found, input: usize) -> Option<u64> {
        let limits = self.settings.limits;
        let keyed = self
            .generations
            .iter_mut()
            .rev()
            .filter(|g| g.source == *source && g.saved.key == Some(found.look.key));
        for generation in keyed {
            let saved = &generation.saved;
            let offset = if saved.packed { 0 } else { saved.offset };
            let seen = Some(saved.stamp);
            let verdict = decide::known(seen, found.look.stamp, offset, generation.verified);
            let verified = match verdict {
                Known::Untouched => Ok(true),
                Known::Rewritten => Ok(false),
                Known::Verify => verify(generation, found, limits),
            };
            if let Ok(false) = verified {
                generation.lose_file();
                continue;
            }
            generation.input = input;
            if !generation.verified {
                generation.resume();
            }
            generation.verified = verified.is_ok();
            let serial = generation.saved.serial;
            match verified {
                // What could not be verified is not read.
                Err(error) => {
                    generation.missing_rounds = 0;
                    generation.file = None;
                    generation.postpone();
                    self.cannot_read(source, &found.path, &error);
                }
                Ok(_) => {
                    generation.seen(found.path.clone(), &found.look, found.age == Age::Live);
                    self.unreadable.remove(&found.path);
                }
            }
            return Some(serial);
        }
        None
    }

    /// Decides about a file that no generation has the key of.
    fn admit(
        &mut self,
        source: &Arc<str>,
        input: usize,
        found: &Found,
        present: &[u64],
    ) -> Option<u64> {
        let at_live_path = found.age == Age::Live;
        let settle = self.settings.settle;
        let waiting = self.waiting.entry(found.look.key).or_insert(Waiting {
            stamp: found.look.stamp,
            since: Instant::now(),
            rounds: 0,
            twin: None,
        });
        if waiting.stamp == found.look.stamp {
            waiting.rounds += 1;
            if waiting.twin.is_some_and(|twin| present.contains(&twin)) {
                return None;
            }
        } else {
            *waiting = Waiting {
                stamp: found.look.stamp,
                since: Instant::now(),
                rounds: 0,
                twin: None,
            };
        }
        let settled = waiting.rounds > 2 && waiting.since.elapsed() >= settle;
        let fate = match self.judge(source, found, at_live_path, settled, present) {
            Ok(fate) => fate,
            Err(error) => {
                self.cannot_read(source, &found.path, &error);
                return None;
            }
        };
        let serial = match fate {
            Judged::Wait { twin } => {
                if let Some(waiting) = self.waiting.get_mut(&found.look.key) {
                    waiting.twin = twin;
                }
                return None;
            }
            Judged::Continues { serial, packed } => {
                let generation = self
                    .generations
                    .iter_mut()
                    .find(|g| g.saved.serial == serial)?;
                generation.continue_in(packed);
                generation.seen(found.path.clone(), &found.look, at_live_path);
                generation.input = input;
                serial
            }
            Judged::New => self.begin(source, input, found, present),
        };
        self.unreadable.remove(&found.path);
        self.waiting.remove(&found.look.key);
        Some(serial)
    }

    fn judge(
        &mut self,
        source: &Arc<str>,
        found: &Found,
        at_live_path: bool,
        settled: bool,
        present: &[u64],
    ) -> io::Result<Judged> {
        let file = open_regular(&found.path)?;
        let content = Content::of(&file, self.settings.limits)?;
        let eye = &mut self.eye;
        let mut claims = Vec::new();
        let mut claimants = Vec::new();
        let mut mine: Vec<&mut Generation> = self
            .generations
            .iter_mut()
            .filter(|g| g.source == *source)
            .collect();
        // The more was read, the stronger the proof.
        mine.sort_by_key(|g| std::cmp::Reverse((g.saved.offset, g.saved.serial)));
        for generation in mine {
            let free = freedom(generation, present, eye);
            if free == Free::No && (at_live_path || generation.saved.packed) {
                continue;
            }
            let unread = generation.saved.witness.head.is_empty();
            let held = if free == Free::No {
                twin(generation, &content)?
            } else if !unread {
                generation.saved.witness.held_by(&content)?
            } else if let Some(file) = &generation.file {
                // No witness yet, but the original is still open.
                held_if(content.is_beginning_of(file)?)
            } else {
                continue;
            };
            claims.push(Claim { free, held });
            claimants.push(generation.saved.serial);
        }
        Ok(match decide::unknown(at_live_path, settled, &claims) {
            Fate::New => Judged::New,
            Fate::Continues(at) => match claimants.get(at) {
                Some(&serial) => Judged::Continues {
                    serial,
                    packed: content.packed,
                },
                None => Judged::New,
            },
            Fate::Wait => Judged::Wait {
                twin: claims
                    .iter()
                    .zip(&claimants)
                    .find(|(claim, _)| claim.free == Free::No && claim.held == Held::Yes)
                    .map(|(_, serial)| *serial),
            },
        })
    }

    /// A generation that begins with the first byte of the file. If one is missing of which nothing was read, a
    /// rotated file may well be that one; reading it from its first byte is right either way.
    fn begin(&mut self, source: &Arc<str>, input: usize, found: &Found, present: &[u64]) -> u64 {
        if found.age != Age::Live {
            let unread = self.generations.iter_mut().find(|g| {
                g.source == *source
                    && g.saved.offset == 0
                    && g.file.is_none()
                    && !present.contains(&g.saved.serial)
            });
            if let Some(generation) = unread {
                generation.continue_in(false);
                generation.seen(found.path.clone(), &found.look, false);
                return generation.saved.serial;
            }
        }
        let serial = self.add(source, input, found);
        if let Some(generation) = self.generations.last_mut() {
            generation.verified = true;
        }
        serial
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
            stamp: found.look.stamp,
            done: None,
        };
        let id = format!("{KEY_PREFIX}{source} {}", self.serial);
        let mut generation = Generation::new(id, saved, Arc::clone(source), input);
        generation.seen(found.path.clone(), &found.look, found.age == Age::Live);
        self.generations.push(generation);
        self.serial
    }

    /// History that is not wanted: remembers it as read.
    fn ignore(&mut self, source: &Arc<str>, input: usize, found: &Found) -> Option<u64> {
        let size = found.look.stamp.size;
        let look = || -> io::Result<(bool, Witness)> {
            let file = open_regular(&found.path)?;
            let content = Content::of(&file, self.settings.limits)?;
            Ok((content.packed, content.witness_of_all(size)?))
        };
        let (packed, witness) = look().ok()?;
        let serial = self.add(source, input, found);
        self.streams += 1;
        let stream = self.streams;
        let at = self.generations.len().checked_sub(1)?;
        let generation = self.generations.get_mut(at)?;
        generation.saved.packed = packed;
        generation.saved.witness = witness;
        generation.saved.offset = if packed { 0 } else { size };
        generation.saved.done = Some(found.look.stamp);
        let block = Block {
            bytes: Vec::new(),
            offset: generation.saved.offset,
            line: 1,
            torn: false,
        };
        let part = Part {
            stream,
            head: Some(Arc::from([])),
            block,
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
    fn forget_gone(&mut self, visited: &HashSet<String>) {
        let settle = self.settings.settle;
        let mut forgotten = Vec::new();
        let mut losses = Vec::new();
        let newest: HashMap<Arc<str>, u64> = self
            .generations
            .iter()
            .map(|g| (Arc::clone(&g.source), g.saved.serial))
            .collect();
        self.generations.retain(|generation| {
            let absent = generation.missing_rounds > 0 && generation.file.is_none();
            if !absent || !visited.contains(&*generation.source) {
                return true;
            }
            let saved = &generation.saved;
            let absence = Absence {
                rounds: generation.missing_rounds,
                settled: generation.touched.elapsed() >= settle,
                rewritten: generation.is_displaced(),
                succeeded: newest
                    .get(&generation.source)
                    .is_some_and(|n| *n > saved.serial),
            };
            let offset = if saved.packed && saved.done.is_some() {
                saved.stamp.size
            } else {
                saved.offset
            };
            let Gone::Forget { lost } = decide::gone(absence, offset, saved.stamp.size) else {
                return true;
            };
            forgotten.push(generation.id.clone());
            if lost > 0 {
                losses.push((
                    Arc::clone(&generation.source),
                    lost,
                    generation.is_displaced(),
                ));
            }
            false
        });
        for (source, lost, rewritten) in losses {
            let how = if rewritten { "truncated" } else { "removed" };
            let note =
                format!("was {how} before it was read to its end: at least {lost} bytes are lost");
            self.trouble(&source, &note);
        }
        if !forgotten.is_empty() {
            self.ready.push_back(Next::Forget(forgotten));
        }
    }
}

impl Follow {
    fn close_finished_files(&mut self) {
        for generation in &mut self.generations {
            let finished = generation.saved.done.is_some() && !generation.has_unread_bytes();
            if finished && !generation.at_live_path {
                generation.file = None;
            }
        }
    }
}

enum Judged {
    New,
    Continues { serial: u64, packed: bool },
    Wait { twin: Option<u64> },
}

/// Whether the file still holds what was read of it.
fn verify(generation: &mut Generation, found: &Found, limits: super::Limits) -> io::Result<bool> {
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

/// Whether an unknown content is a copy, whole or in the making, of a file that is where it was.
fn twin(generation: &mut Generation, content: &Content<'_>) -> io::Result<Held> {
    let original = open_regular(Path::new(&generation.saved.path))?;
    match generation.saved.witness.head_held_by(content)? {
        Held::No => Ok(Held::No),
        Held::Yes | Held::Short => Ok(held_if(content.is_beginning_of(&original)?)),
    }
}

fn held_if(held: bool) -> Held {
    if held { Held::Yes } else { Held::No }
}

fn freedom(generation: &Generation, present: &[u64], eye: &mut super::Eye) -> Free {
    if generation.is_displaced() {
        return Free::Surely;
    }
    if present.contains(&generation.saved.serial) {
        return Free::No;
    }
    if let Some(file) = &generation.file {
        return match eye.look_at_open(file) {
            Ok(look) if !look.unlinked => Free::Perhaps,
            _ => Free::Surely,
        };
    }
    if generation.missing_rounds > 0 {
        Free::Surely
    } else {
        Free::Perhaps
    }
}
