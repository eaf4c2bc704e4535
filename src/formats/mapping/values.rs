//! Values of a record as the plan asks for them: the first that is there, cut, decoded, and read as what it is.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::formats::cursor::{ip, number, port, split};
use crate::formats::dialect;
use crate::model::Untrusted;

use super::cell::{rewritten, unescaped};
use super::cells::{Cells, Slot};
use super::pairs::find;
use super::plan::{From, Known, Plan};
use super::schema::Decode;

/// What nobody is called and nothing is counted by, whatever the product; collectors put it in where they find nothing.
const ALWAYS: [&[u8]; 2] = [b"-", b"(null)"];

/// Values that mean "nothing".
#[derive(Debug)]
pub(super) struct Nulls {
    marks: Vec<Vec<u8>>,
    /// A bit for each of their lengths; the last one for all that are longer.
    lengths: u64,
}

impl Nulls {
    pub(super) fn of(marks: &[String]) -> Self {
        let given = marks.iter().map(String::as_bytes);
        let marks: Vec<Vec<u8>> = ALWAYS
            .into_iter()
            .chain(given)
            .map(<[u8]>::to_vec)
            .collect();
        let lengths = marks
            .iter()
            .fold(0, |lengths, mark| lengths | length_bit(mark.len()));
        Self { marks, lengths }
    }
}

const fn length_bit(length: usize) -> u64 {
    1 << if length < 63 { length } else { 63 }
}

/// The values of one record.
#[derive(Clone, Copy)]
pub(super) struct Values<'v, 'a> {
    pub(super) cells: &'v Cells<'a>,
    pub(super) null: &'v Nulls,
}

impl<'a> Values<'_, 'a> {
    /// The text of a slot; nothing when it is one of the marks for that.
    #[inline]
    pub(super) fn slot(&self, slot: Slot) -> Option<Cow<'a, [u8]>> {
        if self.cells.lacks(slot) {
            return None;
        }
        match self.cells.as_it_stands(slot) {
            Some(text) => (!self.is_null(text)).then_some(Cow::Borrowed(text)),
            None => self.undone(slot),
        }
    }

    fn undone(&self, slot: Slot) -> Option<Cow<'a, [u8]>> {
        let text = self.cells.text(slot);
        (!self.is_null(&text)).then_some(text)
    }

    fn is_null(&self, text: &[u8]) -> bool {
        text.is_empty()
            || self.null.lengths & length_bit(text.len()) != 0
                && self.null.marks.iter().any(|null| text == null.as_slice())
    }

    /// The text that the plan names.
    #[inline]
    pub(super) fn text(&self, plan: &Plan, known: Known) -> Option<Cow<'a, [u8]>> {
        self.found(plan.given(known)?)
    }

    fn found(&self, from: &From) -> Option<Cow<'a, [u8]>> {
        let text = from.slots.iter().find_map(|slot| self.slot(*slot))?;
        if from.is_worked {
            return self.worked(text, from);
        }
        Some(text)
    }

    /// The texts of all keys that the plan names.
    pub(super) fn each<'p>(
        &'p self,
        plan: &'p Plan,
        known: Known,
    ) -> impl Iterator<Item = Cow<'a, [u8]>> + use<'p, 'a> {
        let from = plan.from(known).into_iter();
        from.flat_map(|from| from.slots.iter().map(move |slot| (from, slot)))
            .filter_map(|(from, slot)| match self.slot(*slot)? {
                text if from.is_worked => self.worked(text, from),
                text => Some(text),
            })
    }

    /// What is meant by a text that is cut, decoded or a word for something.
    fn worked(&self, text: Cow<'a, [u8]>, from: &From) -> Option<Cow<'a, [u8]>> {
        let text = match &from.cut {
            Some((cut, part)) => piece(text, cut, part.unwrap_or(1))?,
            None => text,
        };
        let text = from
            .decode
            .iter()
            .fold(text, |text, decode| decoded(text, *decode));
        let word = from
            .words
            .iter()
            .find(|(value, _)| text.eq_ignore_ascii_case(value.as_bytes()));
        let text = match word {
            Some((_, word)) => Cow::Borrowed(word.as_bytes()),
            None => text,
        };
        (!self.is_null(&text)).then_some(text)
    }

    #[inline]
    pub(super) fn untrusted(&self, plan: &Plan, known: Known) -> Option<Untrusted<'a>> {
        self.text(plan, known).map(Untrusted::from)
    }

    /// All values of a list.
    pub(super) fn list(&self, plan: &Plan, known: Known) -> Vec<Untrusted<'a>> {
        let Some(from) = plan.given(known) else {
            return Vec::new();
        };
        let first = from.slots.iter().find(|slot| self.slot(**slot).is_some());
        let whole = first
            .into_iter()
            .flat_map(|slot| self.cells.all(*slot))
            .filter(|text| !self.is_null(text));
        let cut = from.cut.as_ref().map(|(cut, _)| cut);
        whole
            .flat_map(|text| match cut {
                Some(cut) => pieces(&text, cut),
                None if text.starts_with(b"[") => listed(&text),
                None => vec![text],
            })
            .filter(|text| !self.is_null(text))
            .map(Untrusted::from)
            .collect()
    }

    /// A count; what is behind a point does not count.
    #[inline]
    pub(super) fn count(&self, plan: &Plan, known: Known) -> Option<u64> {
        self.counted(plan.given(known)?)
    }

    fn counted(&self, from: &From) -> Option<u64> {
        let text = self.found(from)?;
        let text = text.strip_prefix(b"+").unwrap_or(&text);
        number(text)
            .or_else(|| grouped(text))
            .or_else(|| number(split(text, b'.')?.0))
    }

    /// A number of these units to a thousandth of a second.
    #[inline]
    pub(super) fn millis(&self, plan: &Plan, known: Known, units: f64) -> Option<u64> {
        self.timed(plan.given(known)?, units)
    }

    fn timed(&self, from: &From, units: f64) -> Option<u64> {
        let text = self.found(from)?;
        let text = text.strip_suffix(b"s").unwrap_or(&text);
        let value = match number(text) {
            // Exact: it has fewer bits than a float holds.
            Some(whole) if whole < 1 << 53 => whole as f64,
            _ => std::str::from_utf8(text).ok()?.trim().parse().ok()?,
        };
        // Rounded to nanoseconds first: 0.29 s are 290 ms. The cast is within its range.
        let nanos = (value / units * 1e6).round();
        (0.0..1e18)
            .contains(&nanos)
            .then_some(nanos as u64 / 1_000_000)
    }
}

