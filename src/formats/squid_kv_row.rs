//! A row of Squid's key=value layout, cut into its columns.
//!
//! URL and headers have their quotes escaped. The user is written as it came but for brackets, per cent signs and
//! backslashes, so only the bracket of the time behind it tells where it ends.

use memchr::{memchr2, memmem};

use crate::model::Time;

use super::cursor::{Cursor, split};
use super::squid_words::status;
use super::{clock, envelope};

pub(super) struct Row<'a> {
    pub(super) time: Time,
    pub(super) duration: &'a [u8],
    pub(super) client: &'a [u8],
    pub(super) client_port: Option<&'a [u8]>,
    pub(super) server: Option<&'a [u8]>,
    pub(super) user: &'a [u8],
    pub(super) request: Request<'a>,
}

impl<'a> Row<'a> {
    pub(super) fn find(record: &'a [u8]) -> Option<Self> {
        // Most records begin with their time; the rest came through syslog.
        let bare = record.first().is_some_and(u8::is_ascii_digit);
        bare.then(|| Self::read(record))
            .flatten()
            .or_else(|| envelope::find(record, Self::read))
    }

    fn read(record: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(record);
        let time = clock::epoch(cursor.word()?)?;
        let _logformat = word(&mut cursor, b"logformat=");
        let duration = word(&mut cursor, b"duration=")?;
        let client = word(&mut cursor, b"src_ip=")?;
        let client_port = word(&mut cursor, b"src_port=");
        let server = word(&mut cursor, b"dest_ip=");
        let _server_port = word(&mut cursor, b"dest_port=");
        cursor.blanks();
        let text = cursor.rest();
        let (user, request) = in_front_of_time(text).or_else(|| in_front_of_request(text))?;
        Some(Self {
            time,
            duration,
            client,
            client_port,
            server,
            user,
            request,
        })
    }
}

/// The user, and the request behind ` local_time=[…]`: no user holds a bracket.
fn in_front_of_time(text: &[u8]) -> Option<(&[u8], Request<'_>)> {
    const TIME: &[u8] = b" local_time=[";
    let at = memmem::find(text, TIME)?;
    let (_time, rest) = split(text.get(at + TIME.len()..)?, b']')?;
    Some((user_of(text.get(..at)?)?, Request::read(rest)?))
}

/// The same of a row without that time: the last bare quote in front of a method, because the URL and the headers behind
/// have theirs escaped.
fn in_front_of_request(text: &[u8]) -> Option<(&[u8], Request<'_>)> {
    const METHOD: &[u8] = b"\" http_method=";
    if let Some(request) = Request::read(text) {
        return Some((b"", request));
    }
    let at = memmem::rfind_iter(text, METHOD).find(|at| {
        let before = text.get(..*at).unwrap_or_default();
        before.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0
    })?;
    let (users, rest) = text.split_at_checked(at + 1)?;
    Some((user_of(users)?, Request::read(rest)?))
}

/// The user of `user_ident="…" user="…"`; either may be missing.
fn user_of(text: &[u8]) -> Option<&[u8]> {
    const USER: &[u8] = b" user=\"";
    if text.is_empty() {
        return Some(text);
    }
    let user = match text.strip_prefix(b"user=\"") {
        Some(user) => user,
        None => {
            text.starts_with(b"user_ident=\"").then_some(())?;
            match memmem::find(text, USER) {
                Some(at) => text.get(at + USER.len()..)?,
                None => return Some(b""),
            }
        }
    };
    user.strip_suffix(b"\"")
}

/// What stands behind the user.
pub(super) struct Request<'a> {
    pub(super) method: &'a [u8],
    pub(super) url: &'a [u8],
    pub(super) referer: &'a [u8],
    pub(super) agent: &'a [u8],
    pub(super) status: u16,
    pub(super) action: &'a [u8],
    pub(super) peer_code: &'a [u8],
    pub(super) content_type: &'a [u8],
    pub(super) bytes_in: Option<&'a [u8]>,
    pub(super) bytes_out: Option<&'a [u8]>,
}

impl<'a> Request<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(text);
        let method = word(&mut cursor, b"http_method=")?;
        for key in [
            &b"request_method_from_client="[..],
            b"request_method_to_server=",
        ] {
            let _same = word(&mut cursor, key);
        }
        let url = quoted(&mut cursor, b"url=\"")?;
        let referer = quoted(&mut cursor, b"http_referrer=\"").unwrap_or_default();
        let agent = quoted(&mut cursor, b"http_user_agent=\"").unwrap_or_default();
        let status = self::status(word(&mut cursor, b"status=")?)?;
        let action = word(&mut cursor, b"vendor_action=")?;
        let peer_code = word(&mut cursor, b"dest_status=").unwrap_or_default();
        let _total_ms = word(&mut cursor, b"total_time_milliseconds=");
        let content_type = quoted(&mut cursor, b"http_content_type=\"").unwrap_or_default();
        let _bytes = word(&mut cursor, b"bytes=");
        let bytes_in = word(&mut cursor, b"bytes_in=");
        let bytes_out = word(&mut cursor, b"bytes_out=");
        Some(Self {
            method,
            url,
            referer,
            agent,
            status,
            action,
            peer_code,
            content_type,
            bytes_in,
            bytes_out,
        })
    }
}

/// The word behind this key, if the key comes next.
fn word<'a>(cursor: &mut Cursor<'a>, key: &[u8]) -> Option<&'a [u8]> {
    cursor.blanks();
    cursor.eat(key)?;
    cursor.word()
}

/// The text behind this key and its quote, up to the next bare quote, if the key comes next.
fn quoted<'a>(cursor: &mut Cursor<'a>, key: &[u8]) -> Option<&'a [u8]> {
    cursor.blanks();
    let mut ahead = *cursor;
    ahead.eat(key)?;
    let text = ahead.rest();
    let mut from = 0;
    loop {
        let at = from + memchr2(b'"', b'\\', text.get(from..)?)?;
        if text.get(at) == Some(&b'"') {
            *cursor = Cursor::new(text.get(at + 1..)?);
            return text.get(..at);
        }
        from = at + 2;
    }
}
