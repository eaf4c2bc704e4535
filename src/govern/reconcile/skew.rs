//! By how much the clocks of two sources differ, told by the connections that follow look-ups.
//!
//! On a day on which a client both looks a service up and connects to it, the first of both are moments apart. Where they
//! are the same stretch apart again and again, it is the clocks that differ: people are not that regular. One source of a
//! pair is enough to be wrong; which one, the logs do not say. The median and the share that is near it make one client
//! with an odd day no matter.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::model::{CLOCK_SKEW_SECS, Symbol, Symbols};

/// Differences are counted in steps of this many seconds.
const STEP_SECS: i64 = 10;
/// Fewer than so many pairs say nothing.
const LEAST_PAIRS: u64 = 5;
/// Percent of the pairs that must be the same stretch apart, give or take what is absorbed.
const ALIKE_PERCENT: u64 = 80;

/// Counted differences of every pair of sources that saw the same clients.
#[derive(Debug, Default)]
pub struct Skews {
    steps: HashMap<(Symbol, Symbol), BTreeMap<i64, u64>>,
}

/// Two sources whose clocks differ by more than is absorbed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skew {
    /// The source of the look-ups.
    pub resolver: String,
    /// The source of the connections.
    pub other: String,
    /// Seconds by which the second is ahead; negative when connections seem to come before their look-ups.
    pub ahead_secs: i64,
    /// Pairs of a look-up and a connection that say so, of so many.
    pub pairs: u64,
    pub of: u64,
}

/// Time zones differ by multiples of so many seconds, from twice of it on.
const ZONE_STEP_SECS: i64 = 15 * 60;

impl Skew {
    /// Whether it is the difference of two time zones, and not that of two clocks that nobody sets.
    #[must_use]
    pub const fn is_of_zones(&self) -> bool {
        let past = self.ahead_secs.rem_euclid(ZONE_STEP_SECS);
        let off = if past > ZONE_STEP_SECS / 2 {
            ZONE_STEP_SECS - past
        } else {
            past
        };
        self.ahead_secs.abs() >= 2 * ZONE_STEP_SECS - CLOCK_SKEW_SECS && off <= CLOCK_SKEW_SECS
    }
}

/// What the look-ups of one source and the connections of another say of their clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clocks {
    /// By how much they seem to differ.
    #[serde(flatten)]
    pub apart: Skew,
    pub standing: ClockStanding,
}

/// How two clocks stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockStanding {
    /// Within what is absorbed.
    Agree,
    Differ,
    /// The pairs are too few, or each is another stretch apart.
    Unclear,
}

impl Skews {
    /// Adds by how many seconds the first connection of a client on a day came after its first look-up.
    pub fn add(&mut self, resolver: Symbol, other: Symbol, apart_secs: i64) {
        if resolver != other {
            let steps = self.steps.entry((resolver, other)).or_default();
            *steps.entry(apart_secs.div_euclid(STEP_SECS)).or_default() += 1;
        }
    }

    /// The pairs whose clocks differ by more than is absorbed, sorted.
    #[must_use]
    pub fn found(&self, symbols: &Symbols) -> Vec<Skew> {
        let differ = |pair: &Clocks| pair.standing == ClockStanding::Differ;
        let found = self.measured(symbols).into_iter().filter(differ);
        found.map(|pair| pair.apart).collect()
    }

    /// Every pair of sources that saw the same clients, sorted.
    #[must_use]
    pub fn measured(&self, symbols: &Symbols) -> Vec<Clocks> {
        let pairs = self.steps.iter().filter_map(|((resolver, other), steps)| {
            let of = steps.values().sum();
            let step = median(steps, of)?;
            let near = CLOCK_SKEW_SECS / STEP_SECS;
            let alike = steps.range(step - near..=step + near);
            let pairs: u64 = alike.map(|(_, count)| count).sum();
            let is_told = of >= LEAST_PAIRS && pairs * 100 >= of * ALIKE_PERCENT;
            let standing = match (is_told, step.abs() > near) {
                (false, _) => ClockStanding::Unclear,
                (true, false) => ClockStanding::Agree,
                (true, true) => ClockStanding::Differ,
            };
            let apart = Skew {
                resolver: symbols.text(*resolver).to_owned(),
                other: symbols.text(*other).to_owned(),
                ahead_secs: step * STEP_SECS,
                pairs,
                of,
            };
            Some(Clocks { apart, standing })
        });
        let mut measured: Vec<Clocks> = pairs.collect();
        measured.sort_by(|a, b| {
            let (a, b) = (&a.apart, &b.apart);
            (&a.resolver, &a.other).cmp(&(&b.resolver, &b.other))
        });
        measured
    }
}

fn median(steps: &BTreeMap<i64, u64>, of: u64) -> Option<i64> {
    let mut passed = 0;
    steps.iter().find_map(|(step, count)| {
        passed += count;
        (passed * 2 >= of).then_some(*step)
    })
}
