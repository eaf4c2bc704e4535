//! Which look-ups are open, for logs that write a question and its answer as two records.
//!
//! The question is the event. Its answer, recognised by client, name, type and whatever else both records carry (port,
//! id), is then skipped; an answer whose question is not in the log (only answers are logged, or the log begins
//! between the two) is the event instead. So every look-up counts once, in a log of questions, of answers, and of both.
//! One table of a fixed size counts the answers that are owed: a question is forgotten when another falls into
//! its slot, which takes thousands of others in the meantime.

/// A power of two, far above the look-ups that one resolver has open at a time.
const SLOTS: usize = 1 << 13;

/// The look-ups of one stream.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// Each where the low bits of its digest say; empty until the first.
    slots: Vec<Slot>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    digest: u64,
    /// Questions so far without an answer.
    owed: u32,
}

impl Lookups {
    /// Remembers a question that was counted.
    pub(super) fn asked(&mut self, parts: &[&[u8]]) {
        self.note(Self::digest(parts));
    }

    /// Remembers a question by its digest.
    pub(super) fn note(&mut self, digest: u64) {
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, Slot::default());
        }
        if let Some(slot) = self.slots.get_mut(place(digest)) {
            if slot.digest != digest {
                *slot = Slot { digest, owed: 0 };
            }
            slot.owed = slot.owed.saturating_add(1);
        }
    }

    /// Whether such a question was counted and has no answer yet.
    pub(super) fn is_open(&self, parts: &[&[u8]]) -> bool {
        let digest = Self::digest(parts);
        let slot = self.slots.get(place(digest));
        slot.is_some_and(|slot| slot.digest == digest && slot.owed > 0)
    }

    /// Whether this answers a question that was counted; it is then no longer open.
    pub(super) fn is_answer(&mut self, parts: &[&[u8]]) -> bool {
        let digest = Self::digest(parts);
        match self.slots.get_mut(place(digest)) {
            Some(slot) if slot.digest == digest && slot.owed > 0 => {
                slot.owed -= 1;
                true
            }
            _ => false,
        }
    }

    /// Of lower case, because some servers log a question as asked and its answer as they know the name. Eight bytes at a time;
    /// the bit that makes letters small makes one of some signs too that no name holds.
    pub(super) fn digest(parts: &[&[u8]]) -> u64 {
        const SMALL: u64 = u64::from_ne_bytes([0x20; 8]);
        let mut digest = 0;
        for part in parts {
            let (pieces, rest) = part.as_chunks();
            for piece in pieces {
                digest = mix(digest, u64::from_le_bytes(*piece) | SMALL);
            }
            let last = rest
                .iter()
                .fold(0, |last, byte| last << 8 | u64::from(byte | 0x20));
            digest = mix(digest, last);
            digest = mix(digest, part.len() as u64);
        }
        digest
    }
}

/// Both halves of a product depend on all bits of what is mixed in.
fn mix(digest: u64, piece: u64) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let product = u128::from(digest ^ piece) * u128::from(SPREAD);
    digest.rotate_left(5) ^ (product as u64) ^ (product >> 64) as u64
}

fn place(digest: u64) -> usize {
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
        assert!(!lookups.is_answer(&one));
        lookups.asked(&one);
        lookups.asked(&one);
        assert!(!lookups.is_answer(&other));
        assert!(lookups.is_answer(&same) && lookups.is_open(&one) && lookups.is_answer(&same));
        assert!(!lookups.is_open(&one) && !lookups.is_answer(&same));
    }

    #[test]
    fn thousands_of_questions_may_be_open() {
        let mut lookups = Lookups::default();
        for port in 0..1_000_u32 {
            lookups.asked(&[&port.to_be_bytes()]);
        }
        let known = (0..1_000_u32).filter(|port| lookups.is_open(&[&port.to_be_bytes()]));
        assert!(known.count() > 900);
    }
}
