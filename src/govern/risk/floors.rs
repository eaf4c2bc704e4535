//! F1–F4: what makes a score high whatever the sum says. Each floor that applies is a line of its own.

use super::{Jurisdiction, RiskInput, RiskLine, one_decimal};

pub(super) struct Floors {
    pub(super) lines: Vec<RiskLine>,
    /// Points that the floors add to the computed score.
    pub(super) raised: f64,
    /// The highest floor that applies, 0 when none does.
    pub(super) highest: f64,
}

const ENOUGH_MB: f64 = 100.0;

pub(super) fn apply(input: &RiskInput, computed: f64) -> Floors {
    let facts = &input.facts;
    let seen = &input.behaviour;
    let heavy = seen.mb_30d.is_some_and(|mb| mb >= ENOUGH_MB);
    let cases = [
        (
            "F1",
            "barred vendor or country",
            facts.jurisdiction == Some(Jurisdiction::Barred),
            75.0,
            "a barred vendor or country: at least 75",
        ),
        (
            "F2",
            "trains on the data of a sensitive group",
            facts.training_points() >= 11.0 && heavy && seen.is_sensitive(),
            75.0,
            "trains on data (C1 ≥ 11), 100 MB or more in 30 days, a sensitive group: at least 75",
        ),
        (
            "F3",
            "uploads to an unknown application",
            input.unknown_app && seen.uploads > 0,
            50.0,
            "an unknown application with uploads: at least 50",
        ),
        (
            "F4",
            "router with nothing known behind it",
            input.unknown_router,
            50.0,
            "a router whose models and providers are unknown: at least 50",
        ),
    ];
    let mut floors = Floors {
        lines: Vec::new(),
        raised: 0.0,
        highest: 0.0,
    };
    for (id, label, applies, floor, rule) in cases {
        if !applies {
            continue;
        }
        let before = computed + floors.raised;
        let added = (floor - before).max(0.0);
        floors.raised += added;
        floors.highest = f64::max(floors.highest, floor);
        floors.lines.push(RiskLine {
            id,
            label,
            raw: format!("{before:.1} before"),
            points: one_decimal(added),
            max: floor,
            rule,
            known: true,
            source: None,
            checked: None,
        });
    }
    floors
}
