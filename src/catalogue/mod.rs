//! The signatures, compiled: services, their rules and the index that finds them.
//!
//! Text in, answers out: [`Catalogue::embedded`] reads the files that the build found beside the code,
//! [`Catalogue::with_overlay`] lays the operator's own over them. Nothing here opens a file or reads a
//! clock, and nothing here judges: what a finding means is for the floors above.

mod artefact;
mod compiled;
mod diff;
mod embedded;
mod explain;
mod facts;
mod found;
mod host_pattern;
mod index;
mod left_out;
mod lint;
mod overlay;
mod parse;
mod parse_rule;
mod path_pattern;
mod pieces;
mod placed;
mod proof;
mod question;
mod rules;
mod schema;
mod search;
mod service;
mod sources;
mod stats;
mod takeover;
mod unlisted;

pub use compiled::Catalogue;
pub use diff::{Changed, Diff, Entry};
pub use explain::{Considered, Explanation, RuleRef, RuleVerdict};
pub use facts::{Confidence, Fact, FactField, FactValue, NoFactValue};
pub use found::{AgentMatch, HostMatch, UrlMatch};
pub use host_pattern::{BadPattern, HostPattern};
pub use left_out::{LeftOut, LeftOutReason, left_out};
pub use lint::{Finding, LintSettings, Weight};
pub use path_pattern::{BadPath, PathPattern};
pub use proof::{Example, Proof};
pub use question::Question;
pub use rules::{AgentRule, DomainRule, Matcher, UrlRule};
pub use search::Hit;
pub use service::{Alias, NoDate, PartialDate, Service, Vendor};
pub use stats::Stats;
pub use takeover::Takeover;

/// A kind of product; the list is closed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub id: String,
    pub title: String,
    pub description: String,
}

/// A signature file that cannot be used, and where.
pub type CatalogueError = crate::model::PlacedError;
