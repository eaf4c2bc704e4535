//! Notices when somebody sets the wall clock.
//!
//! Compares it with one that only goes forward. A clock that was just set says nothing about how long something has
//! waited, and nothing about how old a record is; after a while of agreeing it does again.

use std::time::Duration;

use crate::model::Time;

/// Being corrected bit by bit, clocks drift by less between two looks.
const DRIFT_SECS: u64 = 60;

/// What is known of the wall clock.
#[derive(Debug, Default)]
pub(super) struct Setting {
    /// How far the wall clock was from the steady one at the last look.
    ahead_secs: Option<i64>,
    /// When it was found to be set, on the steady one.
    set_at: Option<Duration>,
}

impl Setting {
    /// Looks at both clocks; to be asked often. `steady` is the time since some fixed moment.
    pub(super) fn look(&mut self, now: Time, steady: Duration) {
        let ahead_secs = now.secs() - i64::try_from(steady.as_secs()).unwrap_or(i64::MAX);
        let before = self.ahead_secs.replace(ahead_secs);
        if before.is_some_and(|before| before.abs_diff(ahead_secs) > DRIFT_SECS) {
            self.set_at = Some(steady);
        }
    }

    /// Whether nobody has set it for so long, as far as was looked.
    pub(super) fn is_trusted(&self, secs: i64, steady: Duration) -> bool {
        let secs = Duration::from_secs(u64::try_from(secs).unwrap_or(0));
        self.set_at
            .is_none_or(|at| steady.saturating_sub(at) >= secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_is_trusted_again_after_a_while() {
        let mut setting = Setting::default();
        let mut look = |wall: i64, steady: u64| {
            let steady = Duration::from_secs(steady);
            setting.look(Time::from_secs(wall), steady);
            setting.is_trusted(900, steady)
        };
        assert!(look(5_000_000, 10));
        assert!(look(5_000_030, 20), "it drifts");
        assert!(!look(5_086_430, 30), "a day forward");
        assert!(!look(5_087_300, 900));
        assert!(look(5_087_330, 930));
        assert!(!look(5_000_930, 940), "and back");
    }
}
