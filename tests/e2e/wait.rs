//! The one way to wait here: for a condition, with a deadline, and with words for the day it does not come.

use std::time::{Duration, Instant};

const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What daemons on a busy machine may take; no test rests on how long it is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until there is an answer. Panics with `what` when there is none in time.
pub(crate) fn until<T>(within: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < within, "not within {within:?}: {what}");
        think(LOOK_AGAIN);
    }
}

/// A pause of a client, or up to a random moment. Never a way to wait for something.
pub(crate) fn think(pause: Duration) {
    std::thread::sleep(pause);
}
