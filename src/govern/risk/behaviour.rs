//! B1–B8: what the logs show of an application within the period. What they cannot tell is `None`, not zero.

use super::{Part, RiskLine, one_decimal};

/// Behaviour over the period; volumes are projected to 30 days by the caller.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Behaviour {
    /// Megabytes (10⁶ bytes) sent in 30 days; `None` when no source tells bytes (DNS).
    pub mb_30d: Option<f64>,
    /// Uploads that URLs or sizes showed.
    pub uploads: u64,
    /// Distinct users, or clients where users are not known.
    pub users: Option<u64>,
    /// How many people the logs could show.
    pub population: Option<u64>,
    pub active_days: u32,
    pub period_days: u32,
    /// `None` when the logs do not reach back far enough to tell.
    pub first_seen_days_ago: Option<u32>,
    /// Change of use against the period before: 0.5 is half as much again.
    pub growth: Option<f64>,
    /// Departments (segments) seen using it; `None` when none are configured.
    pub departments: Option<u32>,
    /// Which sensitive group uses it, if any; outer `None` when no group is configured.
    pub sensitive_group: Option<Option<String>>,
    /// Share of use outside office hours, 0.0–1.0.
    pub off_hours_share: Option<f64>,
    /// Allowed traffic after a block or after the end of an exception.
    pub contradicts_decision: bool,
}

impl Behaviour {
    pub(super) fn is_sensitive(&self) -> bool {
        matches!(self.sensitive_group, Some(Some(_)))
    }
}

pub(super) fn parts(seen: &Behaviour) -> Vec<Part> {
    vec![
        volume(seen),
        users(seen),
        frequency(seen),
        novelty(seen),
        spread(seen),
        sensitivity(seen),
        off_hours(seen),
        contradiction(seen),
    ]
}

/// `value` holds the points and the raw value in words; `None` is unknown.
fn part(
    id: &'static str,
    label: &'static str,
    value: Option<(f64, String)>,
    max: f64,
    rule: &'static str,
) -> Part {
    let known = value.is_some();
    let (exact, raw) = value.unwrap_or_else(|| (0.0, "unknown".to_owned()));
    Part {
        line: RiskLine {
            id,
            label,
            raw,
            points: one_decimal(exact),
            max,
            rule,
            known,
            source: None,
            checked: None,
        },
        exact,
        known_weight: if known { max } else { 0.0 },
    }
}

// Counts from logs stay far below 2⁵³, where f64 is exact.
fn volume(seen: &Behaviour) -> Part {
    let value = seen.mb_30d.map(|mb| {
        let mb = finite(mb);
        (
            14.0 * ((1.0 + mb).log10() / 5001_f64.log10()).min(1.0),
            format!("{mb:.1} MB in 30 days"),
        )
    });
    part(
        "B1",
        "volume sent",
        value,
        14.0,
        "14 × min(1, log10(1 + MB in 30 days) ÷ log10(5001))",
    )
}

fn users(seen: &Behaviour) -> Part {
    let population = seen.population.filter(|people| *people > 0);
    let value = seen.users.zip(population).map(|(users, people)| {
        let share = (1.0 + users as f64).log2() / (1.0 + 0.1 * people as f64).log2();
        (8.0 * share.min(1.0), format!("{users} of {people}"))
    });
    part(
        "B2",
        "users",
        value,
        8.0,
        "8 × min(1, log2(1 + users) ÷ log2(1 + a tenth of the population))",
    )
}

fn frequency(seen: &Behaviour) -> Part {
    let value = (seen.period_days > 0).then(|| {
        let share = f64::from(seen.active_days) / f64::from(seen.period_days);
        (
            5.0 * share.min(1.0),
            format!("{} of {} days", seen.active_days, seen.period_days),
        )
    });
    part(
        "B3",
        "frequency",
        value,
        5.0,
        "5 × active days ÷ days of the period",
    )
}

fn novelty(seen: &Behaviour) -> Part {
    let grows = seen.growth.is_some_and(|growth| growth > 0.5);
    let value = match (seen.first_seen_days_ago, seen.growth) {
        (Some(days), _) if days <= 14 => Some((4.0, format!("first seen {days} days ago"))),
        (_, Some(growth)) if grows => Some((3.0, format!("grew by {:.0} %", growth * 100.0))),
        (Some(days), _) => Some((0.0, format!("first seen {days} days ago"))),
        (None, Some(growth)) => Some((0.0, format!("changed by {:.0} %", growth * 100.0))),
        (None, None) => None,
    };
    part(
        "B4",
        "new or growing",
        value,
        4.0,
        "first seen within 14 days 4, grew by more than half 3, else 0",
    )
}

fn spread(seen: &Behaviour) -> Part {
    let value = seen.departments.map(|departments| {
        (
            4.0 * (f64::from(departments) / 6.0).min(1.0),
            format!("{departments} departments"),
        )
    });
    part("B5", "spread", value, 4.0, "4 × min(1, departments ÷ 6)")
}

fn sensitivity(seen: &Behaviour) -> Part {
    let value = seen.sensitive_group.as_ref().map(|group| match group {
        Some(name) => (4.0, name.clone()),
        None => (0.0, "no sensitive group".to_owned()),
    });
    part(
        "B6",
        "sensitive groups",
        value,
        4.0,
        "4 when a configured sensitive group uses it, else 0",
    )
}

fn off_hours(seen: &Behaviour) -> Part {
    let value = seen.off_hours_share.map(|share| {
        let share = finite(share);
        (
            3.0 * ((share - 0.10) / 0.40).clamp(0.0, 1.0),
            format!("{:.0} % off hours", share * 100.0),
        )
    });
    part(
        "B7",
        "off hours or machine-like",
        value,
        3.0,
        "3 × (share off hours − 0.10) ÷ 0.40, between 0 and 3",
    )
}

fn contradiction(seen: &Behaviour) -> Part {
    let value = if seen.contradicts_decision {
        (3.0, "traffic went on after a block or an end date")
    } else {
        (0.0, "no")
    };
    part(
        "B8",
        "contradicts the decision",
        Some((value.0, value.1.to_owned())),
        3.0,
        "3 when traffic is allowed after a block or an end date, else 0",
    )
}

/// A figure that arithmetic can bear: no NaN, no infinity, nothing negative.
fn finite(value: f64) -> f64 {
    if value.is_finite() {
        value.max(0.0)
    } else {
        0.0
    }
}
