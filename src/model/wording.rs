//! Words of ours that stand in many places: a copy costs no memory.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A text that is written once and shared from then on: what a duty says, for thousands of applications.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wording(Arc<str>);

impl Wording {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Wording {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Wording {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Wording {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Wording> for String {
    fn from(text: Wording) -> Self {
        text.as_str().to_owned()
    }
}

impl PartialEq<str> for Wording {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Wording {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Wording {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<Wording> for String {
    fn eq(&self, other: &Wording) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<Wording> for &str {
    fn eq(&self, other: &Wording) -> bool {
        *self == other.as_str()
    }
}

impl fmt::Display for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
