//! Where connections are watched, so that their absence says something.
//!
//! A look-up in DNS that no connection follows is a prefetch, but only where a log was read that would have shown the
//! connection. This says where that is: over which time, and in which segments.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Coverage, Profile, Time};

/// Seconds by which the clocks of two sources may differ without anything being concluded from it.
pub const CLOCK_SKEW_SECS: i64 = 120;

/// Days after which a source that has said nothing counts as silent.
const SILENT_AFTER_DAYS: i64 = 1;

/// Where sources were read that show more than look-ups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watched {
    /// The first and the last event of such sources; `None` when there is none.
    pub span: Option<(Time, Time)>,
    /// Segments that a connection to any service was seen from; an empty name stands for clients of no segment.
    pub segments: BTreeSet<Arc<str>>,
}

impl Watched {
    /// What coverage and profiles say of it.
    #[must_use]
    pub fn of(coverage: &[Coverage], profiles: &[Profile]) -> Self {
        let showing = || coverage.iter().filter(|source| source.shows_connections);
        let first = showing().filter_map(|source| source.first).min();
        let last = showing().filter_map(|source| source.last).max();
        let connected = profiles.iter().filter(|row| row.last_contact.is_some());
        Self {
            span: first.zip(last),
            segments: connected.map(|row| Arc::clone(&row.segment)).collect(),
        }
    }

    /// Whether connections from this segment are seen at all. What is said of one segment is not said of another: where
    /// connections are seen from named segments only, the others may have a way out of their own.
    #[must_use]
    pub fn sees(&self, segment: &str) -> bool {
        self.span.is_some()
            && (self.segments.contains(segment) || self.segments.iter().all(|seen| seen.is_empty()))
    }

    /// Whether a connection after a look-up at this time would have been seen, now or in the next moments: sources
    /// that are followed may lag, but not for a day.
    #[must_use]
    pub fn would_show(&self, segment: &str, at: Time) -> bool {
        let Some((first, last)) = self.span else {
            return false;
        };
        self.sees(segment)
            && first <= at.plus_secs(CLOCK_SKEW_SECS)
            && at <= last.plus_days(SILENT_AFTER_DAYS)
    }

    /// Whether logs that have been read to their end cover this time.
    #[must_use]
    pub fn covers(&self, at: Time) -> bool {
        self.span.is_some_and(|(first, last)| {
            first.plus_secs(-CLOCK_SKEW_SECS) <= at && at <= last.plus_secs(CLOCK_SKEW_SECS)
        })
    }
}
