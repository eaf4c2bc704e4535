//! Zones as logs name them: an offset, an abbreviation that means one offset only, or a place.
//!
//! `IST` is three zones and `AST` two; such words are no zone here, and the log's own counts. Places (`Asia/Kolkata`) are those
//! of the IANA database that is built in: no file of the system is read.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::formats::cursor::{number, split};

const SECS_PER_HOUR: i64 = 3_600;
/// No zone is further from Greenwich.
const MAX_OFFSET_HOURS: u64 = 26;
/// `America/Argentina/ComodRivadavia` has 32.
const MAX_PLACE_BYTES: usize = 48;

/// An offset or the name of a zone, in seconds east of Greenwich: `+0100`, `-5:30`, `CET`, `UTC+2`, `(GMT+01:00)`.
pub(in crate::formats) fn offset_secs(text: &[u8]) -> Option<i64> {
    if let [
        sign @ (b'+' | b'-'),
        h1 @ b'0'..=b'1',
        h2 @ b'0'..=b'9',
        m1 @ b'0'..=b'5',
        m2 @ b'0'..=b'9',
    ] = text
    {
        let digit = |byte: &u8| i64::from(byte - b'0');
        let minutes = (digit(h1) * 10 + digit(h2)) * 60 + digit(m1) * 10 + digit(m2);
        return Some(if *sign == b'-' { -minutes } else { minutes } * 60);
    }
    let text = text.trim_ascii();
    let text = text
        .strip_prefix(b"(")
        .and_then(|text| text.strip_suffix(b")"))
        .unwrap_or(text);
    let text = text
        .strip_prefix(b"UTC")
        .or_else(|| text.strip_prefix(b"GMT"))
        .filter(|rest| matches!(rest.first(), Some(b'+' | b'-')))
        .unwrap_or(text);
    if let Some((sign, digits)) = text.split_first()
        && matches!(sign, b'+' | b'-')
    {
        let (hours, minutes) = match split(digits, b':') {
            Some((hours, minutes)) => (hours, minutes),
            None if digits.len() <= 2 => (digits, &b"0"[..]),
            None => digits.split_at_checked(digits.len() - 2)?,
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        if hours > MAX_OFFSET_HOURS || minutes >= 60 {
            return None;
        }
        let secs = i64::try_from(hours * 3_600 + minutes * 60).ok()?;
        return Some(if *sign == b'-' { -secs } else { secs });
    }
    const NAMES: &[(&[u8], i64)] = &[
        (b"Z", 0),
        (b"UTC", 0),
        (b"GMT", 0),
        (b"WET", 0),
        (b"WEST", 1),
        (b"BST", 1),
        (b"CET", 1),
        (b"CEST", 2),
        (b"EET", 2),
        (b"EEST", 3),
        (b"MSK", 3),
        (b"SGT", 8),
        (b"HKT", 8),
        (b"JST", 9),
        (b"KST", 9),
        (b"AEST", 10),
        (b"AEDT", 11),
        (b"NZST", 12),
        (b"NZDT", 13),
        (b"BRT", -3),
        (b"EDT", -4),
        (b"EST", -5),
        (b"CDT", -5),
        (b"CST", -6),
        (b"MDT", -6),
        (b"MST", -7),
        (b"PDT", -7),
        (b"PST", -8),
    ];
    NAMES
        .iter()
        .find(|(name, _)| text.eq_ignore_ascii_case(name))
        .map(|(_, hours)| hours * SECS_PER_HOUR)
}

/// The zone of a place, `Europe/Paris`.
pub(in crate::formats) fn place(text: &[u8]) -> Option<TimeZone> {
    static PLACES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
    let name = std::str::from_utf8(text.trim_ascii()).ok()?;
    let is_place = name.len() <= MAX_PLACE_BYTES && name.contains('/');
    is_place.then(|| PLACES.get(name).ok())?
}

/// Whether a word is how zones are abbreviated, though this one means several.
pub(in crate::formats) fn is_abbreviation(word: &[u8]) -> bool {
    (2..=5).contains(&word.len()) && word.iter().all(u8::is_ascii_uppercase)
}

/// A zone that is named in words at the beginning of a text, and what follows it: devices write `Nov  2 10:11:12 EST: …`.
/// A host is hardly named so, and not in capitals.
pub(in crate::formats) fn zone_in_front(text: &[u8]) -> Option<(i64, &[u8])> {
    let text = text.trim_ascii_start();
    let (word, rest) = split(text, b' ').unwrap_or((text, b""));
    let name = word.strip_suffix(b":").unwrap_or(word);
    let is_name = (3..=4).contains(&name.len()) && name.iter().all(u8::is_ascii_uppercase);
    Some((
        is_name.then(|| offset_secs(name))??,
        rest.trim_ascii_start(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_in_all_their_spellings() {
        for (text, minutes) in [
            ("+0530", 330),
            ("+05:30", 330),
            ("-0030", -30),
            ("+1959", 1_199),
            ("+2600", 1_560),
            ("-5:30", -330),
            ("+2", 120),
            ("-05", -300),
            ("Z", 0),
            ("utc", 0),
            ("CEST", 120),
            ("UTC+2", 120),
            ("GMT-03:00", -180),
            ("(GMT+01:00)", 60),
        ] {
            assert_eq!(offset_secs(text.as_bytes()), Some(minutes * 60), "{text}");
        }
        for text in [
            "IST",
            "",
            "+",
            "UTC+",
            "+27:00",
            "+2700",
            "+05:75",
            "+0560",
            "+05-3",
            "Europe/Paris",
        ] {
            assert_eq!(offset_secs(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn places_are_known_without_a_file() {
        for name in [
            "Europe/Paris",
            "Asia/Kolkata",
            "America/Argentina/Buenos_Aires",
        ] {
            assert!(place(name.as_bytes()).is_some(), "{name}");
        }
        for name in ["Paris", "No/Where", "/etc/passwd", "../x", ""] {
            assert!(place(name.as_bytes()).is_none(), "{name}");
        }
    }
}
