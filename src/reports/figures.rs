//! How figures are written for people: counts with separators, bytes with a unit, instants to the minute.
//!
//! Machine formats (JSON, CSV) write plain numbers and do not come here.

use crate::model::Time;

use super::Period;

/// `1,204,518`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `1.2 GB`, in powers of a thousand.
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if n < 1_000 {
        return format!("{n} B");
    }
    let mut value = n as f64 / 1_000.0;
    let mut unit = UNITS[0];
    for next in UNITS.iter().skip(1) {
        // 999.95 would round to 1000.0.
        if value < 999.95 {
            break;
        }
        value /= 1_000.0;
        unit = next;
    }
    format!("{value:.1} {unit}")
}

/// `1 application`, `2 applications`.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// `2026-11-23 10:11`, in UTC.
pub(crate) fn minute(time: Time) -> String {
    format!("{} {}", time.day(), clock(time))
}

fn clock(time: Time) -> String {
    let minutes = time.secs().div_euclid(60).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `2026-11-02 to 2026-11-23`, or one day.
pub(super) fn days(from: Option<Time>, until: Option<Time>) -> String {
    match (from.map(Time::day), until.map(Time::day)) {
        (Some(from), Some(until)) if from == until => from.to_string(),
        (Some(from), Some(until)) => format!("{from} to {until}"),
        (Some(day), None) | (None, Some(day)) => day.to_string(),
        (None, None) => "no dated record".to_owned(),
    }
}

/// The period as a heading says it.
pub(super) fn period(period: &Period) -> String {
    days(period.from, period.until)
}

/// `12 %`; never `100 %` or `0 %` for what is not all or nothing.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0 %".to_owned();
    }
    let exact = part as f64 * 100.0 / whole as f64;
    if part > 0 && exact < 1.0 {
        return "<1 %".to_owned();
    }
    if part < whole && exact > 99.0 {
        return ">99 %".to_owned();
    }
    format!("{exact:.0} %")
}

/// With a capital first letter.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// What a cap took the names of.
pub(crate) fn past_the_cap(report: &super::Report) -> String {
    format!(
        "{} more requests had the shape of a model's interface, at hosts past the most that are kept as applications: \
         somebody may be trying hosts out.",
        count(report.unlisted_past_cap)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_bytes_and_shares_read_well_at_their_edges() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(count).join(" "),
            "0 999 1,000 1,234,567"
        );
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(999_949), "999.9 kB");
        assert_eq!(bytes(999_950), "1.0 MB");
        assert_eq!(bytes(u64::MAX), "18.4 EB");
        assert_eq!(percent(1, 1_000), "<1 %");
        assert_eq!(percent(999, 1_000), ">99 %");
        assert_eq!(percent(0, 0), "0 %");
        assert_eq!(minute(Time::from_secs(-60)), "1969-12-31 23:59");
    }
}
