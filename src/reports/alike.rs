//! What is the same for many applications is kept once.

use std::sync::Arc;

use hashbrown::HashSet;

use super::Duty;

/// The duties of a report that differ from one another: of four thousand applications a few thousand, not 180,000.
#[derive(Debug, Default)]
pub(super) struct Alike(HashSet<Arc<Duty>>);

impl Alike {
    /// The one that says the same as this one, which is this one where none did before.
    pub(super) fn one(&mut self, duty: Duty) -> Arc<Duty> {
        match self.0.get(&duty) {
            Some(same) => Arc::clone(same),
            None => {
                let duty = Arc::new(duty);
                self.0.insert(Arc::clone(&duty));
                duty
            }
        }
    }
}
