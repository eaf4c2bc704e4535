//! Rows of values: CSV, TSV, and W3C extended logs.
//!
//! What a column means comes from the mapping, or from a header line, which may return in the middle of a log and may
//! then be another one. CSV as in RFC 4180, W3C as in the working draft of 1996 and as Blue Coat, Microsoft and
//! Netskope write it: quotes without escapes, several blanks for one, tabs where names hold blanks.

use memchr::{memchr, memchr2};

use super::cell::{Cell, Form};
use super::cells::{Cells, Slot};
use super::json;
use super::keys::{Keys, Node};

/// A header line has a name that is known among its first so many.
const FIRST_NAMES: usize = 3;
/// The most columns of which the meaning is remembered.
const MAX_COLUMNS: usize = 512;

/// A time in brackets is shorter.
const MAX_TIME_BYTES: usize = 64;

/// What a column holds: the slots that want it, by name and by number, and where keys lead into it.
#[derive(Debug, Clone, Copy, Default)]
struct Role {
    named: Option<Slot>,
    numbered: Option<Slot>,
    inside: Option<Node>,
}

/// How rows are cut.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub(super) style: Style,
    pub(super) quotes: bool,
    /// Whether a line may name the columns.
    pub(super) header: bool,
    pub(super) least: usize,
    pub(super) most: usize,
    /// Names of the columns where no line names them.
    pub(super) columns: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// One byte between two values.
    Csv(u8),
    /// Blanks between values, or tabs where the header has tabs.
    W3c,
}

/// What the rows of a log hold, as known so far.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    roles: Vec<Role>,
    /// By slot, whether a column holds its value or what it is found in.
    there: Vec<bool>,
    named: usize,
    separator: u8,
    /// Whether anything told what the columns are.
    pub(super) known: bool,
    /// Day of rows that have a time only.
    pub(super) day: Option<Vec<u8>>,
    /// The names as the last `#Fields` gave them: some products write them over and over.
    learnt: Vec<u8>,
}

/// What a line turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Row,
    /// The names of the columns that follow.
    Header,
    /// A line that says nothing about columns.
    Comment,
}

impl Columns {
    /// As the mapping names them.
    pub(super) fn of(rows: &Rows, keys: &Keys) -> Self {
        let mut columns = Self {
            roles: Vec::new(),
            there: Vec::new(),
            named: 0,
            separator: match rows.style {
                Style::Csv(separator) => separator,
                Style::W3c => b' ',
            },
            known: false,
            day: None,
            learnt: Vec::new(),
        };
        let names: Vec<&[u8]> = rows.columns.iter().map(|name| name.as_bytes()).collect();
        columns.learn(&names, keys);
        columns.named = 0;
        columns.known = !rows.columns.is_empty() || !rows.header && rows.style != Style::W3c;
        columns
    }

    fn learn(&mut self, names: &[&[u8]], keys: &Keys) {
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
        let last_number = numbered.iter().map(|(n, _)| *n).max().unwrap_or(0);
        let count = names.len().max(last_number).min(MAX_COLUMNS);
        self.roles = (0..count)
            .map(|at| {
                let found = names.get(at).map(|name| keys.top(name)).unwrap_or_default();
                Role {
                    named: found.slot,
                    numbered: by_number(at + 1),
                    inside: found.inside,
                }
            })
            .collect();
        let own = self
            .roles
            .iter()
            .flat_map(|role| [role.named, role.numbered])
            .flatten();
        let within = names
            .iter()
            .filter(|name| keys.top(name).inside.is_some())
            .flat_map(|name| keys.within(name));
        let mut there = vec![false; keys.count()];
        for slot in own.chain(within) {
            if let Some(there) = there.get_mut(usize::from(slot)) {
                *there = true;
            }
        }
        self.there = there;
        self.named = names.len();
        self.known = true;
    }

