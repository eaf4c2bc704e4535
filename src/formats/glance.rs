//! What glances of several formats have in common: words and prefixes that come again, hosts that need no second look.

use crate::model::Time;

/// The last word that was found usual: results, types and the like come again and again.
#[derive(Debug, Default)]
pub(super) struct Again(Vec<u8>);

impl Again {
    pub(super) fn is_usual(&mut self, word: &[u8], check: fn(&[u8]) -> bool) -> bool {
        if !word.is_empty() && self.0 == word {
            return true;
        }
        let is_usual = check(word);
        if is_usual {
            self.0.clear();
            self.0.extend_from_slice(word);
        }
        is_usual
    }
}

/// What the last record had in front, and the time that it told: both stay for a second.
#[derive(Debug, Default)]
pub(super) struct Prefix {
    text: Vec<u8>,
    time: Option<Time>,
}

impl Prefix {
    /// The time and what follows, if this record begins as the last one did. Nothing else must decide what they are.
    pub(super) fn strip<'a>(&self, record: &'a [u8]) -> Option<(Time, &'a [u8])> {
        Some((self.time?, record.strip_prefix(self.text.as_slice())?))
    }

    /// Remembers what stands in front of `rest`.
    pub(super) fn remember(&mut self, record: &[u8], rest: &[u8], time: Time) {
        let text = record.strip_suffix(rest).unwrap_or_default();
        self.text.clear();
        self.text.extend_from_slice(text);
        self.time = Some(time);
    }

    /// Forgets it, because it would mean another time now.
    pub(super) fn forget(&mut self) {
        self.time = None;
    }
}

/// Letters, digits, dots, dashes and underscores, no dot at the end.
pub(super) fn is_plain(host: &[u8]) -> bool {
    let is_plain = |b: &u8| {
        // Not `||`: without branches, many bytes are looked at at once.
        b.is_ascii_alphanumeric() | (*b == b'.') | (*b == b'-') | (*b == b'_')
    };
    host.last().is_some_and(|last| *last != b'.')
        && host.iter().fold(true, |plain, b| plain & is_plain(b))
}

/// Digits, and not so many that they are no number.
pub(super) fn is_digits(word: &[u8]) -> bool {
    (1..=18).contains(&word.len()) && word.iter().all(u8::is_ascii_digit)
}
