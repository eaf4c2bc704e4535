//! Numbers that look random and are the same every time: SplitMix64, and ranks after Zipf.
//!
//! Weights are quotients and roots only, which every machine rounds alike; so a plan gives the same logs everywhere.

pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, and without, this one.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        ((self.next() as u128 * end as u128) >> 64) as u64
    }

    pub(crate) const fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// From 0 up to, and without, 1.
    pub(crate) const fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn pick<'t, T: ?Sized>(&mut self, things: &[&'t T]) -> &'t T {
        things[self.index(things.len())]
    }

    pub(crate) const fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }
}

/// How much the first ranks are preferred.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Slope {
    /// Rank n weighs 1/n: hosts and services.
    Steep,
    /// Rank n weighs 1/√n: people.
    Gentle,
}

/// Draws ranks, the first most often.
pub(crate) struct Zipf {
    /// What the weights up to and with each rank add up to.
    sums: Vec<f64>,
}

impl Zipf {
    pub(crate) fn new(ranks: usize, slope: Slope) -> Self {
        let mut sum = 0.0;
        let weight = |rank: usize| match slope {
            Slope::Steep => 1.0 / rank as f64,
            Slope::Gentle => 1.0 / (rank as f64).sqrt(),
        };
        let sums = (1..=ranks)
            .map(|rank| {
                sum += weight(rank);
                sum
            })
            .collect();
        Self { sums }
    }

    pub(crate) fn draw(&self, chance: &mut Chance) -> usize {
        let point = chance.share() * self.sums.last().copied().unwrap_or(0.0);
        let rank = self.sums.partition_point(|sum| *sum <= point);
        rank.min(self.sums.len() - 1)
    }
}
