//! A walk over one record: words between blanks, numbers, addresses.
//!
//! Formats read left to right; nothing here allocates, indexes or looks at the whole record twice.

use std::net::{IpAddr, Ipv4Addr};

use memchr::{memchr, memchr2, memmem};

use super::cuts::position;
use super::look;

/// What is left of a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) const fn new(record: &'a [u8]) -> Self {
        Self(record)
    }

    /// What is left, as it is.
    pub(super) const fn rest(self) -> &'a [u8] {
        self.0
    }

    /// The next word and the blank after it; blanks in front are skipped. `None` at the end.
    pub(super) fn word(&mut self) -> Option<&'a [u8]> {
        self.blanks();
        if self.0.is_empty() {
            return None;
        }
        let (word, rest) = split(self.0, b' ').unwrap_or((self.0, &[]));
        self.0 = rest;
        Some(word)
    }

    /// Takes this text if it comes next.
    pub(super) fn eat(&mut self, text: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// Skips blanks.
    pub(super) fn blanks(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }
}

/// The text before and after the first such byte.
pub(super) fn split(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let end = position(text, at)?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// The text before and after the last such byte.
pub(super) fn split_last(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let end = memchr::memrchr(at, text)?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// The text before and after the first such text.
pub(super) fn split_around<'a>(text: &'a [u8], border: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memmem::find(text, border)?;
    Some((text.get(..at)?, text.get(at + border.len()..)?))
}

/// The text before and after the first such byte that no backslash escapes.
pub(super) fn split_unescaped(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let found = from + memchr2(at, b'\\', text.get(from..)?)?;
        if text.get(found) == Some(&at) {
            return Some((text.get(..found)?, text.get(found + 1..)?));
        }
        from = found + 2;
    }
}

/// A value that is neither empty nor the `-` that most products write for none.
pub(super) fn present(text: &[u8]) -> Option<&[u8]> {
    (!text.is_empty() && text != b"-").then_some(text)
}

/// A decimal number of digits only.
pub(super) fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    // So many digits cannot be too much.
    if text.len() < 20 {
        let sum = text.iter().try_fold(0, |sum, byte| {
            let digit = byte.wrapping_sub(b'0');
            (digit < 10).then(|| sum * 10 + u64::from(digit))
        });
        return sum;
    }
    text.iter().try_fold(0_u64, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// A port number; 0 is none.
pub(super) fn port(text: &[u8]) -> Option<u16> {
    number(text)
        .and_then(|n| u16::try_from(n).ok())
        .filter(|n| *n != 0)
}

/// An address, with or without brackets and zone; an IPv4 address written as IPv6 becomes IPv4.
pub(super) fn ip(text: &[u8]) -> Option<IpAddr> {
    if let Some(address) = ipv4(text) {
        return Some(IpAddr::V4(address));
    }
    // Host names mostly say so with their first letter.
    let first = text.first()?;
    if !first.is_ascii_hexdigit() && !matches!(first, b':' | b'[') {
        return None;
    }
    let text = text
        .strip_prefix(b"[")
        .and_then(|t| t.strip_suffix(b"]"))
        .unwrap_or(text);
    let text = split(text, b'%').map_or(text, |(address, _zone)| address);
    // The longest address is 45 characters, and every address starts with a digit, a letter a–f or a colon.
    if text.len() > 45 || !text.first()?.is_ascii_hexdigit() && !text.starts_with(b":") {
        return None;
    }
    if memchr(b':', text).is_none() {
        // Brackets and a zone may have stood around it.
        return ipv4(text).map(IpAddr::V4);
    }
    let address: IpAddr = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(address.to_canonical())
}

/// The same for a word that more may follow.
pub(super) fn ip_of((text, length): (&[u8], usize)) -> Option<IpAddr> {
    match look::ipv4((text, length)) {
        Some(address) => Some(address.into()),
        None => ip(text.get(..length)?),
    }
}

/// Four numbers without leading zeros, as the standard library reads them; host names are told from them at once.
fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let (a, rest) = octet(text)?;
    let (b, rest) = octet(rest.strip_prefix(b".")?)?;
    let (c, rest) = octet(rest.strip_prefix(b".")?)?;
    let (d, rest) = octet(rest.strip_prefix(b".")?)?;
    rest.is_empty().then(|| Ipv4Addr::new(a, b, c, d))
}

