//! Time and host of the usual row of Squid's native log, without reading the rest.
//!
//! The row has ten words with one blank between them (Squid pads the second on its left), an address as the client, a
//! plain method and a plain host. Every word is checked as far as [`super::squid`] would refuse or read it otherwise;
//! whatever is out of the ordinary gives no glance, and the row is read whole.

use crate::model::{Asked, Fields, Glance, Time};

use super::cursor::{ip_of, number};
use super::cuts::{Cuts, position, position_of_either};
use super::glance::{self, Usual};
use super::look::{Look, WIDTH};
use super::squid::is_content_type;
use super::squid_words::is_code;
use super::target::path_of;

/// Of the words behind the time.
const BORDERS: usize = 8;
/// `1793614272.345 `
const STAMP: usize = 15;
const MICROS: i64 = 1_000_000;

/// Remembers the second of the row before, and words that come again and again.
#[derive(Debug)]
pub(super) struct Glances {
    second: [u8; 10],
    at: i64,
    content_types: Usual,
}

impl Default for Glances {
    fn default() -> Self {
        Self {
            second: [0; 10],
            at: 0,
            content_types: Usual::new(6),
        }
    }
}

impl Glances {
    pub(super) fn at<'a>(&mut self, record: &'a [u8]) -> Option<Glance<'a>> {
        let (stamp, rest) = record.split_first_chunk()?;
        let padding = Look::at_start_of(rest).of(b' ').trailing_ones();
        let row = Cuts::<BORDERS>::of(rest.get(padding as usize..)?, b' ')?;
        let is_usual = is_digits(row.word_with_rest(0))
            && is_result(row.word_with_rest(2))
            && is_digits(row.word_with_rest(3))
            && !row.word(6).is_empty()
            && is_peer(row.word_with_rest(7))
            && self.is_content_type(row.word_with_rest(8));
        if !is_usual {
            return None;
        }
        let client = ip_of(row.word_with_rest(1))?;
        let url = row.word(5);
        let (host, asks) = match row.word(4) {
            b"CONNECT" => (authority(url)?, None),
            method @ (b"GET" | b"POST" | b"HEAD" | b"OPTIONS" | b"PUT" | b"DELETE") => {
                let (host, path) = host_and_path(url)?;
                let path = path_of(path);
                (host, Some(Asked { method, path }))
            }
            _ => return None,
        };
        Some(Glance {
            time: self.time(stamp)?,
            client,
            host,
            asks,
            tells: Fields::NONE,
        })
    }

    fn is_content_type(&mut self, word: (&[u8], usize)) -> bool {
        word.0 == b"-" || self.content_types.holds(word, is_content_type)
    }

    fn time(&mut self, stamp: &[u8; STAMP]) -> Option<Time> {
        let [second @ .., b'.', a, b, c, b' '] = stamp else {
            return None;
        };
        if ![a, b, c].into_iter().all(u8::is_ascii_digit) {
            return None;
        }
        if *second != self.second {
            self.at = i64::try_from(number(second)?).ok()?;
            self.second = *second;
        }
        let [a, b, c] = [a, b, c].map(|digit| i64::from(digit - b'0'));
        let millis = a * 100 + b * 10 + c;
        Some(Time::from_micros(self.at * MICROS + millis * 1_000))
    }
}

/// Digits, and not so many that they are no number.
#[inline]
fn is_digits((text, length): (&[u8], usize)) -> bool {
    (1..=WIDTH).contains(&length)
        && Look::at_start_of(text).digits().trailing_ones() as usize >= length
}

/// `TCP_MISS/200`
#[inline]
fn is_result((text, length): (&[u8], usize)) -> bool {
    let code = length.saturating_sub(4);
    is_code_of(text, code)
        && matches!(text.get(code..length), Some([b'/', a, b, c]) if [a, b, c].into_iter().all(u8::is_ascii_digit))
        && !text.starts_with(b"UDP_")
}

/// `HIER_DIRECT/203.0.113.5`
#[inline]
fn is_peer((text, length): (&[u8], usize)) -> bool {
    let slash = position(text, b'/').filter(|slash| *slash < length);
    slash.is_some_and(|code| is_code_of(text, code))
}

/// Whether the first `length` bytes are a code.
#[inline]
fn is_code_of(text: &[u8], length: usize) -> bool {
    if length > WIDTH {
        return text.get(..length).is_some_and(is_code);
    }
    text.first().is_some_and(u8::is_ascii_uppercase)
        && Look::at_start_of(text).capitals().trailing_ones() as usize >= length
}

/// `host:443`
#[inline]
fn authority(url: &[u8]) -> Option<&[u8]> {
    // A host that has a colon itself is not plain.
    if let Some(host) = url.strip_suffix(b":443") {
        return Some(host);
    }
    let (host, port) = url.split_at_checked(position(url, b':')?)?;
    glance::is_digits(port.get(1..)?).then_some(host)
}

/// Host and path of `http://host/path`, with or without a port.
#[inline]
fn host_and_path(url: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = url
        .strip_prefix(b"http://")
        .or_else(|| url.strip_prefix(b"https://"))?;
    let (host, rest) = rest.split_at_checked(position_of_either(rest, b'/', b':')?)?;
    let Some(port) = rest.strip_prefix(b":") else {
        return Some((host, rest));
    };
    let (port, path) = port.split_at_checked(position(port, b'/')?)?;
    glance::is_digits(port).then_some((host, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_row_is_seen_at_a_glance_and_others_are_not() {
        let mut glances = Glances::default();
        let mut host = |record: &'static str| {
            glances
                .at(record.as_bytes())
                .map(|glance| (glance.time.micros(), String::from_utf8_lossy(glance.host)))
        };
        assert_eq!(
            host(
                "1793614272.345     88 192.0.2.7 TCP_TUNNEL/200 5 CONNECT a.example:443 - HIER_DIRECT/203.0.113.5 -"
            ),
            Some((1_793_614_272_345_000, "a.example".into()))
        );
        assert_eq!(
            host(
                "1793614272.346 8 192.0.2.7 TCP_MISS/200 5 GET http://B.example:80/x?y bob HIER_DIRECT/203.0.113.5 text/html"
            ),
            Some((1_793_614_272_346_000, "B.example".into()))
        );
        for odd in [
            "1793614272.345 88 192.0.2.7 TCP_MISS/200 5 PATCH http://a.example/ - HIER_DIRECT/203.0.113.5 -",
            "1793614272.345 88 name TCP_MISS/200 5 GET http://a.example/ - HIER_DIRECT/203.0.113.5 -",
            "1793614272.345 88 192.0.2.7 TCP_MISS/200 5 GET http://a.example/  - HIER_DIRECT/203.0.113.5 -",
            "1793614272.345 88 192.0.2.7 TCP_MISS/200 5 GET http://a.example/ b c HIER_DIRECT/203.0.113.5 -",
            "1793614272.345 88 192.0.2.7 UDP_MISS/000 5 GET http://a.example/ - HIER_NONE/- -",
        ] {
            assert_eq!(host(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_asked_for_is_told_without_its_query() {
        let row = b"1793614272.345 88 192.0.2.7 TCP_MISS/200 5 POST http://a.example:80/b/c?d#e - HIER_DIRECT/203.0.113.5 -";
        let glance = Glances::default().at(row).unwrap();
        assert_eq!(
            (glance.host, glance.asks),
            (
                b"a.example".as_slice(),
                Some(Asked {
                    method: b"POST",
                    path: b"/b/c"
                })
            )
        );
    }
}
