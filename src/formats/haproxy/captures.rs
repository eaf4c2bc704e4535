//! Which captured header is which.
//!
//! HAProxy prints `capture request header` values between braces, in the order of its configuration and without
//! names. Only two can be told from what they look like: a user agent (`name/version …`) and the Host. Values
//! are the client's, so a host counts only in the first place, where the manual has it and nearly everybody puts
//! it, or beside a value that is plainly something else; a user agent that is written like a host is none. A value
//! longer than its `len` is cut, which nothing shows.

use std::borrow::Cow;

use crate::formats::cursor::{self, split};
use crate::formats::escapes::hashed;
use crate::model::Host;

/// More captures than this are not looked at.
const MAX: usize = 12;

/// What the captured request headers say.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Captured<'a> {
    /// With its port.
    pub(super) host: Option<Cow<'a, [u8]>>,
    pub(super) user_agent: Option<Cow<'a, [u8]>>,
}

impl<'a> Captured<'a> {
    /// From the values, which stand `|`-separated between braces.
    pub(super) fn of(values: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut host: Option<&[u8]> = None;
        let mut agent = None;
        let mut has_other = false;
        for (place, value) in values.take(MAX).enumerate() {
            if is_host(value) {
                if place == 0 || host.is_none() {
                    host = Some(value);
                }
                if place == 0 {
                    has_other = true;
                }
            } else if is_agent(value) {
                agent = agent.or(Some(value));
                has_other = true;
            } else if !value.is_empty() {
                has_other = true;
            }
        }
        Self {
            host: host.filter(|_| has_other).map(hashed),
            user_agent: agent.map(hashed),
        }
    }
}

/// A name with a dot, with or without a port. An address is more likely an `X-Forwarded-For`.
pub(super) fn is_host(value: &[u8]) -> bool {
    let name = match split(value, b':') {
        Some((name, port)) if cursor::port(port).is_some() => name,
        Some(_) => return false,
        None => value,
    };
    memchr::memchr(b'.', name).is_some() && Host::parse(name).is_some()
}

/// `Mozilla/5.0 (…)`, `curl/7.88.1`, `python-requests/2.31`: a token, a slash and a version.
fn is_agent(value: &[u8]) -> bool {
    const MEDIA: [&[u8]; 7] = [
        b"text",
        b"application",
        b"image",
        b"audio",
        b"video",
        b"font",
        b"multipart",
    ];
    let Some((name, rest)) = split(value, b'/') else {
        return false;
    };
    let is_token = |b: &u8| b.is_ascii_alphanumeric() || b"-_.!+".contains(b);
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(is_token)
        && !MEDIA.contains(&name)
        && rest.first().is_some_and(u8::is_ascii_alphanumeric)
        && rest.iter().any(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(captures: &str) -> String {
        let captured = Captured::of(captures.split('|').map(str::as_bytes));
        let text = |value: Option<Cow<'_, [u8]>>| {
            value.map_or("-".to_owned(), |v| String::from_utf8_lossy(&v).into_owned())
        };
        format!("{} {}", text(captured.host), text(captured.user_agent))
    }

    #[test]
    fn a_capture_is_called_host_only_where_that_is_plain() {
        for (captures, expected) in [
            ("chatgpt.com|Mozilla/5.0 (X)", "chatgpt.com Mozilla/5.0 (X)"),
            (
                "Mozilla/5.0 (X)|chatgpt.com:443",
                "chatgpt.com:443 Mozilla/5.0 (X)",
            ),
            ("chatgpt.com|192.0.2.7|https://a.example/", "chatgpt.com -"),
            ("192.0.2.7|chatgpt.com", "chatgpt.com -"),
            ("chatgpt.com", "chatgpt.com -"),
            ("chatgpt.com|forged.example", "chatgpt.com -"),
            ("|forged.example", "- -"),
            ("text/html;q=0.9|Basic eDp5/1", "- -"),
            ("192.0.2.7", "- -"),
            ("|a#22/1.0", "- -"),
            ("|a.b/1.0 #22x#22", "- a.b/1.0 \"x\""),
            ("", "- -"),
        ] {
            assert_eq!(told(captures), expected, "{captures}");
        }
    }
}
