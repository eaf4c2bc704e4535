//! Why a record is no event, small enough to travel through `?`.
//!
//! [`Parsed`] holds an event and is large; where reading takes several steps, each gives what it read or this.

use crate::model::Parsed;

/// See [`Parsed`], whose variants these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Skip(&'static str),
    Bad(&'static str),
}

impl From<Refusal> for Parsed<'_> {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Skip(why) => Self::Skip(why),
            Refusal::Bad(why) => Self::Bad(why),
        }
    }
}
