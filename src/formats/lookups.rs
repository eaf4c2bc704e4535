//! Which look-ups have been counted, for logs that write a question and its answer as two records.
//!
//! The question is the event. Its answer, recognised by client, port, name and whatever else both records carry, is
//! then skipped; an answer whose question is not in the log (only answers are logged, or the log begins between
//! the two) is the event instead. So every look-up counts once, in a log of questions, of answers, and of both.
//! Memory is one table of a fixed size: a question is forgotten when another falls into its slot, which
//! takes thousands of others while its answer is still owed.

use std::hash::{BuildHasher, Hasher};

/// A power of two, far above the look-ups that one resolver has open at a time.
const SLOTS: usize = 1 << 13;

/// The look-ups of one stream.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// Digests of questions, each where its low bits say; empty until the first.
    counted: Vec<u64>,
    hashing: foldhash::fast::FixedState,
}

impl Lookups {
    /// Remembers a question that was counted.
    pub(super) fn asked(&mut self, parts: &[&[u8]]) {
        let digest = self.digest(parts);
        if self.counted.is_empty() {
            self.counted.resize(SLOTS, 0);
        }
        if let Some(slot) = self.counted.get_mut(slot(digest)) {
            *slot = digest;
        }
    }

    /// Whether the question of this answer was counted. It stays remembered: a server answers twice when asked twice.
    pub(super) fn has_counted(&self, parts: &[&[u8]]) -> bool {
        if self.counted.is_empty() {
            return false;
        }
        let digest = self.digest(parts);
        self.counted.get(slot(digest)) == Some(&digest)
    }

    /// Of lower case, because some servers log a question as asked and its answer as they know the name.
    fn digest(&self, parts: &[&[u8]]) -> u64 {
        let mut hasher = self.hashing.build_hasher();
        for part in parts {
            for byte in *part {
                hasher.write_u8(byte.to_ascii_lowercase());
            }
            hasher.write_u8(b'\n');
        }
        // 0 is an empty slot.
        hasher.finish() | 1 << 63
    }
}

fn slot(digest: u64) -> usize {
    usize::try_from(digest).unwrap_or_default() & (SLOTS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_only_without_its_question() {
        let mut lookups = Lookups::default();
        let one: [&[u8]; 2] = [b"192.0.2.7:53", b"ChatGPT.com"];
        let same: [&[u8]; 2] = [b"192.0.2.7:53", b"chatgpt.COM"];
        let other: [&[u8]; 2] = [b"192.0.2.7:5", b"3ChatGPT.com"];
        assert!(!lookups.has_counted(&one));
        lookups.asked(&one);
        assert!(lookups.has_counted(&same));
        assert!(!lookups.has_counted(&other));
    }

    #[test]
    fn thousands_of_questions_may_be_open() {
        let mut lookups = Lookups::default();
        for port in 0..1_000_u32 {
            lookups.asked(&[&port.to_be_bytes()]);
        }
        let known = (0..1_000_u32).filter(|port| lookups.has_counted(&[&port.to_be_bytes()]));
        assert!(known.count() > 900);
    }
}
