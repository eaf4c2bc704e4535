//! Random programs of everything that a writer, a rotation and a reader can do, one after the other.
//!
//! Every program has a number, and the number is its seed: `GNOMON_PROGRAM=n` runs that one alone. What is truncated
//! without a copy may be lost if it was not read; nothing else may.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::scene::{Allowed, Counted, Mode, Scene};
use crate::chance::Chance;
use crate::size::quick_or_whole;

const LIVE: &str = "access.log";
const LONGEST: u64 = 40;

#[test]
fn random_programs_end_in_what_was_written() {
    let one: Option<u64> = std::env::var("GNOMON_PROGRAM")
        .ok()
        .map(|number| number.parse().unwrap());
    let programs = quick_or_whole(400, 10_000);
    let (first, end) = one.map_or((0, programs), |one| (one, one + 1));
    let (next, written, lost) = (AtomicU64::new(first), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        return;
                    }
                    let counted = Program::new(number).run();
                    let counted =
                        counted.unwrap_or_else(|why| panic!("GNOMON_PROGRAM={number}: {why}"));
                    written.fetch_add(counted.written as u64, Ordering::Relaxed);
                    lost.fetch_add(counted.lost as u64, Ordering::Relaxed);
                }
            });
        }
    });
    println!(
        "{} programs, {} lines written, {} lost, all of them truncated unread",
        end - first,
        written.into_inner(),
        lost.into_inner()
    );
}

struct Program {
    scene: Scene,
    chance: Chance,
    /// Of a line whose end is still to come.
    torn: Option<String>,
    /// Rotated and not packed yet, oldest first.
    plain: Vec<String>,
}

impl Program {
    fn new(number: u64) -> Self {
        let chance = Chance::seeded_quietly(number);
        Self {
            scene: Scene::settling(
                Duration::ZERO,
                &std::env::temp_dir(),
                LIVE,
                Mode::Down,
                chance.fork(1),
            ),
            chance,
            torn: None,
            plain: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Counted, String> {
        let steps = 1 + self.chance.below(LONGEST);
        for step in 0..steps {
            self.step(step);
        }
        self.end_line();
        self.scene.verdict(Allowed {
            loses: true,
            // Of what came and went between two looks nobody knows.
            untold: true,
            doubles: false,
        })
    }

    fn step(&mut self, step: u64) {
        match self.chance.below(26) {
            0..=5 => {
                self.end_line();
                let count = 1 + self.chance.below(40);
                self.scene.append(LIVE, usize::try_from(count).unwrap());
            }
            6 => self.begin_line(step),
            7..=8 => {
                self.rename();
            }
            9..=10 => self.copytruncate(),
            11..=12 => self.pack_oldest(),
            13 => {
                if let Some(name) = self.rename() {
                    self.plain.pop();
                    self.pack(&name);
                }
            }
            14 => self.truncate(),
            15..=19 => self.scene.stand().poll(1),
            20..=21 => {
                // Killed while it lags: some of what was read is committed, some is not.
                for _ in 0..self.chance.below(4) {
                    self.scene.stand().step(true);
                }
                for _ in 0..self.chance.below(3) {
                    self.scene.stand().step(false);
                }
                self.scene.stand().restart();
            }
            22 => {
                self.scene.stand().read_in_vain();
                self.scene.stand().restart();
            }
            23 => self.scene.stand().restart(),
            // A single step forward: it falls behind.
            _ => {
                self.scene.stand().step(true);
            }
        }
    }

    fn is_there(&mut self) -> bool {
        self.scene.stand().exists(LIVE)
    }

    fn begin_line(&mut self, step: u64) {
        if self.torn.is_none() {
            // Torn by a rotation, "torn 1" is the beginning of "torn 10".
            let line = format!("torn {step}");
            self.scene.stand().write(LIVE, line.as_bytes());
            self.torn = Some(line);
        }
    }

    fn end_line(&mut self) {
        if let Some(line) = self.torn.take() {
            self.scene.stand().write(LIVE, b" and its end\n");
            self.scene.stand().wrote(&format!("{line} and its end"));
        }
    }

    /// What rotation tears apart is two lines.
    fn tear(&mut self) {
        if let Some(line) = self.torn.take() {
            self.scene.stand().wrote(&line);
        }
    }

    fn rename(&mut self) -> Option<String> {
        if !self.is_there() {
            return None;
        }
        self.tear();
        let to = self.scene.dated();
        self.scene.rename(LIVE, &to);
        self.plain.push(to.clone());
        Some(to)
    }

    fn copytruncate(&mut self) {
        if self.is_there() {
            self.tear();
            let to = self.scene.dated();
            self.scene.stand().copytruncate(LIVE, &to);
            self.plain.push(to);
        }
    }

    fn truncate(&mut self) {
        if self.is_there() {
            self.tear();
            self.scene.perishes(LIVE);
            fs::write(self.scene.stand().path(LIVE), b"").unwrap();
        }
    }

    fn pack_oldest(&mut self) {
        if !self.plain.is_empty() {
            let name = self.plain.remove(0);
            self.pack(&name);
        }
    }

    fn pack(&mut self, name: &str) {
        let stand = self.scene.stand();
        match self.chance.below(4) {
            0 => stand.zstd(name, &format!("{name}.zst")),
            1 => stand.xz(name, &format!("{name}.xz")),
            2 => stand.bzip2(name, &format!("{name}.bz2")),
            _ => stand.gzip(name, &format!("{name}.gz")),
        }
    }
}
