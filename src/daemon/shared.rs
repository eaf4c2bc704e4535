//! Policy, alert rules and time zone in force, exchangeable while the service runs.

use std::sync::{Arc, Mutex, PoisonError};

use super::{News, Policy};

/// What is in force.
pub struct InForce {
    pub policy: Policy,
    pub news: News,
    /// Zone of schedules and office hours.
    pub zone: jiff::tz::TimeZone,
}

/// The holder of what is in force.
pub struct Shared(Mutex<Arc<InForce>>);

impl Shared {
    /// Puts the first in force.
    #[must_use]
    pub fn new(in_force: InForce) -> Self {
        Self(Mutex::new(Arc::new(in_force)))
    }

    /// What is in force now; stays whole for whoever holds it.
    #[must_use]
    pub fn current(&self) -> Arc<InForce> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts something else in force.
    pub fn replace(&self, in_force: InForce) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(in_force);
    }
}
