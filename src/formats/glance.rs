//! What glances of several formats have in common: words and prefixes that come again, hosts that need no second look.

use crate::model::Time;

use super::cuts::same_bytes;

pub(super) use crate::model::is_plain_name as is_plain;

/// Words that were found usual: results, types and addresses come again and again. One that is longer than a place is
/// checked every time.
#[derive(Debug)]
pub(super) struct Usual {
    /// As many as a power of two.
    places: Box<[Place]>,
}

/// A word with whatever followed it where it was met.
#[derive(Debug, Clone, Copy)]
struct Place {
    bytes: [u8; LONGEST],
    length: usize,
}

const LONGEST: usize = 32;

impl Usual {
    /// Room for two to the power of `bits` words.
    pub(super) fn new(bits: u32) -> Self {
        let empty = Place {
            bytes: [0; LONGEST],
            length: 0,
        };
        Self {
            places: vec![empty; 1 << bits].into(),
        }
    }

    /// Whether the first `length` bytes of `text` pass the check, now or when they were met before. What follows them lets
    /// them be compared in one go.
    pub(super) fn holds(
        &mut self,
        (text, length): (&[u8], usize),
        check: impl Fn(&[u8]) -> bool,
    ) -> bool {
        let word = text.get(..length).unwrap_or_default();
        if !(1..=LONGEST).contains(&word.len()) {
            return check(word);
        }
        let mut short = [0; LONGEST];
        let bytes = match text.first_chunk::<LONGEST>() {
            Some(bytes) => bytes,
            None => {
                for (place, byte) in short.iter_mut().zip(text) {
                    *place = *byte;
                }
                &short
            }
        };
        let at = hash(bytes, word) & (self.places.len() - 1);
        let Some(place) = self.places.get_mut(at) else {
            return check(word);
        };
        if place.length == length && same_bytes(&place.bytes, bytes) >= length {
            return true;
        }
        let is_usual = check(word);
        if is_usual {
            *place = Place {
                bytes: *bytes,
                length,
            };
        }
        is_usual
    }
}

/// Where a word leads: by its first eight bytes, its last ones and its length.
fn hash(bytes: &[u8; LONGEST], word: &[u8]) -> usize {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let first = bytes
        .first_chunk()
        .map_or(0, |first| u64::from_le_bytes(*first));
    let (first, last) = match word.last_chunk() {
        Some(last) => (first, u64::from_le_bytes(*last)),
        None => (first & ((1 << (8 * word.len())) - 1), word.len() as u64),
    };
    ((first.wrapping_mul(SPREAD) ^ last).wrapping_mul(SPREAD) >> 40) as usize
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
        let text = record.strip_suffix(rest);
        self.text.clear();
        self.text.extend_from_slice(text.unwrap_or_default());
        self.time = text.map(|_| time);
    }

    /// Forgets it, because it would mean another time now.
    pub(super) fn forget(&mut self) {
        self.time = None;
    }
}

/// Digits, and not so many that they are no number.
pub(super) fn is_digits(word: &[u8]) -> bool {
    (1..=18).contains(&word.len()) && word.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_checked_once_and_none_is_taken_for_another() {
        let long = [b'a'; 40];
        let texts: [&[u8]; 9] = [
            b"a",
            b"a\0",
            b"a\0\0",
            b"b",
            b"",
            b"aaaaaaaaaaaaaaaa",
            b"aaaaaaaaaaaaaaaaa",
            &long[..31],
            &long,
        ];
        for bits in [0, 4] {
            let mut usual = Usual::new(bits);
            for _ in 0..3 {
                for text in texts {
                    let mut asked = false;
                    let asked = std::cell::Cell::from_mut(&mut asked);
                    let is_first = |word: &[u8]| {
                        asked.set(true);
                        word == texts[0]
                    };
                    assert_eq!(usual.holds((text, text.len()), is_first), text == b"a");
                    assert!(asked.get() || text == b"a");
                }
            }
            let follows = b"a and more than any place has room for, whatever it is";
            assert!(usual.holds((follows, 1), |_| false));
            assert!(!usual.holds((follows, 2), |_| false));
        }
    }
}
