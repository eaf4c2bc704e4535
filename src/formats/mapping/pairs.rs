//! `key=value` pairs, however a product separates, assigns and quotes.
//!
//! A quote ends a value only where a separator or the end follows it, because many products put quotes into
//! values as they are. Unquoted values end at the separator, or, where they may hold it, where the next `key=` begins.
//! Of a key that occurs twice the first counts: what a client writes comes after what the product knows. Where it does not,
//! a mapping says that such a record is bad.

use memchr::memmem;

use crate::formats::cuts::find_byte;

use super::cell::{Cell, Form};
use super::cells::Cells;
use super::json;
use super::keys::Keys;

/// The key of the time that stands before the record itself begins.
pub(super) const BEFORE: &[u8] = b"@before";
/// How many words before the first pair may be the beginning of a time.
const WORDS: usize = 12;

/// The longest key; longer is text that happens to hold the assigning sign.
const MAX_KEY_BYTES: usize = 80;

/// What is left of a text, and what is known of it already.
#[derive(Debug, Clone, Copy)]
struct Rest<'a> {
    text: &'a [u8],
    /// The size of the key that comes next.
    ahead: Option<usize>,
    /// Whether nothing is escaped, for no backslash is in it.
    is_plain: bool,
    /// Whether keys follow blanks and nothing else, so that a key that was seen behind a value is the next.
    is_spaced: bool,
}

/// How pairs are written.
#[derive(Debug, Clone)]
pub(in crate::formats) struct Pairs {
    pub(super) separator: Vec<u8>,
    pub(super) assign: Vec<u8>,
    /// What the pairs stand behind: the first of these texts that is there.
    pub(super) begin: Vec<Vec<u8>>,
    pub(super) end: Vec<u8>,
    pub(super) quotes: bool,
    /// How a quoted value is escaped, and an unquoted one.
    pub(super) quoted: Form,
    pub(super) bare: Form,
    /// Whether unquoted values hold the separator.
    pub(super) blanks: bool,
    /// Whether a key that has two values makes the record bad.
    pub(super) once: bool,
}

impl Pairs {
    /// `key="value" key="value"`, with a backslash in front of a quote in a value.
    pub(in crate::formats) fn quoted_between_blanks() -> Self {
        Self {
            separator: b" ".to_vec(),
            assign: b"=".to_vec(),
            begin: Vec::new(),
            end: Vec::new(),
            quotes: true,
            quoted: Form::Backslash,
            bare: Form::Plain,
            blanks: false,
            once: false,
        }
    }

