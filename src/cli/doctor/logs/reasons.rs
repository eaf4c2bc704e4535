//! Why records are no events, most frequent reasons first, and samples of what was not understood.
//!
//! Samples come without their query strings, made safe and cut to the screen.

use std::cmp::Reverse;
use std::io;

use crate::pipeline::Survey;

use super::super::super::screen::{Screen, Style};
use super::super::super::table::{grouped, percent, shown};
use super::page::{INDENT, LABEL, MAX_NOTE, room, row};

/// Reasons that are printed.
const REASONS: usize = 3;

/// Writes the reasons of one source.
pub(super) fn write(survey: &Survey, screen: &mut Screen) -> io::Result<()> {
    let coverage = &survey.coverage;
    if survey.format.is_none() || coverage.skipped + coverage.bad == 0 {
        return Ok(());
    }
    screen.line("")?;
    let skipped = survey.skipped.iter().map(|(why, count)| (*why, *count));
    if coverage.skipped > 0 {
        row(screen, "skipped", &most(skipped.collect()))?;
    }
    if coverage.bad == 0 {
        return Ok(());
    }
    let share = percent(coverage.bad, coverage.read);
    let bad = most(survey.bad_reasons().into_iter().collect());
    row(screen, "bad", &format!("{share}: {bad}"))?;
    let room = room(screen, INDENT + LABEL);
    for sample in &coverage.bad_samples {
        let label = shown(&format!("line {}", sample.line), LABEL - 1);
        let label = screen.styled(Style::Quiet, &format!("{label:<LABEL$}"));
        let text = shown(&sample.text.shown(), room);
        screen.line(&format!("{:INDENT$}{label}{text}", ""))?;
    }
    Ok(())
}

/// The most frequent reasons.
fn most(mut reasons: Vec<(&str, u64)>) -> String {
    reasons.sort_by_key(|(why, count)| (Reverse(*count), *why));
    let rest: u64 = reasons.iter().skip(REASONS).map(|(_, count)| count).sum();
    let mut parts: Vec<String> = reasons
        .iter()
        .take(REASONS)
        .map(|(why, count)| format!("{} {}", grouped(*count), shown(why, MAX_NOTE)))
        .collect();
    if rest > 0 {
        parts.push(format!("{} for other reasons", grouped(rest)));
    }
    parts.join(", ")
}
