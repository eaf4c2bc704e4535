//! Dates in the notation of whatever locale the server was installed with.
//!
//! Windows writes the short date and the long time of its locale: `11/2/2026 3:04:05 PM`, `02/11/2026 15:04:05`,
//! `2.11.2026 15:04:05`, `2026/11/2 15:04:05`, `2026-11-02 오후 3:04:05`. Numbers are taken in the order in which
//! they stand; a year of four digits in front is year, month, day. Else day and month are told apart by, in
//! this order: a number above 12 in the date itself; what an earlier record of this stream (the banner has a date
//! too) told by such a number; one of the two readings lying after the last write to the log, which then holds for
//! the stream; and in the end the notation. With `/`, `AM` or `PM` (not `p. m.` or `μμ`), and no zero that only
//! the second number has (`2/09/2026`, as in Australia), the month is first, as in the United States;
//! everything else has the day first. One word of state per stream; what the notation alone suggests is never remembered.

use memchr::memmem;

use crate::formats::clock::{Civil, Clock, Stamp};
use crate::formats::cursor::{number, split};

use super::HEAD_BYTES;

const HOUR_MICROS: i64 = 3_600_000_000;

/// Which of the two comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    DayFirst,
    MonthFirst,
}

/// What the dates of one stream have told so far.
#[derive(Debug, Default)]
pub(super) struct Dates {
    known: Option<Order>,
}

impl Dates {
    /// The time that this text is, all of it.
    pub(super) fn stamp(&mut self, text: &[u8], clock: &mut Clock) -> Option<Stamp> {
        let written = Written::read(text)?;
        let [first, second, third] = written.date;
        if first > 31 {
            return written.on(first, second, third);
        }
        let year = if third < 100 { third + 2000 } else { third };
        let order = self.order(&written, clock, year);
        match order {
            Order::DayFirst => written.on(year, second, first),
            Order::MonthFirst => written.on(year, first, second),
        }
    }

    /// The time at the start of a line with another context: `… 0E70 EVENT   The DNS server has started.`
    pub(super) fn stamp_of_line(&mut self, line: &[u8], clock: &mut Clock) -> Option<Stamp> {
        let head = line.get(..HEAD_BYTES).unwrap_or(line);
        memchr::memchr_iter(b' ', head).find_map(|at| {
            let (date, rest) = head.split_at_checked(at)?;
            let (thread, _) = split(rest.get(1..)?, b' ')?;
            let is_thread = thread.len() >= 3 && thread.iter().all(u8::is_ascii_hexdigit);
            is_thread.then(|| self.stamp(date, clock))?
        })
    }

    fn order(&mut self, written: &Written, clock: &mut Clock, year: i64) -> Order {
        let [first, second, _] = written.date;
        if first > 12 || second > 12 {
            let order = if first > 12 {
                Order::DayFirst
            } else {
                Order::MonthFirst
            };
            self.known = Some(order);
            return order;
        }
        if self.known.is_none() && first != second {
            let mut is_ahead = |month, day| {
                let stamp = written.on(year, month, day)?;
                clock.time(Some(stamp)).map(|time| clock.is_ahead(time))
            };
            self.known = match (is_ahead(second, first), is_ahead(first, second)) {
                (Some(false), Some(true)) => Some(Order::DayFirst),
                (Some(true), Some(false)) => Some(Order::MonthFirst),
                _ => None,
            };
        }
        self.known.unwrap_or(written.usual_order())
    }
}

/// The numbers of a date and a time, in the order in which they stand.
struct Written {
    date: [i64; 3],
    /// Since midnight.
    micros: i64,
    slashes: bool,
    /// Whether `AM` or `PM` stands there, as English writes it.
    english_half: bool,
    /// Whether the second number has a zero in front and the first has not.
    second_padded: bool,
}

impl Written {
    fn read(text: &[u8]) -> Option<Self> {
        let mut numbers = [(0_i64, 0_usize, false); 6];
        let mut count = 0;
        let mut slashes = false;
        for run in text.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()) {
            if run.first().is_some_and(u8::is_ascii_digit) {
                let slot = numbers.get_mut(count)?;
                let value = number(run).filter(|_| run.len() <= 8)?;
                *slot = (
                    i64::try_from(value).ok()?,
                    run.len(),
                    run.first() == Some(&b'0'),
                );
                count += 1;
            } else if count == 1 {
                slashes = run.contains(&b'/');
            }
        }
        let half = Half::read(text)?;
        let [a, b, c, d, e, f] = numbers;
        let (date, time) = match count {
            6 => ([a.0, b.0, c.0], [d.0, e.0, f.0]),
            // Windows Server 2003 wrote 20261102.
            4 if a.1 == 8 => ([a.0 / 10_000, a.0 / 100 % 100, a.0 % 100], [b.0, c.0, d.0]),
            _ => return None,
        };
        let [hour, minute, second] = time;
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        Some(Self {
            date,
            micros: half.hour(hour)? * HOUR_MICROS + (minute * 60 + second) * 1_000_000,
            slashes,
            english_half: [&b"AM"[..], b"PM"]
                .iter()
                .any(|half| memmem::find(text, half).is_some()),
            second_padded: b.2 && a.1 == 1,
        })
    }

    fn on(&self, year: i64, month: i64, day: i64) -> Option<Stamp> {
        let valid = (1..=12).contains(&month) && (1..=31).contains(&day);
        valid.then_some(Stamp::Local(Civil {
            year,
            month,
            day,
            micros: self.micros,
        }))
    }

    fn usual_order(&self) -> Order {
        if self.slashes && self.english_half && !self.second_padded {
            Order::MonthFirst
        } else {
            Order::DayFirst
        }
    }
}

/// The half of the day, on a 12-hour clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    None,
    Morning,
    Afternoon,
}

impl Half {
    /// `AM`, `p. m.`, `오후` …; `None` when there are letters that we do not know.
    fn read(text: &[u8]) -> Option<Self> {
        const WORDS: [(&str, Half); 9] = [
            ("上午", Half::Morning),
            ("午前", Half::Morning),
            ("오전", Half::Morning),
            ("πμ", Half::Morning),
            ("下午", Half::Afternoon),
            ("午後", Half::Afternoon),
            ("오후", Half::Afternoon),
            ("μμ", Half::Afternoon),
            ("г", Half::None),
        ];
        let letters = || text.iter().filter(|b| b.is_ascii_alphabetic());
        if letters().next().is_some() {
            return if letters().map(u8::to_ascii_lowercase).eq(*b"am") {
                Some(Self::Morning)
            } else if letters().map(u8::to_ascii_lowercase).eq(*b"pm") {
                Some(Self::Afternoon)
            } else {
                None
            };
        }
        let word = WORDS
            .iter()
            .find(|(word, _)| memmem::find(text, word.as_bytes()).is_some());
        match word {
            Some((_, half)) => Some(*half),
            None if text.iter().all(u8::is_ascii) => Some(Self::None),
            None => None,
        }
    }

    fn hour(self, hour: i64) -> Option<i64> {
        match self {
            Self::None => Some(hour),
            // Some locales have a 24-hour clock and the half of the day all the same.
            _ if hour > 12 => (self == Self::Afternoon).then_some(hour),
            Self::Morning => Some(hour % 12),
            Self::Afternoon => Some(hour % 12 + 12),
        }
    }
}
