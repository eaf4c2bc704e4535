//! What the enterprise says of an application.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Time;
use super::words::words;

words! {
    /// The state of an application. Only people change it; traffic never does.
    State ("state") {
        /// Seen; nobody has looked.
        New = "new",
        /// Someone is looking.
        InReview = "in_review",
        /// Allowed, until the end date.
        Sanctioned = "sanctioned",
        /// Allowed until something better is found; always with an end date.
        Tolerated = "tolerated",
        /// Allowed for some people or some actions.
        Restricted = "restricted",
        /// Not allowed.
        Blocked = "blocked",
        /// A false positive.
        NotGenai = "not_genai",
        /// No longer in use and closed.
        Retired = "retired",
    }
}

impl State {
    /// Whether use under this state is what the enterprise agreed to.
    #[must_use]
    pub const fn is_agreed(self) -> bool {
        matches!(self, Self::Sanctioned | Self::Tolerated | Self::NotGenai)
    }
}

/// Whom a decision covers. The narrower one wins; inside a level, the newest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everyone.
    Organisation,
    /// One segment.
    Segment(String),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organisation => f.write_str("organisation"),
            Self::Segment(name) => write!(f, "segment:{name}"),
        }
    }
}

/// One decision. Appended to the history, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Given by the store, rising.
    pub id: i64,
    pub service: String,
    pub state: State,
    pub scope: Scope,
    /// Who answers for the application.
    pub owner: String,
    pub reason: String,
    /// Who decided.
    pub by: String,
    pub at: Time,
    /// When it ends; afterwards the application is unreviewed again.
    pub until: Option<Time>,
}
