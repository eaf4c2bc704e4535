//! What is known of a few names that were given beforehand, for the names of a record.
//!
//! A record has many names, most of them unwanted. So it costs next to nothing to find that one is not there: a length and
//! three bytes say where it would be. Names come from mappings and never from logs, so nobody can make them meet.

use super::keys::Found;

/// Names, each with what it leads to.
#[derive(Debug, Default)]
pub(super) struct Table {
    entries: Vec<Entry>,
    /// By mark, the number of the last such entry, counted from one.
    lasts: Vec<usize>,
}

#[derive(Debug)]
struct Entry {
    name: Box<[u8]>,
    found: Found,
    /// The number of the entry before it with the same place.
    before: usize,
}

impl Table {
    /// What this name leads to.
    #[inline]
    pub(super) fn get(&self, name: &[u8]) -> Option<Found> {
        let mut number = *self.lasts.get(mark(name) & self.mask())?;
        while let Some(entry) = self.entries.get(number.wrapping_sub(1)) {
            if *entry.name == *name {
                return Some(entry.found);
            }
            number = entry.before;
        }
        None
    }

    /// Changes what a name leads to; it is new when it was not there.
    pub(super) fn set(&mut self, name: &[u8], change: impl FnOnce(&mut Found)) {
        let known = self.entries.iter_mut().find(|entry| *entry.name == *name);
        if let Some(entry) = known {
            change(&mut entry.found);
            return;
        }
        let mut found = Found::default();
        change(&mut found);
        self.entries.push(Entry {
            name: name.into(),
            found,
            before: 0,
        });
        // At least twice as many places as names, and a power of two.
        if self.lasts.len() < 2 * self.entries.len() {
            self.lasts = vec![0; (4 * self.entries.len()).next_power_of_two()];
            self.link(0);
        } else {
            self.link(self.entries.len() - 1);
        }
    }

    /// Gives the entries behind so many their places.
    fn link(&mut self, linked: usize) {
        let mask = self.mask();
        for (entry, number) in self.entries.iter_mut().zip(1..).skip(linked) {
            if let Some(last) = self.lasts.get_mut(mark(&entry.name) & mask) {
                entry.before = std::mem::replace(last, number);
            }
        }
    }

    const fn mask(&self) -> usize {
        self.lasts.len().wrapping_sub(1)
    }
}

/// A number that names hardly share.
#[inline]
fn mark(name: &[u8]) -> usize {
    let size = name.len();
    let (Some(first), Some(middle), Some(last)) = (name.first(), name.get(size / 2), name.last())
    else {
        return 0;
    };
    let [first, middle, last] = [first, middle, last].map(|byte| usize::from(*byte));
    first ^ middle.wrapping_mul(5) ^ last.wrapping_mul(17) ^ size.wrapping_mul(37)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again_and_no_others() {
        let mut table = Table::default();
        assert_eq!(table.get(b"a"), None);
        let names: Vec<String> = (0..300).map(|n| format!("name.{}.x", n * 7)).collect();
        for (name, slot) in names.iter().zip(0..) {
            table.set(name.as_bytes(), |found| found.slot = Some(slot));
        }
        table.set(b"", |found| found.inside = Some(1));
        table.set(b"name.7.x", |found| found.inside = Some(2));
        for (name, slot) in names.iter().zip(0..) {
            let expected = Found {
                slot: Some(slot),
                inside: (slot == 1).then_some(2),
            };
            assert_eq!(table.get(name.as_bytes()), Some(expected), "{name}");
        }
        assert_eq!(table.get(b"").and_then(|found| found.inside), Some(1));
        assert_eq!(table.get(b"name.8.x"), None);
    }
}
