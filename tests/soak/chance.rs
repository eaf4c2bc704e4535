//! Chance that can be repeated.

/// SplitMix64.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// Of the seed that `GNOMON_SEED` gives, else of this one; printed, so that a failure can be repeated.
    pub(crate) fn seeded(otherwise: u64) -> Self {
        let given = std::env::var("GNOMON_SEED").ok();
        let seed = given.map_or(otherwise, |text| text.parse().unwrap());
        println!("GNOMON_SEED={seed}");
        Self(seed)
    }

    /// Of this seed, which the test names when it fails.
    pub(crate) fn seeded_quietly(seed: u64) -> Self {
        Self(seed).fork(7)
    }

    /// An independent one for a part of a test.
    pub(crate) fn fork(&self, part: u64) -> Self {
        Self(self.0 ^ part.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// A number below the limit, which is at least 1.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}
