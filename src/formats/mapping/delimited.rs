//! Rows of values: CSV, TSV, and W3C extended logs.
//!
//! What a column means comes from the mapping, or from a header line, which may return in the middle of a log and may
//! then be another one. CSV as in RFC 4180, W3C as in the working draft of 1996 and as Blue Coat, Microsoft and
//! Netskope write it: quotes without escapes, several blanks for one, tabs where names hold blanks.

use memchr::memchr2;

use crate::formats::cuts::{Borders, find_byte};

use super::cell::{Cell, Form};
use super::cells::Cells;
use super::columns::{Columns, MAX_COLUMNS};
use super::keys::Keys;

/// A header line has a name that is known among its first so many.
const FIRST_NAMES: usize = 3;
const NO_END: &str = "a quote that does not end";

/// A time in brackets is shorter.
const MAX_TIME_BYTES: usize = 64;

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

/// What a line turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Row,
    /// The names of the columns that follow.
    Header,
    /// A line that says nothing about columns.
    Comment,
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
            Style::Csv(separator) if self.header && is_header(line, separator, keys, columns) => {
                columns.learn(line, csv_names(line, separator), keys);
                return Ok(Line::Header);
            }
            _ if !columns.known => return Err("no line before this row names its columns"),
            _ => {}
        }
        let count = match self.style {
            Style::W3c => self.w3c(line, keys, columns, cells)?,
            Style::Csv(separator) => self.csv(line, separator, keys, columns, cells)?,
        };
        let named = columns.layout.named;
        let own = named == 0;
        if own && count < self.least || self.style == Style::W3c && count < named {
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
        let mut separators = Borders::of(line, separator);
        let mut quotes = Borders::of(line, b'"');
        let mut from = 0;
        let mut at = 0;
        loop {
            let quoted = match self.quotes {
                true => quoted_value(line, from, separator, &mut quotes)?,
                false => None,
            };
            let (cell, end) = quoted.unwrap_or_else(|| {
                let end = separators.from(from);
                let value = line.get(from..end.unwrap_or(line.len()));
                (Cell::new(value.unwrap_or_default(), Form::Plain), end)
            });
            columns.put(at, cell, keys, cells);
            at += 1;
            match end {
                Some(end) => from = end + 1,
                None => return Ok(at),
            }
        }
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
        let line = if tabs { line } else { line.trim_ascii_end() };
        let mut separators = Borders::of(line, separator);
        let mut from = 0;
        let mut at = 0;
        loop {
            while !tabs && line.get(from).is_some_and(u8::is_ascii_whitespace) {
                from += 1;
            }
            let inside = match line.get(from) {
                Some(b'"' | b'[') => enclosed(line.get(from..).unwrap_or_default(), separator)?,
                _ => None,
            };
            let (value, end) = match inside {
                Some(value) => {
                    let end = from + value.len() + 2;
                    (value, Some(end).filter(|end| *end < line.len()))
                }
                None => {
                    let end = separators.from(from);
                    let value = line.get(from..end.unwrap_or(line.len()));
                    (value.unwrap_or_default(), end)
                }
            };
            columns.put(at, Cell::new(value, Form::Plain), keys, cells);
            at += 1;
            match end {
                Some(end) => from = end + 1,
                None => return Ok(at),
            }
        }
    }
}

