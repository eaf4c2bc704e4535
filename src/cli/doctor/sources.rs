//! What was read of each source, what of it was not understood, and what it can never tell.

use std::cmp::Reverse;

use crate::model::{Coverage, Time};
use crate::store::Store;

use super::super::table::{grouped, shown};
use super::{Checks, Standing};

/// A source whose last event is older is silent.
const SILENT_SECS: i64 = 86_400;
/// Percent of records not understood from which on a source deserves a look.
const BAD_PERCENT: u64 = 1;

pub(super) fn check(store: &dyn Store, now: Time, checks: &mut Checks) {
    let coverage = match store.coverage() {
        Ok(coverage) => coverage,
        Err(error) => return checks.wrong("sources", error.to_string()),
    };
    if coverage.is_empty() {
        checks.look(
            "sources",
            "nothing was read yet, so nothing can be said of any use",
        );
    }
    for source in &coverage {
        checks.add("sources", standing(source, now), sentence(source, now));
        if !source.cannot_tell.is_empty() {
            checks.fine(
                "",
                format!(
                    "it cannot tell: {}",
                    source.cannot_tell.join(", ").replace('_', " ")
                ),
            );
        }
        for note in &source.notes {
            checks.look("", shown(note, 300));
        }
    }
}

fn standing(source: &Coverage, now: Time) -> Standing {
    let understood = source.bad * 100 < source.read * BAD_PERCENT || source.bad == 0;
    if source.events > 0 && understood && !is_silent(source, now) {
        Standing::Fine
    } else {
        Standing::Look
    }
}

fn is_silent(source: &Coverage, now: Time) -> bool {
    source
        .last
        .is_none_or(|last| last.plus_secs(SILENT_SECS) < now)
}

fn sentence(source: &Coverage, now: Time) -> String {
    let name = shown(&source.source, 200);
    let format = match source.format.as_str() {
        "" => "format not recognised",
        format => format,
    };
    let mut text = format!(
        "{name} ({format}): {} records read, {} events, {} skipped, {} not understood",
        grouped(source.read),
        grouped(source.events),
        grouped(source.skipped),
        grouped(source.bad)
    );
    match source.last {
        None => text.push_str("; no event in it"),
        Some(last) if is_silent(source, now) => text.push_str(&format!("; silent since {last}")),
        Some(last) => text.push_str(&format!("; last event {last}")),
    }
    if source.bad > 0 {
        let mut reasons: Vec<(&String, &u64)> = source.reasons.iter().collect();
        reasons.sort_by_key(|(reason, number)| (Reverse(**number), *reason));
        if let Some((reason, number)) = reasons.first() {
            text.push_str(&format!(
                "; mostly: {} ({})",
                shown(reason, 100),
                grouped(**number)
            ));
        }
    }
    text
}