/// A number of one to three digits, and what follows it.
#[inline]
fn octet(text: &[u8]) -> Option<(u8, &[u8])> {
    let digit = |byte: &u8| Some(byte.wrapping_sub(b'0')).filter(|digit| *digit < 10);
    let (first, rest) = text.split_first()?;
    let first = digit(first)?;
    let Some((second, after)) = pop(rest, digit) else {
        return Some((first, rest));
    };
    if first == 0 {
        return None;
    }
    let two = first * 10 + second;
    match pop(after, digit) {
        Some((third, after)) => Some((two.checked_mul(10)?.checked_add(third)?, after)),
        None => Some((two, after)),
    }
}

#[inline]
fn pop(text: &[u8], digit: impl Fn(&u8) -> Option<u8>) -> Option<(u8, &[u8])> {
    let (first, rest) = text.split_first()?;
    Some((digit(first)?, rest))
}

/// An address with or without a port: `192.0.2.7:4711`, `[2001:db8::7]:4711`, `2001:db8::7`.
pub(super) fn ip_and_port(text: &[u8]) -> Option<(IpAddr, Option<u16>)> {
    if let Some(address) = ip(text) {
        return Some((address, None));
    }
    let (address, digits) = split_last(text, b':')?;
    // Port 0 is none, and some write it.
    let digits = number(digits).and_then(|n| u16::try_from(n).ok())?;
    Some((ip(address)?, (digits != 0).then_some(digits)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ipv4_addresses_are_read_as_the_standard_library_reads_them(text in "[0-9.]{0,16}|([0-9]{1,4}\\.){3}[0-9]{1,4}|[0-9a.]{7,15}") {
            let theirs: Option<Ipv4Addr> = text.parse().ok();
            prop_assert_eq!(ipv4(text.as_bytes()), theirs);
        }
    }

    #[test]
    fn words_are_cut_at_runs_of_blanks() {
        let mut cursor = Cursor::new(b"  a  b c");
        assert_eq!(cursor.word(), Some(&b"a"[..]));
        assert_eq!(cursor.rest(), b" b c");
        assert_eq!(cursor.word(), Some(&b"b"[..]));
        assert_eq!(cursor.word(), Some(&b"c"[..]));
        assert_eq!(cursor.word(), None);
    }

    #[test]
    fn an_escaped_border_is_none() {
        let parts = split_unescaped(br#"a\"b\\" c""#, b'"');
        assert_eq!(parts, Some((&br#"a\"b\\"#[..], &br#" c""#[..])));
        assert_eq!(split_unescaped(br#"a\""#, b'"'), None);
        assert_eq!(split_unescaped(br"a\", b'"'), None);
    }

    #[test]
    fn a_number_too_large_is_no_number() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(number(b"18446744073709551616"), None);
        assert_eq!(number(b"-1"), None);
        assert_eq!(number(b""), None);
        assert_eq!(port(b"65536"), None);
    }

    #[test]
    fn addresses_lose_brackets_zone_and_the_mapped_form() {
        assert_eq!(ip(b"[2001:db8::1%eth0]"), ip(b"2001:db8::1"));
        assert_eq!(ip(b"::ffff:192.0.2.7"), ip(b"192.0.2.7"));
        assert_eq!(ip(b"example.org"), None);
        let with_port = ip(b"2001:db8::7").map(|address| (address, Some(4711)));
        assert_eq!(ip_and_port(b"[2001:db8::7]:4711"), with_port);
        assert_eq!(ip_and_port(b"192.0.2.7:x"), None);
    }
}
