//! Times as logs write them: one reader per notation, from what stands at the beginning of a text.
//!
//! RFC 3164 and ISO 8601, the common log format, seconds since 1970, and what single products have of their own. A reader
//! takes what is certainly its notation and says what follows; which of them to try is the format's business. The time
//! formats that an operator writes down are read elsewhere, with the mapping.

use crate::formats::cursor::{number, split};
use crate::model::Time;

use super::{Civil, MICROS, Stamp};

/// `1598040493.253`: seconds since 1970 with up to nine digits after the dot.
pub(in crate::formats) fn epoch(text: &[u8]) -> Option<Time> {
    let (secs, micros) = match split(text, b'.') {
        Some((secs, fraction)) => (secs, fraction_micros(fraction)?),
        None => (text, 0),
    };
    // Eleven digits reach the year 5138; more is another unit or no time.
    if secs.len() > 11 {
        return None;
    }
    let secs = i64::try_from(number(secs)?).ok()?;
    Some(Time::from_micros(secs * MICROS + micros))
}

/// `Nov  2 10:11:12` or `Nov 02 10:11:12.345` in front of a blank, as RFC 3164 writes it; the year may
/// follow the day (`Nov  2 2026 10:11:12`). Gives what comes after the blank.
pub(in crate::formats) fn syslog_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (month, rest) = text.split_at_checked(3)?;
    let month = month_number(month)?;
    let rest = rest.strip_prefix(b" ")?.trim_ascii_start();
    let (day, rest) = split(rest, b' ')?;
    let (mut clock, mut rest) = split(rest, b' ')?;
    let mut year = 0;
    if clock.len() == 4 {
        year = i64::try_from(number(clock)?).ok()?;
        (clock, rest) = split(rest, b' ')?;
    }
    let civil = Civil {
        year,
        month,
        day: two_digits(day)?,
        micros: time_of_day(clock)?,
    };
    let stamp = if year == 0 {
        Stamp::Yearless(civil)
    } else {
        Stamp::Local(civil)
    };
    Some((stamp, rest))
}

/// `Mon Nov  2 10:11:12 2026` in front of a blank, as `asctime` and so OpenWrt's logread write it. Gives what comes after the
/// blank.
pub(in crate::formats) fn asctime_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (weekday, rest) = text.split_at_checked(3)?;
    if !weekday.iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let (stamp, rest) = syslog_stamp(rest.strip_prefix(b" ")?)?;
    let (year, rest) = split(rest, b' ')?;
    match stamp {
        Stamp::Yearless(civil) if year.len() == 4 => {
            let year = i64::try_from(number(year)?).ok()?;
            Some((Stamp::Local(Civil { year, ..civil }), rest))
        }
        _ => None,
    }
}

/// `2026-11-02T10:11:12.345+01:00` in front of a blank; zone and fraction may be missing, a blank may stand
/// for the `T`, the offset may lack its colon. Gives what comes after the blank.
pub(in crate::formats) fn iso_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (date, rest) = text.split_at_checked(10)?;
    let (year, date) = date.split_at_checked(4)?;
    let month = date.strip_prefix(b"-")?.get(..2)?;
    let day = date.get(3..)?.strip_prefix(b"-")?;
    let rest = rest
        .strip_prefix(b"T")
        .or_else(|| rest.strip_prefix(b" "))?;
    let (clock, rest) = split(rest, b' ').unwrap_or((rest, &[]));
    let zone_at = clock
        .iter()
        .position(|b| matches!(b, b'Z' | b'z' | b'+' | b'-'));
    let (clock, zone) = clock.split_at_checked(zone_at.unwrap_or(clock.len()))?;
    let civil = Civil {
        year: i64::try_from(number(year)?).ok()?,
        month: two_digits(month)?,
        day: two_digits(day)?,
        micros: time_of_day(clock)?,
    };
    let stamp = if zone.is_empty() {
        Stamp::Local(civil)
    } else {
        Stamp::Instant(at_offset(civil, zone)?)
    };
    Some((stamp, rest))
}

