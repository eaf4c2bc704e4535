//! Coverage: what was read of each source, so that no total stands without its doubt.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Time, Untrusted};

/// One record kept as it was, to show why it was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub line: u64,
    pub why: String,
    pub text: Untrusted<'static>,
}

/// Counts of one source. As part of a batch it holds what was added; in the store, the sum.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coverage {
    pub source: String,
    /// The format's name, or empty while none was recognised.
    pub format: String,
    /// Records read: always `events + skipped + bad`.
    pub read: u64,
    pub events: u64,
    pub skipped: u64,
    pub bad: u64,
    /// Bytes read, decompressed.
    pub bytes: u64,
    /// Time of the earliest and the latest event.
    pub first: Option<Time>,
    pub last: Option<Time>,
    /// Reasons for skipped and bad records, with their counts.
    pub reasons: BTreeMap<String, u64>,
    /// At most a few.
    pub bad_samples: Vec<Sample>,
    /// What went wrong with the source itself: unreadable, truncated, mixed. Sentences, sorted, without repetition.
    pub notes: Vec<String>,
    /// Field names that this source cannot tell.
    pub cannot_tell: Vec<String>,
    /// Whether any of its events is a look-up in DNS.
    #[serde(default)]
    pub shows_lookups: bool,
    /// Whether any of its events is more than that: a request, a handshake, a connection.
    #[serde(default)]
    pub shows_connections: bool,
}

impl Coverage {
    /// How many bad records are kept per source.
    pub const SAMPLES: usize = 3;

    /// Adds what was counted beside it, in other parts of the same stretch: of the samples the first lines are kept.
    pub fn merge_beside(&mut self, mut other: Self) {
        let mut samples = std::mem::take(&mut self.bad_samples);
        samples.append(&mut other.bad_samples);
        samples.sort_by_key(|sample| sample.line);
        samples.truncate(Self::SAMPLES);
        self.merge(&other);
        self.bad_samples = samples;
    }

    /// Adds what a later reading of the same source counted.
    pub fn merge(&mut self, other: &Self) {
        // What one stretch told, the source can tell: the answer must not hang on where stretches were cut.
        if self.format.is_empty() {
            self.cannot_tell.clone_from(&other.cannot_tell);
        } else if !other.format.is_empty() {
            self.cannot_tell
                .retain(|field| other.cannot_tell.contains(field));
        }
        if !other.format.is_empty() {
            self.format.clone_from(&other.format);
        }
        self.shows_lookups |= other.shows_lookups;
        self.shows_connections |= other.shows_connections;
        self.read += other.read;
        self.events += other.events;
        self.skipped += other.skipped;
        self.bad += other.bad;
        self.bytes += other.bytes;
        self.first = earliest(self.first, other.first);
        self.last = self.last.max(other.last);
        for (reason, count) in &other.reasons {
            *self.reasons.entry(reason.clone()).or_default() += count;
        }
        let room = Self::SAMPLES.saturating_sub(self.bad_samples.len());
        self.bad_samples
            .extend(other.bad_samples.iter().take(room).cloned());
        self.notes.extend(other.notes.iter().cloned());
        self.notes.sort();
        self.notes.dedup();
    }
}

fn earliest(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(cannot_tell: &[&str]) -> Coverage {
        Coverage {
            format: "bind".to_owned(),
            cannot_tell: cannot_tell.iter().map(ToString::to_string).collect(),
            ..Coverage::default()
        }
    }

    #[test]
    fn a_field_that_one_stretch_told_stays_told() {
        let mut merged = Coverage::default();
        merged.merge(&stretch(&["user", "outcome"]));
        merged.merge(&stretch(&["user"]));
        merged.merge(&stretch(&["user", "outcome"]));
        merged.merge(&Coverage::default());
        assert_eq!(merged.cannot_tell, ["user"]);
    }
}
