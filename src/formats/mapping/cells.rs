//! The values of one record that a mapping wants, by number of slot.
//!
//! A mapping names its keys once; each has a slot. Readers fill slots, the plan reads them. Of a key that occurs
//! twice the first value counts; slots that take lists keep the others too, up to a limit.

use std::borrow::Cow;

use super::cell::Cell;
use super::json::Seen;

/// Number of a wanted key.
pub(super) type Slot = u16;

/// The most further values of lists that one record keeps; a DNS answer has a handful.
const MAX_FURTHER: usize = 64;

/// The values of one record.
#[derive(Debug, Default)]
pub(super) struct Cells<'a> {
    cells: Vec<Cell<'a>>,
    /// Second and later values of keys.
    further: Vec<(Slot, Cell<'a>)>,
    /// Values that do not stand in the record as they are: they were inside a text.
    copied: Vec<(Slot, Vec<u8>)>,
    /// Room for the reader of JSON.
    pub(super) seen: Vec<Seen>,
}

impl<'a> Cells<'a> {
    /// Room for this many slots, out of what an earlier record left.
    pub(super) fn recycled(old: Cells<'static>, slots: usize) -> Self {
        let mut cells: Vec<Cell<'a>> = emptied(old.cells);
        cells.resize(slots, Cell::ABSENT);
        Self {
            cells,
            further: emptied(old.further),
            copied: old.copied,
            seen: old.seen,
        }
    }

    /// The room, for the next record.
    pub(super) fn recycle(mut self) -> Cells<'static> {
        self.copied.clear();
        Cells {
            cells: emptied(self.cells),
            further: emptied(self.further),
            copied: self.copied,
            seen: self.seen,
        }
    }

    pub(super) fn clear(&mut self) {
        self.cells.fill(Cell::ABSENT);
        self.further.clear();
        self.copied.clear();
    }

    /// Notes a value; false when the slot had one already.
    pub(super) fn put(&mut self, slot: Slot, value: Cell<'a>) -> bool {
        match self.cells.get_mut(usize::from(slot)) {
            Some(cell) if cell.is_absent() => {
                *cell = value;
                true
            }
            _ => {
                if self.further.len() < MAX_FURTHER {
                    self.further.push((slot, value));
                }
                false
            }
        }
    }

    /// Notes a value that is not in the record as it is.
    pub(super) fn put_copied(&mut self, slot: Slot, value: Vec<u8>) {
        if self.copied.len() < MAX_FURTHER {
            self.copied.push((slot, value));
        }
    }

    /// Whether the slot has a value, be it empty.
    pub(super) fn has(&self, slot: Slot) -> bool {
        self.cells
            .get(usize::from(slot))
            .is_some_and(|cell| !cell.is_absent())
            || self.copied.iter().any(|(of, _)| *of == slot)
    }

    /// The same as [`Self::text`] where it is quickly told.
    #[inline]
    pub(super) fn as_it_stands(&self, slot: Slot) -> Option<&'a [u8]> {
        let cell = self.cells.get(usize::from(slot))?;
        cell.as_it_stands()
    }

    /// Whether the slot has no value, where that is quickly told.
    #[inline]
    pub(super) fn lacks(&self, slot: Slot) -> bool {
        let cell = self.cells.get(usize::from(slot));
        cell.is_some_and(Cell::is_absent) && self.copied.is_empty()
    }

    /// The value of a slot as it is meant; empty when there is none.
    #[inline]
    pub(super) fn text(&self, slot: Slot) -> Cow<'a, [u8]> {
        match self.cells.get(usize::from(slot)) {
            Some(cell) if !cell.is_absent() => cell.text(),
            _ if self.copied.is_empty() => Cow::Borrowed(&[]),
            _ => {
                let copied = self.copied.iter().find(|(of, _)| *of == slot);
                copied.map_or(Cow::Borrowed(&[]), |(_, value)| Cow::Owned(value.clone()))
            }
        }
    }

    /// All values of a slot, in the order of the record.
    pub(super) fn all(&self, slot: Slot) -> impl Iterator<Item = Cow<'a, [u8]>> {
        let first = self.cells.get(usize::from(slot));
        let further = self.further.iter().filter(move |(of, _)| *of == slot);
        let copied = self.copied.iter().filter(move |(of, _)| *of == slot);
        first
            .into_iter()
            .chain(further.map(|(_, cell)| cell))
            .filter(|cell| !cell.is_absent())
            .map(Cell::text)
            .chain(copied.map(|(_, value)| Cow::Owned(value.clone())))
    }

    /// Whether the last value noted is the same as the first of its slot.
    pub(super) fn repeats(&self, slot: Slot) -> bool {
        let first = self.cells.get(usize::from(slot));
        let last = self.further.last();
        last.is_some_and(|(of, cell)| *of == slot && Some(cell) == first)
    }
}

/// An empty vector of another lifetime with the room of this one: the standard library reuses the allocation.
fn emptied<A, B>(mut old: Vec<A>) -> Vec<B> {
    old.clear();
    old.into_iter().filter_map(|_| None).collect()
}
