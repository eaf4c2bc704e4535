//! What was pushed where so that a decision takes effect. A decision is not its enforcement: one says what should be,
//! the other what was done about it, and only traffic shows whether it worked.

use serde::{Deserialize, Serialize};

use super::Time;
use super::words::words;

words! {
    /// What a rule in a proxy, resolver or endpoint does.
    EnforcementAction ("enforcement action") {
        Block = "block",
        /// A page warns and lets pass.
        Coach = "coach",
        Allow = "allow",
        /// An earlier rule was taken away.
        Lifted = "lifted",
    }
}

/// One rule at one place. Appended to the history, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enforcement {
    /// Given by the store, rising.
    pub id: i64,
    pub service: String,
    pub action: EnforcementAction,
    /// Which proxy, resolver or endpoint management.
    pub place: String,
    /// What the rule is called there.
    pub rule: String,
    /// Change ticket; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ticket: String,
    pub by: String,
    /// Since when it is in force.
    pub at: Time,
}
