//! One cell: a writer that rotates, and a reader in one of six moods that looks in between.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::stand::Stand;
use crate::chance::Chance;

/// How long a rotated file must be untouched before its torn last line counts; longer than any body takes.
const SETTLE: Duration = Duration::from_millis(500);
/// Enough looks for everything that is decided by looking again.
const LOOKS: usize = 8;
/// So many chunks wait in the queues of the engine before the reader is held up.
const QUEUED: usize = 4;

/// How the reader does while the writer rotates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Asks a few times after every step, between any two of a round.
    Live,
    /// Was stopped before the first step and is started after the last.
    Down,
    /// Is killed at random moments, with and without something read and not committed.
    Killed,
    /// Is throttled to fall two rotations and more behind.
    Lagging,
    /// Looks at the marked moments only, a whole round each.
    Polling,
    /// Can commit nothing: the queues fill and reading stops until there is room again.
    Full,
}

impl Mode {
    pub(super) const ALL: [Self; 6] = [
        Self::Live,
        Self::Down,
        Self::Killed,
        Self::Lagging,
        Self::Polling,
        Self::Full,
    ];
}

pub(super) struct Scene {
    stand: Stand,
    settle: Duration,
    pub(super) mode: Mode,
    chance: Chance,
    steps: usize,
    rotations: u32,
    /// Lines that a step destroyed, wherever they were not read by then.
    perished: Vec<String>,
}

impl Scene {
    pub(super) fn new(directory: &Path, pattern: &str, mode: Mode, chance: Chance) -> Self {
        Self::settling(SETTLE, directory, pattern, mode, chance)
    }

    /// A scene in which a rotated file counts as untouched after so long.
    pub(super) fn settling(
        settle: Duration,
        directory: &Path,
        pattern: &str,
        mode: Mode,
        chance: Chance,
    ) -> Self {
        let mut stand = Stand::within(directory, pattern);
        stand.settle(settle);
        Self {
            stand,
            settle,
            mode,
            chance,
            steps: 0,
            rotations: 0,
            perished: Vec::new(),
        }
    }

    /// The log directory, before the reader is in its mood.
    pub(super) fn stand(&mut self) -> &mut Stand {
        &mut self.stand
    }

    /// The reader has read what is there; from here on it does as its mode says.
    pub(super) fn begin(&mut self) {
        self.stand.poll(LOOKS);
        if self.mode == Mode::Down {
            self.stand.restart();
        }
    }

    /// One step of the writer; the reader may look after it.
    pub(super) fn act<T>(&mut self, step: impl FnOnce(&mut Stand) -> T) -> T {
        let done = step(&mut self.stand);
        self.after();
        done
    }

    pub(super) fn append(&mut self, name: &str, count: usize) {
        self.act(|stand| stand.append(name, count));
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) {
        self.act(|stand| stand.rename(from, to));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.act(|stand| stand.remove(name));
    }

    /// A moment at which a reader that polls looks.
    pub(super) fn look(&mut self) {
        match self.mode {
            Mode::Polling => self.stand.poll(1),
            _ => self.after(),
        }
    }

    /// What is in this file is destroyed by the next step.
    pub(super) fn perishes(&mut self, name: &str) {
        let text = fs::read(self.stand.path(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        self.perished.extend(text.lines().map(str::to_owned));
    }

    /// A line that nobody can read who has not the file open already.
    pub(super) fn perished(&mut self, line: &str) {
        self.perished.push(line.to_owned());
    }

    /// A new rotated name, later than those before.
    pub(super) fn dated(&mut self) -> String {
        self.rotations += 1;
        dated(self.rotations)
    }

    /// The name that was given out last.
    pub(super) fn last_dated(&self) -> Option<String> {
        (self.rotations > 0).then(|| dated(self.rotations))
    }

    fn after(&mut self) {
        self.steps += 1;
        let stand = &mut self.stand;
        match self.mode {
            Mode::Down | Mode::Polling => {}
            Mode::Live => {
                for _ in 0..self.chance.below(6) {
                    stand.step(true);
                }
            }
            Mode::Killed => {
                for _ in 0..self.chance.below(4) {
                    stand.step(true);
                }
                if self.chance.below(2) == 0 {
                    for _ in 0..self.chance.below(3) {
                        stand.step(false);
                    }
                    stand.restart();
                }
            }
            Mode::Lagging => {
                if self.steps.is_multiple_of(5) {
                    stand.step(true);
                }
            }
            Mode::Full => {
                if stand.waiting() < QUEUED {
                    stand.step_later();
                }
            }
        }
    }

    /// There is room again, the reader runs, and time passes; what does not add up then, in a sentence.
    pub(super) fn verdict(&mut self, allowed: Allowed) -> Result<Counted, String> {
        self.stand.commit_later();
        let mut counted = Counted::default();
        for restart in [false, true] {
            if restart {
                self.stand.restart();
            }
            self.stand.poll(LOOKS);
            thread::sleep(self.settle);
            self.stand.poll(LOOKS);
            counted = self.count(allowed)?;
        }
        Ok(counted)
    }

    fn count(&self, allowed: Allowed) -> Result<Counted, String> {
        let mut balance: BTreeMap<&str, i64> = BTreeMap::new();
        let read = self.stand.read_lines();
        for line in self.stand.written_lines() {
            *balance.entry(line).or_default() += 1;
        }
        for line in &read {
            *balance.entry(line).or_default() -= 1;
        }
        let lost: Vec<&str> = balance
            .iter()
            .filter(|(_, n)| **n > 0)
            .map(|(l, _)| *l)
            .collect();
        let doubled: Vec<&str> = balance
            .iter()
            .filter(|(_, n)| **n < 0)
            .map(|(l, _)| *l)
            .collect();
        let wrong = |what: &str, lines: &[&str]| {
            let some: Vec<_> = lines.iter().take(5).collect();
            Err(format!(
                "{} lines {what}: {some:?}\nsaid: {:#?}",
                lines.len(),
                self.stand.troubles
            ))
        };
        if !doubled.is_empty() && !allowed.doubles {
            return wrong("doubled or invented", &doubled);
        }
        let gone = |line: &&&str| self.perished.iter().any(|p| p == **line);
        if lost.iter().filter(gone).count() < lost.len() || (!lost.is_empty() && !allowed.loses) {
            return wrong("lost", &lost);
        }
        let told = self.stand.troubles.iter().any(|note| note.contains("lost"));
        if !lost.is_empty() && !told && !allowed.untold {
            return wrong("lost and nothing said of it", &lost);
        }
        Ok(Counted {
            written: self.stand.written_lines().len(),
            lost: lost.len(),
            doubled: doubled.len(),
        })
    }
}

fn dated(number: u32) -> String {
    format!("access.log-{}", 20_260_000 + number)
}

/// What a marked cell may do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Allowed {
    /// Lose what a step destroyed, and say so.
    pub(super) loses: bool,
    /// Without being able to say so.
    pub(super) untold: bool,
    /// Read again what was put back.
    pub(super) doubles: bool,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted {
    pub(super) written: usize,
    pub(super) lost: usize,
    pub(super) doubled: usize,
}
