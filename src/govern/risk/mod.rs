//! The risk of one application on one tier, as lines that add up.
//!
//! `gross = catalogue (0–55) + behaviour (0–45)`, raised by floors; `residual = gross × (1 − mitigation)`. Every line
//! prints its raw value, its points and its rule. What is unknown costs its own stated points in the catalogue half
//! and is left out of the behaviour half, which is then scaled to what is known and printed with a range.
//! Confidence says how much of the weight was known and is never mixed into the risk. A state such as sanctioned or
//! blocked never changes the score; traffic does.

mod behaviour;
mod facts;
mod floors;
mod mitigation;
mod reading;

use std::collections::BTreeMap;

use serde::Serialize;

use super::Band;
pub use behaviour::Behaviour;
pub use facts::{
    Capability, Controls, Facts, Jurisdiction, Origin, Retention, TierInUse, Training,
};
pub use mitigation::Mitigations;
pub use reading::FactRow;

/// Everything that the score looks at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RiskInput {
    /// What is known of the service on this tier.
    pub facts: Facts,
    /// What the logs show.
    pub behaviour: Behaviour,
    /// The service is in no signature: a candidate that was accepted without facts.
    pub unknown_app: bool,
    /// A router or relay whose models and providers are not known.
    pub unknown_router: bool,
    /// Duties that are met with evidence and lower the risk.
    pub mitigations: Mitigations,
}

/// The score of one application.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Risk {
    /// Before anything that the enterprise does about it, 0–100.
    pub gross: u32,
    /// After mitigation, 0–100.
    pub residual: u32,
    /// Of the residual risk.
    pub band: Band,
    /// Share by which mitigation lowers the gross score, 0.0–0.5.
    pub mitigation: f64,
    /// Share of the weight that was known, 0.0–1.0.
    pub confidence: f64,
    /// The least and most that the gross score could be, when something in the logs' half is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(u32, u32)>,
    /// What it is made of, in the order of the published formula.
    pub lines: Vec<RiskLine>,
}

/// One line of the score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskLine {
    /// `C1`–`C8`, `B1`–`B8`, `BS` (scaling), `F1`–`F4`, `M1`–`M5`.
    pub id: &'static str,
    pub label: &'static str,
    /// The value it was computed from, in words.
    pub raw: String,
    /// One decimal; negative for mitigation.
    pub points: f64,
    /// The most that this line can give.
    pub max: f64,
    /// How the points follow from the value.
    pub rule: &'static str,
    /// Whether the value was known.
    pub known: bool,
    /// Where the value comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When it was last checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<String>,
}

/// A line before rounding, and how much of its weight was known.
struct Part {
    line: RiskLine,
    exact: f64,
    known_weight: f64,
}

const BEHAVIOUR_MAX: f64 = 45.0;

/// Scores one application; the same input gives the same lines on every machine.
#[must_use]
pub fn score(input: &RiskInput) -> Risk {
    let catalogue = facts::parts(&input.facts);
    let behaviour = behaviour::parts(&input.behaviour);

    let catalogue_points = sum(&catalogue);
    let seen_points = sum(&behaviour);
    let known_max: f64 = behaviour.iter().map(|part| part.known_weight).sum();
    let missing = BEHAVIOUR_MAX - known_max;
    // Only the volume is scaled for: what other parts nobody configured (head count, groups) would blow the few known
    // ones up to anything. They count nothing, and the range says what they could.
    let volume_missing: f64 = behaviour
        .first()
        .map_or(0.0, |volume| volume.line.max - volume.known_weight);
    let scaled = seen_points * BEHAVIOUR_MAX / (BEHAVIOUR_MAX - volume_missing);
    let computed = catalogue_points + scaled;

    let floors = floors::apply(input, computed);
    let gross = points(computed + floors.raised);

    let range = (missing > 0.0).then(|| {
        let low = (catalogue_points + seen_points).max(floors.highest);
        (
            points(low),
            points((low).max(catalogue_points + seen_points + missing)),
        )
    });

    let (mitigation, mitigation_lines) = mitigation::lines(&input.mitigations, gross);
    let residual = points(f64::from(gross) * (1.0 - mitigation));
    let known: f64 = catalogue
        .iter()
        .chain(&behaviour)
        .map(|part| part.known_weight)
        .sum();

    let mut lines: Vec<RiskLine> = catalogue
        .into_iter()
        .chain(behaviour)
        .map(|part| part.line)
        .collect();
    if missing > 0.0 {
        lines.push(scaling_line(scaled - seen_points, known_max, missing));
    }
    lines.extend(floors.lines);
    lines.extend(mitigation_lines);
    Risk {
        gross,
        residual,
        band: Band::of(residual),
        mitigation,
        confidence: known.round() / 100.0,
        range,
        lines,
    }
}

fn scaling_line(added: f64, known_max: f64, missing: f64) -> RiskLine {
    RiskLine {
        id: "BS",
        label: "what the logs cannot tell",
        raw: format!("{known_max:.0} of {BEHAVIOUR_MAX:.0} points of behaviour could be told"),
        points: one_decimal(added),
        max: missing,
        rule: "without byte counts, behaviour is scaled to the weight of the volume sent; other unknown parts count nothing",
        known: false,
        source: None,
        checked: None,
    }
}

fn sum(parts: &[Part]) -> f64 {
    parts.iter().map(|part| part.exact).sum()
}

/// Whole points, 0–100. The lines are summed before rounding, so the total can differ from theirs by a tenth or two.
fn points(exact: f64) -> u32 {
    // The clamp makes the cast exact.
    exact.round().clamp(0.0, 100.0) as u32
}

/// One decimal, and never a negative zero.
fn one_decimal(exact: f64) -> f64 {
    (exact * 10.0).round() / 10.0 + 0.0
}

/// Sources of facts, by line of the score.
pub type Origins = BTreeMap<&'static str, Origin>;

#[cfg(test)]
mod tests;
