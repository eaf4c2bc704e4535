//! What all descendants of the common log format begin with.
//!
//! `CLIENT IDENT USER [02/Nov/2026:10:11:12 +0100] "REQUEST" STATUS BYTES`, after the Apache documentation's
//! "Common Log Format"; the time may be in ISO 8601. What stands before the time and after the bytes is the product's own. A user may hold
//! blanks and brackets, but no colon (RFC 7617), so the first real time is the server's. Programs that do not
//! escape a quote in the request exist: it ends at the first quote behind which a status and a size stand.

use crate::model::{Event, Time, Untrusted};

use super::clock::{self, Stamp};
use super::cursor::{Cursor, number, split, split_last};
use super::target::Target;

/// One line, cut at its fixed points.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// Client, user and whatever else stands in front of the time.
    pub(super) before: &'a [u8],
    pub(super) time: Time,
    /// A word or quoted word between time and request, where some put the host.
    pub(super) between: &'a [u8],
    /// With its escapes.
    pub(super) request: &'a [u8],
    /// `None` where the line has `-`.
    pub(super) status: Option<u16>,
    pub(super) bytes: Option<u64>,
    /// Behind the size, from the first byte that is no blank.
    pub(super) rest: &'a [u8],
}

impl<'a> Line<'a> {
    pub(super) fn read(record: &'a [u8]) -> Option<Self> {
        let record = record.trim_ascii_end();
        memchr::memmem::find_iter(record, b" [").find_map(|at| {
            let (before, rest) = record.split_at_checked(at)?;
            Self::from_time(before, rest.strip_prefix(b" [")?)
        })
    }

    /// `02/Nov/2026:10:11:12 +0100] "REQUEST" …`. In front of a time that a client forged, no quote follows
    /// unescaped.
    fn from_time(before: &'a [u8], text: &'a [u8]) -> Option<Self> {
        let (time, text) = split(text, b']')?;
        let time = clock::clf(time).or_else(|| match clock::iso_stamp(time)? {
            (Stamp::Instant(time), b"") => Some(time),
            _ => None,
        })?;
        let (between, text) = split(text.strip_prefix(b" ")?, b'"')?;
        let between = between.trim_ascii();
        memchr::memchr2(b' ', b'\\', between)
            .is_none()
            .then_some(())?;
        let answer = Answer::find(text)?;
        let (between, request) =
            after_quoted_word(answer.request).unwrap_or((between, answer.request));
        Some(Self {
            before,
            time,
            between,
            request,
            status: answer.status,
            bytes: answer.bytes,
            rest: answer.rest,
        })
    }
}

/// What stands behind a request, and the request itself.
struct Answer<'a> {
    request: &'a [u8],
    status: Option<u16>,
    bytes: Option<u64>,
    rest: &'a [u8],
}

impl<'a> Answer<'a> {
    fn find(text: &'a [u8]) -> Option<Self> {
        unescaped_quotes(text).find_map(|at| {
            let (request, rest) = text.split_at_checked(at)?;
            let mut cursor = Cursor::new(rest.strip_prefix(b"\" ")?);
            let (status, bytes) = (cursor.word()?, cursor.word()?);
            let bytes = bytes.strip_prefix(b"+").unwrap_or(bytes);
            (is_status(status) && is_measure(bytes)).then_some(())?;
            Some(Self {
                request,
                status: number(status).and_then(|n| u16::try_from(n).ok()),
                bytes: number(bytes),
                rest: cursor.rest().trim_ascii_start(),
            })
        })
    }
}

/// `"chatgpt.com" "GET / HTTP/1.1"`: a word without blanks in quotes of its own, and the request.
fn after_quoted_word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (word, rest) = split(text, b'"')?;
    let request = rest.strip_prefix(b" \"")?;
    (memchr::memchr(b' ', word).is_none()).then_some((word, request))
}

/// The quoted text that comes next, with its escapes, and what follows it. Its end is a quote in front of a
/// blank or the end; one that is cut off lasts to the end.
pub(super) fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"\"")?;
    let end = unescaped_quotes(text).find_map(|at| {
        let (inner, rest) = text.split_at_checked(at)?;
        let rest = rest.strip_prefix(b"\"")?;
        (rest.is_empty() || rest.starts_with(b" ")).then(|| (inner, rest.trim_ascii_start()))
    });
    Some(end.unwrap_or((text, b"")))
}