    fn put<'a>(&self, at: usize, cell: Cell<'a>, keys: &Keys, cells: &mut Cells<'a>) {
        let Some(role) = self.roles.get(at) else {
            return;
        };
        if let Some(inside) = role.inside {
            json::enter(&cell, inside, keys, cells);
        }
        match (role.named, role.numbered) {
            (None, None) => {}
            (Some(one), None) | (None, Some(one)) => {
                cells.put(one, cell);
            }
            (Some(one), Some(other)) => {
                cells.put(one, cell);
                cells.put(other, cell);
            }
        }
    }

    /// Whether a value for this slot may be in a row.
    pub(super) fn has(&self, slot: Slot) -> bool {
        self.there.get(usize::from(slot)) == Some(&true)
    }
}

impl Rows {
    /// Fills the cells from a row, or learns from a header line.
    pub(super) fn read<'a>(
        &self,
        line: &'a [u8],
        keys: &Keys,
        columns: &mut Columns,
        cells: &mut Cells<'a>,
    ) -> Result<Line, &'static str> {
        match self.style {
            Style::W3c if line.first() == Some(&b'#') => {
                return Ok(directive(line, keys, columns));
            }
            Style::Csv(separator) if self.header && self.is_header(line, separator, keys) => {
                let names: Vec<&[u8]> = csv_names(line, separator).take(MAX_COLUMNS).collect();
                columns.learn(&names, keys);
                return Ok(Line::Header);
            }
            _ if !columns.known => return Err("no line before this row names its columns"),
            _ => {}
        }
        let count = match self.style {
            Style::W3c => self.w3c(line, keys, columns, cells)?,
            Style::Csv(separator) => self.csv(line, separator, keys, columns, cells)?,
        };
        let own = columns.named == 0;
        if own && count < self.least || self.style == Style::W3c && count < columns.named {
            return Err("fewer columns than there should be");
        }
        if own && count > self.most {
            return Err("more columns than there should be");
        }
        Ok(Line::Row)
    }

    fn csv<'a>(
        &self,
        line: &'a [u8],
        separator: u8,
        keys: &Keys,
        columns: &Columns,
        cells: &mut Cells<'a>,
    ) -> Result<usize, &'static str> {
        let mut rest = line;
        let mut at = 0;
        loop {
            let (cell, after) = self.csv_value(rest, separator)?;
            columns.put(at, cell, keys, cells);
            at += 1;
            match after {
                Some(after) => rest = after,
                None => return Ok(at),
            }
        }
    }

    /// A value, and what follows the separator behind it.
    fn csv_value<'a>(
        &self,
        text: &'a [u8],
        separator: u8,
    ) -> Result<(Cell<'a>, Option<&'a [u8]>), &'static str> {
        let bare = || match memchr(separator, text) {
            Some(at) => (text.get(..at).unwrap_or(text), text.get(at + 1..)),
            None => (text, None),
        };
        let blank = text.strip_prefix(b" ").unwrap_or(text);
        let quoted = blank.strip_prefix(b"\"").filter(|_| self.quotes);
        let Some(inside) = quoted else {
            let (value, after) = bare();
            return Ok((Cell::new(value, Form::Plain), after));
        };
        let end = closing_quote(inside).ok_or("a quote that does not end")?;
        let value = Cell::new(inside.get(..end).unwrap_or_default(), Form::Doubled);
        let after = inside.get(end + 1..).unwrap_or_default().trim_ascii_start();
        match after.split_first() {
            None => Ok((value, None)),
            Some((byte, after)) if *byte == separator => Ok((value, Some(after))),
            // The separator may be a blank itself.
            Some(_) if inside.get(end + 1) == Some(&separator) => {
                Ok((value, inside.get(end + 2..)))
            }
            // Somebody's quote in the middle of a value.
            Some(_) => {
                let (value, after) = bare();
                Ok((Cell::new(value, Form::Plain), after))
            }
        }
    }

    /// Whether a line holds names of columns and nothing else: half of what is wanted, and all of what is known.
    fn is_header(&self, line: &[u8], separator: u8, keys: &Keys) -> bool {
        let is_known = |name: &&&[u8]| {
            keys.flat(name).is_some() || self.columns.iter().any(|known| known.as_bytes() == **name)
        };
        // One look at the first values, which are hardly ever names, saves cutting every row twice.
        if !csv_names(line, separator)
            .take(FIRST_NAMES)
            .any(|name| is_known(&&name))
        {
            return false;
        }
        let names: Vec<&[u8]> = csv_names(line, separator).take(MAX_COLUMNS).collect();
        let known = names.iter().filter(is_known).count();
        known >= 2 && known * 2 >= keys.count().min(names.len())
    }

    fn w3c<'a>(
        &self,
        line: &'a [u8],
        keys: &Keys,
        columns: &Columns,
        cells: &mut Cells<'a>,
    ) -> Result<usize, &'static str> {
        // Rows with tabs under a header with blanks occur: the header was written by hand.
        let tabs = columns.separator == b'\t'
            || memchr2(b'\t', b' ', line).is_some_and(|at| line.get(at) == Some(&b'\t'));
        let separator = if tabs { b'\t' } else { b' ' };
        let mut rest = if tabs { line } else { line.trim_ascii_end() };
        let mut at = 0;
        loop {
            if !tabs {
                rest = rest.trim_ascii_start();
            }
            let (value, after) = w3c_value(rest, separator)?;
            columns.put(at, Cell::new(value, Form::Plain), keys, cells);
            at += 1;
            match after {
                Some(after) => rest = after,
                None => return Ok(at),
            }
        }
    }
}

