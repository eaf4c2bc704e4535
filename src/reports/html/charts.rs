//! Geometry of the charts: numbers in, coordinates out. The templates draw them.
//!
//! Charts stretch to the width they are given, so they hold bars and no text; words stand beside them in HTML, where
//! they keep their size on any screen.

use crate::model::{Coverage, Time};
use crate::reports::figures::{bytes, count};
use crate::reports::{Application, DayRow, Period};

/// The widest that one day is drawn, in percent of the chart.
const WIDEST_DAY: f64 = 4.0;
/// Days of a sparkline; a longer period is drawn in steps of several days.
const SPARK_STEPS: usize = 60;
/// What is there and too small to see gets this much, in percent.
const VISIBLE: f64 = 0.8;

/// Share of a whole in percent, visible when it is there at all.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if part == 0 || whole == 0 {
        return 0.0;
    }
    (part as f64 * 100.0 / whole as f64).clamp(VISIBLE, 100.0)
}

/// A number as SVG writes it.
fn px(value: f64) -> String {
    format!("{value:.2}")
}

/// One day of the day chart: the blocked part stands on the part that went through.
pub(super) struct DayBar {
    pub(super) title: String,
    pub(super) x: String,
    pub(super) width: String,
    pub(super) events_y: String,
    pub(super) events_height: String,
    pub(super) attempts_y: String,
    pub(super) attempts_height: String,
}

/// Events and attempts per day, on a canvas of 100 × 100.
pub(super) struct Days {
    pub(super) bars: Vec<DayBar>,
    /// The events of the busiest day.
    pub(super) top: String,
    pub(super) first: String,
    pub(super) middle: String,
    pub(super) last: String,
    pub(super) says: String,
}

pub(super) fn days(rows: &[DayRow]) -> Option<Days> {
    let busiest = rows
        .iter()
        .max_by_key(|row| row.events.saturating_add(row.attempts))?;
    let top = busiest.events.saturating_add(busiest.attempts);
    let (first, last) = (rows.first()?, rows.last()?);
    let middle = rows.get(rows.len() / 2)?;
    let step = (100.0 / rows.len() as f64).min(WIDEST_DAY);
    let bars = rows.iter().enumerate().map(|(at, row)| {
        let (events, attempts) = (share(row.events, top), share(row.attempts, top));
        let attempts = attempts.min(100.0 - events);
        DayBar {
            title: format!(
                "{}: {} events, {} blocked, {} sent",
                row.day,
                count(row.events),
                count(row.attempts),
                bytes(row.bytes_up)
            ),
            x: px(at as f64 * step + step * 0.1),
            width: px(step * 0.8),
            events_y: px(100.0 - events),
            events_height: px(events),
            attempts_y: px(100.0 - events - attempts),
            attempts_height: px(attempts),
        }
    });
    Some(Days {
        bars: bars.collect(),
        top: count(top),
        first: first.day.to_string(),
        // Labels of a chart that fills only part of its width would mislead; few days need no middle one.
        middle: if step < WIDEST_DAY {
            middle.day.to_string()
        } else {
            String::new()
        },
        last: last.day.to_string(),
        says: format!(
            "Events per day from {} to {}; the most on {}: {} events and {} blocked attempts.",
            first.day,
            last.day,
            busiest.day,
            count(busiest.events),
            count(busiest.attempts)
        ),
    })
}

/// An application's events day by day, as one path on a canvas of `width` × 20.
pub(super) struct Spark {
    pub(super) width: usize,
    pub(super) path: String,
    pub(super) says: String,
}

