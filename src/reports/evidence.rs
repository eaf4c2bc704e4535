//! The ladder of an application in words: how far the evidence goes, and what there is to doubt.

use crate::govern::reconcile::{Ladder, Skew, seen_before};
use crate::identity::Basis;

use super::figures::{count, counted};
use super::{Application, Count, KnownLate};

/// How a count of clients is shown to this reader.
pub(crate) type Shown<'s> = &'s dyn Fn(u64) -> String;

/// A rung of the ladder as it is shown: its name, the clients on it, the events and their kinds of log.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) clients: String,
    pub(crate) events: String,
    pub(crate) kinds: String,
}

/// How the events of a rung are counted: sightings know the strongest event of an hour, and how many there were.
const BY_THE_HOUR: &str = "Clients stand on the rung of their strongest evidence. Events are counted by the hour and \
    source: all of an hour on the rung of the strongest of them, so that a rung may hold weaker ones too.";

/// What is to be said of the counts of a ladder, where they may hold weaker events than their rung says: look-ups and
/// mere connections are counted exactly.
pub(crate) fn counted_by(ladder: &Ladder) -> Option<&'static str> {
    let stronger = [&ladder.exchanged, &ladder.uploaded, &ladder.confirmed];
    let is_mixed = stronger.iter().any(|rung| rung.events > 1);
    is_mixed.then_some(BY_THE_HOUR)
}

/// The rungs that anybody reached, from the strongest down, and the attempts.
pub(crate) fn steps(ladder: &Ladder, shown: Shown<'_>) -> Vec<Step> {
    let rungs = ladder.rungs().into_iter().rev();
    let rungs = rungs.map(|(grade, rung)| (grade.as_str(), rung));
    rungs
        .chain([("attempted", &ladder.attempted)])
        .filter(|(_, rung)| rung.events > 0)
        .map(|(name, rung)| {
            let kinds = rung.kinds.iter();
            let kinds: Vec<String> = kinds
                .map(|(kind, events)| format!("{kind} {}", count(*events)))
                .collect();
            Step {
                name,
                clients: shown(rung.clients),
                events: count(rung.events),
                kinds: kinds.join(", "),
            }
        })
        .collect()
}

/// What the sources together say of it, a sentence each.
pub(crate) fn words(app: &Application, shown: Shown<'_>) -> Vec<String> {
    let ladder = &app.ladder;
    let clients = |n: u64| format!("{} client{}", shown(n), if n == 1 { "" } else { "s" });
    let mut said = Vec::new();
    if let Some(before) = &app.before_known {
        said.push(format!(
            "Seen before it was known: {}.",
            seen_before(before)
        ));
    }
    let prefetched = ladder.prefetched;
    if ladder.is_prefetch_only() {
        said.push(format!(
            "Resolved, never connected: {} looked it up, and the logs that would have shown a connection show none. A \
             browser that resolves the links of a page does this; it is no use.",
            clients(prefetched.clients)
        ));
    } else if prefetched.events > 0 {
        let only = if prefetched.is_some() {
            format!("; {} did nothing else", clients(prefetched.clients))
        } else {
            String::new()
        };
        said.push(format!(
            "No connection followed {}{only}: prefetch, not use.",
            counted(prefetched.events, "look-up", "look-ups")
        ));
    }
    if ladder.unwatched.is_some() {
        said.push(format!(
            "{} looked it up where no log that was read would have shown the connection.",
            clients(ladder.unwatched.clients)
        ));
    }
    if ladder.unresolved.is_some() {
        said.push(format!(
            "{} connected ({}) without a look-up, although their look-ups are in the logs: DNS over HTTPS, another \
             resolver, or a fixed address.",
            clients(ladder.unresolved.clients),
            counted(ladder.unresolved.events, "event", "events")
        ));
    }
    if ladder.around_proxy.is_some() {
        said.push(format!(
            "{} connected ({}) past the proxy that most of their segment uses.",
            clients(ladder.around_proxy.clients),
            counted(ladder.around_proxy.events, "event", "events")
        ));
    }
    said
}

/// A service that was there before its signature and was not seen since.
pub(crate) fn of_known_late(late: &KnownLate) -> String {
    format!("{}: {}", late.name, seen_before(&late.before))
}

/// A client or user with its count, and why it is called so where that is not plain.
pub(crate) fn named(who: &Count) -> String {
    let mut text = count(who.events);
    if let Some(basis @ (Basis::Lease | Basis::Directory)) = who.basis {
        text = format!("{text}, by {basis}");
    }
    if who.shared {
        text.push_str(", shared");
    }
    text
}

/// What differing clocks mean, and what to do about them, a sentence for each pair of sources.
pub(crate) fn of_clock(skew: &Skew) -> String {
    let order = if skew.ahead_secs < 0 {
        "before"
    } else {
        "after"
    };
    let remedy = if skew.is_of_zones() {
        "That much is a time zone: set `timezone` for the one that writes local time, or have it write UTC."
    } else {
        "Let NTP set the clocks of both machines."
    };
    format!(
        "The clocks of {} and {} differ by {}: connections stand that long {order} their look-ups, {} of {} times. {remedy} \
         Until then what is joined by time is off by as much.",
        skew.resolver,
        skew.other,
        apart(skew),
        skew.pairs,
        skew.of
    )
}

/// By how much two clocks differ.
fn apart(skew: &Skew) -> String {
    let secs = skew.ahead_secs.unsigned_abs();
    if secs < 2 * 3_600 {
        counted(secs.div_ceil(60), "minute", "minutes")
    } else {
        format!("{:.1} hours", secs as f64 / 3_600.0)
    }
}
