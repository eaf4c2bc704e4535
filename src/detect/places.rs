//! Where a host lies in the cache, by its hash.
//!
//! A place holds a part of the hash beside where it leads, so that a host is found by one walk to the memory and one more to
//! the host itself. Unlike a general table it can be asked where a hash most likely leads without a look at the host: so the
//! hosts of several records are on their way while the first is still looked for.

/// Leads to nothing.
const NOWHERE: u32 = u32::MAX;
const FEWEST: usize = 64;

#[derive(Debug, Clone, Copy)]
struct Place {
    key: u32,
    at: u32,
}

const EMPTY: Place = Place {
    key: 0,
    at: NOWHERE,
};

/// Hash → where it leads. At least half of the places are empty, so that every search ends.
#[derive(Debug)]
pub(super) struct Places {
    /// As many as a power of two.
    places: Box<[Place]>,
    taken: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            places: [EMPTY; FEWEST].into(),
            taken: 0,
        }
    }
}

impl Places {
    /// The part of a hash that counts.
    pub(super) const fn key(hash: u64) -> u32 {
        hash as u32
    }

    /// Where this key leads if the first place that it can have is its own; a guess, and where nothing is, none.
    #[inline]
    pub(super) fn guess(&self, key: u32) -> u32 {
        let place = self.places.get(self.first(key));
        place.map_or(NOWHERE, |place| place.at)
    }

    /// Where this hash leads, if one of the places that have it is the right one.
    #[inline]
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let key = Self::key(hash);
        let mut next = self.first(key);
        loop {
            let place = self.places.get(next)?;
            if place.at == NOWHERE {
                return None;
            }
            if place.key == key && is_it(place.at) {
                return Some(place.at);
            }
            next = self.after(next);
        }
    }

    /// Notes where a hash leads that was not found.
    pub(super) fn insert(&mut self, hash: u64, at: u32) {
        if self.taken >= self.places.len() / 2 {
            let twice = vec![EMPTY; self.places.len() * 2].into();
            let before = std::mem::replace(&mut self.places, twice);
            for place in before.iter().filter(|place| place.at != NOWHERE) {
                self.put(*place);
            }
        }
        self.taken += 1;
        self.put(Place {
            key: Self::key(hash),
            at,
        });
    }

    pub(super) fn clear(&mut self) {
        self.places.fill(EMPTY);
        self.taken = 0;
    }

    fn put(&mut self, place: Place) {
        let mut next = self.first(place.key);
        while let Some(free) = self.places.get_mut(next) {
            if free.at == NOWHERE {
                *free = place;
                return;
            }
            next = self.after(next);
        }
    }

    const fn first(&self, key: u32) -> usize {
        key as usize & (self.places.len() - 1)
    }

    const fn after(&self, place: usize) -> usize {
        (place + 1) & (self.places.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_same_hash_is_told_apart_however_many_there_are() {
        for spread in [0, 1, 0x9e37_79b9_7f4a_7c15_u64] {
            let hash = |at: u32| u64::from(at / 3).wrapping_mul(spread);
            let mut places = Places::default();
            for round in 0..2 {
                for at in 0..500 {
                    assert_eq!(places.find(hash(at), |found| found == at), None);
                    places.insert(hash(at), at);
                }
                for at in 0..500 {
                    let found = places.find(hash(at), |found| found == at);
                    assert_eq!(found, Some(at), "{round}");
                }
                assert_eq!(places.find(hash(501), |found| found == 501), None);
                places.clear();
            }
        }
    }

    #[test]
    fn where_there_is_but_one_it_is_guessed() {
        let mut places = Places::default();
        assert_eq!(places.guess(7), NOWHERE);
        places.insert(7, 3);
        assert_eq!(places.guess(7), 3);
    }
}
