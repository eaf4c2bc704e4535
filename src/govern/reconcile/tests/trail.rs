//! A trail remembers less than all its days and says the same.

use super::super::days::{self, Days, Events};
use super::*;

/// The same days judged one by one from the first sighting on.
fn judged(all: &[Sighting], symbols: &mut Symbols) -> Days {
    let (mut days, mut skews) = (Days::default(), Skews::default());
    for Sighting { key, tally } in all {
        let is_blocked = key.outcome == Outcome::Blocked;
        if is_blocked && key.kind == Kind::Dns {
            continue;
        }
        let day = key.hour.day();
        let seen = days::Seen {
            day,
            kind: key.kind,
            is_blocked,
            events: Events::new(day, tally.events, tally.first, tally.last),
            source: symbols.of(&key.source),
        };
        days.add(seen, &mut skews, |one, other| {
            symbols.text(one) < symbols.text(other)
        });
    }
    days.finish(&mut skews);
    days
}

#[test]
fn a_trail_that_one_kind_of_source_began_ends_as_if_every_day_had_been_judged() {
    let mut chance = 7_u64;
    let mut below = |most: u64| {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (chance >> 33) % most
    };
    let mut mixed = 0;
    for _ in 0..5_000 {
        let (days, kinds) = (1 + below(7), 1 + below(4));
        let mut hours: Vec<u64> = (0..1 + below(8)).map(|_| below(days * 24)).collect();
        hours.sort_unstable();
        let sightings: Vec<Sighting> = hours
            .iter()
            .map(|hour| {
                let kind = [Kind::Proxy, Kind::Tls, Kind::Flow, Kind::Dns][below(kinds) as usize];
                let second = hour * 3_600 + [0, 50, 1_800, 3_500, 3_599][below(5) as usize];
                sighting(&Seen {
                    time: at("2026-11-02").plus_secs(second as i64),
                    outcome: [Outcome::Allowed, Outcome::Allowed, Outcome::Blocked]
                        [below(3) as usize],
                    ..seen(kind, "192.0.2.7", "2026-11-02")
                })
            })
            .collect();
        let (mut symbols, mut skews) = (Symbols::default(), Skews::default());
        let mut trail = Trail::default();
        for one in &sightings {
            trail.add(one, &mut symbols, &mut skews);
        }
        trail.finish(&mut skews);
        let days = judged(&sightings, &mut symbols);
        mixed += u32::from(days.unfollowed.is_some() && days.unresolved_direct.is_some());
        assert_eq!(trail.lookups(), days.lookups, "{sightings:?}");
        assert_eq!(trail.unfollowed(), days.unfollowed, "{sightings:?}");
        assert_eq!(
            trail.unresolved(false),
            days.unresolved_direct,
            "{sightings:?}"
        );
        let proxied = trail.unresolved(true).map_or(0, |all| all.events);
        let both = [days.unresolved_direct, days.unresolved_proxied];
        let both: u64 = both.iter().flatten().map(|part| part.events).sum();
        assert_eq!(proxied, both, "{sightings:?}");
        assert_eq!(trail.around(), days.around, "{sightings:?}");
        assert_eq!(
            trail.resolves_for_proxy(),
            days.resolves_for_proxy,
            "{sightings:?}"
        );
    }
    assert!(mixed > 50, "{mixed}");
}
