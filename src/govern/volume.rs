//! Use far beyond what an application's own past lets expect.
//!
//! Seven days are held against the four weeks before them, or as many as there are, two at least: an application that is a few
//! days old has no usual volume yet. The measure is the application's own, so a large one and a small one are asked the
//! same. A rise is told once, on its first day; what stays high becomes the usual. Ask only when every source is read
//! to its end: in the middle of old logs the past is still missing.

use std::sync::Arc;

use crate::model::{Day, DayUse, Profile, Transition, TransitionKind, stable_id};

use super::transitions::Name;

const WEEK: i32 = 7;
const LONGEST_PAST: i32 = 28;
const SHORTEST_PAST: i32 = 14;
/// How many times the usual, and how many events of a week at least.
const TIMES: u64 = 3;
const LEAST_EVENTS: u64 = 100;

/// Every rise that days show. `days` are sorted by service, day; a rise belongs to the row of its service that was used last.
#[must_use]
pub fn rises(days: &[DayUse], profiles: &[&Profile], name: Name<'_>) -> Vec<Transition> {
    let mut found = Vec::new();
    for of_service in days.chunk_by(|a, b| a.service == b.service) {
        let Some(service) = of_service.first().map(|one| &one.service) else {
            continue;
        };
        let rises = rises_of(of_service);
        if rises.is_empty() {
            continue;
        }
        let rows = profiles.iter().filter(|row| row.service == *service);
        let Some(row) = rows.max_by_key(|row| (row.last_seen, row.tier, Arc::clone(&row.segment)))
        else {
            continue;
        };
        for rise in rises {
            let day = rise.day.to_string();
            found.push(Transition {
                id: stable_id(&[TransitionKind::VolumeRose.as_str(), service, &day]),
                kind: TransitionKind::VolumeRose,
                service: Arc::clone(service),
                segment: Arc::clone(&row.segment),
                tier: row.tier,
                at: rise.day.start(),
                detail: format!(
                    "{} was asked {} times in the seven days until {day}, {} in a usual week before",
                    name(service),
                    rise.events,
                    rise.usual
                ),
            });
        }
    }
    found
}

/// A week that is far above the usual.
#[derive(Debug, PartialEq, Eq)]
struct Rise {
    /// Its last day.
    day: Day,
    events: u64,
    /// Events of a usual week.
    usual: u64,
}

fn rises_of(days: &[DayUse]) -> Vec<Rise> {
    let Some(first) = days.first().map(|one| one.day) else {
        return Vec::new();
    };
    let sum = |from: i32, until: i32| {
        let inside = days
            .iter()
            .filter(|one| (from..=until).contains(&one.day.0));
        inside.fold(0_u64, |sum, one| sum.saturating_add(one.events))
    };
    let mut found: Vec<Rise> = Vec::new();
    for day in days.iter().map(|one| one.day) {
        let week_starts = day.0 - WEEK + 1;
        let past = (week_starts - first.0).min(LONGEST_PAST);
        let is_told = found
            .last()
            .is_some_and(|before| day.0 - before.day.0 <= LONGEST_PAST + WEEK);
        if past < SHORTEST_PAST || is_told {
            continue;
        }
        let events = sum(week_starts, day.0);
        let before = sum(week_starts - past, week_starts - 1);
        let usual =
            before.saturating_mul(WEEK.unsigned_abs().into()) / u64::from(past.unsigned_abs());
        if events >= LEAST_EVENTS && usual > 0 && events >= usual.saturating_mul(TIMES) {
            found.push(Rise { day, events, usual });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events of each day from day 0 on; a day without any is no row.
    fn rises(events: impl IntoIterator<Item = u64>) -> Vec<Rise> {
        let days = (0..).zip(events).filter(|(_, events)| *events > 0);
        let days: Vec<DayUse> = days
            .map(|(day, events)| DayUse {
                service: "a.b".into(),
                day: Day(day),
                events,
            })
            .collect();
        rises_of(&days)
    }

    #[test]
    fn a_week_of_three_times_the_usual_is_told_once() {
        let steady = std::iter::repeat_n(20, 28);
        let high = std::iter::repeat_n(80, 40);
        let found = rises(steady.chain(high));
        // The fifth day of 80 is the first on which seven days are three usual weeks of 140.
        let rise = Rise {
            day: Day(32),
            events: 2 * 20 + 5 * 80,
            usual: 140,
        };
        assert_eq!(found, [rise]);
    }

    #[test]
    fn nothing_is_told_of_what_is_young_small_or_steady() {
        assert!(rises(std::iter::repeat_n(500, 60)).is_empty());
        assert!(rises([1, 1, 1, 5_000, 5_000, 5_000]).is_empty());
        let small = std::iter::repeat_n(1, 28).chain(std::iter::repeat_n(9, 14));
        assert!(rises(small).is_empty());
        // Four weeks of silence are no usual volume.
        let returned = std::iter::once(5)
            .chain(std::iter::repeat_n(0, 40))
            .chain(std::iter::repeat_n(500, 3));
        assert!(rises(returned).is_empty());
        assert!(rises([]).is_empty());
    }
}
