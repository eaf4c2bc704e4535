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
        note(places(block, |look| look.of(border)), from)?;
    }
    let found = match record.last_chunk::<BLOCK>() {
        _ if rest.is_empty() => 0,
        // The bytes in front were looked at already.
        Some(block) => places(block, |look| look.of(border)) >> (BLOCK - rest.len()),
        None => block_places(rest, [border, border]),
    };
    note(found, record.len() - rest.len())
}

/// Finds one byte, or one of two, again and again in a record: sixteen places are looked at at a time, and each but once.
#[derive(Debug)]
pub(super) struct Borders<'a> {
    record: &'a [u8],
    /// Twice the same where there is but one.
    either: [u8; 2],
    /// Where the block begins that was looked at last, and where in it borders are.
    block: usize,
    found: u64,
}

impl<'a> Borders<'a> {
    pub(super) fn of(record: &'a [u8], border: u8) -> Self {
        Self::of_either(record, [border, border])
    }

    pub(super) fn of_either(record: &'a [u8], either: [u8; 2]) -> Self {
        Self {
            record,
            either,
            block: 0,
            found: block_places(record, either),
        }
    }

    /// The first border that stands here or behind. Quick where the places asked for grow.
    #[inline]
    pub(super) fn from(&mut self, at: usize) -> Option<usize> {
        let inside = at.wrapping_sub(self.block);
        if inside < BLOCK {
            let found = self.found >> inside;
            if found != 0 {
                return Some(at + found.trailing_zeros() as usize);
            }
        }
        self.beyond(at)
    }

    /// The same in another block.
    fn beyond(&mut self, at: usize) -> Option<usize> {
        let mut from = at;
        if at.wrapping_sub(self.block) < BLOCK {
            from = self.block + BLOCK;
        }
        let mut found = block_places(self.record.get(from..)?, self.either);
        if found == 0 {
            // What is far is left to the library.
            let [one, other] = self.either;
            from += BLOCK;
            from += memchr::memchr2(one, other, self.record.get(from..)?)?;
            found = block_places(self.record.get(from..)?, self.either);
        }
        (self.block, self.found) = (from, found);
        Some(from + found.trailing_zeros() as usize)
    }
}

/// Where one of two bytes is among the first of a text.
fn block_places(text: &[u8], [one, other]: [u8; 2]) -> u64 {
    let either = |look: Look| look.either(one, other);
    if let Some(block) = text.first_chunk() {
        return places(block, either);
    }
    let mut block = [0; BLOCK];
    for (place, byte) in block.iter_mut().zip(text) {
        *place = *byte;
    }
    // Behind the end there are noughts.
    places(&block, either) & !(u64::MAX << text.len())
}

/// The place of the first such byte. For words of a few bytes that stand in front of more: what [`memchr::memchr`] takes to
/// begin is more than this takes to end.
#[inline]
pub(super) fn position(text: &[u8], wanted: u8) -> Option<usize> {
    position_where(text, |look| look.of(wanted), |byte| byte == wanted)
}

/// The same for one of two bytes.
#[inline]
pub(super) fn position_of_either(text: &[u8], one: u8, other: u8) -> Option<usize> {
    let is_it = |byte| byte == one || byte == other;
    position_where(text, |look| look.either(one, other), is_it)
}

#[inline]
fn position_where(
    text: &[u8],
    places: impl Fn(Look) -> u32,
    is_it: impl Fn(u8) -> bool,
) -> Option<usize> {
    let (blocks, rest) = text.as_chunks::<WIDTH>();
    for (block, from) in blocks.iter().zip((0..).step_by(WIDTH)) {
        let found = places(Look::at(*block));
        if found != 0 {
            return Some(from + found.trailing_zeros() as usize);
        }
    }
    let found = rest.iter().position(|byte| is_it(*byte))?;
    Some(text.len() - rest.len() + found)
}

/// The same for words that may be long: what is not near is left to the library.
pub(super) fn find_byte(text: &[u8], wanted: u8) -> Option<usize> {
    let (near, far) = text.split_at_checked(BLOCK).unwrap_or((text, &[]));
    position(near, wanted).or_else(|| Some(near.len() + memchr::memchr(wanted, far)?))
}

/// How many bytes are the same before the first that is not.
pub(super) fn same_bytes(one: &[u8; 2 * WIDTH], other: &[u8; 2 * WIDTH]) -> usize {
    let ((ones, _), (others, _)) = (one.as_chunks(), other.as_chunks());
    let same = ones.iter().zip(others).rev().fold(0, |same, (one, other)| {
        same << WIDTH | Look::at(*one).same(Look::at(*other))
    });
    same.trailing_ones() as usize
}

/// The answers to what is asked of each look, one behind the other.
fn places(block: &[u8; BLOCK], asked: impl Fn(Look) -> u32) -> u64 {
    let (looks, _) = block.as_chunks::<WIDTH>();
    looks.iter().rev().fold(0, |places, block| {
        places << WIDTH | u64::from(asked(Look::at(*block)))
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
            prop_assert_eq!(find_byte(record, b' '), first);
        }
    }

    proptest! {
        #[test]
        fn borders_are_found_wherever_they_are_asked_for(
            record in "[ab]{0,90}( [ab]{0,90}){0,4}|[ab ]{0,200}",
            asked in prop::collection::vec(0_usize..260, 1..20),
        ) {
            let record = record.as_bytes();
            for border in [b' ', 0] {
                let mut borders = Borders::of(record, border);
                let mut either = Borders::of_either(record, [border, b'b']);
                for at in &asked {
                    let rest = record.get(*at..).unwrap_or_default();
                    let first = |is_it: &dyn Fn(u8) -> bool| {
                        rest.iter().position(|byte| is_it(*byte)).map(|found| at + found)
                    };
                    prop_assert_eq!(borders.from(*at), first(&|byte| byte == border));
                    let expected = first(&|byte| byte == border || byte == b'b');
                    prop_assert_eq!(either.from(*at), expected);
                }
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