    /// Fills the cells from the pairs in a text.
    pub(super) fn fill<'a>(
        &self,
        text: &'a [u8],
        keys: &Keys,
        cells: &mut Cells<'a>,
    ) -> Result<(), &'static str> {
        let inside = self
            .inside(text)
            .ok_or("the text around the pairs is missing")?;
        let mut rest = self.rest(inside);
        if let Some(slot) = keys.flat(BEFORE)
            && let Some((key, value)) = self.key(rest)
            && let Some(before) =
                inside.get(..inside.len() - key.len() - self.assign.len() - value.len())
            && let Some(time) = time_in(before)
        {
            cells.put(slot, Cell::new(time, Form::Plain));
        }
        let mut pairs = 0_u32;
        while let Some((key, value)) = self.next(&mut rest)? {
            pairs += 1;
            let found = keys.top(key);
            if let Some(inside) = found.inside {
                json::enter(&value, inside, keys, cells);
            }
            if let Some(slot) = found.slot
                && !cells.put(slot, value)
                && self.once
                && !cells.repeats(slot)
            {
                return Err("a key twice");
            }
        }
        match pairs {
            0 => Err("no key and value in it"),
            _ => Ok(()),
        }
    }

    /// Every pair, whatever the key; those in front of a quote that does not end too.
    pub(in crate::formats) fn each<'a>(
        &self,
        text: &'a [u8],
        mut take: impl FnMut(&'a [u8], Cell<'a>),
    ) -> Result<(), &'static str> {
        let mut rest = self.rest(text);
        while let Some((key, value)) = self.next(&mut rest)? {
            take(key, value);
        }
        Ok(())
    }

    fn inside<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let behind = |begin: &Vec<u8>| text.get(find(text, begin)? + begin.len()..);
        let text = match self.begin.as_slice() {
            [] => text,
            begins => begins.iter().find_map(behind)?,
        };
        let text = text.trim_ascii_end();
        Some(match self.end.as_slice() {
            [] => text,
            // A record that lacks the closing text was cut off; what is there is still true.
            end => text.strip_suffix(end).unwrap_or(text),
        })
    }

    #[inline]
    fn next<'a>(&self, rest: &mut Rest<'a>) -> Result<Option<(&'a [u8], Cell<'a>)>, &'static str> {
        let Some((key, value)) = self.key(*rest) else {
            return Ok(None);
        };
        let (value, form) = match value {
            [b'"', quoted @ ..] if self.quotes => {
                let inside = self.quoted(quoted, rest);
                (inside.ok_or("a quote that does not end")?, self.quoted)
            }
            _ => (self.bare(value, rest), self.bare),
        };
        let form = if rest.is_plain { Form::Plain } else { form };
        Ok(Some((key, Cell::new(value, form))))
    }

    fn rest<'a>(&self, text: &'a [u8]) -> Rest<'a> {
        Rest {
            text,
            ahead: None,
            // Of a key that may occur but once, a value in quotes and one without are not the same.
            is_plain: !self.once && memchr::memchr(b'\\', text).is_none(),
            is_spaced: *self.separator == *b" " && *self.assign == *b"=",
        }
    }

    /// The next key and what stands behind its sign; words in front that are no key are passed over.
    #[inline]
    fn key<'a>(&self, rest: Rest<'a>) -> Option<(&'a [u8], &'a [u8])> {
        // Nearly always the next key comes next.
        let next = self.past_separators(rest.text);
        if let Some(size) = rest.ahead.or_else(|| self.key_ahead(next)) {
            let (key, value) = next.split_at_checked(size)?;
            return Some((key, value.get(self.assign.len()..)?));
        }
        self.key_behind_words(rest.text)
    }

    fn key_behind_words<'a>(&self, text: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let mut from = 0;
        loop {
            let at = from + find(text.get(from..)?, &self.assign)?;
            let before = self.window(text.get(..at)?);
            let value = text.get(at + self.assign.len()..)?;
            let start = self.after_separator(before);
            let key = before.get(start..)?.trim_ascii();
            // `<189>date=`: nothing separates the first key from a priority.
            let key = match memchr::memrchr(b'>', key) {
                Some(at) => key.get(at + 1..)?,
                None => key,
            };
            if is_key(key) {
                return Some((key, value));
            }
            from = at + self.assign.len();
        }
    }

    /// The end of a text, as far as a key can reach back: a text full of signs must not be searched over and over.
    fn window<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        let reach = MAX_KEY_BYTES + self.separator.len() + 2;
        text.get(text.len().saturating_sub(reach)..).unwrap_or(text)
    }

    /// Where the last word of this text begins.
    fn after_separator(&self, text: &[u8]) -> usize {
        // A key stands behind the separator, and never holds a blank unless pairs are separated otherwise.
        let separator = rfind(text, &self.separator).map_or(0, |at| at + self.separator.len());
        let solid = !self.separator.trim_ascii().is_empty() || self.separator.contains(&b'\t');
        if solid && self.blanks {
            return separator;
        }
        let blank = memchr::memrchr2(b' ', b'\t', text.trim_ascii_end()).map_or(0, |at| at + 1);
        separator.max(blank)
    }

    /// The inside of a quoted value; the rest is what follows it.
    fn quoted<'a>(&self, text: &'a [u8], rest: &mut Rest<'a>) -> Option<&'a [u8]> {
        rest.ahead = None;
        // Where the value may end, if nothing better is found.
        let mut likely = None;
        let mut from = 0;
        while let Some(step) = text.get(from..).and_then(|rest| find_byte(rest, b'"')) {
            let at = from + step;
            from = at + 1;
            let after = text.get(at + 1..)?;
            if !rest.is_plain && self.quoted == Form::Backslash && is_escaped(text, at) {
                continue;
            }
            if likely.is_some() && text.get(..at)?.ends_with(&self.assign) {
                // The next pair has begun: only words without a key stood between.
                break;
            }
            let ahead = self.pair_ahead(after);
            if ahead.is_some() || after.iter().all(u8::is_ascii_whitespace) {
                rest.text = after;
                rest.ahead = ahead.filter(|_| rest.is_spaced);
                return text.get(..at);
            }
            let ends = after.starts_with(self.separator.trim_ascii_end())
                || after.first().is_some_and(u8::is_ascii_whitespace);
            if ends && likely.is_none() {
                likely = Some(at);
            }
        }
        let at = likely?;
        rest.text = text.get(at + 1..)?;
        text.get(..at)
    }

    /// The size of the key, if a separator, a key and its sign come next.
    fn pair_ahead(&self, text: &[u8]) -> Option<usize> {
        let rest = match (text, self.separator.as_slice()) {
            ([first, rest @ ..], [byte]) if first == byte => rest,
            (_, separator) => text
                .strip_prefix(separator)
                .or_else(|| text.strip_prefix(separator.trim_ascii()))?,
        };
        self.key_ahead(rest.trim_ascii_start())
    }

    /// The size of a key that the text begins with, if its sign follows.
    fn key_ahead(&self, text: &[u8]) -> Option<usize> {
        let reach = text.get(..=MAX_KEY_BYTES).unwrap_or(text);
        let size = reach.iter().position(|byte| !is_key_byte(*byte))?;
        let behind = text.get(size..)?;
        let assigns = match self.assign.as_slice() {
            [byte] => behind.first() == Some(byte),
            assign => behind.starts_with(assign),
        };
        (size > 0 && assigns).then_some(size)
    }

    fn past_separators<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        let mut rest = text.trim_ascii_start();
        if *self.separator == *b" " {
            return rest;
        }
        while let Some(after) = rest.strip_prefix(self.separator.trim_ascii()) {
            if after.len() == rest.len() {
                break;
            }
            rest = after.trim_ascii_start();
        }
        rest
    }

    /// An unquoted value; the rest is what follows it.
    #[inline]
    fn bare<'a>(&self, text: &'a [u8], rest: &mut Rest<'a>) -> &'a [u8] {
        rest.ahead = None;
        let end = if self.blanks {
            let next = self.before_next_key(text);
            rest.ahead = next.map(|(_, size)| size).filter(|_| rest.is_spaced);
            next.map(|(end, _)| end)
        } else {
            find(text, &self.separator)
        };
        let value;
        (value, rest.text) = end
            .and_then(|end| text.split_at_checked(end))
            .unwrap_or((text, b""));
        value
    }

    /// Where the separator in front of the next `key=` stands, and the size of the key.
    fn before_next_key(&self, text: &[u8]) -> Option<(usize, usize)> {
        let mut from = 0;
        loop {
            let at = from + find(text.get(from..)?, &self.assign)?;
            let before = text.get(..at)?;
            let reach = before.get(at.saturating_sub(MAX_KEY_BYTES + 1)..)?;
            let border = reach.iter().rposition(|byte| !is_key_byte(*byte));
            let size = border.map_or(reach.len(), |border| reach.len() - border - 1);
            let in_front = before.get(..at - size)?;
            let is_key = (1..=MAX_KEY_BYTES).contains(&size);
            let is_apart = match self.separator.as_slice() {
                [byte] => in_front.last() == Some(byte),
                separator => in_front.ends_with(separator),
            };
            if is_key && is_apart && !(self.bare == Form::Cef && is_escaped(text, at)) {
                return Some((in_front.len() - self.separator.len(), size));
            }
            from = at + self.assign.len();
        }
    }
}