pub(super) fn spark(app: &Application) -> Spark {
    let per_step = app.daily.len().div_ceil(SPARK_STEPS).max(1);
    let steps: Vec<u64> = app
        .daily
        .chunks(per_step)
        .map(|days| {
            days.iter()
                .fold(0, |sum: u64, events| sum.saturating_add(*events))
        })
        .collect();
    let top = steps.iter().copied().max().unwrap_or(0);
    let mut path = String::new();
    for (at, events) in steps.iter().enumerate().filter(|(_, events)| **events > 0) {
        // At least two of twenty, so that a quiet day still shows.
        let height = (*events as f64 * 20.0 / top as f64).max(2.0);
        path.push_str(&format!("M{at}.1 20v-{height:.1}h.8v{height:.1}z"));
    }
    Spark {
        width: steps.len().max(1),
        path,
        says: format!("Used on {} of {} days", app.active_days, app.daily.len()),
    }
}

/// One labelled horizontal bar.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) width: String,
    pub(super) figure: String,
}

/// Bytes sent by application, the most first.
pub(super) fn uploads(apps: &[Application], at_most: usize) -> Vec<Bar> {
    let mut senders: Vec<&Application> = apps.iter().filter(|app| app.bytes_up > 0).collect();
    senders.sort_by(|a, b| b.bytes_up.cmp(&a.bytes_up).then_with(|| a.id.cmp(&b.id)));
    let top = senders.first().map_or(0, |app| app.bytes_up);
    senders
        .into_iter()
        .take(at_most)
        .map(|app| Bar {
            label: app.name.clone(),
            width: px(share(app.bytes_up, top)),
            figure: bytes(app.bytes_up),
        })
        .collect()
}

/// One part of a strip that shows a whole, on a canvas of 100 × 10.
pub(super) struct Part {
    pub(super) word: String,
    pub(super) class: String,
    pub(super) figure: String,
    pub(super) x: String,
    pub(super) width: String,
}

/// Parts of a whole in the order given; absent parts are left out.
pub(super) fn strip<'w>(parts: impl Iterator<Item = (&'w str, String, u64)>) -> Vec<Part> {
    let parts: Vec<_> = parts.filter(|(.., n)| *n > 0).collect();
    let whole: u64 = parts.iter().map(|(.., n)| *n).sum();
    let mut x = 0.0;
    parts
        .into_iter()
        .map(|(word, class, n)| {
            let width = n as f64 * 100.0 / whole as f64;
            let part = Part {
                word: word.to_owned(),
                class,
                figure: count(n),
                x: px(x),
                // A hair of space between neighbours, so that they differ without colour.
                width: px((width - 0.5).max(0.3)),
            };
            x += width;
            part
        })
        .collect()
}

/// When a source spoke, on the period's line of 100 units: where it begins and how long it is.
pub(super) fn span(source: &Coverage, period: &Period) -> Option<(String, String)> {
    let (from, until) = (period.from?, period.until?);
    let whole = (until.micros() as f64 - from.micros() as f64).max(1.0);
    let place = |time: Time| {
        ((time.micros() as f64 - from.micros() as f64) * 100.0 / whole).clamp(0.0, 100.0)
    };
    let start = place(source.first?).min(100.0 - VISIBLE);
    let width = (place(source.last?) - start).max(VISIBLE);
    Some((px(start), px(width)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Day;

    fn row(day: i32, events: u64, attempts: u64) -> DayRow {
        DayRow {
            day: Day(day),
            events,
            attempts,
            bytes_up: 0,
        }
    }

    #[test]
    fn no_number_of_days_breaks_the_day_chart() {
        assert!(days(&[]).is_none());
        let quiet = days(&[row(0, 0, 0)]).unwrap();
        assert_eq!(quiet.bars[0].events_height, "0.00");
        let year: Vec<DayRow> = (0..400).map(|day| row(day, 1, u64::MAX)).collect();
        let bars = days(&year).unwrap().bars;
        assert_eq!(bars.len(), 400);
        assert!(
            bars.iter()
                .all(|bar| bar.attempts_y.parse::<f64>().unwrap() >= 0.0)
        );
    }

    #[test]
    fn a_sliver_is_still_seen_and_nothing_is_not() {
        assert_eq!(share(0, 10), 0.0);
        assert_eq!(share(1, 1_000_000), VISIBLE);
        assert_eq!(share(5, 0), 0.0);
    }
}
