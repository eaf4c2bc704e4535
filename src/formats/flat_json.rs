//! The members of an object that is written as programs write it, for glances.
//!
//! Text without escapes, plain numbers, no blanks between: what does not fit is left to a reader of all JSON. What fits
//! is valid JSON throughout. Programs write the same keys in the same order again and again, so each key is
//! first compared with the one that followed the key before the last time.

use super::cuts::position;
use super::look::{Look, WIDTH};

/// How deep values may nest.
const DEPTH: u32 = 6;
/// So many keys are remembered; a log that has more of them is not glanced at.
const MAX_KEYS: usize = 256;

/// One value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Value<'a> {
    #[default]
    Absent,
    /// Between the quotes; printable ASCII without a backslash.
    Text(&'a [u8]),
    /// Digits with or without a sign and a fraction.
    Number(&'a [u8]),
    /// With its braces.
    Object(&'a [u8]),
    /// With its brackets.
    List(&'a [u8]),
    /// `true`, `false` or `null`.
    Other,
}

/// The keys of a log, each with its place among those that are wanted.
#[derive(Debug)]
pub(super) struct Keys {
    place: fn(&[u8]) -> Option<usize>,
    known: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    /// As it is written: between quotes, with a colon.
    written: Box<[u8]>,
    /// How that begins.
    start: Look,
    place: Option<usize>,
    /// What followed it the last time.
    next: usize,
}

impl Key {
    fn new(name: &[u8], place: Option<usize>) -> Self {
        let written = [b"\"", name, b"\":"].concat();
        Self {
            start: Look::at_start_of(&written),
            written: written.into(),
            place,
            next: 0,
        }
    }

    /// What follows this key, if it stands here.
    fn strip<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let length = self.written.len();
        if length > WIDTH {
            return text.strip_prefix(&*self.written);
        }
        let same = Look::at_start_of(text).same(self.start).trailing_ones();
        text.get(length..).filter(|_| same as usize >= length)
    }
}

impl Keys {
    /// Keys of which these are wanted; `place` says where their values go.
    pub(super) fn wanted(place: fn(&[u8]) -> Option<usize>) -> Self {
        Self {
            place,
            // The first stands for the beginning of an object.
            known: vec![Key::new(b"", None)],
        }
    }

    /// Reads the members of an object; those that are wanted are put into their places, which must be empty: a key that
    /// occurs twice is left to somebody else. `None` if anything is out of the ordinary.
    pub(super) fn read<'a, const N: usize>(&mut self, object: &'a [u8]) -> Option<[Value<'a>; N]> {
        let is_plain = object.iter().fold(true, |plain, b| {
            plain & matches!(b, b' '..=b'[' | b']'..=b'~')
        });
        let mut values = [Value::Absent; N];
        let mut rest = object.strip_prefix(b"{").filter(|_| is_plain)?;
        let mut before = 0;
        loop {
            let (key, after) = self.after(before, rest)?;
            before = key;
            let (value, after) = value(after, DEPTH)?;
            let place = self.known.get(before).and_then(|key| key.place);
            if let Some(slot) = place.and_then(|place| values.get_mut(place)) {
                if *slot != Value::Absent {
                    return None;
                }
                *slot = value;
            }
            match after.split_first()? {
                (b',', after) => rest = after,
                (b'}', b"") => return Some(values),
                _ => return None,
            }
        }
    }

    /// Where the key is known that follows another, and its value with what follows.
    fn after<'a>(&mut self, before: usize, from: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let guess = self.known.get(before)?.next;
        if guess > 0
            && let Some(after) = self.known.get(guess)?.strip(from)
        {
            return Some((guess, after));
        }
        let (name, after) = text(from)?;
        let after = after.strip_prefix(b":")?;
        let is_it = |key: &Key| {
            key.written.get(1..=name.len()) == Some(name) && key.written.len() == name.len() + 3
        };
        let found = self.known.iter().skip(1).position(is_it);
        let at = match found {
            Some(found) => found + 1,
            None if self.known.len() > MAX_KEYS => return None,
            None => {
                self.known.push(Key::new(name, (self.place)(name)));
                self.known.len() - 1
            }
        };
        self.known.get_mut(before)?.next = at;
        Some((at, after))
    }
}

/// The inside of a text and what follows it.
fn text(from: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = from.strip_prefix(b"\"")?;
    let end = position(inside, b'"')?;
    Some((inside.get(..end)?, inside.get(end + 1..)?))
}

