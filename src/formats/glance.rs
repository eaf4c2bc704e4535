//! What glances of several formats have in common: words and prefixes that come again, hosts that need no second look.

use crate::model::Time;

pub(super) use crate::model::is_plain_name as is_plain;

/// Words that were found usual: results, types and addresses come again and again. One that is longer than a place is
/// checked every time.
#[derive(Debug)]
pub(super) struct Usual {
    /// As many as a power of two.
    places: Box<[Place]>,
}

/// A word of up to 31 bytes; the last byte is its length.
type Place = [u128; 2];

const LONGEST: usize = size_of::<Place>() - 1;

impl Usual {
    /// Room for two to the power of `bits` words.
    pub(super) fn new(bits: u32) -> Self {
        Self {
            places: vec![[0; 2]; 1 << bits].into(),
        }
    }

    /// Whether the first `length` bytes of `text` pass the check, now or when they were met before. What follows them lets
    /// them be compared in one go.
    pub(super) fn holds(
        &mut self,
        (text, length): (&[u8], usize),
        check: impl Fn(&[u8]) -> bool,
    ) -> bool {
        let word = || text.get(..length).is_some_and(&check);
        let Some(key) = place_of(text, length) else {
            return word();
        };
        let at = hash(key) & (self.places.len() - 1);
        let Some(place) = self.places.get_mut(at) else {
            return word();
        };
        if *place == key {
            return true;
        }
        let is_usual = word();
        if is_usual {
            *place = key;
        }
        is_usual
    }
}

/// The first `length` bytes as numbers; `None` when they are none or too many.
fn place_of(text: &[u8], length: usize) -> Option<Place> {
    if !(1..=LONGEST).contains(&length) {
        return None;
    }
    let mut short = [0; LONGEST + 1];
    let bytes = match text.first_chunk::<{ LONGEST + 1 }>() {
        Some(bytes) => bytes,
        None => {
            short.get_mut(..text.len())?.copy_from_slice(text);
            &short
        }
    };
    let (low, high) = bytes.split_at(16);
    let number = |bytes: &[u8]| bytes.try_into().map(u128::from_le_bytes).ok();
    let keep = |bytes: usize| u128::MAX.checked_shr(128 - 8 * u32::try_from(bytes).ok()?);
    let low = number(low)? & keep(length.min(16))?;
    let high = number(high)? & keep(length.saturating_sub(16)).unwrap_or_default();
    Some([low, high | (length as u128) << 120])
}

/// Where the numbers of a word lead.
fn hash([low, high]: Place) -> usize {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let halves = |number: u128| [number as u64, (number >> 64) as u64];
    let mixed = halves(low)
        .into_iter()
        .chain(halves(high))
        .fold(0, |sum: u64, half| {
            (sum.rotate_left(23) ^ half).wrapping_mul(SPREAD)
        });
    (mixed >> 40) as usize
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