/// `1,234,567`, as tables for people have it.
fn grouped(text: &[u8]) -> Option<u64> {
    let mut groups = text.split(|b| *b == b',');
    let first = groups.next().filter(|first| first.len() <= 3)?;
    let mut all = number(first)?;
    for group in groups {
        let group = number(group).filter(|_| group.len() == 3)?;
        all = all.checked_mul(1_000)?.checked_add(group)?;
    }
    Some(all)
}

/// An address and the port behind it: `192.0.2.7`, `192.0.2.7:4711`, `[2001:db8::1]:4711`, `192.0.2.7:4711:X1:host`, `192.0.2.7#4711`,
/// the first of a list.
pub(super) fn address(text: &[u8]) -> Option<(IpAddr, Option<u16>)> {
    let text = split(text, b',')
        .map_or(text, |(first, _)| first)
        .trim_ascii();
    if let Some(address) = ip(text) {
        return Some((address, None));
    }
    if let Some(rest) = text.strip_prefix(b"[") {
        let (address, after) = split(rest, b']')?;
        return Some((ip(address)?, after.strip_prefix(b":").and_then(port)));
    }
    if let Some((address, behind)) = split(text, b'#') {
        return Some((ip(address)?, port(behind)));
    }
    let (address, behind) = split(text, b':')?;
    let behind = split(behind, b':').map_or(behind, |(first, _)| first);
    Some((ip(address)?, port(behind)))
}

/// The most pieces that one value is cut into.
const MAX_PIECES: usize = 64;

fn pieces<'a>(text: &[u8], cut: &[u8]) -> Vec<Cow<'a, [u8]>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = find(rest, cut).filter(|_| found.len() < MAX_PIECES) {
        let piece = rest.get(..at).unwrap_or_default();
        found.push(Cow::Owned(piece.trim_ascii().to_vec()));
        rest = rest.get(at + cut.len()..).unwrap_or_default();
    }
    found.push(Cow::Owned(rest.trim_ascii().to_vec()));
    found
}

/// The texts of a JSON list that was written down as a string.
fn listed<'a>(text: &[u8]) -> Vec<Cow<'a, [u8]>> {
    super::outline::elements(text)
        .into_iter()
        .take(MAX_PIECES)
        .map(|item| super::outline::string_text(item).unwrap_or(Cow::Borrowed(item)))
        .map(|item| Cow::Owned(item.into_owned()))
        .collect()
}

fn piece<'a>(text: Cow<'a, [u8]>, cut: &[u8], part: i32) -> Option<Cow<'a, [u8]>> {
    match text {
        Cow::Borrowed(text) => nth(text, cut, part).map(Cow::Borrowed),
        Cow::Owned(text) => nth(&text, cut, part).map(|piece| Cow::Owned(piece.to_vec())),
    }
}

/// The piece of this number, from 1, or from -1 at the end.
fn nth<'t>(text: &'t [u8], cut: &[u8], part: i32) -> Option<&'t [u8]> {
    let mut rest = Some(text);
    let mut pieces = std::iter::from_fn(|| {
        let text = rest?;
        let at = find(text, cut);
        rest = at.and_then(|at| text.get(at + cut.len()..));
        text.get(..at.unwrap_or(text.len()))
    });
    let index = usize::try_from(part.unsigned_abs()).ok()?.checked_sub(1)?;
    let piece = if part > 0 {
        pieces.nth(index)?
    } else {
        let all: Vec<&[u8]> = pieces.collect();
        *all.get(all.len().checked_sub(index + 1)?)?
    };
    Some(piece.trim_ascii())
}