fn value(from: &[u8], depth: u32) -> Option<(Value<'_>, &[u8])> {
    match from.first()? {
        b'"' => text(from).map(|(text, after)| (Value::Text(text), after)),
        b'-' | b'0'..=b'9' => {
            let length = number(from)?;
            let (number, after) = from.split_at_checked(length)?;
            Some((Value::Number(number), after))
        }
        b't' => Some((Value::Other, from.strip_prefix(b"true")?)),
        b'f' => Some((Value::Other, from.strip_prefix(b"false")?)),
        b'n' => Some((Value::Other, from.strip_prefix(b"null")?)),
        b'[' => nested(from, b']', depth).map(|(list, after)| (Value::List(list), after)),
        b'{' => nested(from, b'}', depth).map(|(object, after)| (Value::Object(object), after)),
        _ => None,
    }
}

/// A list or an object, up to its last byte, and what follows it.
fn nested(from: &[u8], last: u8, depth: u32) -> Option<(&[u8], &[u8])> {
    let after = items(from, last, depth.checked_sub(1)?)?;
    from.split_at_checked(from.len() - after.len())
}

fn items(from: &[u8], last: u8, depth: u32) -> Option<&[u8]> {
    let mut rest = from.get(1..)?;
    if rest.first() == Some(&last) {
        return rest.get(1..);
    }
    loop {
        if last == b'}' {
            rest = text(rest)?.1.strip_prefix(b":")?;
        }
        let (_, after) = value(rest, depth)?;
        match after.split_first()? {
            (b',', after) => rest = after,
            (byte, after) if *byte == last => return Some(after),
            _ => return None,
        }
    }
}

/// How long the number is; one with an exponent or more digits than anybody needs is none.
fn number(from: &[u8]) -> Option<usize> {
    let digits = |at: usize| {
        let rest = from.get(at..).unwrap_or_default();
        match Look::at_start_of(rest).digits().trailing_ones() as usize {
            WIDTH => rest.iter().take_while(|b| b.is_ascii_digit()).count(),
            digits => digits,
        }
    };
    let start = usize::from(from.first() == Some(&b'-'));
    let whole = digits(start);
    let starts_with_nought = whole > 1 && from.get(start) == Some(&b'0');
    if whole == 0 || whole > 18 || starts_with_nought {
        return None;
    }
    let mut end = start + whole;
    if from.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if fraction == 0 || fraction > 18 {
            return None;
        }
        end += 1 + fraction;
    }
    (!matches!(from.get(end), Some(b'e' | b'E'))).then_some(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> Keys {
        Keys::wanted(|key| match key {
            b"a" => Some(0),
            b"b" => Some(1),
            _ => None,
        })
    }

    #[test]
    fn wanted_values_are_found_in_any_order_and_others_are_stepped_over() {
        let mut keys = keys();
        for (object, a, b) in [
            (
                &br#"{"a":"x","b":1}"#[..],
                Value::Text(b"x"),
                Value::Number(b"1"),
            ),
            (
                br#"{"c":[1,"}",{"a":2}],"b":-1.5,"a":null}"#,
                Value::Other,
                Value::Number(b"-1.5"),
            ),
            (
                br#"{"b":{"a":[]},"d":true}"#,
                Value::Absent,
                Value::Object(br#"{"a":[]}"#),
            ),
            (
                br#"{"a":"","b":{}}"#,
                Value::Text(b""),
                Value::Object(b"{}"),
            ),
        ] {
            assert_eq!(keys.read::<2>(object), Some([a, b]));
        }
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_left_alone() {
        let mut keys = keys();
        for object in [
            &br#"{"a":1,"a":2}"#[..],
            br#"{"a": 1}"#,
            br#"{"a":"\n"}"#,
            b"{\"a\":\"\xc3\xa4\"}",
            br#"{"a":01}"#,
            br#"{"a":1e9}"#,
            br#"{"a":1.}"#,
            br#"{"a":1}x"#,
            br#"{"a":1"#,
            br#"{"a":tru}"#,
            br#"{"a":[[[[[[[1]]]]]]]}"#,
            b"{}",
            b"",
        ] {
            assert_eq!(
                keys.read::<2>(object),
                None,
                "{}",
                String::from_utf8_lossy(object)
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_json(object in r#"\{("[ab]?":("x?"|-?[01]{1,3}|1\.[05]?|\[1?,?"?\]|\{("a":1)?\}|nul{1,2}),?){1,3}\}?"#) {
            if keys().read::<2>(object.as_bytes()).is_some() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&object).is_ok(), "{object}");
            }
        }
    }
}
