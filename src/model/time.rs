//! Instants as microseconds since 1970 in UTC, and the hour and day they fall in.
//!
//! Integers, because they sort, sum and store without a library; `jiff` does calendars and zones.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::words::written_as_text;

const MICROS_PER_SEC: i64 = 1_000_000;
const SECS_PER_HOUR: i64 = 3_600;
const SECS_PER_DAY: i64 = 86_400;

/// An instant, in microseconds since 1970-01-01T00:00:00Z. Printed and serialised as RFC 3339 with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Time(i64);

impl Time {
    /// An instant from microseconds since 1970.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// An instant from whole seconds since 1970; saturates at the ends of the range.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(MICROS_PER_SEC))
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SEC)
    }

    /// The hour it falls in, in UTC.
    #[must_use]
    pub fn hour(self) -> Hour {
        Hour(i32::try_from(self.secs().div_euclid(SECS_PER_HOUR)).unwrap_or(i32::MAX))
    }

    /// The day it falls in, in UTC.
    #[must_use]
    pub fn day(self) -> Day {
        Day(i32::try_from(self.secs().div_euclid(SECS_PER_DAY)).unwrap_or(i32::MAX))
    }

    /// This instant moved by whole seconds.
    #[must_use]
    pub const fn plus_secs(self, secs: i64) -> Self {
        Self(self.0.saturating_add(secs.saturating_mul(MICROS_PER_SEC)))
    }

    /// This instant moved by whole days of 24 hours.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_secs(days.saturating_mul(SECS_PER_DAY))
    }

    /// As a calendar library sees it; instants beyond its range are clamped.
    #[must_use]
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl From<jiff::Timestamp> for Time {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.3}", self.timestamp()))
    }
}

/// A time that is no RFC 3339 instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time; write it as 2026-11-23T10:11:12Z or 2026-11-23")]
pub struct NoTime(String);

impl FromStr for Time {
    type Err = NoTime;

    /// Reads an RFC 3339 instant, or a date, which stands for its midnight in UTC.
    fn from_str(text: &str) -> Result<Self, NoTime> {
        if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
            return Ok(timestamp.into());
        }
        text.parse::<Day>()
            .map(Day::start)
            .map_err(|_| NoTime(text.to_owned()))
    }
}

written_as_text!(Time);

/// Hours since 1970 in UTC: what sightings are tallied by.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub struct Hour(pub i32);

impl Hour {
    /// Its first instant.
    #[must_use]
    pub fn start(self) -> Time {
        Time::from_secs(i64::from(self.0) * SECS_PER_HOUR)
    }

    /// The day it belongs to.
    #[must_use]
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(24))
    }
}

impl Time {
    /// An end: a bare date means the last instant of that day, so that "until 21 February" includes the 21st.
    ///
    /// # Errors
    /// When the text is neither a date nor a moment.
    pub fn parse_end(text: &str) -> Result<Self, NoTime> {
        if let Ok(day) = text.parse::<Day>() {
            let next = day.plus(1).start();
            return Ok(Self::from_micros(next.micros().saturating_sub(1)));
        }
        text.parse()
    }
}

/// Days since 1970 in UTC; printed as `2026-11-23`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Day(pub i32);

impl Day {
    /// Its first instant.
    #[must_use]
    pub fn start(self) -> Time {
        Time::from_secs(i64::from(self.0) * SECS_PER_DAY)
    }

    /// This day moved by whole days.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = jiff::tz::TimeZone::UTC
            .to_datetime(self.start().timestamp())
            .date();
        f.pad(&date.to_string())
    }
}

impl FromStr for Day {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let wrong = || NoTime(text.to_owned());
        let date: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
        let midnight = jiff::tz::TimeZone::UTC
            .to_timestamp(date.at(0, 0, 0, 0))
            .map_err(|_| wrong())?;
        Ok(Time::from(midnight).day())
    }
}

written_as_text!(Day);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_prints_as_rfc3339_with_milliseconds_and_reads_back() {
        let time = Time::from_micros(1_793_614_272_345_678);
        assert_eq!(time.to_string(), "2026-11-02T10:11:12.345Z");
        assert_eq!("2026-11-02T10:11:12.345678Z".parse(), Ok(time));
        assert_eq!("2026-11-02".parse::<Time>().unwrap().day(), time.day());
        assert!("yesterday".parse::<Time>().is_err());
    }

    #[test]
    fn hours_and_days_round_down_before_1970_too() {
        assert_eq!(Time::from_secs(-1).hour(), Hour(-1));
        assert_eq!(Time::from_secs(-1).day().to_string(), "1969-12-31");
        assert_eq!(Hour(25).day(), Day(1));
    }

    #[test]
    fn an_absurd_time_is_clamped_instead_of_panicking() {
        let far = Time::from_micros(i64::MAX);
        assert!(!far.to_string().is_empty());
        let _ = (far.hour(), far.day(), far.plus_days(9));
    }
}
