//! One JSON object, read in one pass without building anything.
//!
//! Strict about structure, because a record that was cut off or glued together must not pass for a whole one;
//! indifferent to what it is not asked for. Numbers and words are kept as text. Lists are transparent. A string that
//! holds an object is entered when a wanted key leads into it. Depth is bounded. A wanted key that stands twice in one
//! object with two values makes the record bad: where a product writes quotes of clients as they are, one of the two is theirs.

use std::borrow::Cow;
use std::ops::Range;

use crate::formats::cuts::Borders;

use super::cell::{Cell, Form};
use super::cells::{Cells, Slot};
use super::keys::{Found, Keys, Node, ROOT};

/// Deeper than this is no log.
const MAX_DEPTH: u32 = 128;

pub(super) const NOT_JSON: &str = "not JSON";
pub(super) const CUT: &str = "JSON cut off";
const TOO_DEEP: &str = "JSON nested too deeply";
const TWICE: &str = "a JSON key twice";

/// Fills the cells from an object.
pub(super) fn fill<'a>(
    body: &'a [u8],
    keys: &Keys,
    cells: &mut Cells<'a>,
) -> Result<(), &'static str> {
    let mut walk = Walk::of(body, keys);
    walk.seen = std::mem::take(&mut cells.seen);
    let read = walk.whole(cells);
    cells.seen = std::mem::take(&mut walk.seen);
    read
}

/// Reads on inside a value that holds an object as text, when wanted keys lead into it.
pub(super) fn enter<'a>(cell: &Cell<'a>, inside: Node, keys: &Keys, cells: &mut Cells<'a>) {
    let text = cell.text();
    if text.starts_with(b"{") {
        let mut values = Vec::new();
        let room = Room {
            depth: 1,
            in_list: false,
        };
        let mut walk = Walk::of(&text, keys);
        let read = walk.object(Some(inside), room, &mut Sink::Copied(&mut values));
        if read.is_ok() {
            for (slot, value) in values {
                cells.put_copied(slot, value);
            }
        }
    }
}

/// Where values go: straight into the cells, or copied, when the text is not the record's own.
enum Sink<'s, 'a> {
    Whole(&'s mut Cells<'a>),
    Copied(&'s mut Vec<(Slot, Vec<u8>)>),
    Nowhere,
}

#[derive(Clone, Copy)]
struct Room {
    depth: u32,
    in_list: bool,
}

/// A wanted key of an object that stands open: what it leads to, where it stands and where its value does.
#[derive(Debug)]
pub(super) struct Seen {
    found: Found,
    key: Range<usize>,
    value: Range<usize>,
}

pub(super) struct Walk<'k, 'a> {
    text: &'a [u8],
    pub(super) at: usize,
    /// Where texts end, or something is escaped in them.
    marks: Borders<'a>,
    keys: &'k Keys,
    /// Innermost object last.
    seen: Vec<Seen>,
}

impl<'k, 'a> Walk<'k, 'a> {
    pub(super) fn of(text: &'a [u8], keys: &'k Keys) -> Self {
        Self {
            text,
            at: 0,
            marks: Borders::of_either(text, *b"\"\\"),
            keys,
            seen: Vec::new(),
        }
    }

    /// An object and nothing else.
    fn whole(&mut self, cells: &mut Cells<'a>) -> Result<(), &'static str> {
        self.seen.clear();
        self.blanks();
        if self.peek() != Some(b'{') {
            return Err(NOT_JSON);
        }
        let whole = Found {
            slot: None,
            inside: Some(ROOT),
        };
        let room = Room {
            depth: 0,
            in_list: false,
        };
        self.value(whole, room, &mut Sink::Whole(cells))?;
        self.blanks();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(NOT_JSON),
        }
    }

    /// Passes over a value, whatever it is, and gives it as it stands.
    pub(super) fn stepped_over(&mut self) -> Result<&'a [u8], &'static str> {
        self.blanks();
        let start = self.at;
        let room = Room {
            depth: 0,
            in_list: false,
        };
        self.value(Found::default(), room, &mut Sink::Nowhere)?;
        self.text.get(start..self.at).ok_or(CUT)
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    pub(super) fn blanks(&mut self) {
        // Programs write hardly any.
        if self.peek().is_some_and(|byte| byte > b' ') {
            return;
        }
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Takes a byte after blanks.
    pub(super) fn take(&mut self) -> Result<u8, &'static str> {
        self.blanks();
        let byte = self.peek().ok_or(CUT)?;
        self.at += 1;
        Ok(byte)
    }

    fn value(
        &mut self,
        found: Found,
        room: Room,
        sink: &mut Sink<'_, 'a>,
    ) -> Result<(), &'static str> {
        self.blanks();
        match self.peek().ok_or(CUT)? {
            b'{' => {
                self.put(found, Cell::new(b"", Form::Plain), room, sink)?;
                self.object(found.inside, room, sink)
            }
            b'[' => self.list(found, room, sink),
            b'"' => {
                let (raw, escaped) = self.string()?;
                let form = if escaped { Form::Json } else { Form::Plain };
                if let Some(inside) = found.inside
                    && raw.trim_ascii_start().starts_with(b"{")
                {
                    self.inside_text(&Cell::new(raw, form), inside, room, sink)?;
                }
                self.put(found, Cell::new(raw, form), room, sink)
            }
            _ => {
                let word = self.word()?;
                // There, and empty.
                let word = if word == b"null" { b"" } else { word };
                self.put(found, Cell::new(word, Form::Plain), room, sink)
            }
        }
    }

