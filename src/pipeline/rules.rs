//! What the workers match by, exchangeable while they run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::catalogue::Catalogue;
use crate::detect;
use crate::formats::Formats;
use crate::identity::Identity;

/// Catalogue, identity, formats and settings that belong together.
#[derive(Clone)]
pub struct Rules {
    pub catalogue: Arc<Catalogue>,
    pub identity: Arc<Identity>,
    pub detect: detect::Settings,
    pub formats: Arc<Formats>,
    /// Zone of times written without one, unless the source names another.
    pub zone: jiff::tz::TimeZone,
}

/// The rules in force; a reload puts new ones in their place between two chunks.
pub struct SharedRules {
    rules: Mutex<Rules>,
    version: AtomicU64,
}

impl SharedRules {
    /// Puts the first rules in force.
    #[must_use]
    pub const fn new(rules: Rules) -> Self {
        Self {
            rules: Mutex::new(rules),
            version: AtomicU64::new(0),
        }
    }

    /// Puts other rules in force.
    pub fn replace(&self, rules: Rules) {
        *self.rules.lock().unwrap_or_else(PoisonError::into_inner) = rules;
        self.version.fetch_add(1, Ordering::Release);
    }

    /// The rules in force.
    #[must_use]
    pub fn current(&self) -> Rules {
        self.rules
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }
}
