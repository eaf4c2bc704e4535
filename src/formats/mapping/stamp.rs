//! Times in whatever notation a product has chosen.
//!
//! What is unmistakable is recognised: RFC 3339 and its relatives, seconds to nanoseconds since 1970 by their number of
//! digits, the common log format, syslog, BIND, `asctime`, RFC 2822. What could be two days (`2/11/2026`) is read only with a
//! format that the mapping names. A zone in words counts if it is in one list of abbreviations, or a place; one that means
//! several is left to the log's own. Nothing is guessed.

use jiff::fmt::strtime::BrokenDownTime;

use crate::formats::clock::{self, Civil, Stamp, offset_secs};
use crate::formats::cursor::{number, split};
use crate::model::Time;

const SECS_PER_HOUR: i64 = 3_600;
const MICROS: i64 = 1_000_000;

/// A time. `formats` are for what could be two things; what cannot is read as what it is.
pub(in crate::formats) fn read(text: &[u8], formats: &[String]) -> Option<Stamp> {
    let text = text.trim_ascii();
    if let Some(stamp) = plain(text) {
        return Some(stamp);
    }
    if formats.is_empty() {
        return None;
    }
    let words = std::str::from_utf8(text).ok()?;
    formats.iter().find_map(|format| with_format(words, format))
}

/// A time in a notation that cannot be mistaken.
fn plain(text: &[u8]) -> Option<Stamp> {
    let text = bare(text);
    match text.first()? {
        // Four digits and a sign are a year, and no count.
        b'0'..=b'9' if matches!(text.get(4), Some(b'-' | b'/')) => ordered(text),
        // A number behind the day: which of the two is the month only a format says.
        b'0'..=b'9'
            if matches!(
                text,
                [_, b'/', b'0'..=b'9', ..] | [_, _, b'/', b'0'..=b'9', ..]
            ) =>
        {
            None
        }
        b'0'..=b'9' => count(text)
            .map(Stamp::Instant)
            .or_else(|| ordered(text))
            .or_else(|| clock::clf(text).map(Stamp::Instant))
            .or_else(|| day_first(text)),
        b'-' => None,
        _ => named(text),
    }
}

/// A time that may be of the day only; then the day stands elsewhere.
pub(super) fn read_with_day(day: Option<&[u8]>, time: &[u8], formats: &[String]) -> Option<Stamp> {
    let Some(day) = day else {
        return read(time, formats);
    };
    let (day, time) = (day.trim_ascii(), time.trim_ascii());
    // `10:11:12` and `1:02:03 PM` cannot be read alone.
    if matches!(time, [_, b':', ..] | [_, _, b':', ..])
        && let Some(stamp) = read_joined(day, time, formats)
    {
        return Some(stamp);
    }
    read(time, &[])
        .or_else(|| read(time, formats))
        .or_else(|| read_joined(day, time, formats))
}

/// A day and a time that stand apart.
fn read_joined(day: &[u8], time: &[u8], formats: &[String]) -> Option<Stamp> {
    // Longer than any day and time.
    let mut room = [b' '; 64];
    let size = day.len() + 1 + time.len();
    let joined = room.get_mut(..size)?;
    joined.get_mut(..day.len())?.copy_from_slice(day);
    joined.get_mut(day.len() + 1..)?.copy_from_slice(time);
    read(joined, formats)
}

/// A time without a zone at an offset; one that has a zone keeps it.
pub(super) fn at(stamp: Stamp, offset_secs: i64) -> Stamp {
    stamp.at(offset_secs).unwrap_or(stamp)
}

/// `10:11:12`, and no day.
pub(super) fn is_of_day(text: &[u8]) -> bool {
    text.get(2) == Some(&b':') && clock::time_of_day(text).is_some()
}

/// `2026-11-02`, whatever stands between.
pub(super) fn is_day(text: &[u8]) -> bool {
    ordered(&[text, b" 00:00:00"].concat()).is_some()
}

/// Brackets and quotes around a time.
fn bare(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"[").unwrap_or(text);
    text.strip_suffix(b"]").unwrap_or(text)
}