/// The time at the end of a text, if there is one.
pub(super) fn time_in(text: &[u8]) -> Option<&[u8]> {
    let is_border = |b: &u8| matches!(b, b' ' | b'\t' | b'|' | b',' | b';');
    let end = text.iter().rposition(|b| !is_border(b))? + 1;
    let mut rest = text.get(..end)?;
    for _ in 0..WORDS {
        for end in rest
            .iter()
            .enumerate()
            .filter(|(_, b)| is_border(b))
            .map(|(at, _)| at)
            .chain([rest.len()])
            .rev()
            .take(WORDS)
        {
            let time = rest.get(..end)?;
            if super::stamp::read(time, &[]).is_some() {
                return Some(time);
            }
        }
        let next = rest.iter().position(is_border)?;
        rest = rest.get(next + 1..)?;
    }
    None
}

/// Whether an odd number of backslashes stands in front.
pub(in crate::formats) fn is_escaped(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

fn is_key(word: &[u8]) -> bool {
    !word.is_empty() && word.len() <= MAX_KEY_BYTES && word.iter().all(|byte| is_key_byte(*byte))
}

#[inline]
fn is_key_byte(byte: u8) -> bool {
    KEY_BYTES.get(usize::from(byte)) == Some(&true)
}

/// By byte, whether keys may hold it.
static KEY_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut left = table.as_mut_slice();
    let mut byte = 0_u8;
    while let Some((place, rest)) = left.split_first_mut() {
        *place = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'_' | b'-' | b'.' | b'(' | b')' | b'@' | b'/' | b'[' | b']'
            );
        byte = byte.wrapping_add(1);
        left = rest;
    }
    table
};

pub(super) fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    match what {
        [byte] => find_byte(text, *byte),
        what => memmem::find(text, what),
    }
}

fn rfind(text: &[u8], what: &[u8]) -> Option<usize> {
    match what {
        [byte] => memchr::memrchr(*byte, text),
        what => memmem::rfind(text, what),
    }
}

#[cfg(test)]
mod tests;
