//! The values of one record that a mapping wants, by number of slot.
//!
//! A mapping names its keys once; each has a slot. Readers fill slots, the plan reads them. Of a key that occurs
//! twice the first value counts; slots that take lists keep the others too, up to a limit.

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
            seen: old.seen,
        }
    }

    /// The room, for the next record.
    pub(super) fn recycle(self) -> Cells<'static> {
        Cells {
            cells: emptied(self.cells),
            further: emptied(self.further),
            seen: self.seen,
        }
    }

    pub(super) fn clear(&mut self) {
        self.cells.fill(Cell::ABSENT);
        self.further.clear();
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

    pub(super) fn get(&self, slot: Slot) -> &Cell<'a> {
        self.cells.get(usize::from(slot)).unwrap_or(&Cell::ABSENT)
    }

    /// Whether the last value noted is the same as the first of its slot.
    pub(super) fn repeats(&self, slot: Slot) -> bool {
        let last = self.further.last();
        last.is_some_and(|(of, cell)| *of == slot && cell == self.get(slot))
    }

    /// All values of a slot, in the order of the record.
    pub(super) fn all(&self, slot: Slot) -> impl Iterator<Item = &Cell<'a>> {
        let first = Some(self.get(slot)).filter(|cell| !cell.is_absent());
        let further = self.further.iter().filter(move |(of, _)| *of == slot);
        first.into_iter().chain(further.map(|(_, cell)| cell))
    }
}

/// An empty vector of another lifetime with the room of this one: the standard library reuses the allocation.
fn emptied<A, B>(mut old: Vec<A>) -> Vec<B> {
    old.clear();
    old.into_iter().filter_map(|_| None).collect()
}
