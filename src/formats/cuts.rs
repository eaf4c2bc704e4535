//! A record cut at one byte, sixteen places looked at at a time.
//!
//! Glances need to know where every word of a row begins; asking for the next blank again and again costs a call for each.

use super::look::{Look, WIDTH};

/// How many such looks make one number of as many bits as there are bytes.
const LOOKS: usize = 4;
const BLOCK: usize = WIDTH * LOOKS;

/// A record that has exactly `N` borders.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cuts<'a, const N: usize> {
    record: &'a [u8],
    borders: [usize; N],
}

impl<'a, const N: usize> Cuts<'a, N> {
    /// Cuts a record; `None` when it has more or fewer borders.
    pub(super) fn of(record: &'a [u8], border: u8) -> Option<Self> {
        let mut borders = [0; N];
        let mut places = borders.iter_mut();
        each_border(record, border, |at| {
            *places.next()? = at;
            Some(())
        })?;
        let is_whole = places.next().is_none();
        is_whole.then_some(Self { record, borders })
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

/// Shows the place of every such byte, in order, as long as that is wanted.
pub(super) fn each_border(
    record: &[u8],
    border: u8,
    mut see: impl FnMut(usize) -> Option<()>,
) -> Option<()> {
    let mut note = |mut found: u64, from: usize| {
        while found != 0 {
            see(from + found.trailing_zeros() as usize)?;
            found &= found - 1;
        }
        Some(())
    };
    let (blocks, rest) = record.as_chunks::<BLOCK>();
    for (block, from) in blocks.iter().zip((0..).step_by(BLOCK)) {
        note(places(block, border), from)?;
    }
    let mut from = record.len() - rest.len();
    let (blocks, rest) = rest.as_chunks::<WIDTH>();
    for block in blocks {
        note(u64::from(Look::at(*block).of(border)), from)?;
        from += WIDTH;
    }
    if rest.is_empty() {
        return Some(());
    }
    let found = match record.last_chunk::<WIDTH>() {
        // The bytes in front were looked at already.
        Some(block) => Look::at(*block).of(border) >> (WIDTH - rest.len()),
        None => Look::at_start_of(rest).of(border) & ((1 << rest.len()) - 1),
    };
    note(u64::from(found), from)
}

/// The place of the first such byte. For words of a few bytes that stand in front of more: what [`memchr::memchr`] takes to
/// begin is more than this takes to end.
pub(super) fn position(text: &[u8], wanted: u8) -> Option<usize> {
    let (blocks, rest) = text.as_chunks::<WIDTH>();
    for (block, from) in blocks.iter().zip((0..).step_by(WIDTH)) {
        let found = Look::at(*block).of(wanted);
        if found != 0 {
            return Some(from + found.trailing_zeros() as usize);
        }
    }
    let found = rest.iter().position(|byte| *byte == wanted)?;
    Some(text.len() - rest.len() + found)
}

/// How many bytes are the same before the first that is not.
pub(super) fn same_bytes(one: &[u8; 2 * WIDTH], other: &[u8; 2 * WIDTH]) -> usize {
    let ((ones, _), (others, _)) = (one.as_chunks(), other.as_chunks());
    let same = ones.iter().zip(others).rev().fold(0, |same, (one, other)| {
        same << WIDTH | Look::at(*one).same(Look::at(*other))
    });
    same.trailing_ones() as usize
}

fn places(block: &[u8; BLOCK], wanted: u8) -> u64 {
    let (looks, _) = block.as_chunks::<WIDTH>();
    looks.iter().rev().fold(0, |places, block| {
        places << WIDTH | u64::from(Look::at(*block).of(wanted))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_are_those_of_an_ordinary_split(record in "[ab\u{e4}]{0,90}( [ab]{0,40}){0,4}|[ab\u{e4} ]{0,70}") {
            let record = record.as_bytes();
            let words: Vec<&[u8]> = record.split(|byte| *byte == b' ').collect();
            match Cuts::<3>::of(record, b' ') {
                Some(cuts) => {
                    let mine: Vec<&[u8]> = (0..=3).map(|number| cuts.word(number)).collect();
                    prop_assert_eq!(mine, words);
                }
                None => prop_assert_ne!(words.len(), 4),
            }
            let first = record.iter().position(|byte| *byte == b' ');
            prop_assert_eq!(position(record, b' '), first);
        }
    }

    #[test]
    fn a_word_is_told_with_what_follows() {
        let cuts = Cuts::<2>::of(b"a bc d", b' ').unwrap();
        assert_eq!(cuts.word_with_rest(1), (b"bc d".as_slice(), 2));
        assert_eq!(cuts.word_with_rest(2), (b"d".as_slice(), 1));
    }
}
