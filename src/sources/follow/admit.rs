//! What becomes of a file that nobody knows: the continuation of a generation, a copy in the making, or a new one.
//!
//! Gathers the claims of the log's generations on its content and leaves the judgement to [`super::decide`].

use std::cmp::Reverse;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::super::key::{Eye, Stamp};
use super::super::rotation::Age;
use super::super::witness::{Content, Held, PROOF_BYTES};
use super::Follow;
use super::decide::{self, Claim, Fate, Free};
use super::discover::Found;
use super::generation::Generation;
use super::reconcile::Round;

/// While a file still changes, so much of it is compared; all of it later.
const GLANCE_BYTES: u64 = 64 << 10;

/// An unknown file that may be a copy in the making.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    stamp: Stamp,
    since: Instant,
    rounds: u32,
    /// The generation that it was wholly found to be a copy of.
    twin: Option<u64>,
}

impl Waiting {
    fn new(stamp: Stamp) -> Self {
        Self {
            stamp,
            since: Instant::now(),
            rounds: 0,
            twin: None,
        }
    }
}

enum Judged {
    New,
    Continues { at: usize, packed: bool },
    Wait { twin: Option<u64> },
}

impl Follow {
    /// Decides about a file that no generation has the key of; the serial of the generation that it now belongs to.
    pub(super) fn admit(
        &mut self,
        source: &Arc<str>,
        input: usize,
        found: &Found,
        round: &Round,
    ) -> Option<u64> {
        let key = found.look.key;
        let waiting = self
            .waiting
            .entry(key)
            .or_insert_with(|| Waiting::new(found.look.stamp));
        if waiting.stamp != found.look.stamp {
            *waiting = Waiting::new(found.look.stamp);
        }
        waiting.rounds += 1;
        if waiting
            .twin
            .is_some_and(|twin| round.present.contains(&twin))
        {
            return None;
        }
        let settled = waiting.rounds > 3 && waiting.since.elapsed() >= self.settings.settle;
        let judged = match self.judge(source, found, settled, round) {
            Ok(judged) => judged,
            // Moved or deleted since it was found.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                self.cannot_read(source, &found.path, &error);
                return None;
            }
        };
        let serial = match judged {
            Judged::Wait { twin } => {
                let waiting = self.waiting.get_mut(&key)?;
                waiting.twin = twin.filter(|_| settled);
                return None;
            }
            Judged::Continues { at, packed } => {
                let generation = self.generations.get_mut(at)?;
                generation.continue_in(packed);
                generation.verified_as(found, input);
                generation.saved.serial
            }
            Judged::New => self.begin(source, input, found, round),
        };
        self.unreadable.remove(&found.path);
        self.waiting.remove(&key);
        Some(serial)
    }

    /// Whether a file copies one that came into sight in the same round: the live log, or the file that is being
    /// compressed into it. The original is read; what becomes of the copy, the next looks tell.
    pub(super) fn copies_one_of(
        &mut self,
        source: &Arc<str>,
        strangers: &[Found],
        found: &Found,
    ) -> bool {
        let limits = self.settings.limits;
        let copies = |original: &Found| -> io::Result<bool> {
            let original = original.look.key.open(&original.path)?;
            let copy = found.look.key.open(&found.path)?;
            Content::of(&copy, limits)?.is_beginning_of(&original, u64::MAX)
        };
        strangers
            .iter()
            .filter(|original| original.look.key != found.look.key)
            .filter(|original| {
                original.age == Age::Live || packed_from(&found.path, &original.path)
            })
            .any(|original| match copies(original) {
                Ok(copies) => copies,
                Err(error) if error.kind() == io::ErrorKind::NotFound => true,
                Err(error) => {
                    self.cannot_read(source, &found.path, &error);
                    false
                }
            })
    }

    fn judge(
        &mut self,
        source: &Arc<str>,
        found: &Found,
        settled: bool,
        round: &Round,
    ) -> io::Result<Judged> {
        let at_live_path = found.age == Age::Live;
        let file = found.look.key.open(&found.path)?;
        let content = Content::of(&file, self.settings.limits)?;
        let mut mine = self.of_source(source);
        // The more was read, the stronger the proof.
        mine.sort_by_key(|at| {
            let saved = self.generations.get(*at).map(|g| &g.saved);
            Reverse(saved.map(|saved| (saved.offset, saved.serial)))
        });
        let mut claims = Vec::new();
        let mut claimants = Vec::new();
        for at in mine {
            let Some(generation) = self.generations.get_mut(at) else {
                continue;
            };
            let free = freedom(generation, round, &mut self.eye);
            if free == Free::No && (at_live_path || generation.saved.packed) {
                continue;
            }
            let was_open = generation.file.is_some();
            let held = held(generation, free, &content, settled);
            if !was_open {
                generation.close_if(self.open_now >= self.open_files);
                self.open_now += usize::from(generation.file.is_some());
            }
            if let Some(held) = held? {
                claims.push(Claim { free, held });
                claimants.push((at, generation.saved.serial));
            }
        }
        Ok(match decide::unknown(at_live_path, settled, &claims) {
            Fate::New => Judged::New,
            Fate::Continues(claim) => match claimants.get(claim) {
                Some(&(at, _)) => Judged::Continues {
                    at,
                    packed: content.packed,
                },
                None => Judged::New,
            },
            Fate::Wait => Judged::Wait {
                twin: claims
                    .iter()
                    .zip(&claimants)
                    .find(|(claim, _)| claim.free == Free::No && claim.held == Held::Yes)
                    .map(|(_, (_, serial))| *serial),
            },
        })
    }
}

