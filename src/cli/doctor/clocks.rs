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
    for pair in measured {
        let sentence = sentence(&pair);
        match pair.standing {
            ClockStanding::Differ => checks.look("clocks", sentence),
            ClockStanding::Agree | ClockStanding::Unclear => checks.fine("clocks", sentence),
        }
    }
}

/// How a pair of clocks stands, in a sentence.
pub(super) fn sentence(pair: &Clocks) -> String {
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
