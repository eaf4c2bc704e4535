//! Does a person sit there? Told by the hours in which one client asks.
//!
//! People sleep. A client that says it is a browser and asks for something of a model in twenty hours of a day or more, on
//! three days or more, is a program. Sightings know hours and nothing finer: a program that asks by the minute during office
//! hours looks like a busy person here, and nothing is said of it.

use crate::model::{Day, Hour};

/// Hours of a day from which on nobody sleeps, and days of that sort from which on it is a program.
const HOURS: u32 = 20;
const DAYS: u32 = 3;

/// The hours of one client, added in their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rhythm {
    day: Option<Day>,
    /// A bit for each hour of that day.
    hours: u32,
    long_days: u32,
}

impl Rhythm {
    /// Adds an hour in which something was asked; hours come in their order, each as often as it likes.
    pub fn add(&mut self, hour: Hour) {
        let day = hour.day();
        if self.day != Some(day) {
            self.long_days += u32::from(self.is_long());
            self.day = Some(day);
            self.hours = 0;
        }
        self.hours |= 1 << hour.0.rem_euclid(24);
    }

    const fn is_long(self) -> bool {
        self.hours.count_ones() >= HOURS
    }

    /// Whether it is a program that asks.
    #[must_use]
    pub fn is_program(self) -> bool {
        self.long_days + u32::from(self.is_long()) >= DAYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(days: i32, hours: impl Fn(i32) -> bool) -> bool {
        let mut rhythm = Rhythm::default();
        for hour in (0..days * 24).filter(|hour| hours(hour % 24)) {
            rhythm.add(Hour(498_240 + hour));
            rhythm.add(Hour(498_240 + hour));
        }
        rhythm.is_program()
    }

    #[test]
    fn who_never_sleeps_for_three_days_is_a_program() {
        assert!(asked(3, |_| true) && asked(3, |hour| hour < 20));
        assert!(!asked(2, |_| true));
        assert!(!asked(90, |hour| (6..23).contains(&hour)));
        assert!(!Rhythm::default().is_program());
    }
}
