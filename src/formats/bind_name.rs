//! Names as BIND, PowerDNS and CoreDNS print them: `\032` for a blank, `\(` for a parenthesis.
//!
//! Escapes are undone, except an escaped dot: a label may hold one, and `www\.chatgpt.com` is no name under
//! `chatgpt.com`. It stays escaped, so that no host name comes of it.

use crate::model::Untrusted;

use super::cursor::number;

/// A name with its escapes undone and without the trailing dot; `None` for the root.
pub(super) fn name(escaped: &[u8]) -> Option<Untrusted<'_>> {
    if memchr::memchr(b'\\', escaped).is_none() {
        let name = escaped.strip_suffix(b".").unwrap_or(escaped);
        return (!name.is_empty()).then(|| Untrusted::new(name));
    }
    let mut plain = Vec::with_capacity(escaped.len());
    let mut rest = without_last_dot(escaped);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'\\' {
            plain.push(*byte);
            continue;
        }
        let (byte, after) = match decimal_byte(rest) {
            Some(escape) => escape,
            None => match rest.split_first() {
                Some((byte, after)) => (*byte, after),
                None => break,
            },
        };
        if byte == b'.' {
            plain.push(b'\\');
        }
        plain.push(byte);
        rest = after;
    }
    Some(Untrusted::rebuilt(plain))
}

/// The name without its trailing dot; a dot behind an odd number of backslashes belongs to the last label.
fn without_last_dot(escaped: &[u8]) -> &[u8] {
    let Some(name) = escaped.strip_suffix(b".") else {
        return escaped;
    };
    let backslashes = name.iter().rev().take_while(|b| **b == b'\\').count();
    if backslashes.is_multiple_of(2) {
        name
    } else {
        escaped
    }
}

/// `032` of `\032`.
fn decimal_byte(text: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, rest) = text.split_at_checked(3)?;
    let byte = number(digits)?;
    Some((u8::try_from(byte).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(escaped: &str) -> Option<String> {
        name(escaped.as_bytes()).map(|name| name.lossy().into_owned())
    }

    #[test]
    fn an_escaped_dot_does_not_become_a_label_border() {
        for escaped in ["www\\.chatgpt.com", "www\\046chatgpt.com"] {
            assert_eq!(plain(escaped).as_deref(), Some("www\\.chatgpt.com"));
        }
    }

    #[test]
    fn escapes_and_the_trailing_dot_are_undone() {
        for (escaped, expected) in [
            ("we\\032ird.example", "we ird.example"),
            ("par\\(en\\).example", "par(en).example"),
            ("a.example.", "a.example"),
            ("a\\", "a"),
            ("a\\999", "a999"),
            ("we\\032ird.example.", "we ird.example"),
            ("a\\.", "a\\."),
        ] {
            assert_eq!(plain(escaped).as_deref(), Some(expected), "{escaped}");
        }
        assert_eq!(plain("."), None);
    }
}