/// Whether a file is named as what `gzip` and its like make of another.
fn packed_from(packed: &Path, plain: &Path) -> bool {
    packed.file_stem() == plain.file_name() && packed.parent() == plain.parent()
}

/// Whether the content holds what the generation has read; `None` if the generation cannot tell.
fn held(
    generation: &mut Generation,
    free: Free,
    content: &Content<'_>,
    settled: bool,
) -> io::Result<Option<Held>> {
    let yes_or_no = |held| if held { Held::Yes } else { Held::No };
    if free == Free::No {
        return is_copy_of(generation, content, settled).map(Some);
    }
    let saved = &mut generation.saved;
    if !saved.witness.head.is_empty() {
        let held = saved.witness.held_by(content)?;
        // Read to its end in the middle of a line: what goes on from there is another line that begins alike.
        if held == Held::Yes && saved.torn && content.goes_beyond(saved.offset)? {
            return Ok(Some(Held::No));
        }
        return Ok(Some(held));
    }
    match &generation.file {
        // Nothing was read yet, but the original is still open.
        Some(file) => Ok(Some(yes_or_no(content.is_beginning_of(file, u64::MAX)?))),
        None => Ok(None),
    }
}

/// Whether the content copies a generation that is where it was; `Untold` if that is no longer so. Rotation does not
/// wait for us: between the look around and this comparison the original may have been moved, truncated or deleted.
fn is_copy_of(
    generation: &mut Generation,
    content: &Content<'_>,
    settled: bool,
) -> io::Result<Held> {
    if generation.saved.witness.head_held_by(content)? == Held::No {
        return Ok(Held::No);
    }
    let original = match generation.open().and_then(File::try_clone) {
        Ok(original) => original,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Held::Untold),
        Err(error) => return Err(error),
    };
    let at_most = if settled { u64::MAX } else { GLANCE_BYTES };
    if content.is_beginning_of(&original, at_most)? {
        // A few bytes in common prove nothing: a torn "line 1" is the beginning of "line 10".
        let proves = !content.is_whole_within(PROOF_BYTES)?;
        return Ok(if proves { Held::Yes } else { Held::Short });
    }
    // Asked after the comparison, so that a truncation before it cannot pass for a difference.
    let is_itself = generation
        .saved
        .witness
        .held_by(&Content::of(&original, content.limits)?)?;
    Ok(match is_itself {
        Held::Yes => Held::No,
        _ => Held::Untold,
    })
}

fn freedom(generation: &Generation, round: &Round, eye: &mut Eye) -> Free {
    if generation.is_displaced() {
        return Free::Surely;
    }
    if round.present.contains(&generation.saved.serial) {
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