/// The value between quotes that begins here, and where the separator behind it is, if anything is there. None where somebody's
/// quote stands in the middle of a value.
#[inline]
fn quoted_value<'a>(
    line: &'a [u8],
    from: usize,
    separator: u8,
    quotes: &mut Borders<'_>,
) -> Result<Option<(Cell<'a>, Option<usize>)>, &'static str> {
    let start = match line.get(from) {
        Some(b'"') => from + 1,
        Some(b' ') if line.get(from + 1) == Some(&b'"') => from + 2,
        _ => return Ok(None),
    };
    let mut form = Form::Plain;
    let mut end = quotes.from(start).ok_or(NO_END)?;
    // The usual case; a blank is looked at below, for it may be none of the separators.
    let is_usual = separator != b'"' && !separator.is_ascii_whitespace();
    if is_usual && line.get(end + 1) == Some(&separator) {
        let value = Cell::new(line.get(start..end).unwrap_or_default(), form);
        return Ok(Some((value, Some(end + 1))));
    }
    while line.get(end + 1) == Some(&b'"') {
        form = Form::Doubled;
        end = quotes.from(end + 2).ok_or(NO_END)?;
    }
    let value = Cell::new(line.get(start..end).unwrap_or_default(), form);
    let behind = line.get(end + 1..).unwrap_or_default();
    let after = behind.trim_ascii_start();
    Ok(match after.first() {
        None => Some((value, None)),
        Some(byte) if *byte == separator => Some((value, Some(line.len() - after.len()))),
        // The separator may be a blank itself.
        Some(_) if behind.first() == Some(&separator) => Some((value, Some(end + 1))),
        Some(_) => None,
    })
}

/// The inside of a value between quotes or brackets, with which the text begins.
fn enclosed(text: &[u8], separator: u8) -> Result<Option<&[u8]>, &'static str> {
    // A time in brackets holds a blank; what is longer is none, and a line full of brackets is not searched over and over.
    let (closing, reach) = match text.first() {
        Some(b'"') => (b'"', text.len()),
        Some(b'[') => (b']', MAX_TIME_BYTES),
        _ => return Ok(None),
    };
    let inside = text.get(1..).unwrap_or_default();
    let within = inside.get(..reach).unwrap_or(inside);
    let mut from = 0;
    while let Some(step) = within.get(from..).and_then(|rest| find_byte(rest, closing)) {
        let end = from + step;
        // A quote inside a value is written as it is, or doubled.
        if inside
            .get(end + 1)
            .is_none_or(|behind| *behind == separator)
        {
            return Ok(inside.get(..end));
        }
        from = end + 1;
    }
    match closing {
        b'"' => Err(NO_END),
        _ => Ok(None),
    }
}

/// Whether a line holds names of columns and nothing else: half of what is wanted, and all of what is known.
fn is_header(line: &[u8], separator: u8, keys: &Keys, columns: &Columns) -> bool {
    let is_known = |name: &[u8]| keys.flat(name).is_some() || columns.names(name);
    // One look at the first values, which are hardly ever names, saves cutting every row twice.
    let mut separators = Borders::of(line, separator);
    let mut from = mark_size(line);
    let mut first = (0..FIRST_NAMES).map_while(|_| {
        let end = separators.from(from).unwrap_or(line.len());
        let name = line.get(from..end)?;
        from = end + 1;
        Some(unquoted(name))
    });
    if !first.any(is_known) {
        return false;
    }
    // A quote in the middle: what stands in front of it is a syslog header, which has to come off before.
    let first = csv_names(line, separator).next();
    if first.is_some_and(|name| memchr::memchr(b'"', name).is_some()) {
        return false;
    }
    let names = csv_names(line, separator).take(MAX_COLUMNS);
    let (count, known) = names.fold((0, 0), |(count, known), name| {
        (count + 1, known + usize::from(is_known(name)))
    });
    known >= 2 && known * 2 >= keys.count().min(count)
}

/// The values of a header line, unquoted.
fn csv_names(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = line.get(mark_size(line)..);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = find_byte(text, separator);
        rest = end.and_then(|end| text.get(end + 1..));
        text.get(..end.unwrap_or(text.len())).map(unquoted)
    })
}

/// A name without blanks and quotes around it.
fn unquoted(name: &[u8]) -> &[u8] {
    match name.trim_ascii() {
        [b'"', inside @ .., b'"'] => inside,
        name => name,
    }
}

/// The size of the mark that says that a file is UTF-8.
fn mark_size(line: &[u8]) -> usize {
    let mark = b"\xef\xbb\xbf";
    if line.starts_with(mark) {
        mark.len()
    } else {
        0
    }
}

/// `#Fields: …`, `#Date: …`; the others say nothing about rows.
fn directive(line: &[u8], keys: &Keys, columns: &mut Columns) -> Line {
    let Some((name, value)) = super::super::cursor::split(line, b':') else {
        return Line::Comment;
    };
    let value = value.trim_ascii();
    if name.eq_ignore_ascii_case(b"#Fields") {
        let separator = if memchr::memchr(b'\t', value).is_some() {
            b'\t'
        } else {
            b' '
        };
        columns.separator = separator;
        let names = value
            .split(|byte| *byte == separator)
            .map(<[u8]>::trim_ascii)
            .filter(|name| separator == b'\t' || !name.is_empty());
        columns.learn(value, names, keys);
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
