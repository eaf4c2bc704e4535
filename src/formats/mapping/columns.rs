//! What the columns of rows hold, as the mapping says or the last line that named them.
//!
//! Some products write the names of their columns over and over, and a log of several machines may have several
//! such lines in turn. So what a line came to is kept with it, and with it what can be told where these columns are.

use std::sync::{Arc, OnceLock};

use super::cell::Cell;
use super::cells::{Cells, Slot};
use super::delimited::{Rows, Style};
use super::json;
use super::keys::{Found, Keys, Node};
use super::plan::Told;
use super::table::Table;

/// The most columns of which the meaning is remembered.
pub(super) const MAX_COLUMNS: usize = 512;
/// So many lines that name columns are remembered, if they are no longer than this.
const MAX_LINES: usize = 8;
const MAX_LINE_BYTES: usize = 16 << 10;

/// What the rows of a log hold, as known so far.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) layout: Arc<Layout>,
    pub(super) separator: u8,
    /// Whether anything told what the columns are.
    pub(super) known: bool,
    /// Day of rows that have a time only.
    pub(super) day: Option<Vec<u8>>,
    /// The names of the mapping.
    own: Arc<Table>,
    /// What the last lines with names came to.
    earlier: Vec<(Box<[u8]>, Arc<Layout>)>,
}

/// What each column holds.
#[derive(Debug, Default)]
pub(super) struct Layout {
    roles: Vec<Role>,
    /// By slot, whether a column holds its value or what it is found in.
    there: Vec<bool>,
    /// How many columns a line named.
    pub(super) named: usize,
    /// What rows with these columns tell; found out when the first of them comes.
    pub(super) told: OnceLock<Told>,
}

/// What a column holds: the slots that want it, by name and by number, and where keys lead into it.
#[derive(Debug, Clone, Copy, Default)]
struct Role {
    named: Option<Slot>,
    numbered: Option<Slot>,
    inside: Option<Node>,
}

impl Columns {
    /// As the mapping names them.
    pub(super) fn of(rows: &Rows, keys: &Keys) -> Self {
        let names: Vec<&[u8]> = rows.columns.iter().map(|name| name.as_bytes()).collect();
        let mut own = Table::default();
        for name in &names {
            own.set(name, |_| ());
        }
        Self {
            layout: Arc::new(Layout {
                named: 0,
                ..Layout::of(&names, keys)
            }),
            separator: match rows.style {
                Style::Csv(separator) => separator,
                Style::W3c => b' ',
            },
            known: !rows.columns.is_empty() || !rows.header && rows.style != Style::W3c,
            day: None,
            own: Arc::new(own),
            earlier: Vec::new(),
        }
    }

    /// Whether the mapping names such a column.
    pub(super) fn names(&self, column: &[u8]) -> bool {
        self.own.get(column).is_some()
    }

    /// Learns what the columns are from a line that names them.
    pub(super) fn learn<'l>(
        &mut self,
        line: &'l [u8],
        names: impl Iterator<Item = &'l [u8]>,
        keys: &Keys,
    ) {
        self.known = true;
        if let Some((_, layout)) = self.earlier.iter().find(|(known, _)| **known == *line) {
            self.layout = layout.clone();
            return;
        }
        let names: Vec<&[u8]> = names.take(MAX_COLUMNS).collect();
        self.layout = Arc::new(Layout::of(&names, keys));
        if line.len() <= MAX_LINE_BYTES {
            if self.earlier.len() == MAX_LINES {
                self.earlier.remove(0);
            }
            self.earlier.push((line.into(), self.layout.clone()));
        }
    }

    /// Notes the value of a column where it is wanted.
    #[inline]
    pub(super) fn put<'a>(&self, at: usize, cell: Cell<'a>, keys: &Keys, cells: &mut Cells<'a>) {
        let Some(role) = self.layout.roles.get(at) else {
            return;
        };
        if let Some(inside) = role.inside {
            json::enter(&cell, inside, keys, cells);
        }
        if let Some(slot) = role.named {
            cells.put(slot, cell);
        }
        if let Some(slot) = role.numbered {
            cells.put(slot, cell);
        }
    }
}

impl Layout {
    fn of(names: &[&[u8]], keys: &Keys) -> Self {
        let numbered: Vec<(usize, Slot)> = keys
            .names()
            .iter()
            .filter_map(|name| {
                let number = name.strip_prefix('@')?.parse().ok()?;
                Some((number, keys.flat(name.as_bytes())?))
            })
            .collect();
        let by_number = |number| {
            let found = numbered.iter().find(|(n, _)| *n == number);
            found.map(|(_, slot)| *slot)
        };
        let found: Vec<Found> = names.iter().map(|name| keys.top(name)).collect();
        let last_number = numbered.iter().map(|(n, _)| *n).max().unwrap_or(0);
        let count = names.len().max(last_number).min(MAX_COLUMNS);
        let roles: Vec<Role> = (0..count)
            .map(|at| {
                let found = found.get(at).copied().unwrap_or_default();
                Role {
                    named: found.slot,
                    numbered: by_number(at + 1),
                    inside: found.inside,
                }
            })
            .collect();
        let own = roles
            .iter()
            .flat_map(|role| [role.named, role.numbered])
            .flatten();
        let within = names
            .iter()
            .zip(&found)
            .filter(|(_, found)| found.inside.is_some())
            .flat_map(|(name, _)| keys.within(name));
        let mut there = vec![false; keys.count()];
        for slot in own.chain(within) {
            if let Some(there) = there.get_mut(usize::from(slot)) {
                *there = true;
            }
        }
        Self {
            roles,
            there,
            named: names.len(),
            told: OnceLock::new(),
        }
    }

    /// Whether a value for this slot may be in a row.
    pub(super) fn has(&self, slot: Slot) -> bool {
        self.there.get(usize::from(slot)) == Some(&true)
    }

    /// Whether values are looked for inside of columns.
    pub(super) fn is_entered(&self) -> bool {
        self.roles.iter().any(|role| role.inside.is_some())
    }
}