fn w3c_value(text: &[u8], separator: u8) -> Result<(&[u8], Option<&[u8]>), &'static str> {
    // A time in brackets holds a blank; what is longer is none, and a line full of brackets is not searched over and over.
    let closing = match text.first() {
        Some(b'"') => Some((b'"', text.len())),
        Some(b'[') => Some((b']', MAX_TIME_BYTES)),
        _ => None,
    };
    if let Some((closing, reach)) = closing
        && let Some(inside) = text.get(1..)
    {
        let within = inside.get(..reach).unwrap_or(inside);
        let mut from = 0;
        while let Some(step) = within.get(from..).and_then(|rest| memchr(closing, rest)) {
            let end = from + step;
            let after = inside.get(end + 1..).unwrap_or_default();
            // A quote inside a value is written as it is, or doubled.
            match after.split_first() {
                None => return Ok((inside.get(..end).unwrap_or_default(), None)),
                Some((byte, rest)) if *byte == separator => {
                    return Ok((inside.get(..end).unwrap_or_default(), Some(rest)));
                }
                Some(_) => from = end + 1,
            }
        }
        if closing == b'"' {
            return Err("a quote that does not end");
        }
    }
    Ok(match memchr(separator, text) {
        Some(at) => (text.get(..at).unwrap_or(text), text.get(at + 1..)),
        None => (text, None),
    })
}

/// The quote that ends a value: one that is not doubled.
fn closing_quote(inside: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', inside.get(from..)?)?;
        if inside.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

/// The values of a header line, unquoted.
fn csv_names(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    line.split(move |byte| *byte == separator).map(|name| {
        let name = name.trim_ascii();
        let inside = name.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\""));
        inside.unwrap_or(name)
    })
}

/// `#Fields: …`, `#Date: …`; the others say nothing about rows.
fn directive(line: &[u8], keys: &Keys, columns: &mut Columns) -> Line {
    let Some((name, value)) = super::super::cursor::split(line, b':') else {
        return Line::Comment;
    };
    let value = value.trim_ascii();
    if name.eq_ignore_ascii_case(b"#Fields") {
        if !value.is_empty() && columns.learnt == value {
            return Line::Header;
        }
        columns.learnt = value.to_vec();
        columns.separator = if memchr(b'\t', value).is_some() {
            b'\t'
        } else {
            b' '
        };
        let names: Vec<&[u8]> = value
            .split(|byte| *byte == columns.separator)
            .map(<[u8]>::trim_ascii)
            .filter(|name| columns.separator == b'\t' || !name.is_empty())
            .take(MAX_COLUMNS)
            .collect();
        columns.learn(&names, keys);
        return Line::Header;
    }
    if name.eq_ignore_ascii_case(b"#Date") {
        let day = value.get(..10).filter(|day| super::stamp::is_day(day));
        columns.day = day.map(<[u8]>::to_vec);
    }
    Line::Comment
}

#[cfg(test)]
mod tests;