/// Where quotes stand that no backslash escapes.
fn unescaped_quotes(text: &[u8]) -> impl Iterator<Item = usize> {
    memchr::memchr_iter(b'"', text).filter(move |at| {
        let before = text.get(..*at).unwrap_or_default();
        let backslashes = before.iter().rev().take_while(|b| **b == b'\\').count();
        backslashes % 2 == 0
    })
}

/// Method and target of a request line; `None` of what is none (`-`, TLS bytes, `<BADREQ>`).
pub(super) fn request(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (method, rest) = split(text, b' ')?;
    let is_method = method.first()?.is_ascii_alphabetic()
        && method
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let target = match split_last(rest, b' ') {
        Some((target, protocol)) if is_protocol(protocol) => target,
        _ => rest,
    };
    (is_method && !target.is_empty()).then_some((method, target))
}

/// Notes what a proxy was asked for. Gateways have methods of their own for tunnels, so an authority may follow any.
pub(super) fn set_request<'a>(event: &mut Event<'a>, line: &'a [u8]) {
    let Some((method, url)) = request(line.trim_ascii()) else {
        return;
    };
    let target = Target::any(url.trim_ascii());
    let is_tunnel = method.eq_ignore_ascii_case(b"CONNECT");
    event.method = Some(Untrusted::new(method));
    event.host = target.host_text();
    event.port = target.port;
    event.path = target.path_text().filter(|_| !is_tunnel);
}

/// `HTTP/1.1`, `RTSP/1.0`.
fn is_protocol(word: &[u8]) -> bool {
    split(word, b'/').is_some_and(|(name, version)| {
        !name.is_empty()
            && name.iter().all(u8::is_ascii_uppercase)
            && version.iter().all(|b| b.is_ascii_digit() || *b == b'.')
    })
}

/// Three digits, or what stands for none.
fn is_status(word: &[u8]) -> bool {
    matches!(word, b"-" | b"-1" | b"0") || word.len() == 3 && number(word).is_some()
}

/// A number, or the mark for none.
pub(super) fn is_measure(word: &[u8]) -> bool {
    word == b"-" || number(word).is_some()
}

/// A status of HTTP.
pub(super) fn status(word: &[u8]) -> Option<u16> {
    let status = number(word).and_then(|status| u16::try_from(status).ok())?;
    (100..1000).contains(&status).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(record: &str) -> Option<String> {
        let line = Line::read(record.as_bytes())?;
        let parts = [line.before, line.between, line.request, line.rest];
        Some(parts.map(|part| String::from_utf8_lossy(part)).join("|"))
    }

    #[test]
    fn a_request_ends_where_a_status_follows() {
        for (record, expected) in [
            (
                r#"c - - [02/Nov/2026:10:11:12 +0100] "GET /a\"b HTTP/1.1" 200 5 "r""#,
                r#"c - -||GET /a\"b HTTP/1.1|"r""#,
            ),
            (
                r#"c - u [x] y [02/Nov/2026:10:11:12 +0100] "GET /a"b HTTP/1.1" 200 -"#,
                r#"c - u [x] y||GET /a"b HTTP/1.1|"#,
            ),
            (
                r#"c - - [02/Nov/2026:10:11:12 +0100] chatgpt.com "GET / HTTP/1.1" 200 5"#,
                "c - -|chatgpt.com|GET / HTTP/1.1|",
            ),
            (
                r#"c - - [02/Nov/2026:10:11:12 +0100] "chatgpt.com" "GET / HTTP/1.1" 200 5"#,
                "c - -|chatgpt.com|GET / HTTP/1.1|",
            ),
        ] {
            assert_eq!(cut(record).as_deref(), Some(expected));
        }
        for bad in [
            "c - - [02/Nov/2026:10:11:12 +0100]",
            r#"c - - [02/Nov/2026:10:11:12 +0100] "GET / HTTP/1.1"#,
            r#"c - - [02/Nov/2026:10:11:12 +0100] "GET / HTTP/1.1" 200"#,
            r#"[02/Nov/2026:10:11:12 +0100] "GET / HTTP/1.1" 200 5"#,
        ] {
            assert_eq!(cut(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_no_request_line_is_none() {
        for text in [
            "-",
            "<BADREQ>",
            "\\x16\\x03\\x01 x",
            "SSH-2.0-Go",
            "GET ",
            "",
        ] {
            assert_eq!(request(text.as_bytes()), None, "{text}");
        }
        assert_eq!(request(b"GET /"), Some((&b"GET"[..], &b"/"[..])));
        let blanks = request(b"GET /a b HTTP/1.1");
        assert_eq!(blanks, Some((&b"GET"[..], &b"/a b"[..])));
    }
}
