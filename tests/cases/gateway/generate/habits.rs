//! When people work, and when machines do.

use super::chance::Chance;
use super::company::{DAYS, clock};

/// Moments of a week on which somebody does something.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// So many times on each working day, between eight and six.
    Office(u64, u64),
    /// So many times each night between two and four, on all days.
    Nightly(u64),
    /// Around the clock, on all days.
    Always(u64),
    /// Once, on this day and hour.
    Once(u64, u64),
}

impl When {
    /// The moments, sorted.
    pub(super) fn moments(self, chance: &mut Chance) -> Vec<u64> {
        let mut moments = Vec::new();
        let mut some = |times: u64, day: u64, from: u64, until: u64, chance: &mut Chance| {
            for _ in 0..times {
                let span = clock(day, from, 0)..=clock(day, until, 0) - 1;
                moments.push(chance.within(&span));
            }
        };
        match self {
            Self::Office(least, most) => {
                for day in 0..DAYS - 2 {
                    let times = chance.within(&(least..=most));
                    some(times, day, 8, 18, chance);
                }
            }
            Self::Nightly(times) => (0..DAYS).for_each(|day| some(times, day, 2, 4, chance)),
            Self::Always(times) => (0..DAYS).for_each(|day| some(times, day, 0, 24, chance)),
            Self::Once(day, hour) => some(1, day, hour, hour + 1, chance),
        }
        moments.sort_unstable();
        moments
    }
}
