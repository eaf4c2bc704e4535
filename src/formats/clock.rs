//! Times as logs write them: with or without year, with or without zone.
//!
//! A [`Stamp`] is what stands in the record; a [`Clock`] makes an instant of it with what the record leaves
//! out: the zone of the log and the time of the last write to it. Local times that a clock change skips or
//! repeats are taken as `jiff` takes them (the earlier offset). Nothing here reads a clock.

use jiff::civil::DateTime;

use crate::model::Time;

use super::Context;
use super::cursor::{number, split};

const MICROS: i64 = 1_000_000;
const DAY_SECS: i64 = 86_400;
/// Zones change their offset at whole quarters of an hour, so one offset serves a quarter.
const QUARTER_SECS: i64 = 900;
/// 29 February comes round within eight years.
const YEARS_BACK: i64 = 8;

/// A calendar date and time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    /// Since midnight.
    pub(super) micros: i64,
}

impl Civil {
    /// As if it were UTC; `None` when the calendar has no such day.
    pub(super) fn as_utc(self) -> Option<Time> {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let days = match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        if !(1..=days).contains(&self.day) || !(1..=9999).contains(&self.year) {
            return None;
        }
        // Days since 1970, counted in years that begin in March (Howard Hinnant's days_from_civil).
        let year = self.year - i64::from(self.month <= 2);
        let month = (self.month + 9) % 12;
        let of_year = (153 * month + 2) / 5 + self.day - 1;
        let days =
            year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
                - 719_468;
        Some(Time::from_micros(days * DAY_SECS * MICROS + self.micros))
    }
}

/// A time as it stands in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    /// Complete.
    Instant(Time),
    /// Without a zone.
    Local(Civil),
    /// Without a zone and a year; the year is 0.
    Yearless(Civil),
}

impl Stamp {
    /// The same where the record names UTC as its zone in words; without a year that is not known.
    pub(super) fn in_utc(self) -> Option<Self> {
        match self {
            Self::Local(civil) => civil.as_utc().map(Self::Instant),
            other => Some(other),
        }
    }
}

/// Completes stamps with what the log leaves out.
#[derive(Debug)]
pub(super) struct Clock {
    zone: jiff::tz::TimeZone,
    modified: Time,
    /// The latest year that a stamp without one may be of.
    year: i64,
    /// The quarter of an hour, in local seconds since 1970, whose offset was asked for last.
    quarter: i64,
    offset_micros: i64,
}

impl Clock {
    pub(super) fn new(context: &Context) -> Self {
        let mut clock = Self {
            zone: context.zone.clone(),
            modified: context.modified,
            year: 0,
            quarter: i64::MIN,
            offset_micros: 0,
        };
        clock.written_by(context.modified);
        clock
    }

    /// Tells that what follows was written by this time.
    pub(super) fn written_by(&mut self, modified: Time) {
        self.modified = modified;
        // One year more than needed costs a comparison; the day's grace and the zone may need it.
        let horizon = self.zone.to_datetime(modified.plus_days(2).timestamp());
        self.year = i64::from(horizon.year());
    }

    /// The instant meant; a record without any stamp was written by the last write to its log.
    pub(super) fn time(&mut self, stamp: Option<Stamp>) -> Option<Time> {
        match stamp {
            None => Some(self.modified),
            Some(Stamp::Instant(time)) => Some(time),
            Some(Stamp::Local(civil)) => self.local(civil),
            Some(Stamp::Yearless(civil)) => self.yearless(civil),
        }
    }

    /// Whether this lies more than a day after the last write to the log, so that it cannot be meant.
    pub(super) fn is_ahead(&self, time: Time) -> bool {
        time > self.modified.plus_days(1)
    }

    fn yearless(&mut self, civil: Civil) -> Option<Time> {
        let latest = self.modified.plus_days(1);
        (self.year - YEARS_BACK..=self.year)
            .rev()
            .filter_map(|year| self.local(Civil { year, ..civil }))
            .find(|time| *time <= latest)
    }

    fn local(&mut self, civil: Civil) -> Option<Time> {
        let utc = civil.as_utc()?;
        let quarter = utc.secs().div_euclid(QUARTER_SECS);
        if quarter != self.quarter {
            let local = jiff::tz::TimeZone::UTC.to_datetime(utc.timestamp());
            self.offset_micros = self.offset_micros(local)?;
            self.quarter = quarter;
        }
        Some(Time::from_micros(utc.micros() - self.offset_micros))
    }

    fn offset_micros(&self, local: DateTime) -> Option<i64> {
        let instant = self.zone.to_timestamp(local).ok()?;
        Some(i64::from(self.zone.to_offset(instant).seconds()) * MICROS)
    }
}

/// `1598040493.253`: seconds since 1970 with up to nine digits after the dot.
pub(super) fn epoch(text: &[u8]) -> Option<Time> {
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
pub(super) fn syslog_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
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

/// `2026-11-02T10:11:12.345+01:00` in front of a blank; zone and fraction may be missing, a blank may stand
/// for the `T`, the offset may lack its colon. Gives what comes after the blank.
pub(super) fn iso_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
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

/// `2026:11:02-10:11:12` in front of a blank, as Sophos UTM writes it. Gives what comes after the blank.
pub(super) fn colon_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
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
pub(super) fn bracket_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (inside, rest) = split(text.strip_prefix(b"[")?, b']')?;
    let (stamp, behind) = iso_stamp(inside)?;
    let rest = rest.strip_prefix(b" ")?;
    behind.is_empty().then_some((stamp, rest))
}

