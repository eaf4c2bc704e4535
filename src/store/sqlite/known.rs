//! Names and their numbers in memory: one buffer with all texts, one table of places in it.
//!
//! A map of strings would take a hundred bytes and an allocation for each name; logs bring hundreds of thousands. Log
//! text decides what is hashed, so the hasher is seeded at random.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

/// What stands before a text: its number and its length.
#[cfg(test)]
const HEAD: usize = 8 + 4;

/// Where a name stands in the buffer; good until the buffer is emptied.
pub(super) type Place = u32;

/// Names of one kind.
#[derive(Debug, Default)]
pub(super) struct Known {
    buffer: Vec<u8>,
    places: HashTable<Place>,
    hasher: DefaultHashBuilder,
}

impl Known {
    /// How many names are remembered.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// How much memory they take.
    pub(super) fn bytes(&self) -> usize {
        self.buffer.capacity() + self.places.allocation_size()
    }

    /// The number of a name, if it is remembered.
    pub(super) fn find(&self, text: &str) -> Option<i64> {
        let hash = self.hasher.hash_one(text.as_bytes());
        let found = |place: &Place| at(&self.buffer, *place).1 == text.as_bytes();
        let place = self.places.find(hash, found)?;
        Some(at(&self.buffer, *place).0)
    }

    /// Remembers a name that is not remembered yet; `None` when the buffer is full.
    pub(super) fn add(&mut self, text: &str, id: i64) -> Option<Place> {
        let place = Place::try_from(self.buffer.len()).ok()?;
        let length = u32::try_from(text.len()).ok()?;
        self.buffer.extend_from_slice(&id.to_le_bytes());
        self.buffer.extend_from_slice(&length.to_le_bytes());
        self.buffer.extend_from_slice(text.as_bytes());
        let Self {
            buffer,
            places,
            hasher,
        } = self;
        let hash = |place: &Place| hasher.hash_one(at(buffer, *place).1);
        places.insert_unique(hash(&place), place, hash);
        Some(place)
    }

    /// The name at a place and its number.
    pub(super) fn name(&self, place: Place) -> (i64, &str) {
        let (id, text) = at(&self.buffer, place);
        (id, str::from_utf8(text).unwrap_or_default())
    }
}

fn at(buffer: &[u8], place: Place) -> (i64, &[u8]) {
    let entry = buffer.get(place as usize..).unwrap_or_default();
    let Some((id, rest)) = entry.split_first_chunk() else {
        return (0, &[]);
    };
    let Some((length, rest)) = rest.split_first_chunk() else {
        return (0, &[]);
    };
    let length = u32::from_le_bytes(*length) as usize;
    (
        i64::from_le_bytes(*id),
        rest.get(..length).unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_keep_their_numbers_and_others_have_none() {
        let mut known = Known::default();
        let name = |n: i64| format!("{}host{n}.example", "x".repeat(n as usize % 300));
        for n in 0..5_000 {
            assert_eq!(known.find(&name(n)), None);
            let place = known.add(&name(n), -n).unwrap();
            assert_eq!(known.name(place), (-n, &*name(n)));
        }
        known.add("", i64::MAX).unwrap();
        for n in 0..5_000 {
            assert_eq!(known.find(&name(n)), Some(-n));
        }
        assert_eq!(known.find(""), Some(i64::MAX));
        assert_eq!(known.find("host"), None);
        assert_eq!(known.len(), 5_001);
        assert!(known.bytes() > 5_000 * HEAD);
    }
}
