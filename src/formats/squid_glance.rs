//! Time and host of the usual row of Squid's native log, without reading the rest.
//!
//! The row has ten words with one blank between them (Squid pads the second on its left), an address as the client, a
//! plain method and a plain host. Every word is checked as far as [`super::squid`] would refuse or read it otherwise;
//! whatever is out of the ordinary gives no glance, and the row is read whole.

use memchr::memchr_iter;

use crate::model::{Fields, Glance, Time};

use super::cursor::{ip, number};
use super::glance::{Again, is_digits, is_plain};
use super::squid::is_content_type;
use super::squid_words::is_code;

const WORDS: usize = 10;
/// `1793614272.345`
const STAMP: usize = 14;
const MICROS: i64 = 1_000_000;

/// Remembers words of the row before: the second, the result and the type come again and again.
#[derive(Debug, Default)]
pub(super) struct Glances {
    second: [u8; 10],
    at: i64,
    code_and_status: Again,
    peer_code: Again,
    content_type: Again,
}

impl Glances {
    pub(super) fn at<'a>(&mut self, record: &'a [u8]) -> Option<Glance<'a>> {
        let (stamp, rest) = record.split_at_checked(STAMP)?;
        let rest = rest.strip_prefix(b" ")?.trim_ascii_start();
        let [
            elapsed,
            client,
            code_and_status,
            size,
            method,
            url,
            _user,
            peer,
            content_type,
        ] = words(rest)?;
        let (peer_code, _) = peer.split_at_checked(memchr::memchr(b'/', peer)?)?;
        let is_usual = is_digits(elapsed)
            && is_digits(size)
            && self.code_and_status.is_usual(code_and_status, is_result)
            && self.peer_code.is_usual(peer_code, is_code)
            && self.content_type.is_usual(content_type, is_content_type)
            && ip(client).is_some();
        let host = match method {
            b"CONNECT" => authority(url)?,
            b"GET" | b"HEAD" | b"OPTIONS" | b"PUT" | b"DELETE" => host_of(url)?,
            _ => return None,
        };
        let time = self.time(stamp)?;
        is_usual.then_some(Glance {
            time,
            host,
            tells: Fields::NONE,
        })
    }

    fn time(&mut self, stamp: &[u8]) -> Option<Time> {
        let (second, fraction) = stamp.split_at_checked(10)?;
        let fraction = fraction.strip_prefix(b".").filter(|f| is_digits(f))?;
        if second != self.second {
            self.at = i64::try_from(number(second)?).ok()?;
            self.second = second.try_into().ok()?;
        }
        let millis = fraction
            .iter()
            .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        Some(Time::from_micros(self.at * MICROS + millis * 1_000))
    }
}

/// `TCP_MISS/200`
fn is_result(word: &[u8]) -> bool {
    let at = word.len().saturating_sub(4);
    let Some((code, [b'/', status @ ..])) = word.split_at_checked(at) else {
        return false;
    };
    is_code(code) && !code.starts_with(b"UDP_") && is_digits(status)
}

/// The words of a row behind its stamp, if there are exactly so many and none is empty where it must not be.
fn words(text: &[u8]) -> Option<[&[u8]; WORDS - 1]> {
    let mut words = [[].as_slice(); WORDS - 1];
    let mut from = 0;
    let mut filled = words.iter_mut();
    for blank in memchr_iter(b' ', text) {
        *filled.next()? = text.get(from..blank).filter(|word| !word.is_empty())?;
        from = blank + 1;
    }
    *filled.next()? = text.get(from..).filter(|word| !word.is_empty())?;
    filled.next().is_none().then_some(words)
}

/// `host:443`
fn authority(url: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', url)?;
    let (host, port) = url.split_at_checked(colon)?;
    (is_digits(port.get(1..)?) && is_plain(host)).then_some(host)
}

/// `http://host/path`, with or without a port.
fn host_of(url: &[u8]) -> Option<&[u8]> {
    let rest = url
        .strip_prefix(b"http://")
        .or_else(|| url.strip_prefix(b"https://"))?;
    let authority = rest.get(..memchr::memchr(b'/', rest)?)?;
    let host = match memchr::memchr(b':', authority) {
        Some(colon) => {
            let (host, port) = authority.split_at_checked(colon)?;
            is_digits(port.get(1..)?).then_some(host)?
        }
        None => authority,
    };
    is_plain(host).then_some(host)
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
            "1793614272.345 88 192.0.2.7 TCP_MISS/200 5 POST http://a.example/ - HIER_DIRECT/203.0.113.5 -",
            "1793614272.345 88 name TCP_MISS/200 5 GET http://a.example/ - HIER_DIRECT/203.0.113.5 -",
            "1793614272.345 88 192.0.2.7 TCP_MISS/200 5 GET http://u@a.example/ - HIER_DIRECT/203.0.113.5 -",
            "1793614272.345 88 192.0.2.7 TCP_MISS/200 5 GET http://a.example/ b c HIER_DIRECT/203.0.113.5 -",
            "1793614272.345 88 192.0.2.7 UDP_MISS/000 5 GET http://a.example/ - HIER_NONE/- -",
        ] {
            assert_eq!(host(odd), None, "{odd}");
        }
    }
}