/// `02-Nov-2026 10:11:12.345` in front of a blank, as BIND writes it. Gives what comes after the blank.
pub(super) fn bind_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (date, rest) = split(text, b' ')?;
    let (clock, rest) = split(rest, b' ')?;
    let civil = civil_date(date, b'-', time_of_day(clock)?)?;
    Some((Stamp::Local(civil), rest))
}

/// `02/Nov/2026:10:11:12 +0100`, as the common log format writes it between its brackets.
pub(super) fn clf(text: &[u8]) -> Option<Time> {
    let (date, rest) = split(text, b':')?;
    let (clock, zone) = split(rest, b' ')?;
    at_offset(civil_date(date, b'/', time_of_day(clock)?)?, zone)
}

/// `02/Nov/2026:10:11:12.345`, as HAProxy writes it between its brackets, or the same with an offset.
pub(super) fn clf_stamp(text: &[u8]) -> Option<Stamp> {
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
pub(super) fn time_of_day(text: &[u8]) -> Option<i64> {
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
pub(super) fn fraction_micros(digits: &[u8]) -> Option<i64> {
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

pub(super) fn two_digits(text: &[u8]) -> Option<i64> {
    match text {
        [a] if a.is_ascii_digit() => Some(i64::from(a - b'0')),
        [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => {
            Some(i64::from(a - b'0') * 10 + i64::from(b - b'0'))
        }
        _ => None,
    }
}

/// 1–12 of an English month name of three letters.
pub(super) fn month_number(name: &[u8]) -> Option<i64> {
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

    fn clock(zone: &str, modified: &str) -> Clock {
        Clock::new(&Context {
            zone: jiff::tz::TimeZone::posix(zone).unwrap(),
            modified: modified.parse().unwrap(),
        })
    }

    fn read(clock: &mut Clock, stamp: Option<(Stamp, &[u8])>) -> Option<String> {
        clock.time(Some(stamp?.0)).map(|t| t.to_string())
    }

    #[test]
    fn the_missing_year_is_the_latest_that_fits() {
        let mut clock = clock("UTC0", "2026-01-05T00:00:00Z");
        let mut year = |text: &[u8]| read(&mut clock, syslog_stamp(text)).unwrap();
        assert_eq!(year(b"Dec 31 23:59:59 x"), "2025-12-31T23:59:59.000Z");
        assert_eq!(year(b"Jan  5 12:00:00 x"), "2026-01-05T12:00:00.000Z");
        assert_eq!(year(b"Jan  7 00:00:00 x"), "2025-01-07T00:00:00.000Z");
        assert_eq!(year(b"Feb 29 00:00:00 x"), "2024-02-29T00:00:00.000Z");
        assert_eq!(year(b"Nov  2 2019 10:11:12 x"), "2019-11-02T10:11:12.000Z");
    }

    #[test]
    fn a_log_written_on_new_years_eve_may_run_ahead_by_a_day() {
        let mut clock = clock("UTC0", "2026-12-31T23:59:00Z");
        let stamp = syslog_stamp(b"Jan  1 00:00:10 x");
        assert_eq!(
            read(&mut clock, stamp).as_deref(),
            Some("2027-01-01T00:00:10.000Z")
        );
    }

    #[test]
    fn local_time_follows_the_zone_across_a_clock_change() {
        let mut clock = clock("CET-1CEST,M3.5.0,M10.5.0/3", "2026-11-23T00:00:00Z");
        let mut utc = |text: &[u8]| read(&mut clock, bind_stamp(text)).unwrap();
        assert_eq!(
            utc(b"25-Oct-2026 01:59:59.999 x"),
            "2026-10-24T23:59:59.999Z"
        );
        assert_eq!(
            utc(b"25-Oct-2026 03:00:00.000 x"),
            "2026-10-25T02:00:00.000Z"
        );
        assert_eq!(
            utc(b"29-Mar-2026 03:00:00.000 x"),
            "2026-03-29T01:00:00.000Z"
        );
    }

    #[test]
    fn zones_in_the_stamp_win() {
        let mut clock = clock("JST-9", "2026-11-23T00:00:00Z");
        for (text, utc) in [
            ("2026-11-02T10:11:12.345+01:00", "2026-11-02T09:11:12.345Z"),
            (
                "2026-11-02T10:11:12.345678-0530 x",
                "2026-11-02T15:41:12.345Z",
            ),
            ("2026-11-02 10:11:12Z x", "2026-11-02T10:11:12.000Z"),
            ("2026-11-02T10:11:12", "2026-11-02T01:11:12.000Z"),
        ] {
            let stamp = iso_stamp(text.as_bytes());
            assert_eq!(read(&mut clock, stamp).as_deref(), Some(utc), "{text}");
        }
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
        let mut clock = clock("CET-1", "2026-11-23T00:00:00Z");
        let utm = colon_stamp(b"2026:11:02-10:11:12 utm httpproxy[7]: x").unwrap();
        assert_eq!(utm.1, b"utm httpproxy[7]: x");
        let clavister = bracket_stamp(b"[2026-11-02 10:11:12] EFW: x").unwrap();
        assert_eq!(clavister.1, b"EFW: x");
        for stamp in [utm, clavister] {
            let utc = read(&mut clock, Some(stamp));
            assert_eq!(utc.as_deref(), Some("2026-11-02T09:11:12.000Z"));
        }
        assert_eq!(colon_stamp(b"2026:11:02 10:11:12 x"), None);
        assert_eq!(bracket_stamp(b"[2026-11-02 10:11:12 x] y"), None);
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
