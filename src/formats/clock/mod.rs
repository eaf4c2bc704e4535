//! What instant a record means that leaves out its zone, its year, or both.
//!
//! A [`Stamp`] is what stands in the record, see [`stamps`]; a [`Clock`] makes an instant of it with what the record
//! leaves out: the zone of the log and the time of the last write to it. Local times that a clock change skips or
//! repeats are taken as `jiff` takes them (the earlier offset). Nothing here reads a clock.

mod stamps;
mod zones;

use jiff::civil::DateTime;

use crate::model::Time;

use super::Context;

pub(super) use stamps::{
    asctime_stamp, bind_stamp, bracket_stamp, clf, clf_stamp, colon_stamp, epoch, fraction_micros,
    in_full_width, iso_stamp, month_number, syslog_stamp, time_of_day, two_digits,
};
pub(super) use zones::{is_abbreviation, offset_secs, place, zone_in_front};

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
    /// Without a year, at an offset in seconds east of Greenwich.
    YearlessAt(Civil, i64),
}

impl Stamp {
    /// The same at an offset in seconds east of Greenwich; one that has a zone keeps it. `None` when the calendar has no such
    /// day.
    pub(super) fn at(self, offset_secs: i64) -> Option<Self> {
        match self {
            Self::Local(civil) => {
                let utc = civil.as_utc()?;
                Some(Self::Instant(utc.plus_secs(-offset_secs)))
            }
            Self::Yearless(civil) => Some(Self::YearlessAt(civil, offset_secs)),
            other => Some(other),
        }
    }

    /// The same in the zone of a place; one that has a zone, or no year, stays as it is.
    pub(super) fn in_zone(self, zone: &jiff::tz::TimeZone) -> Option<Self> {
        let Self::Local(civil) = self else {
            return Some(self);
        };
        let utc = civil.as_utc()?;
        let local = jiff::tz::TimeZone::UTC.to_datetime(utc.timestamp());
        let instant = zone.to_timestamp(local).ok()?;
        let offset_secs = zone.to_offset(instant).seconds();
        Some(Self::Instant(utc.plus_secs(-i64::from(offset_secs))))
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
            Some(Stamp::Yearless(civil)) => {
                self.latest(|clock, year| clock.local(Civil { year, ..civil }))
            }
            Some(Stamp::YearlessAt(civil, offset_secs)) => self.latest(|_, year| {
                let utc = Civil { year, ..civil }.as_utc()?;
                Some(utc.plus_secs(-offset_secs))
            }),
        }
    }

    /// Whether this lies more than a day after the last write to the log, so that it cannot be meant.
    pub(super) fn is_ahead(&self, time: Time) -> bool {
        time > self.modified.plus_days(1)
    }

    /// The latest year's time that is not ahead of the log.
    fn latest(&mut self, of: impl Fn(&mut Self, i64) -> Option<Time>) -> Option<Time> {
        let latest = self.modified.plus_days(1);
        (self.year - YEARS_BACK..=self.year)
            .rev()
            .filter_map(|year| of(self, year))
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
        let stamp = syslog_stamp(b"Jan  5 12:00:00 x").and_then(|(stamp, _)| stamp.at(-5 * 3_600));
        let time = clock.time(stamp).map(|time| time.to_string());
        assert_eq!(time.as_deref(), Some("2026-01-05T17:00:00.000Z"));
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
    }
}
