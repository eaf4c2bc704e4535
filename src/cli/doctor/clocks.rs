//! Whether the clocks of the sources agree: what is joined by time is joined wrongly where they do not.

use crate::govern::reconcile::{ClockStanding, Clocks};
use crate::reports;
use crate::reports::evidence::of_clock;
use crate::store::Store;

use super::super::table::{grouped, shown};
use super::Checks;

pub(super) fn check(store: &dyn Store, checks: &mut Checks) {
    let measured = match reports::clocks(store) {
        Ok(measured) => measured,
        Err(error) => return checks.wrong("clocks", error.to_string()),
    };
    for (standing, sentence) in sentences(&measured) {
        match standing {
            ClockStanding::Differ => checks.look("clocks", sentence),
            ClockStanding::Agree | ClockStanding::Unclear => checks.fine("clocks", sentence),
        }
    }
}

/// How clocks stand, in sentences: one for each pair that differs, one for all that agree, one for all that nothing can be
/// said of.
pub(super) fn sentences(measured: &[Clocks]) -> Vec<(ClockStanding, String)> {
    let of = |standing| {
        measured
            .iter()
            .filter(move |pair| pair.standing == standing)
    };
    let mut told: Vec<_> = of(ClockStanding::Differ)
        .map(|pair| (pair.standing, sentence(pair)))
        .collect();
    for (standing, all) in [
        (ClockStanding::Agree, "agree within two minutes"),
        (
            ClockStanding::Unclear,
            "show too few pairs of a look-up and a connection, or too different ones, to compare their clocks by",
        ),
    ] {
        let mut pairs = of(standing);
        match (pairs.next(), pairs.count()) {
            (None, _) => {}
            (Some(only), 0) => told.push((standing, sentence(only))),
            (Some(_), more) => {
                let count = grouped(u64::try_from(more + 1).unwrap_or(u64::MAX));
                told.push((standing, format!("{count} pairs of sources {all}")));
            }
        }
    }
    told
}

/// How a pair of clocks stands, in a sentence.
fn sentence(pair: &Clocks) -> String {
    let apart = &pair.apart;
    let (resolver, other) = (shown(&apart.resolver, 200), shown(&apart.other, 200));
    let (pairs, of) = (grouped(apart.pairs), grouped(apart.of));
    match pair.standing {
        ClockStanding::Differ => shown(&of_clock(apart), 1_000),
        ClockStanding::Agree => format!(
            "{resolver} and {other} agree within two minutes, by {pairs} of {of} pairs of a look-up and a connection"
        ),
        ClockStanding::Unclear => format!(
            "{resolver} and {other}: {of} pairs of a look-up and a connection, too few or too different to compare their clocks by"
        ),
    }
}
