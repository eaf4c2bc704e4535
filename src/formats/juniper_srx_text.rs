//! What a Junos security message tells where it is text: words in a fixed order.
//!
//! The client writes what follows `URL=` and `OBJ=`; the user stands behind them, so the last one counts, and of a path only what
//! stands in front of a blank. Order of the words from the System Log Explorer and, for AppTrack, from Juniper's
//! own test library.

use std::net::IpAddr;

use memchr::{memchr2, memmem};

use crate::model::Untrusted;

use super::cursor::{Cursor, ip, number, port, split};
use super::juniper_srx_header::Message;
use super::juniper_srx_told::{Told, host, known, path};
use super::mapping::cell::{Cell, Form};

/// What the text of a session tells: `session closed TCP FIN: 192.0.2.7/4711->203.0.113.5/443 …`.
pub(super) fn session<'a>(message: &Message<'a>) -> Told<'a> {
    let mut cursor = Cursor::new(message.text);
    let mut told = ends(&mut cursor);
    while let Some(word) = cursor.word() {
        let Some(count) = counted(word) else {
            continue;
        };
        let mut rest = cursor;
        if let Some(down) = rest.word().and_then(counted) {
            told.bytes_up = Some(count);
            told.bytes_down = Some(down);
            told.duration_secs = rest.word().and_then(number);
            told.user = match message.is_tracking {
                true => user(rest.word()),
                false => user_in_front_of_roles(rest, 2),
            };
        } else {
            // `6(0)`, protocol and ICMP type, of a session that was denied.
            told.user = user_in_front_of_roles(cursor, 5);
        }
        break;
    }
    told
}

/// What the text of the web filter tells: `… 192.0.2.7(4711)->203.0.113.5(443) CATEGORY="…" … URL=a.example OBJ=/ …`.
pub(super) fn filter(text: &[u8]) -> Told<'_> {
    let mut cursor = Cursor::new(text);
    let mut told = ends(&mut cursor);
    let rest = cursor.rest();
    let Some((before, url)) = parted(rest, b"URL=") else {
        return told;
    };
    told.has_url = true;
    told.category = parted(before, b"CATEGORY=\"")
        .and_then(|(_, value)| split(value, b'"'))
        .and_then(|(value, _)| Cell::new(value, Form::Plain).part(known));
    let (url, rest) = split(url, b' ').unwrap_or((url, b""));
    told.host = Cell::new(url, Form::Plain).part(host);
    let Some(object) = rest.trim_ascii_start().strip_prefix(b"OBJ=") else {
        return told;
    };
    told.path = Cursor::new(object)
        .word()
        .and_then(|word| Cell::new(word, Form::Backslash).part(path));
    let named = [
        (&b" username "[..], &b" roles "[..]),
        (b" USERNAME=", b" ROLES="),
    ];
    let last = named
        .iter()
        .filter_map(|(key, end)| Some((memmem::rfind(object, key)? + key.len(), end)))
        .max_by_key(|(at, _)| *at);
    if let Some((at, end)) = last {
        let name = object.get(at..).unwrap_or_default();
        told.user = user(Some(parted(name, end).map_or(name, |(name, _)| name)));
    }
    told
}

/// Both ends of the connection, from the first word with an arrow.
fn ends<'a>(cursor: &mut Cursor<'a>) -> Told<'a> {
    let mut told = Told::default();
    while let Some(word) = cursor.word() {
        if let Some((client, server)) = parted(word, b"->") {
            (told.client, told.client_port) = end(client);
            (told.server, told.port) = end(server);
            break;
        }
    }
    told
}

/// The text before and after a mark.
fn parted<'t>(text: &'t [u8], mark: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let at = memmem::find(text, mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

/// `192.0.2.7/4711` or `192.0.2.7(4711)`.
fn end(text: &[u8]) -> (Option<IpAddr>, Option<u16>) {
    let text = text.strip_suffix(b")").unwrap_or(text);
    let at = memchr2(b'/', b'(', text).unwrap_or(text.len());
    let behind = text.get(at + 1..).unwrap_or_default();
    (text.get(..at).and_then(ip), port(behind))
}

/// The bytes in `12(1234)`.
fn counted(word: &[u8]) -> Option<u64> {
    let (packets, bytes) = split(word.strip_suffix(b")")?, b'(')?;
    number(packets)?;
    number(bytes)
}

/// `alice(N/A)`, behind so many other words.
fn user_in_front_of_roles<'a>(mut cursor: Cursor<'a>, behind: usize) -> Option<Untrusted<'a>> {
    for _ in 0..behind {
        cursor.word()?;
    }
    user(split(cursor.word()?, b'(').map(|(name, _)| name))
}

fn user(name: Option<&[u8]>) -> Option<Untrusted<'_>> {
    Cell::new(name?, Form::Backslash).part(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(told: &Told<'_>) -> String {
        let text = |t: &Option<Untrusted<'_>>| {
            t.as_ref()
                .map_or("-".to_owned(), |t| t.lossy().into_owned())
        };
        format!(
            "{} {} {}",
            text(&told.host),
            text(&told.path),
            text(&told.user)
        )
    }

    #[test]
    fn a_path_in_text_forges_neither_host_nor_user() {
        for (text, expected) in [
            (
                "WebFilter: ACTION=\"URL Blocked\" 192.0.2.7(1)->203.0.113.5(80) URL=a.example OBJ=/a username forged roles x URL=forged.example username N/A roles N/A",
                "a.example /a -",
            ),
            (
                "192.0.2.7(1)->203.0.113.5(80) CATEGORY=\"x\" URL=a.example OBJ=/ USERNAME=anna maria ROLES=N/A",
                "a.example / anna maria",
            ),
            (
                "192.0.2.7(1)->203.0.113.5(80) URL=a.example",
                "a.example - -",
            ),
        ] {
            assert_eq!(shown(&filter(text.as_bytes())), expected, "{text}");
        }
    }
}
