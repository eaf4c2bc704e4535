//! Logs of an invented company whose contents are known: for the measurements in `benches/whole`, and for the test that
//! what is found equals what was written (`tests/it/truth.rs`).
//!
//! Deterministic: a seed, no clock, no network. Hosts and people are drawn after Zipf; about 1.5 % of the visits go to hosts
//! that rules of an overlay are about; the rest go to ordinary hosts, some of which look like the others. While a log is
//! written, it is counted: that is the **truth** (`truth.rs`). But for `found.rs`, which puts what a store holds in the same
//! terms, nothing here uses gnomon's code, so that the two can disagree.

mod chance;
mod found;
mod lines;
mod names;
pub(crate) mod overlay;
mod truth;
mod world;

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use chance::Chance;
use lines::Visit;
use truth::{Key, Sums};

pub(crate) use found::found;
pub(crate) use lines::{LAYOUTS, Layout};
pub(crate) use overlay::{config, overlay};
pub(crate) use truth::{Application, Truth, apart, difference};
pub(crate) use world::World;

/// 2026-09-14T00:00:00Z, a Monday.
const START_SECS: i64 = 1_789_344_000;
const DAY_MICROS: i64 = 86_400_000_000;
const HOUR_MICROS: i64 = 3_600_000_000;
/// A request is logged when it ends, so that a few lines are of an earlier time than those above them.
const LATE_MICROS: u64 = 90_000_000;

/// To be raised when the same plan gives other logs than before.
pub(crate) const EDITION: u32 = 1;

/// How large a company, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Records per log, at least.
    pub(crate) lines: u64,
    pub(crate) days: u32,
    pub(crate) people: usize,
    /// Ordinary hosts.
    pub(crate) hosts: usize,
    /// Suffix rules.
    pub(crate) rules: usize,
    /// How many of a thousand visits go to hosts with a rule.
    pub(crate) ruled: u64,
}

impl Plan {
    /// The moment after the last line; what the log's own time of change should be.
    pub(crate) fn end(&self) -> std::time::SystemTime {
        let secs = START_SECS + i64::from(self.days) * 86_400;
        std::time::UNIX_EPOCH + std::time::Duration::from_secs(secs as u64)
    }
}

/// Writes one log and says what is in it.
pub(crate) fn write(
    plan: &Plan,
    world: &World,
    layout: &Layout,
    out: &mut dyn Write,
) -> io::Result<Truth> {
    const FULL: usize = 1 << 20;
    // Each log has its own visits, whichever others are written.
    let seed = layout.name.bytes().fold(plan.seed, |seed, byte| {
        seed.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let mut chance = Chance::new(seed);
    let mut scribe = (layout.open)();
    let mut buffer = Vec::with_capacity(FULL + 4_096);
    let mut book = Book::new(plan, world);
    book.lines = scribe.head(&mut buffer);
    let start = START_SECS * 1_000_000;
    let end = start + i64::from(plan.days) * DAY_MICROS;
    let span = (end - start) as u64;
    while book.lines < plan.lines {
        // Evenly through the time, give or take.
        let at = (u128::from(span) * u128::from(book.lines) / u128::from(plan.lines)) as i64;
        let mut micros = start + at + chance.below(2 * span / plan.lines + 1) as i64;
        if chance.one_in(64) {
            micros -= chance.below(LATE_MICROS) as i64;
        }
        let micros = micros.clamp(start, end - 1);
        let micros = micros - micros.rem_euclid(layout.micros);
        let person = world.people_ranks.draw(&mut chance);
        let place = world.draw(plan, &mut chance);
        let host = &world.place(place);
        let visit = Visit {
            micros,
            client: &world.people[person].client,
            user: &world.people[person].user,
            host: &host.name,
            server: &host.server,
            has_feature: place < world.features.len(),
        };
        let told = scribe.write(&visit, &mut chance, &mut buffer);
        book.enter(micros, person, place, &told);
        if buffer.len() >= FULL {
            out.write_all(&buffer)?;
            buffer.clear();
        }
    }
    out.write_all(&buffer)?;
    Ok(book.close())
}

impl World {
    /// Where a visit goes: ordinary hosts are counted first, then those with a rule.
    fn draw(&self, plan: &Plan, chance: &mut Chance) -> usize {
        if chance.below(1_000) < plan.ruled {
            self.hosts.len() + self.ruled_ranks.draw(chance)
        } else {
            self.host_ranks.draw(chance)
        }
    }

    fn place(&self, place: usize) -> &world::Host {
        match place.checked_sub(self.hosts.len()) {
            Some(ruled) => &self.ruled[ruled],
            None => &self.hosts[place],
        }
    }
}

/// Counts in numbers; names come in at the end.
struct Book<'w> {
    world: &'w World,
    lines: u64,
    events: u64,
    /// By service, person, whether named, and hour.
    rows: HashMap<(usize, usize, bool, i64), Sums>,
    /// Events by day and place.
    hits: Vec<Vec<u64>>,
}

impl<'w> Book<'w> {
    fn new(plan: &Plan, world: &'w World) -> Self {
        let places = world.hosts.len() + world.ruled.len();
        Self {
            world,
            lines: 0,
            events: 0,
            rows: HashMap::new(),
            hits: vec![vec![0; places]; plan.days as usize],
        }
    }

    fn enter(&mut self, micros: i64, person: usize, place: usize, told: &lines::Told) {
        self.lines += told.lines;
        self.events += told.events;
        let day = (micros - START_SECS * 1_000_000) / DAY_MICROS;
        self.hits[day as usize][place] += told.events;
        let service = if told.feature {
            Some(self.world.features[place])
        } else {
            self.world.place(place).service
        };
        if let Some(service) = service {
            let key = (service, person, told.names_user, micros / HOUR_MICROS);
            let row = self.rows.entry(key).or_default();
            row.add(told.fate, 1, told.bytes, micros, micros);
        }
    }

    fn close(self) -> Truth {
        let nobody: Arc<str> = "".into();
        let row = |((service, person, named, hour), sums): ((usize, usize, bool, i64), Sums)| {
            let person = &self.world.people[person];
            let user = if named { &person.user } else { &nobody };
            let key = Key {
                service: self.world.services[service].id.clone(),
                client: person.client.clone(),
                user: user.clone(),
                hour,
            };
            (key, sums)
        };
        let hosts = (START_SECS / 86_400..)
            .zip(&self.hits)
            .flat_map(|(day, hits)| {
                let met = hits.iter().enumerate().filter(|(_, hits)| **hits > 0);
                met.map(move |(place, hits)| ((day, self.world.place(place).name.clone()), *hits))
            })
            .collect();
        Truth {
            lines: self.lines,
            events: self.events,
            rows: self.rows.into_iter().map(row).collect(),
            hosts,
        }
    }
}
