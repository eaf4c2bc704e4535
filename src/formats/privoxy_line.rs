//! A line of Privoxy's log: time, thread, what kind of message, message.
//!
//! What lines have to do with each other, and where the facts come from, is told in `privoxy.rs`.

use super::clock::{Stamp, iso_stamp, syslog_stamp};
use super::cursor::{split, split_around, split_last};
use super::envelope;

pub(super) struct Line<'a> {
    pub(super) stamp: Stamp,
    pub(super) thread: &'a [u8],
    pub(super) says: Says<'a>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Says<'a> {
    /// A request, with the reason if Privoxy answered itself.
    Request {
        url: &'a [u8],
        crunch: Option<&'a [u8]>,
    },
    /// Privoxy answered itself.
    Crunch {
        url: &'a [u8],
        reason: &'a [u8],
    },
    Other,
}

impl<'a> Line<'a> {
    pub(super) fn read(record: &'a [u8]) -> Option<Self> {
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        Self::stamped(record).or_else(|| {
            let envelope = envelope::open(record);
            Self::stamped(envelope.body)
        })
    }

    /// `2026-11-23 18:44:51.094 7fbcad3506c0 Request: …`, or `Nov 04 15:07:58 Privoxy(00000f14) Request: …` before
    /// 3.0.7, or a mixture of both.
    fn stamped(record: &'a [u8]) -> Option<Self> {
        let (stamp, rest) = iso_stamp(record).or_else(|| syslog_stamp(record))?;
        let (thread, rest) = split(rest, b' ')?;
        let digits = thread
            .strip_prefix(b"Privoxy(")
            .and_then(|t| t.strip_suffix(b")"))
            .unwrap_or(thread);
        let is_thread = digits.len() >= 4 && digits.iter().all(u8::is_ascii_hexdigit);
        let (kind, text) = split(rest, b':').filter(|_| is_thread)?;
        let is_kind = kind.first()?.is_ascii_uppercase() && kind.len() <= 20;
        let text = text.strip_prefix(b" ").filter(|_| is_kind)?;
        Some(Self {
            stamp,
            thread,
            says: match kind {
                b"Request" => request(text),
                b"Crunch" => crunch(text),
                _ => Says::Other,
            },
        })
    }
}

/// `claude.ai/chat/1`, with ` crunch! (Blocked)` or ` crunch!` behind it.
fn request(text: &[u8]) -> Says<'_> {
    let text = text.trim_ascii_end();
    if let Some(url) = text.strip_suffix(b" crunch!") {
        return Says::Request {
            url,
            crunch: Some(b"Blocked"),
        };
    }
    // A client can write this into its URL, but nothing behind what Privoxy wrote.
    let told = text.strip_suffix(b")").and_then(|text| {
        let (before, reason) = split_last(text, b'(')?;
        Some((before.strip_suffix(b" crunch! ")?, reason))
    });
    match told {
        Some((url, reason)) => Says::Request {
            url,
            crunch: Some(reason),
        },
        None => Says::Request {
            url: text,
            crunch: None,
        },
    }
}

/// `Blocked: http://claude.ai/chat/1`.
fn crunch(text: &[u8]) -> Says<'_> {
    match split_around(text, b": ") {
        Some((reason, url)) => Says::Crunch {
            url: url.trim_ascii_end(),
            reason,
        },
        None => Says::Other,
    }
}

/// Method and URL of `GET http://a.example/ HTTP/1.1`; a URL may hold blanks.
pub(super) fn asked(request: &[u8]) -> Option<(&[u8], &[u8])> {
    let (rest, protocol) = split_last(request, b' ')?;
    protocol.starts_with(b"HTTP/").then(|| split(rest, b' '))?
}
