//! By how much the clocks of two sources differ, told by the connections that follow look-ups.
//!
//! On a day on which a client both looks a service up and connects to it, the first of both are moments apart. Where they
//! are the same stretch apart again and again, it is the clocks that differ: people are not that regular. One source of a
//! pair is enough to be wrong; which one, the logs do not say.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;

use crate::model::CLOCK_SKEW_SECS;

/// Differences are counted in steps of this many seconds.
const STEP_SECS: i64 = 10;
/// Fewer than so many pairs say nothing.
const LEAST_PAIRS: u64 = 5;
/// Percent of the pairs that must be the same stretch apart, give or take what is absorbed.
const ALIKE_PERCENT: u64 = 80;

/// A source, by the order in which it was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SourceNumber(u32);

/// Counted differences of every pair of sources that saw the same clients.
#[derive(Debug, Default)]
pub struct Skews {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, SourceNumber>,
    steps: HashMap<(u32, u32), BTreeMap<i64, u64>>,
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

impl Skews {
    /// The number of a source.
    pub(super) fn number(&mut self, source: &Arc<str>) -> SourceNumber {
        if let Some(number) = self.numbers.get(source) {
            return *number;
        }
        let number = SourceNumber(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.names.push(Arc::clone(source));
        self.numbers.insert(Arc::clone(source), number);
        number
    }

    /// Of two sources the one whose name comes first: the order in which they were met must not decide.
    pub(super) fn first_of(&mut self, one: SourceNumber, source: &Arc<str>) -> SourceNumber {
        let is_first = self.name(one.0).is_some_and(|name| *name <= **source);
        if is_first { one } else { self.number(source) }
    }

    fn name(&self, number: u32) -> Option<&str> {
        self.names.get(number as usize).map(|name| &**name)
    }

    /// Adds by how many seconds the first connection of a client on a day came after its first look-up.
    pub(super) fn add(&mut self, resolver: SourceNumber, other: SourceNumber, apart_secs: i64) {
        if resolver != other {
            let steps = self.steps.entry((resolver.0, other.0)).or_default();
            *steps.entry(apart_secs.div_euclid(STEP_SECS)).or_default() += 1;
        }
    }

    /// The pairs whose clocks differ by more than is absorbed, sorted.
    #[must_use]
    pub fn found(&self) -> Vec<Skew> {
        let skews = self.steps.iter().filter_map(|((resolver, other), steps)| {
            let of = steps.values().sum();
            let step = median(steps, of)?;
            let near = CLOCK_SKEW_SECS / STEP_SECS;
            let alike = steps.range(step - near..=step + near);
            let pairs: u64 = alike.map(|(_, count)| count).sum();
            let is_skewed =
                of >= LEAST_PAIRS && pairs * 100 >= of * ALIKE_PERCENT && step.abs() > near;
            is_skewed.then_some(())?;
            Some(Skew {
                resolver: self.name(*resolver)?.to_owned(),
                other: self.name(*other)?.to_owned(),
                ahead_secs: step * STEP_SECS,
                pairs,
                of,
            })
        });
        let mut found: Vec<Skew> = skews.collect();
        found.sort_by(|a, b| (&a.resolver, &a.other).cmp(&(&b.resolver, &b.other)));
        found
    }
}

fn median(steps: &BTreeMap<i64, u64>, of: u64) -> Option<i64> {
    let mut passed = 0;
    steps.iter().find_map(|(step, count)| {
        passed += count;
        (passed * 2 >= of).then_some(*step)
    })
}
