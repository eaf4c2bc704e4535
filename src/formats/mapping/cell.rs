//! One value of a record, as it stands there and as it is meant.
//!
//! Readers only find values; quoting and escapes are undone when somebody asks, because most values of a
//! record are never asked for.

use std::borrow::Cow;

use memchr::memchr;

use crate::formats::cuts::find_byte;
use crate::model::Untrusted;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::formats) enum Form {
    /// There is none.
    #[default]
    Absent,
    /// As it is meant.
    Plain,
    /// With JSON's escapes.
    Json,
    /// With quotes doubled.
    Doubled,
    /// With backslashes in front of quotes and backslashes.
    Backslash,
    /// With CEF's `\=`, `\|`, `\\`, `\n`.
    Cef,
}

/// A value in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::formats) struct Cell<'a> {
    raw: &'a [u8],
    form: Form,
}

impl<'a> Cell<'a> {
    pub(super) const ABSENT: Self = Self {
        raw: &[],
        form: Form::Absent,
    };

    pub(in crate::formats) const fn new(raw: &'a [u8], form: Form) -> Self {
        Self { raw, form }
    }

    pub(super) const fn is_absent(&self) -> bool {
        matches!(self.form, Form::Absent)
    }

    /// The value without the quotes that stand around all of it, where the layout knows none.
    pub(super) fn without_quotes(self) -> Self {
        let raw = self.raw.trim_ascii();
        let inside = raw
            .strip_prefix(b"\"")
            .and_then(|raw| raw.strip_suffix(b"\""));
        Self::new(inside.unwrap_or(raw), self.form)
    }

    /// A part of the value as it is meant.
    pub(in crate::formats) fn part(
        &self,
        of: impl Fn(&[u8]) -> Option<&[u8]>,
    ) -> Option<Untrusted<'a>> {
        match self.text() {
            Cow::Borrowed(text) => of(text).map(Untrusted::new),
            Cow::Owned(text) => of(&text).map(|part| Untrusted::rebuilt(part.to_vec())),
        }
    }

    /// The same as [`Self::text`] where nothing has to be undone.
    #[inline]
    pub(super) fn as_it_stands(&self) -> Option<&'a [u8]> {
        let is_plain = match self.form {
            Form::Plain => true,
            Form::Json | Form::Backslash | Form::Cef => find_byte(self.raw, b'\\').is_none(),
            Form::Absent | Form::Doubled => false,
        };
        match self.raw {
            _ if !is_plain => None,
            [b'!'..=b'~', .., b'!'..=b'~'] => Some(self.raw),
            raw => Some(raw.trim_ascii()),
        }
    }

    /// The value as it is meant, without blanks around it.
    #[inline]
    pub(in crate::formats) fn text(&self) -> Cow<'a, [u8]> {
        let raw = self.raw;
        let plain = match self.form {
            Form::Absent | Form::Plain => true,
            Form::Json | Form::Backslash | Form::Cef => memchr(b'\\', raw).is_none(),
            Form::Doubled => memchr(b'"', raw).is_none(),
        };
        if plain {
            return Cow::Borrowed(raw.trim_ascii());
        }
        Cow::Owned(match self.form {
            Form::Json => unescaped_json(raw),
            Form::Doubled => undoubled(raw),
            Form::Cef => unescaped_cef(raw),
            _ => unescaped(raw),
        })
    }
}

/// Undoes `\"` and `\\`; anything else behind a backslash keeps it: `CORP\bob` is a user.
pub(super) fn unescaped(raw: &[u8]) -> Vec<u8> {
    rewritten(raw, b'\\', |rest| match rest {
        [b @ (b'"' | b'\\'), after @ ..] => Some((Some(*b), after)),
        _ => None,
    })
}

fn undoubled(raw: &[u8]) -> Vec<u8> {
    rewritten(raw, b'"', |rest| {
        rest.strip_prefix(b"\"").map(|after| (Some(b'"'), after))
    })
}

fn unescaped_cef(raw: &[u8]) -> Vec<u8> {
    rewritten(raw, b'\\', |rest| match rest {
        [b @ (b'=' | b'|' | b'\\'), after @ ..] => Some((Some(*b), after)),
        [b'n' | b'r', after @ ..] => Some((Some(b' '), after)),
        _ => None,
    })
}

/// Copies text, asking at each mark what it and what follows it stand for.
pub(super) fn rewritten(
    raw: &[u8],
    mark: u8,
    meant: impl Fn(&[u8]) -> Option<(Option<u8>, &[u8])>,
) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr(mark, rest) {
        let (before, from_mark) = rest.split_at_checked(at).unwrap_or((rest, b""));
        text.extend_from_slice(before);
        let after = from_mark.get(1..).unwrap_or_default();
        rest = match meant(after) {
            Some((byte, after)) => {
                text.extend(byte);
                after
            }
            None => {
                text.push(mark);
                after
            }
        };
    }
    text.extend_from_slice(rest);
    text
}

/// Undoes JSON's escapes; a lone surrogate becomes U+FFFD.
fn unescaped_json(raw: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest) {
        let (before, from_mark) = rest.split_at_checked(at).unwrap_or((rest, b""));
        text.extend_from_slice(before);
        let after = from_mark.get(2..).unwrap_or_default();
        rest = after;
        match from_mark.get(1) {
            Some(b'n') => text.push(b'\n'),
            Some(b't') => text.push(b'\t'),
            Some(b'r') => text.push(b'\r'),
            Some(b'b') => text.push(8),
            Some(b'f') => text.push(12),
            Some(b'u') => {
                let (c, after) = unicode(after);
                text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after;
            }
            Some(byte) => text.push(*byte),
            None => {}
        }
    }
    text.extend_from_slice(rest);
    text
}

/// The character behind `\u`, and what follows it.
fn unicode(text: &[u8]) -> (char, &[u8]) {
    let Some((high, rest)) = four_hex(text) else {
        return (char::REPLACEMENT_CHARACTER, text);
    };
    if (0xd800..0xdc00).contains(&high)
        && let Some((low, after)) = rest.strip_prefix(b"\\u").and_then(four_hex)
        && (0xdc00..0xe000).contains(&low)
    {
        let point = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        return (
            char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER),
            after,
        );
    }
    (
        char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER),
        rest,
    )
}

fn four_hex(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    let value = digits.iter().try_fold(0, |sum, byte| {
        Some(sum * 16 + char::from(*byte).to_digit(16)?)
    })?;
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_as_their_layout_has_them() {
        for (raw, form, text) in [
            (
                &br"a\u0062\n\ud83d\ude00\ud83d\/"[..],
                Form::Json,
                "ab\n😀\u{fffd}/",
            ),
            (br"\u00", Form::Json, "\u{fffd}00"),
            (br"tail\", Form::Json, "tail"),
            (br#"a ""b"" c"#, Form::Doubled, "a \"b\" c"),
            (
                br#"CORP\bob \"x\" \\"#,
                Form::Backslash,
                r#"CORP\bob "x" \"#,
            ),
            (br"a\=b\|c\\d\ne", Form::Cef, "a=b|c\\d e"),
            (br"CORP\bob", Form::Cef, r"CORP\bob"),
            (b"  plain ", Form::Plain, "plain"),
        ] {
            let cell = Cell::new(raw, form);
            assert_eq!(String::from_utf8_lossy(&cell.text()), text);
        }
    }
}
