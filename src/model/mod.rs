//! The nouns that every other room speaks of.
//!
//! Nothing here does I/O, reads a clock or knows another room. What is parsed once at an edge (a host
//! name, a time, a closed word) has a type here, so that the rooms above cannot hold a wrong one.

mod alert;
mod batch;
mod candidate;
mod coverage;
mod decision;
mod duty;
mod earlier;
mod enforcement;
mod event;
mod fields;
mod health;
mod host;
mod mark;
mod observation;
mod place;
mod register;
mod sighting;
mod sketch;
mod symbol;
mod text;
mod time;
mod transition;
mod unmasking;
mod watched;
mod wording;
mod words;

pub use alert::{Alert, Outgoing, Severity};
pub use batch::{Batch, Changes, Consequences, Position, Told};
pub use candidate::{Candidate, DigestRow, HostRow, Verdict};
pub use coverage::{Coverage, Sample};
pub use decision::{Decision, Scope, State};
pub use duty::{DutyRecord, DutyStep};
pub use earlier::Earlier;
pub use enforcement::{Enforcement, EnforcementAction};
pub use event::{Asked, Event, Glance, Parsed};
pub use fields::{Field, Fields};
pub use health::{Health, Trouble};
pub use host::{Host, HostBuf, is_plain_name};
pub use mark::{CLIENT, Mark, MarkKind, UNLISTED, UNLISTED_MCP, unlisted_host};
pub use observation::{Finding, Observation, Rule, Standing};
pub use place::{PlacedError, Places, nearest};
pub use register::{DayUse, Profile};
pub use sighting::{Sighting, SightingKey, Tally};
pub use sketch::Sketch;
pub use symbol::{Symbol, Symbols};
pub use text::Untrusted;
pub use time::{Day, Hour, Time};
pub use transition::{Case, Transition, TransitionKind, stable_id};
pub use unmasking::Unmasking;
pub use watched::{CLOCK_SKEW_SECS, Watched};
pub use wording::Wording;
pub use words::{
    Activity, Archetype, Channel, Evidence, Grade, Kind, Outcome, Role, ServiceModel, Tier,
    UnknownWord,
};
pub(crate) use words::{words, written_as_text};
