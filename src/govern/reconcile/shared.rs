//! Clients that several machines stand behind, told by the systems and browsers that they show on one day.
//!
//! A person has one machine at an address, perhaps with a second system in it, and a handful of browsers. Three systems
//! on the same day, or five pairs of a system and a browser, are a NAT, a terminal server or another proxy.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{CLIENT, Mark};

/// So many systems, or pairs of system and browser, on one day are several machines.
const SYSTEMS: usize = 3;
const PAIRS: usize = 5;

/// Names of the clients that several machines stand behind.
#[must_use]
pub fn behind_one_address(marks: &[Mark]) -> BTreeSet<&str> {
    let mut clients: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
    for mark in marks {
        if let (Some(client), Some(shown)) = (
            mark.subject.strip_prefix(CLIENT),
            mark.value.strip_prefix(Mark::SYSTEM),
        ) {
            let of_client = clients.entry(client).or_default();
            of_client.push((shown, mark.clients.0));
        }
    }
    clients.retain(|_, shown| are_several(shown));
    clients.into_keys().collect()
}

/// Whether they are too many for one machine on any of the days.
fn are_several(shown: &[(&str, u64)]) -> bool {
    shown.len() >= SYSTEMS
        && (0..u64::BITS).any(|day| {
            let of_day = || shown.iter().filter(|(_, days)| days & (1 << day) != 0);
            let systems = of_day().map(|(shown, _)| shown.split(", ").next());
            let systems: BTreeSet<Option<&str>> = systems.collect();
            systems.len() >= SYSTEMS || of_day().count() >= PAIRS
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Day, MarkKind, Time};

    fn shown(told: &[(&str, &[i32])]) -> bool {
        let mark = |(system, days): &(&str, &[i32])| {
            let mut mark = Mark {
                subject: "client:192.0.2.7".into(),
                kind: MarkKind::Program,
                value: format!("system: {system}").into(),
                events: 1,
                first: Time::from_secs(0),
                last: Time::from_secs(0),
                clients: Mark::on(Day(days[0])),
            };
            for day in *days {
                mark.clients.merge(Mark::on(Day(*day)));
            }
            mark
        };
        let marks: Vec<Mark> = told.iter().map(mark).collect();
        behind_one_address(&marks).contains("192.0.2.7")
    }

    #[test]
    fn three_systems_on_one_day_are_several_machines() {
        let windows = ("Windows, Edge", &[20_000, 20_001, 20_002][..]);
        let linux = ("Linux, Firefox", &[20_001][..]);
        assert!(shown(&[windows, linux, ("macOS, Safari", &[20_001][..])]));
        assert!(!shown(&[windows, linux, ("macOS, Safari", &[20_002][..])]));
        assert!(!shown(&[windows, linux]), "a system inside of another");
        let on_one = |browser| (browser, &[20_000][..]);
        let one_person = ["Windows, Edge", "Windows, Chrome", "Windows, Firefox"].map(on_one);
        assert!(!shown(&one_person));
        let mut office = one_person.to_vec();
        office.push(("macOS, Safari", &[20_000][..]));
        assert!(!shown(&office));
        office.push(("macOS, Chrome", &[20_000][..]));
        assert!(shown(&office));
    }
}
