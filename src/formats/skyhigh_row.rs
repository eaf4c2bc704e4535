//! A row of Skyhigh's access.log, cut into its columns.
//!
//! The gateway escapes no quotes, and a client controls user, request and agent: what the gateway says of it is read from
//! the end, the request begins behind the client's address and ends where the columns behind it begin.

use memchr::{memchr, memchr_iter, memrchr_iter};

use super::clf_line::is_measure;
use super::clock::{self, Stamp};
use super::cursor::{Cursor, ip, number, split, split_last};

/// Brackets up to that of the time: a process number, structured data.
const MAX_BRACKETS: usize = 8;

pub(super) struct Row<'a> {
    pub(super) stamp: Stamp,
    pub(super) who: Who<'a>,
    pub(super) asked: Asked<'a>,
    /// Why it was blocked, as a number.
    pub(super) block: &'a [u8],
}

impl<'a> Row<'a> {
    /// Reads what follows the first time in brackets, whatever header stands in front of it.
    pub(super) fn find(record: &'a [u8]) -> Option<Self> {
        let (stamp, rest) = memchr_iter(b'[', record)
            .take(MAX_BRACKETS)
            .find_map(|at| {
                let (time, rest) = split(record.get(at + 1..)?, b']')?;
                Some((stamp(time)?, rest))
            })?;
        let (rest, block) = before_verdict(rest.trim_ascii_end())?;
        let rest = rest.strip_suffix(b"\"")?;
        let who = Who::read(rest.strip_prefix(b" \"")?)?;
        Some(Self {
            stamp,
            asked: Asked::read(who.rest)?,
            who,
            block,
        })
    }
}

/// `23/Nov/2026:12:00:00 +0100`, or what somebody made of it.
fn stamp(text: &[u8]) -> Option<Stamp> {
    clock::clf_stamp(text).or_else(|| match clock::iso_stamp(text)? {
        (stamp, b"") => Some(stamp),
        _ => None,
    })
}

/// What stands in front of `"VIRUS" "BLOCK" ["APPLICATION"]`, and the number of the block. No virus is a number.
fn before_verdict(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (rest, last) = last_quoted(text)?;
    let (rest, before) = last_quoted(rest)?;
    if number(before).is_some() {
        let (rest, _virus) = last_quoted(rest)?;
        return Some((rest, before));
    }
    number(last).is_some().then_some((rest, last))
}

/// What stands in front of a quoted text at the end, and the text.
fn last_quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (before, inner) = split_last(text.strip_suffix(b"\"")?, b'"')?;
    Some((before.strip_suffix(b" ")?, inner))
}

/// `USER" CLIENT STATUS "`, and what follows.
pub(super) struct Who<'a> {
    pub(super) user: &'a [u8],
    pub(super) client: &'a [u8],
    pub(super) status: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Who<'a> {
    /// A user holds no colon (RFC 7617), and a request for a URL or a port soon has one: so the last client in front of
    /// the first colon is neither the user's invention nor the request's.
    fn read(text: &'a [u8]) -> Option<Self> {
        let colon = memchr(b':', text).unwrap_or(text.len());
        memrchr_iter(b'"', text.get(..colon)?)
            .filter_map(|at| Self::at(text, at))
            .find(|who| ip(who.client).is_some())
            .or_else(|| memchr_iter(b'"', text).find_map(|at| Self::at(text, at)))
    }

    fn at(text: &'a [u8], at: usize) -> Option<Self> {
        let (user, rest) = text.split_at_checked(at)?;
        let mut cursor = Cursor::new(rest.strip_prefix(b"\" ")?);
        let (client, status) = (cursor.word()?, cursor.word()?);
        is_measure(status).then_some(())?;
        Some(Self {
            user,
            client,
            status,
            rest: cursor.rest().strip_prefix(b"\"")?,
        })
    }
}

/// `REQUEST" "CATEGORIES" "REPUTATION" "TYPE" DOWN [UP] "AGENT`.
pub(super) struct Asked<'a> {
    pub(super) request: &'a [u8],
    pub(super) category: &'a [u8],
    pub(super) content_type: &'a [u8],
    pub(super) bytes_down: &'a [u8],
    pub(super) bytes_up: Option<&'a [u8]>,
    pub(super) agent: &'a [u8],
}

impl<'a> Asked<'a> {
    /// The request ends at the first quote behind which all that follows it stands; an agent may hold anything.
    fn read(text: &'a [u8]) -> Option<Self> {
        memchr_iter(b'"', text).find_map(|at| {
            let (request, rest) = text.split_at_checked(at)?;
            let (category, rest) = quoted(rest.strip_prefix(b"\" ")?)?;
            let (_reputation, rest) = quoted(rest)?;
            let (content_type, rest) = quoted(rest)?;
            let (bytes_down, rest) = measure(rest)?;
            let (bytes_up, rest) = match measure(rest) {
                Some((bytes, rest)) => (Some(bytes), rest),
                None => (None, rest),
            };
            Some(Self {
                request,
                category,
                content_type,
                bytes_down,
                bytes_up,
                agent: rest.strip_prefix(b"\"")?,
            })
        })
    }
}

/// A quoted text in front of a blank, and what follows the blank.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (inner, rest) = split(text.strip_prefix(b"\"")?, b'"')?;
    Some((inner, rest.strip_prefix(b" ")?))
}

/// A number or `-` in front of a blank, and what follows the blank.
fn measure(text: &[u8]) -> Option<(&[u8], &[u8])> {
    split(text, b' ').filter(|(word, _)| is_measure(word))
}
