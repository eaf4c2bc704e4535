//! What the enterprise says of an application.

use std::fmt;
use std::str::FromStr;

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
    /// A group of users: a segment that is made of names.
    Group(String),
}

impl Scope {
    /// The segment whose people it covers; `None` for everyone.
    #[must_use]
    pub fn segment(&self) -> Option<&str> {
        match self {
            Self::Organisation => None,
            Self::Segment(name) | Self::Group(name) => Some(name),
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "organisation" => Ok(Self::Organisation),
            Some(("segment", name)) => Ok(Self::Segment(name.trim().to_owned())),
            Some(("group", name)) => Ok(Self::Group(name.trim().to_owned())),
            _ => Err(format!(
                "{text:?} is no scope: write organisation, segment:NAME, or group:NAME for a segment that lists users"
            )),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organisation => f.write_str("organisation"),
            Self::Segment(name) => write!(f, "segment:{name}"),
            Self::Group(name) => write!(f, "group:{name}"),
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
    /// Who decided, or wrote down what somebody else approved.
    pub by: String,
    /// Who approved it, if not whoever wrote it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// Who asked for it; never the one who approves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    pub at: Time,
    /// When it ends; afterwards the application is unreviewed again.
    pub until: Option<Time>,
}