fn decoded(text: Cow<'_, [u8]>, decode: Decode) -> Cow<'_, [u8]> {
    let marked = |mark| memchr::memchr(mark, &text).is_some();
    match decode {
        Decode::Percent if marked(b'%') => Cow::Owned(rewritten(&text, b'%', hex_byte)),
        Decode::Plus if marked(b'+') => {
            Cow::Owned(rewritten(&text, b'+', |rest| Some((Some(b' '), rest))))
        }
        Decode::Form => decoded(decoded(text, Decode::Plus), Decode::Percent),
        Decode::Squid => decoded(decoded(text, Decode::Backslash), Decode::Percent),
        Decode::Port => match dialect::split_port(&text) {
            (address, Some(port)) if memchr::memchr(b':', address).is_some() => {
                let port = port.to_string();
                Cow::Owned([b"[", address, b"]:", port.as_bytes()].concat())
            }
            _ => text,
        },
        Decode::Parts => match text {
            Cow::Borrowed(text) => Cow::Borrowed(dialect::without_dashes(text)),
            Cow::Owned(text) => Cow::Owned(dialect::without_dashes(&text).to_vec()),
        },
        Decode::Backslash if marked(b'\\') => Cow::Owned(unescaped(&text)),
        Decode::Hex if marked(b'\\') => {
            Cow::Owned(rewritten(&text, b'\\', |rest| match rest.split_first() {
                Some((b'x', rest)) => hex_byte(rest),
                Some((mark @ (b'"' | b'\\'), rest)) => Some((Some(*mark), rest)),
                _ => None,
            }))
        }
        _ => text,
    }
}

/// A byte written as two digits, and what follows them.
fn hex_byte(text: &[u8]) -> Option<(Option<u8>, &[u8])> {
    let (digits, after) = text.split_at_checked(2)?;
    let value = digits.iter().try_fold(0, |sum, byte| {
        Some(sum * 16 + char::from(*byte).to_digit(16)?)
    })?;
    Some((u8::try_from(value).ok(), after))
}

/// The name of a DNS type that is given as its number; RFC 3597's where we know none.
pub(super) fn qtype(given: Cow<'_, [u8]>) -> Untrusted<'_> {
    const NAMES: &[(u64, &str)] = &[
        (1, "A"),
        (2, "NS"),
        (5, "CNAME"),
        (6, "SOA"),
        (12, "PTR"),
        (15, "MX"),
        (16, "TXT"),
        (28, "AAAA"),
        (33, "SRV"),
        (35, "NAPTR"),
        (43, "DS"),
        (46, "RRSIG"),
        (48, "DNSKEY"),
        (64, "SVCB"),
        (65, "HTTPS"),
        (255, "ANY"),
    ];
    let Some(given_number) = number(&given) else {
        return Untrusted::from(given);
    };
    match NAMES.iter().find(|(number, _)| *number == given_number) {
        Some((_, name)) => Untrusted::from(*name),
        None => Untrusted::rebuilt([b"TYPE", given.as_ref()].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_whatever_stands_behind() {
        for (text, expected) in [
            ("192.0.2.7", "192.0.2.7 -"),
            ("192.0.2.7:4711", "192.0.2.7 4711"),
            ("192.0.2.7:4711:X1:host.example.org", "192.0.2.7 4711"),
            ("[2001:db8::1]:4711", "2001:db8::1 4711"),
            ("2001:db8::1", "2001:db8::1 -"),
            ("::ffff:192.0.2.7", "192.0.2.7 -"),
            ("192.0.2.7, 198.51.100.1", "192.0.2.7 -"),
            ("192.0.2.7#53", "192.0.2.7 53"),
        ] {
            let (address, port) = address(text.as_bytes()).unwrap();
            let port = port.map_or("-".to_owned(), |port| port.to_string());
            assert_eq!(format!("{address} {port}"), expected, "{text}");
        }
        for text in ["host", "host:80", "", "[", "fe80"] {
            assert_eq!(address(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn thousands_may_be_set_apart() {
        assert_eq!(grouped(b"1,234,567"), Some(1_234_567));
        for text in ["1,23", "1234,567", ",123", "1,234,", "1,,234", "1,234.5"] {
            assert_eq!(grouped(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn pieces_are_counted_from_both_ends() {
        let part = |n| {
            nth(b"458 / 509/2813/3001", b"/", n).map(|p| String::from_utf8_lossy(p).into_owned())
        };
        assert_eq!(part(1).as_deref(), Some("458"));
        assert_eq!(part(2).as_deref(), Some("509"));
        assert_eq!(part(-1).as_deref(), Some("3001"));
        assert_eq!((part(5), part(-5)), (None, None));
    }

    #[test]
    fn encodings_are_undone() {
        for (text, decode, expected) in [
            ("a%20b%2", Decode::Percent, "a b%2"),
            ("a+b", Decode::Plus, "a b"),
            (r"CORP\\bob", Decode::Backslash, r"CORP\bob"),
            (r"a\x22b\x", Decode::Hex, "a\"b\\x"),
        ] {
            let decoded = decoded(Cow::Borrowed(text.as_bytes()), decode);
            assert_eq!(String::from_utf8_lossy(&decoded), expected);
        }
    }
}
