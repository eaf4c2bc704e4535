//! Numbers that look random and are always the same: SplitMix64, seeded by a sentence.
//!
//! Every topic has its own seed, so that a change in one leaves the others as they were.

use std::ops::RangeInclusive;

pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn of(topic: &str) -> Self {
        // FNV-1a.
        let seed = topic.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn within(&mut self, range: &RangeInclusive<u64>) -> u64 {
        range.start() + self.next() % (range.end() - range.start() + 1)
    }

    pub(super) fn one_in(&mut self, times: u64) -> bool {
        self.next().is_multiple_of(times)
    }

    pub(super) fn pick<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        let at = self.within(&(0..=things.len() as u64 - 1));
        &things[usize::try_from(at).expect("an index into a slice")]
    }
}
