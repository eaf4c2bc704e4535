//! A record cut at one byte, sixteen places looked at at a time.
//!
//! Glances need to know where every word of a row begins; asking for the next blank again and again costs a call for each.

use wide::u8x16;

const WIDTH: usize = 16;

/// A record that has exactly `N` borders.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cuts<'a, const N: usize> {
    record: &'a [u8],
    borders: [usize; N],
}

impl<'a, const N: usize> Cuts<'a, N> {
    /// Cuts a record; `None` when it has more or fewer borders.
    pub(super) fn of(record: &'a [u8], border: u8) -> Option<Self> {
        let border = u8x16::splat(border);
        let mut borders = [0; N];
        let mut places = borders.iter_mut();
        let (blocks, rest) = record.as_chunks::<WIDTH>();
        let mut note = |block: [u8; WIDTH], wanted: u32, from: usize| {
            let mut found = u8x16::new(block).simd_eq(border).to_bitmask() & wanted;
            while found != 0 {
                *places.next()? = from + found.trailing_zeros() as usize;
                found &= found - 1;
            }
            Some(())
        };
        let mut from = 0;
        for block in blocks {
            note(*block, u32::MAX, from)?;
            from += WIDTH;
        }
        if !rest.is_empty() {
            // The last bytes once more, with those in front of them that were looked at already.
            match record.last_chunk::<WIDTH>() {
                Some(block) => note(
                    *block,
                    u32::MAX << (WIDTH - rest.len()),
                    record.len() - WIDTH,
                )?,
                None => {
                    let mut block = [0; WIDTH];
                    block.get_mut(..rest.len())?.copy_from_slice(rest);
                    note(block, !(u32::MAX << rest.len()), from)?;
                }
            }
        }
        places.next().is_none().then_some(Self { record, borders })
    }

    /// The word in front of the border with this number; that behind the last has the number `N`.
    pub(super) fn word(&self, number: usize) -> &'a [u8] {
        let from = self.start(number);
        let to = self.borders.get(number).copied();
        let to = to.unwrap_or(self.record.len());
        self.record.get(from..to).unwrap_or_default()
    }

    /// The same word with what follows it to the record's end, and its length.
    pub(super) fn word_with_rest(&self, number: usize) -> (&'a [u8], usize) {
        let rest = self.record.get(self.start(number)..).unwrap_or_default();
        (rest, self.word(number).len())
    }

    fn start(&self, number: usize) -> usize {
        let before = number.checked_sub(1).and_then(|at| self.borders.get(at));
        before.map_or(0, |border| border + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_are_those_of_an_ordinary_split(record in "[ab\u{e4} ]{0,70}") {
            let record = record.as_bytes();
            let words: Vec<&[u8]> = record.split(|byte| *byte == b' ').collect();
            match Cuts::<3>::of(record, b' ') {
                Some(cuts) => {
                    let mine: Vec<&[u8]> = (0..=3).map(|number| cuts.word(number)).collect();
                    prop_assert_eq!(mine, words);
                }
                None => prop_assert_ne!(words.len(), 4),
            }
        }
    }

    #[test]
    fn a_word_is_told_with_what_follows() {
        let cuts = Cuts::<2>::of(b"a bc d", b' ').unwrap();
        assert_eq!(cuts.word_with_rest(1), (b"bc d".as_slice(), 2));
        assert_eq!(cuts.word_with_rest(2), (b"d".as_slice(), 1));
    }
}
