//! That somebody was told which name is behind a pseudonym.

use serde::{Deserialize, Serialize};

use super::Time;

/// One question about a pseudonym, written down before it is answered. The name itself is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmasking {
    pub pseudonym: String,
    /// Whether a name was found.
    pub found: bool,
    pub reason: String,
    pub by: String,
    pub at: Time,
}