/// Seconds since 1970, or what their number of digits says.
fn count(text: &[u8]) -> Option<Time> {
    let (whole, fraction) = match split(text, b'.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let units = i64::try_from(number(whole)?).ok()?;
    match whole.len() {
        // Fewer digits lie before 2001, and are some other number.
        9..=11 => {
            let micros = match fraction {
                Some(digits) => clock::fraction_micros(digits.get(..9).unwrap_or(digits))?,
                None => 0,
            };
            Some(Time::from_micros(units * MICROS + micros))
        }
        12..=14 => Some(Time::from_micros(units * 1_000)),
        15..=17 => Some(Time::from_micros(units)),
        18..=19 => Some(Time::from_micros(units / 1_000)),
        _ => None,
    }
}

/// Year, month, day: `2026-11-02T10:11:12.345+01:00`, `2026/11/02 10:11:12 UTC`, `20261102 10:11:12`.
fn ordered(text: &[u8]) -> Option<Stamp> {
    if let Some((civil, rest)) = clock::in_full_width(text) {
        return with_half(civil, rest);
    }
    let (year, rest) = text.split_at_checked(4)?;
    let separator = *rest.first()?;
    let (month, day, rest) = if separator.is_ascii_digit() {
        let (month, rest) = rest.split_at_checked(2)?;
        let (day, rest) = rest.split_at_checked(2)?;
        (month, day, rest)
    } else if matches!(separator, b'-' | b'/' | b'.') {
        let (month, rest) = split(rest.get(1..)?, separator)?;
        let end = rest.iter().position(|b| !b.is_ascii_digit())?;
        let (day, rest) = rest.split_at_checked(end)?;
        (month, day, rest)
    } else {
        return None;
    };
    let (mark, rest) = rest.split_first()?;
    if !matches!(mark, b'T' | b' ' | b':' | b'_') {
        return None;
    }
    let rest = rest.trim_ascii_start();
    let end = rest
        .iter()
        .position(|b| !(b.is_ascii_digit() || matches!(b, b':' | b'.' | b',')));
    let (time, zone) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
    let civil = Civil {
        year: i64::try_from(number(year)?).ok()?,
        month: clock::two_digits(month)?,
        day: clock::two_digits(day)?,
        micros: clock::time_of_day(time)?,
    };
    with_half(civil, zone)
}

/// A day and time with what follows it: the half of the day, if that is named, and a zone.
fn with_half(civil: Civil, rest: &[u8]) -> Option<Stamp> {
    let zone = rest.trim_ascii_start();
    if !matches!(zone.first(), Some(b'A' | b'a' | b'P' | b'p')) {
        return with_zone(civil, zone);
    }
    let (half, after) = split(zone, b' ').unwrap_or((zone, b""));
    match in_half(civil.micros, half) {
        Some(micros) => with_zone(Civil { micros, ..civil }, after),
        None => with_zone(civil, zone),
    }
}

/// A time of a clock of twelve hours, of which the half is named.
fn in_half(micros: i64, half: &[u8]) -> Option<i64> {
    const NOON: i64 = 12 * SECS_PER_HOUR * MICROS;
    let is_late = half.eq_ignore_ascii_case(b"PM");
    if !is_late && !half.eq_ignore_ascii_case(b"AM") {
        return None;
    }
    Some(match (micros >= NOON, is_late) {
        (true, false) => micros - NOON,
        (false, true) => micros + NOON,
        _ => micros,
    })
}

fn with_zone(civil: Civil, zone: &[u8]) -> Option<Stamp> {
    civil.as_utc()?;
    let zone = zone.trim_ascii();
    if zone.is_empty() {
        return Some(Stamp::Local(civil));
    }
    // `--5:00` is how one product writes an offset of one digit.
    let zone = if zone.starts_with(b"--") || zone.starts_with(b"+-") {
        zone.get(1..)?
    } else {
        zone
    };
    let local = Stamp::Local(civil);
    // `+01:00[Europe/Paris]`, as RFC 9557 adds the place.
    let zone = split(zone, b'[').map_or(zone, |(offset, _place)| offset);
    if let Some(secs) = offset_secs(zone) {
        return Some(at(local, secs));
    }
    match clock::place(zone) {
        Some(place) => local.in_zone(&place),
        None => clock::is_abbreviation(zone).then_some(local),
    }
}

/// `02-Nov-2026 10:11:12.345`, `02 Nov 2026 10:11:12 +0100`.
fn day_first(text: &[u8]) -> Option<Stamp> {
    let end = text.iter().position(|b| !b.is_ascii_digit())?;
    let (day, rest) = text.split_at_checked(end)?;
    let separator = *rest.first()?;
    let (month, rest) = split(rest.get(1..)?, separator)?;
    let (year, rest) = rest.split_at_checked(4)?;
    let rest = rest.get(1..)?;
    let (time, zone) = split(rest, b' ').unwrap_or((rest, b""));
    let civil = Civil {
        year: i64::try_from(number(year)?).ok()?,
        month: clock::month_number(month)?,
        day: clock::two_digits(day)?,
        micros: clock::time_of_day(time)?,
    };
    with_zone(civil, zone)
}

/// Times that begin with the name of a weekday or a month: `Mon Nov  2 10:11:12 2026`, `Mon, 02 Nov 2026 10:11:12 GMT`,
/// `Mon Nov 02 16:21:40 UTC 2026`, `Nov  2 10:11:12`, `Nov 02 2026 10:11:12 UTC`, `Nov  2, 2026 10:11:12 PM`, and
/// `Nov 2, 2026 @ 10:11:12.345`, as Kibana shows it.
fn named(text: &[u8]) -> Option<Stamp> {
    let mut words = text
        .split(|b| matches!(b, b' ' | b','))
        .filter(|word| !word.is_empty() && *word != b"@");
    let mut word = words.next()?;
    if clock::month_number(word).is_none() {
        let is_weekday = word.len() >= 3 && word.iter().all(u8::is_ascii_alphabetic);
        if !is_weekday {
            return None;
        }
        word = words.next()?;
        if word.first()?.is_ascii_digit() {
            let start = text.iter().position(u8::is_ascii_digit)?;
            return day_first(text.get(start..)?);
        }
    }
    let month = clock::month_number(word)?;
    let day = clock::two_digits(words.next()?)?;
    let (mut year, mut micros, mut zone) = (0, None, None);
    for word in words.by_ref().take(5) {
        if let Some(late) = micros.and_then(|micros| in_half(micros, word)) {
            micros = Some(late);
        } else if word.len() == 4 && year == 0 && number(word).is_some() {
            year = i64::try_from(number(word)?).ok()?;
        } else if micros.is_none() && word.contains(&b':') {
            micros = Some(clock::time_of_day(word)?);
        } else if zone.is_none()
            && let Some(secs) = offset_secs(word)
        {
            zone = Some(secs);
        } else if !clock::is_abbreviation(word) {
            return None;
        }
    }
    let civil = Civil {
        year,
        month,
        day,
        micros: micros?,
    };
    let stamp = if year == 0 {
        Stamp::Yearless(civil)
    } else {
        civil.as_utc()?;
        Stamp::Local(civil)
    };
    Some(zone.map_or(stamp, |secs| at(stamp, secs)))
}

/// A day and time of numbers in full width, the usual case; anything else is left to the library.
fn all_digits(text: &[u8], format: &[u8]) -> Option<Civil> {
    let (mut text, mut format) = (text, format);
    let (mut year, mut month, mut day) = (None, None, None);
    let (mut hour, mut minute, mut second) = (None, None, None);
    let (mut of_half, mut half) = (None, None);
    while let [first, after @ ..] = format {
        format = after;
        if *first != b'%' {
            text = text.strip_prefix(&[*first])?;
            continue;
        }
        let (directive, after) = format.split_first()?;
        format = after;
        if *directive == b'p' {
            let (word, after) = text.split_at_checked(2)?;
            (half, text) = (Some(word), after);
            continue;
        }
        let (place, width, range) = match directive {
            b'Y' => (&mut year, 4, 1..=9_999),
            b'm' => (&mut month, 2, 1..=12),
            b'd' => (&mut day, 2, 1..=31),
            b'H' => (&mut hour, 2, 0..=23),
            // Hours of a half are written without a nought as often as with one.
            b'I' if text.get(1) == Some(&b':') => (&mut of_half, 1, 1..=12),
            b'I' => (&mut of_half, 2, 1..=12),
            b'M' => (&mut minute, 2, 0..=59),
            b'S' => (&mut second, 2, 0..=59),
            _ => return None,
        };
        let (digits, after) = text.split_at_checked(width)?;
        let value = i64::try_from(number(digits)?).ok()?;
        *place = Some(value).filter(|value| range.contains(value));
        text = after;
    }
    text.is_empty().then_some(())?;
    let micros = ((hour.or(of_half)? * 60 + minute?) * 60 + second?) * MICROS;
    Some(Civil {
        year: year?,
        month: month?,
        day: day?,
        micros: match (of_half, half) {
            (None, None) => micros,
            (Some(_), Some(half)) if hour.is_none() => in_half(micros, half)?,
            _ => return None,
        },
    })
}

/// A time in a format that the mapping names.
fn with_format(text: &str, format: &str) -> Option<Stamp> {
    if let Some(civil) = all_digits(text.as_bytes(), format.as_bytes()) {
        return Some(Stamp::Local(civil));
    }
    let parsed = BrokenDownTime::parse(format, text).ok()?;
    if let Ok(timestamp) = parsed.to_timestamp() {
        return Some(Stamp::Instant(timestamp.into()));
    }
    let time = parsed.to_time().ok()?;
    let micros = i64::from(time.hour()) * SECS_PER_HOUR * MICROS
        + i64::from(time.minute()) * 60 * MICROS
        + i64::from(time.second()) * MICROS
        + i64::from(time.subsec_nanosecond()) / 1_000;
    let civil = Civil {
        year: parsed.year().map_or(0, i64::from),
        month: i64::from(parsed.month()?),
        day: i64::from(parsed.day()?),
        micros,
    };
    Some(if civil.year == 0 {
        Stamp::Yearless(civil)
    } else {
        Stamp::Local(civil)
    })
}

#[cfg(test)]
mod tests;
