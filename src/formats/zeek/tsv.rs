//! Zeek's ASCII writer: `#` lines that say how to read the rows, then rows.
//!
//! Nothing is assumed: separators, the marks for unset and empty, and the order of columns come from the
//! header, which returns after each rotation and may then be another one. Rows before any `#fields` line are
//! refused, because their columns cannot be known. Layout: docs.zeek.org, log formats, Zeek 3 to 8.

use std::borrow::Cow;
use std::net::IpAddr;

use memchr::memchr;

use crate::formats::cuts::each_border;
use crate::formats::{clock, cursor};
use crate::model::{Fields, Time, Untrusted};

use super::columns::{Column, Log};
use super::row::Row;

/// The most columns of which the roles are remembered; Zeek's widest log has about 40.
const MAX_COLUMNS: usize = 512;

/// What the header said.
#[derive(Debug)]
pub(super) struct Header {
    separator: u8,
    set_separator: u8,
    unset: Vec<u8>,
    empty: Vec<u8>,
    /// What `#path` named: one of the logs we read, or none of them.
    path: Option<Option<Log>>,
    roles: Vec<Option<Column>>,
    lacks: Option<&'static str>,
    tells: Fields,
}

impl Default for Header {
    fn default() -> Self {
        Self {
            separator: b'\t',
            set_separator: b',',
            unset: b"-".to_vec(),
            empty: b"(empty)".to_vec(),
            path: None,
            roles: Vec::new(),
            lacks: None,
            tells: Fields::NONE,
        }
    }
}

impl Header {
    /// The log that the rows below belong to, as far as the header told; `Some(None)` is one we do not read.
    pub(super) const fn path(&self) -> Option<Option<Log>> {
        self.path
    }

    /// Whether no line of a header was met: then rows say themselves what they are, or nothing.
    pub(super) const fn is_unwritten(&self) -> bool {
        self.path.is_none() && self.roles.is_empty()
    }

    /// What rows of these columns can tell.
    pub(super) const fn tells(&self) -> Fields {
        self.tells
    }

    /// Learns from a line that begins with `#`. `log` is the log that the stream was opened for, if any.
    pub(super) fn learn(&mut self, line: &[u8], log: Option<Log>) {
        // This one comes first and is always followed by a blank, whatever it says.
        if let Some(separator) = line.strip_prefix(b"#separator ") {
            *self = Self::default();
            if let Some(byte) = unescaped(separator).first() {
                self.separator = *byte;
            }
            return;
        }
        let Some(at) = memchr(self.separator, line) else {
            return;
        };
        let (key, value) = line.split_at_checked(at).unwrap_or((line, b""));
        let value = value.get(1..).unwrap_or_default();
        match key {
            b"#set_separator" => self.set_separator = value.first().copied().unwrap_or(b','),
            b"#unset_field" => self.unset = value.to_vec(),
            b"#empty_field" => self.empty = value.to_vec(),
            b"#path" => {
                self.path = Some(Log::ALL.into_iter().find(|l| l.path().as_bytes() == value));
            }
            b"#fields" => self.learn_columns(value, log),
            _ => {}
        }
    }

    fn learn_columns(&mut self, names: &[u8], log: Option<Log>) {
        self.roles = names
            .split(|byte| *byte == self.separator)
            .take(MAX_COLUMNS)
            .map(Column::named)
            .collect();
        let has = |column| self.roles.contains(&Some(column));
        let Some(log) = log.or(self.path.flatten()) else {
            return;
        };
        self.lacks = log.lacks(has);
        self.tells = log.tells_with(has);
    }

