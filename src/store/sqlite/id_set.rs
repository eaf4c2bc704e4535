//! Numbers of names, one bit each.

use hashbrown::HashMap;

/// How many numbers share an entry.
const SPAN: i64 = 256;

/// A set of numbers that lie close together.
#[derive(Debug, Default)]
pub(super) struct IdSet(HashMap<i64, [u64; SPAN as usize / 64]>);

impl IdSet {
    pub(super) fn insert(&mut self, id: i64) {
        let (span, word, bit) = place(id);
        if let Some(bits) = self.0.entry(span).or_default().get_mut(word) {
            *bits |= bit;
        }
    }

    pub(super) fn contains(&self, id: i64) -> bool {
        let (span, word, bit) = place(id);
        let bits = self.0.get(&span).and_then(|bits| bits.get(word));
        bits.is_some_and(|bits| bits & bit != 0)
    }
}

/// The entry, its word and the bit of that.
fn place(id: i64) -> (i64, usize, u64) {
    let at = id.rem_euclid(SPAN).cast_unsigned();
    (
        id.div_euclid(SPAN),
        usize::try_from(at / 64).unwrap_or(0),
        1 << (at % 64),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_inserted_is_there_and_nothing_else() {
        let mut set = IdSet::default();
        let ids = [i64::MIN, -1, 0, 63, 64, 255, 256, 1 << 40, i64::MAX];
        for id in ids {
            assert!(!set.contains(id));
            set.insert(id);
        }
        assert!(ids.iter().all(|id| set.contains(*id)));
        assert!(!set.contains(1) && !set.contains(-2) && !set.contains(257));
    }
}
