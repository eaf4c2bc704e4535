//! Escapes that web servers and proxies put into their text logs, undone.
//!
//! Apache writes `\"`, `\\`, `\n` and `\xHH`; nginx `\xHH`, or JSON's `\"` and `\u00HH` with `escape=json`;
//! HAProxy `#HH`. What is no escape stays as it is. Text without escapes is borrowed.

use std::borrow::Cow;

/// Undoes Apache's and nginx's escapes.
pub(super) fn backslashed(text: &[u8]) -> Cow<'_, [u8]> {
    undone(text, b'\\', |after| match after.split_first()? {
        (b'x', rest) => hex(rest),
        (b'u', rest) => hex(rest.strip_prefix(b"00")?),
        (b'n', rest) => Some((b'\n', rest)),
        (b't', rest) => Some((b'\t', rest)),
        (b'r', rest) => Some((b'\r', rest)),
        (b'b', rest) => Some((0x08, rest)),
        (b'f', rest) => Some((0x0c, rest)),
        (b'v', rest) => Some((0x0b, rest)),
        (byte @ (b'"' | b'\\' | b'/'), rest) => Some((*byte, rest)),
        _ => None,
    })
}

/// Undoes the escapes that no raw `DOMAIN\\name` holds by chance; some servers write users as they are.
pub(super) fn backslashed_user(text: &[u8]) -> Cow<'_, [u8]> {
    undone(text, b'\\', |after| match after.split_first()? {
        (b'x', rest) => hex(rest),
        (byte @ (b'"' | b'\\'), rest) => Some((*byte, rest)),
        _ => None,
    })
}

/// Undoes HAProxy's `#22`.
pub(super) fn hashed(text: &[u8]) -> Cow<'_, [u8]> {
    undone(text, b'#', hex)
}

/// Replaces each mark whose escape is understood by the byte meant.
fn undone(text: &[u8], mark: u8, escape: impl Fn(&[u8]) -> Option<(u8, &[u8])>) -> Cow<'_, [u8]> {
    if memchr::memchr(mark, text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let is_mark = *first == mark;
        let (byte, after) = is_mark
            .then(|| escape(after))
            .flatten()
            .unwrap_or((*first, after));
        plain.push(byte);
        rest = after;
    }
    Cow::Owned(plain)
}

fn hex(text: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<2>()?;
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    let byte = u8::try_from(high? * 16 + low?).ok()?;
    Some((byte, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_escapes_are_undone() {
        for (escaped, plain) in [
            (r#"a\"b\\c"#, r#"a"b\c"#),
            (r"\x22\x5C\xZZ\x2", "\"\\\\xZZ\\x2"),
            (r"\u0022\q\", "\"\\q\\"),
            ("plain", "plain"),
        ] {
            assert_eq!(backslashed(escaped.as_bytes()), plain.as_bytes());
        }
        assert_eq!(backslashed_user(br"CORP\\bob"), &br"CORP\bob"[..]);
        assert_eq!(backslashed_user(br"CORP\bob"), &br"CORP\bob"[..]);
        assert_eq!(hashed(b"a#22b#7Cc#zz#2"), &b"a\"b|c#zz#2"[..]);
    }
}
