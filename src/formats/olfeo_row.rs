//! A row of Olfeo's access log, cut into its columns.
//!
//! Whatever the client controls may hold quotes: user, URL, referrer, agent. A category, which is the gateway's word, holds
//! none, so the last quote ends the client's words.

use std::net::IpAddr;

use memchr::{memmem, memrchr};

use super::clf_line::is_measure;
use super::clock::{self, Civil, Stamp};
use super::cursor::{Cursor, ip, number, split};
use super::envelope;

/// Brackets behind a blank up to that of the time; more than this is no name.
const MAX_BRACKETS: usize = 16;

pub(super) struct Row<'a> {
    pub(super) client: IpAddr,
    pub(super) user: &'a [u8],
    pub(super) stamp: Stamp,
    pub(super) request: &'a [u8],
    pub(super) answer: Answer<'a>,
}

impl<'a> Row<'a> {
    pub(super) fn find(record: &'a [u8]) -> Option<Self> {
        Self::read(record).or_else(|| envelope::find(record, Self::read))
    }

    fn read(record: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(record.trim_ascii_end());
        let client = ip(cursor.word()?)?;
        // An address in its place: the first was that of the gateway, in a header.
        let ident = cursor.word()?;
        ip(ident).is_none().then_some(())?;
        let text = cursor.rest();
        // A user may hold blanks and brackets, but no colon (RFC 7617): the first time is the gateway's, unless what
        // follows shows that it was not.
        memmem::find_iter(text, b" [")
            .take(MAX_BRACKETS)
            .find_map(|at| {
                let (user, rest) = text.split_at_checked(at)?;
                let (time, rest) = split(rest.strip_prefix(b" [")?, b']')?;
                let stamp = stamp(time)?;
                let (request, rest) = request(rest.strip_prefix(b" \"")?)?;
                Some(Self {
                    client,
                    user,
                    stamp,
                    request,
                    answer: Answer::read(rest)?,
                })
            })
    }
}

/// `23/11/2026 11:30:29`.
fn stamp(text: &[u8]) -> Option<Stamp> {
    let (day, rest) = split(text, b'/')?;
    let (month, rest) = split(rest, b'/')?;
    let (year, time) = split(rest, b' ')?;
    let year = (year.len() == 4).then(|| number(year))??;
    Some(Stamp::Local(Civil {
        year: i64::try_from(year).ok()?,
        month: clock::two_digits(month)?,
        day: clock::two_digits(day)?,
        micros: clock::time_of_day(time)?,
    }))
}

/// The request line, and what follows the quote and the blank behind it. A URL may hold quotes, but no blank.
fn request(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (method, rest) = split(text, b' ')?;
    let (url, rest) = split(rest, b' ')?;
    let (protocol, rest) = split(rest, b'"')?;
    let version = protocol.strip_prefix(b"HTTP/")?;
    version
        .iter()
        .all(|b| b.is_ascii_digit() || *b == b'.')
        .then_some(())?;
    let line = text.get(..method.len() + url.len() + protocol.len() + 2)?;
    Some((line, rest.strip_prefix(b" ")?))
}

/// What stands behind a request.
pub(super) struct Answer<'a> {
    pub(super) status: &'a [u8],
    pub(super) referer: &'a [u8],
    pub(super) agent: &'a [u8],
    pub(super) bytes: &'a [u8],
    pub(super) category: &'a [u8],
}

impl<'a> Answer<'a> {
    /// `STATUS REFERER AGENT BYTES CATEGORY …`; the client's two are bare words or in quotes, and the last quote ends
    /// them.
    fn read(text: &'a [u8]) -> Option<Self> {
        let (status, text) = split(text, b' ')?;
        let end = memrchr(b'"', text).map_or(0, |at| at + 1);
        let (headers, rest) = text.split_at_checked(end)?;
        // The quote was the end of another request: what looked like one in front of it was the user's.
        let is_of_user = !headers.is_empty() && has_bare_headers(rest);
        let mut cursor = Cursor::new(rest);
        let (referer, agent) = if headers.is_empty() {
            (cursor.word()?, cursor.word()?)
        } else if let Some(inner) = headers.strip_prefix(b"\"") {
            let inner = inner.strip_suffix(b"\"")?;
            match memmem::find(inner, b"\" \"") {
                Some(at) => (inner.get(..at)?, inner.get(at + 3..)?),
                None => (inner, cursor.word()?),
            }
        } else {
            let (referer, agent) = split(headers, b' ')?;
            (referer, agent.strip_prefix(b"\"")?.strip_suffix(b"\"")?)
        };
        let bytes = cursor.word()?;
        (is_measure(status) && is_measure(bytes) && !is_of_user).then_some(())?;
        Some(Self {
            status,
            referer,
            agent,
            bytes,
            category: cursor.rest(),
        })
    }
}

/// `STATUS REFERER AGENT BYTES`, without a quote; no category begins so.
fn has_bare_headers(text: &[u8]) -> bool {
    let mut cursor = Cursor::new(text);
    let words = [(); 4].map(|()| cursor.word());
    matches!(words, [Some(status), Some(referer), Some(_agent), Some(bytes)]
        if is_measure(status)
            && (referer == b"-" || memmem::find(referer, b"://").is_some())
            && is_measure(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_stands_in_front_of_the_month() {
        let shown = |text: &[u8]| match stamp(text) {
            Some(Stamp::Local(civil)) => civil.as_utc().map(|time| time.to_string()),
            _ => None,
        };
        let expected = Some("2026-02-01T00:30:34.000Z".to_owned());
        assert_eq!(shown(b"01/02/2026 00:30:34"), expected);
        assert_eq!(shown(b"11/23/2026 00:30:34"), None);
    }
}
