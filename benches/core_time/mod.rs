//! Time on a core, which waiting does not add to.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How long this thread has been on a core, or all threads of this process.
pub(crate) fn of(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
