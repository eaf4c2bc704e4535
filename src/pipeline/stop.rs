//! A bell that wakes every thread that waits, once, for good.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Set once; waiting threads wake at once.
#[derive(Debug, Default)]
pub struct Stop {
    set: Mutex<bool>,
    bell: Condvar,
}

impl Stop {
    /// Asks everyone to finish what they hold and end.
    pub fn set(&self) {
        *self.set.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_all();
    }

    /// Whether it was set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits this long or until it is set; says whether it is.
    pub fn wait(&self, limit: Duration) -> bool {
        let set = self.set.lock().unwrap_or_else(PoisonError::into_inner);
        let (set, _) = self
            .bell
            .wait_timeout_while(set, limit, |set| !*set)
            .unwrap_or_else(PoisonError::into_inner);
        *set
    }
}