/// `2026-11-02 10:11:12` at the beginning, by far the most usual, and what follows unless that belongs to it.
pub(in crate::formats) fn in_full_width(text: &[u8]) -> Option<(Civil, &[u8])> {
    let (first, rest) = text.split_first_chunk::<19>()?;
    let between = first.get(7)?;
    let is_usual = matches!(between, b'-' | b'/' | b'.')
        && first.get(4) == Some(between)
        && matches!(first.get(10), Some(b'T' | b' '))
        && first.get(13) == Some(&b':')
        && first.get(16) == Some(&b':')
        && !matches!(rest.first(), Some(b'0'..=b'9' | b':' | b'.' | b','));
    if !is_usual {
        return None;
    }
    let two = |at: usize| two_digits(first.get(at..at + 2)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let civil = Civil {
        year: two(0)? * 100 + two(2)?,
        month: two(5)?,
        day: two(8)?,
        micros: ((hour * 60 + minute) * 60 + second) * MICROS,
    };
    (hour <= 23 && minute <= 59 && second <= 60).then_some((civil, rest))
}

/// `2026:11:02-10:11:12` in front of a blank, as Sophos UTM writes it. Gives what comes after the blank.
pub(in crate::formats) fn colon_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (word, rest) = split(text, b' ')?;
    let (date, clock) = split(word, b'-')?;
    let (year, date) = split(date, b':')?;
    let (month, day) = split(date, b':')?;
    let civil = Civil {
        year: (year.len() == 4)
            .then(|| number(year))?
            .and_then(|y| i64::try_from(y).ok())?,
        month: two_digits(month)?,
        day: two_digits(day)?,
        micros: time_of_day(clock)?,
    };
    Some((Stamp::Local(civil), rest))
}

/// `[2026-11-02 10:11:12]` in front of a blank, as Clavister writes it. Gives what comes after the blank.
pub(in crate::formats) fn bracket_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (inside, rest) = split(text.strip_prefix(b"[")?, b']')?;
    let (stamp, behind) = iso_stamp(inside)?;
    let rest = rest.strip_prefix(b" ")?;
    behind.is_empty().then_some((stamp, rest))
}

/// `02-Nov-2026 10:11:12.345` in front of a blank, as BIND writes it. Gives what comes after the blank.
pub(in crate::formats) fn bind_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (date, rest) = split(text, b' ')?;
    let (clock, rest) = split(rest, b' ')?;
    let civil = civil_date(date, b'-', time_of_day(clock)?)?;
    Some((Stamp::Local(civil), rest))
}

/// `02/Nov/2026:10:11:12 +0100`, as the common log format writes it between its brackets.
pub(in crate::formats) fn clf(text: &[u8]) -> Option<Time> {
    let (date, rest) = split(text, b':')?;
    let (clock, zone) = split(rest, b' ')?;
    at_offset(civil_date(date, b'/', time_of_day(clock)?)?, zone)
}

/// `02/Nov/2026:10:11:12.345`, as HAProxy writes it between its brackets, or the same with an offset.
pub(in crate::formats) fn clf_stamp(text: &[u8]) -> Option<Stamp> {
    if let Some(time) = clf(text) {
        return Some(Stamp::Instant(time));
    }
    let (date, clock) = split(text, b':')?;
    civil_date(date, b'/', time_of_day(clock)?).map(Stamp::Local)
}

/// `02-Nov-2026`, with the separator given.
fn civil_date(date: &[u8], separator: u8, micros: i64) -> Option<Civil> {
    let (day, rest) = split(date, separator)?;
    let (month, year) = split(rest, separator)?;
    Some(Civil {
        year: (year.len() == 4)
            .then(|| number(year))?
            .and_then(|y| i64::try_from(y).ok())?,
        month: month_number(month)?,
        day: two_digits(day)?,
        micros,
    })
}

