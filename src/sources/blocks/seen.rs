//! One look at bytes that were just read, for all that a block must know of them.
//!
//! It costs a quarter of the reading itself, so it is one pass instead of one per question, in a form of which the
//! compiler makes vectors for any processor: faster here than searching for either byte by itself.

/// So many bytes are looked at side by side: four vectors of the smallest kind.
const LANES: usize = 64;
/// So often a lane can count in one byte.
const STEPS: usize = u8::MAX as usize;

/// What is among some bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) line_ends: usize,
    pub(super) has_nul: bool,
}

impl Seen {
    // By itself, so that what is around it does not change what the compiler makes of it.
    #[inline(never)]
    pub(super) fn of(bytes: &[u8]) -> Self {
        let (rows, rest) = bytes.as_chunks::<LANES>();
        let mut line_ends = 0;
        let mut least = [u8::MAX; LANES];
        for rows in rows.chunks(STEPS) {
            let mut ends = [0; LANES];
            for row in rows {
                for ((ends, least), byte) in ends.iter_mut().zip(&mut least).zip(row) {
                    *ends += u8::from(*byte == b'\n');
                    *least = (*least).min(*byte);
                }
            }
            line_ends += ends.into_iter().map(usize::from).sum::<usize>();
        }
        let in_rest = rest.iter().filter(|byte| **byte == b'\n').count();
        Self {
            line_ends: line_ends + in_rest,
            has_nul: least.contains(&0) || rest.contains(&0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_line_end_and_any_nul_is_seen(
            bytes in prop::collection::vec(prop::sample::select(vec![0u8, b'\n', b'\n', b'a', 0xff]), 0..700), nuls in any::<bool>(),
        ) {
            let bytes: Vec<u8> = bytes.into_iter().filter(|byte| nuls || *byte != 0).collect();
            let seen = Seen::of(&bytes);
            prop_assert_eq!(seen.line_ends, memchr::memchr_iter(b'\n', &bytes).count());
            prop_assert_eq!(seen.has_nul, bytes.contains(&0));
        }
    }

    #[test]
    fn nothing_but_line_ends_is_counted_in_full() {
        assert_eq!(Seen::of(&[b'\n'; 40_000]).line_ends, 40_000);
    }
}