    fn put(
        &self,
        found: Found,
        cell: Cell<'a>,
        room: Room,
        sink: &mut Sink<'_, 'a>,
    ) -> Result<(), &'static str> {
        let Some(slot) = found.slot else {
            return Ok(());
        };
        match sink {
            Sink::Whole(cells) => match cells.put(slot, cell) {
                // Which of the two would be true?
                false if !room.in_list && !self.keys.is_aliased() && !cells.repeats(slot) => {
                    Err(TWICE)
                }
                _ => Ok(()),
            },
            Sink::Copied(values) => {
                values.push((slot, cell.text().into_owned()));
                Ok(())
            }
            Sink::Nowhere => Ok(()),
        }
    }

    fn object(
        &mut self,
        node: Option<Node>,
        room: Room,
        sink: &mut Sink<'_, 'a>,
    ) -> Result<(), &'static str> {
        let room = deeper(room)?;
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        let outer = self.seen.len();
        loop {
            self.blanks();
            match self.peek().ok_or(CUT)? {
                b'"' => {}
                _ => return Err(NOT_JSON),
            }
            let start = self.at;
            let (key, escaped) = self.string()?;
            let end = self.at;
            let found = match node {
                None => Found::default(),
                Some(node) if escaped => self.keys.find(node, &Cell::new(key, Form::Json).text()),
                Some(node) => self.keys.find(node, key),
            };
            if self.take()? != b':' {
                return Err(NOT_JSON);
            }
            self.blanks();
            let value = self.at;
            self.value(found, room, sink)?;
            if found != Found::default() {
                let seen = Seen {
                    found,
                    key: start..end,
                    value: value..self.at,
                };
                self.see(outer, seen)?;
            }
            match self.take()? {
                b',' => {}
                b'}' => {
                    self.seen.truncate(outer);
                    return Ok(());
                }
                _ => return Err(NOT_JSON),
            }
        }
    }

    /// Remembers a key of the object whose keys begin at `outer`. The same value twice is no lie.
    fn see(&mut self, outer: usize, seen: Seen) -> Result<(), &'static str> {
        let meant = |range: &Range<usize>| {
            let part = self.text.get(range.clone()).unwrap_or_default();
            super::outline::string_text(part).unwrap_or(Cow::Borrowed(part))
        };
        let is_same = |a, b| meant(a) == meant(b);
        let earlier = self.seen.get(outer..).unwrap_or_default();
        let known = earlier
            .iter()
            .find(|known| known.found == seen.found && is_same(&known.key, &seen.key));
        match known {
            Some(known) if !is_same(&known.value, &seen.value) => Err(TWICE),
            // Not kept again: what is kept is bounded by what is wanted.
            Some(_) => Ok(()),
            None => {
                self.seen.push(seen);
                Ok(())
            }
        }
    }

    fn list(
        &mut self,
        found: Found,
        room: Room,
        sink: &mut Sink<'_, 'a>,
    ) -> Result<(), &'static str> {
        let mut room = deeper(room)?;
        room.in_list = true;
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return self.put(found, Cell::new(b"", Form::Plain), room, sink);
        }
        loop {
            self.value(found, room, sink)?;
            match self.take()? {
                b',' => {}
                b']' => return Ok(()),
                _ => return Err(NOT_JSON),
            }
        }
    }

    /// The inside of a string, and whether it holds escapes.
    #[inline]
    pub(super) fn string(&mut self) -> Result<(&'a [u8], bool), &'static str> {
        let start = self.at + 1;
        let mut end = self.marks.from(start).ok_or(CUT)?;
        let mut escaped = false;
        while self.text.get(end) != Some(&b'"') {
            escaped = true;
            end = self.marks.from(end + 2).ok_or(CUT)?;
        }
        self.at = end + 1;
        Ok((self.text.get(start..end).unwrap_or_default(), escaped))
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<&'a [u8], &'static str> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.')));
        let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.at += word.len();
        match word {
            b"true" | b"false" | b"null" => Ok(word),
            [b'0'..=b'9' | b'-', rest @ ..]
                if rest.iter().all(|b| {
                    b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E')
                }) =>
            {
                Ok(word)
            }
            _ if end.is_none() => Err(CUT),
            _ => Err(NOT_JSON),
        }
    }

    /// An object written down as a string. What is none stays what it is: text.
    fn inside_text(
        &self,
        text: &Cell<'a>,
        inside: Node,
        room: Room,
        sink: &mut Sink<'_, 'a>,
    ) -> Result<(), &'static str> {
        let room = deeper(room)?;
        let decoded = text.text();
        let mut values = Vec::new();
        let mut walk = Walk::of(&decoded, self.keys);
        let read = walk.object(Some(inside), room, &mut Sink::Copied(&mut values));
        if read.is_err() {
            return Ok(());
        }
        for (slot, value) in values {
            match sink {
                Sink::Whole(cells) => cells.put_copied(slot, value),
                Sink::Copied(values) => values.push((slot, value)),
                Sink::Nowhere => {}
            }
        }
        Ok(())
    }
}

fn deeper(room: Room) -> Result<Room, &'static str> {
    if room.depth >= MAX_DEPTH {
        return Err(TOO_DEEP);
    }
    Ok(Room {
        depth: room.depth + 1,
        ..room
    })
}

#[cfg(test)]
mod tests;