/// `Z`, `+0100` or `-05:00`.
fn at_offset(civil: Civil, zone: &[u8]) -> Option<Time> {
    let utc = civil.as_utc()?;
    let (sign, digits) = zone.split_first()?;
    let sign = match sign {
        b'Z' | b'z' if digits.is_empty() => return Some(utc),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(b":").unwrap_or(minutes);
    let secs = two_digits(hours)? * 3_600 + two_digits(minutes)? * 60;
    Some(utc.plus_secs(-sign * secs))
}

/// `10:11:12` with an optional fraction, as microseconds since midnight; a leap second is the next second.
pub(in crate::formats) fn time_of_day(text: &[u8]) -> Option<i64> {
    let (hours, rest) = split(text, b':')?;
    let (minutes, secs) = split(rest, b':')?;
    let (secs, micros) = match secs.get(2) {
        None => (secs, 0),
        Some(b'.' | b',') => (secs.get(..2)?, fraction_micros(secs.get(3..)?)?),
        Some(_) => return None,
    };
    let (hours, minutes, secs) = (two_digits(hours)?, two_digits(minutes)?, two_digits(secs)?);
    if hours > 23 || minutes > 59 || secs > 60 {
        return None;
    }
    Some((hours * 3_600 + minutes * 60 + secs) * MICROS + micros)
}

/// The digits after the dot, as microseconds; what is finer is cut.
pub(in crate::formats) fn fraction_micros(digits: &[u8]) -> Option<i64> {
    if digits.len() > 9 {
        return None;
    }
    let mut micros = i64::try_from(number(digits)?).ok()?;
    for _ in digits.len()..6 {
        micros *= 10;
    }
    for _ in 6..digits.len() {
        micros /= 10;
    }
    Some(micros)
}

#[inline]
pub(in crate::formats) fn two_digits(text: &[u8]) -> Option<i64> {
    match text {
        [a] if a.is_ascii_digit() => Some(i64::from(a - b'0')),
        [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => {
            Some(i64::from(a - b'0') * 10 + i64::from(b - b'0'))
        }
        _ => None,
    }
}

/// 1–12 of an English month name of three letters.
pub(in crate::formats) fn month_number(name: &[u8]) -> Option<i64> {
    const MONTHS: [&[u8]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let month = MONTHS.iter().position(|month| *month == name)?;
    i64::try_from(month + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_times_need_no_clock() {
        assert_eq!(
            clf(b"02/Nov/2026:10:11:12 +0100").unwrap().to_string(),
            "2026-11-02T09:11:12.000Z"
        );
        assert_eq!(
            epoch(b"1793614272.345").unwrap().to_string(),
            "2026-11-02T10:11:12.345Z"
        );
    }

    #[test]
    fn two_products_have_a_header_of_their_own() {
        let utm = colon_stamp(b"2026:11:02-10:11:12 utm httpproxy[7]: x").unwrap();
        assert_eq!(utm.1, b"utm httpproxy[7]: x");
        let clavister = bracket_stamp(b"[2026-11-02 10:11:12] EFW: x").unwrap();
        assert_eq!(clavister.1, b"EFW: x");
        for (stamp, _) in [utm, clavister] {
            assert_eq!(
                stamp.at(0),
                clf(b"02/Nov/2026:10:11:12 +0000").map(Stamp::Instant)
            );
        }
        assert_eq!(colon_stamp(b"2026:11:02 10:11:12 x"), None);
        assert_eq!(bracket_stamp(b"[2026-11-02 10:11:12 x] y"), None);
    }

    #[test]
    fn a_time_in_full_width_is_whole_or_none_of_its() {
        let (civil, rest) = in_full_width(b"2026-11-02 10:11:12 +0100").unwrap();
        assert_eq!((civil.year, civil.month, civil.day), (2026, 11, 2));
        assert_eq!(civil.micros, 36_672 * MICROS);
        assert_eq!(rest, b" +0100");
        assert!(in_full_width(b"2026/11/02T23:59:60").is_some());
        for text in [
            "2026-11-02 10:11:12.5",
            "2026-11-02 10:11:123",
            "2026-11-02 10:11:12:1",
            "2026-11/02 10:11:12",
            "2026-11-02 24:00:00",
            "2026-11-02 10:60:00",
            "2026-11-02 10:11:61",
            "2026-1-02 10:11:12Z",
            "2026-11-02 10:11:1",
        ] {
            assert!(in_full_width(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn what_the_calendar_does_not_have_is_refused() {
        assert_eq!(iso_stamp(b"2026-02-30T10:11:12Z"), None);
        assert_eq!(iso_stamp(b"2026-11-02T25:11:12Z"), None);
        assert_eq!(iso_stamp(b"2026-11-02T10:11:12+1"), None);
        assert_eq!(epoch(b"999999999999999999"), None);
        assert_eq!(clf(b"02/Nov/26:10:11:12 +0100"), None);
        assert_eq!(syslog_stamp(b"Foo 12 10:11:12 x"), None);
    }
}