    /// Cuts a row into its cells.
    pub(super) fn row<'h, 'a>(&'h self, line: &'a [u8]) -> Result<TsvRow<'h, 'a>, &'static str> {
        if self.roles.is_empty() {
            return Err("no #fields line before this row");
        }
        if let Some(lacks) = self.lacks {
            return Err(lacks);
        }
        let mut cells = [None; Column::COUNT];
        let mut start = 0;
        let mut roles = self.roles.iter();
        let mut put = |end: usize| {
            let role = roles.next()?;
            if let Some(column) = *role
                && let Some(cell) = line.get(start..end)
                && cell != self.unset
                && let Some(slot) = cells.get_mut(column as usize)
            {
                *slot = Some(cell);
            }
            start = end + 1;
            Some(())
        };
        let all = each_border(line, self.separator, &mut put).and_then(|()| put(line.len()));
        if all.is_none() {
            return Err("more columns than #fields");
        }
        if roles.next().is_some() {
            return Err("fewer columns than #fields");
        }
        Ok(TsvRow {
            header: self,
            cells,
        })
    }
}

/// The cells of one row, borrowed from the line.
#[derive(Debug)]
pub(super) struct TsvRow<'h, 'a> {
    header: &'h Header,
    cells: [Option<&'a [u8]>; Column::COUNT],
}

impl<'a> TsvRow<'_, 'a> {
    pub(super) fn raw(&self, column: Column) -> Option<&'a [u8]> {
        self.cells.get(column as usize).copied().flatten()
    }
}

impl<'a> Row<'a> for TsvRow<'_, 'a> {
    fn text(&mut self, column: Column) -> Option<Cow<'a, [u8]>> {
        let raw = self.raw(column)?;
        (!raw.is_empty() && raw != self.header.empty).then(|| unescaped(raw))
    }

    fn list(&mut self, column: Column) -> Vec<Untrusted<'a>> {
        let Some(raw) = self.raw(column) else {
            return Vec::new();
        };
        if raw == self.header.empty {
            return Vec::new();
        }
        raw.split(|byte| *byte == self.header.set_separator)
            .filter(|item| !item.is_empty() && *item != self.header.unset)
            .map(|item| Untrusted::from(unescaped(item)))
            .collect()
    }

    fn count(&self, column: Column) -> Option<u64> {
        cursor::number(self.raw(column)?)
    }

    fn flag(&self, column: Column) -> Option<bool> {
        match self.raw(column)? {
            b"T" => Some(true),
            b"F" => Some(false),
            _ => None,
        }
    }

    fn address(&self, column: Column) -> Option<IpAddr> {
        cursor::ip(self.raw(column)?)
    }

    fn time(&self, column: Column) -> Option<Time> {
        clock::epoch(self.raw(column)?)
    }

    fn millis(&self, column: Column) -> Option<u64> {
        // An interval reads like a time: decimal seconds.
        u64::try_from(clock::epoch(self.raw(column)?)?.micros() / 1000).ok()
    }
}

/// Undoes `\x09` and `\\`; anything else behind a backslash stays as it is.
fn unescaped(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr(b'\\', raw) else {
        return Cow::Borrowed(raw);
    };
    let (clean, mut rest) = raw.split_at_checked(first).unwrap_or((raw, b""));
    let mut text = clean.to_vec();
    while let Some((byte, tail)) = rest.split_first() {
        let (decoded, after) = match tail {
            [b'x', high, low, after @ ..] if *byte == b'\\' => match hex(*high, *low) {
                Some(value) => (value, after),
                None => (*byte, tail),
            },
            [b'\\', after @ ..] if *byte == b'\\' => (b'\\', after),
            _ => (*byte, tail),
        };
        text.push(decoded);
        rest = after;
    }
    Cow::Owned(text)
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_odd_ones_kept() {
        for (raw, text) in [
            ("plain", &b"plain"[..]),
            ("a\\x09b", b"a\tb"),
            ("M\\xfcller", b"M\xfcller"),
            ("back\\\\slash", b"back\\slash"),
            ("\\x2", b"\\x2"),
            ("\\xzz\\", b"\\xzz\\"),
            ("\\\\x41", b"\\x41"),
        ] {
            assert_eq!(unescaped(raw.as_bytes()).as_ref(), text, "{raw}");
        }
    }
}
