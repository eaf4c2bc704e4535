//! What several sources together say of one client, whatever the order in which they are read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::model::{Channel, Grade, Kind, Outcome, Role, Sighting, SightingKey, Tally, Tier};

mod trail;

const SERVICE: &str = "openai.chatgpt";

fn at(text: &str) -> Time {
    text.parse().expect("written by hand")
}

#[derive(Clone)]
struct Seen {
    kind: Kind,
    outcome: Outcome,
    client: &'static str,
    service: &'static str,
    time: Time,
}

fn seen(kind: Kind, client: &'static str, time: &str) -> Seen {
    Seen {
        kind,
        outcome: Outcome::Allowed,
        client,
        service: SERVICE,
        time: at(time),
    }
}

fn sighting(seen: &Seen) -> Sighting {
    let grade = if seen.kind == Kind::Dns {
        Grade::Resolved
    } else {
        Grade::Connected
    };
    Sighting {
        key: SightingKey {
            hour: seen.time.hour(),
            service: seen.service.into(),
            role: Role::Ui,
            tier: Tier::Unknown,
            channel: Channel::Unknown,
            kind: seen.kind,
            outcome: seen.outcome,
            client: seen.client.into(),
            user: "".into(),
            segment: "".into(),
            source: seen.kind.as_str().into(),
        },
        tally: Tally::of(seen.time, grade),
    }
}

/// Logs of connections over the whole of November.
fn watched() -> Watched {
    Watched {
        span: Some((at("2026-11-01"), at("2026-12-01"))),
        segments: std::iter::once("".into()).collect(),
    }
}

/// The ladder of ChatGPT and the skews, as a report finds them.
fn reconciled(all: &[Seen], watched: &Watched) -> (Ladder, Vec<Skew>) {
    let mut sightings: Vec<Sighting> = all.iter().map(sighting).collect();
    sightings.sort_by_key(|one| one.key.hour);
    let mut symbols = Symbols::default();
    let (mut clients, mut skews, mut ladder) =
        (Clients::default(), Skews::default(), Ladder::default());
    let mut trails: BTreeMap<(Arc<str>, Arc<str>), Trail> = BTreeMap::new();
    for one in &sightings {
        let of = (one.key.service.clone(), one.key.client.clone());
        trails
            .entry(of)
            .or_default()
            .add(one, &mut symbols, &mut skews);
        if &*one.key.service == SERVICE {
            ladder.add(one);
        }
    }
    for ((_, client), trail) in &mut trails {
        let client = symbols.of(client);
        clients.end(client, trail, &symbols, &mut skews);
    }
    let of_service: Vec<_> = trails
        .iter()
        .filter(|((of, _), _)| &**of == SERVICE)
        .map(|((_, client), trail)| (symbols.of(client), trail))
        .collect();
    let around = Around {
        symbols: &symbols,
        clients: &clients,
        watched,
        behind_proxies: &clients.behind_proxies(),
    };
    ladder.finish(of_service.into_iter(), &around);
    (ladder, skews.found(&symbols))
}

fn part(clients: u64, events: u64) -> Part {
    Part { clients, events }
}

#[test]
fn a_look_up_without_a_connection_is_a_prefetch_only_where_one_would_have_been_seen() {
    let lookups = [
        seen(Kind::Dns, "192.0.2.7", "2026-11-09T10:00:00Z"),
        seen(Kind::Dns, "192.0.2.7", "2026-11-12T10:00:00Z"),
    ];
    let (ladder, _) = reconciled(&lookups, &watched());
    assert_eq!(ladder.prefetched, part(1, 2));
    assert!(ladder.is_prefetch_only());

    let (ladder, _) = reconciled(&lookups, &Watched::default());
    assert_eq!(
        (ladder.prefetched, ladder.unwatched),
        (part(0, 0), part(1, 2))
    );
    assert!(!ladder.is_prefetch_only(), "nobody watched");

    let too_late = Watched {
        span: Some((at("2026-11-11"), at("2026-12-01"))),
        ..watched()
    };
    let (ladder, _) = reconciled(&lookups, &too_late);
    assert!(
        !ladder.is_prefetch_only(),
        "the first is before the log begins"
    );
}

#[test]
fn a_connection_of_the_day_or_the_next_follows_a_look_up_and_so_does_a_refused_one() {
    for connected in [
        "2026-11-09T10:00:01Z",
        "2026-11-09T09:59:00Z",
        "2026-11-10T17:00:00Z",
    ] {
        let (ladder, _) = reconciled(
            &[
                seen(Kind::Dns, "192.0.2.7", "2026-11-09T10:00:00Z"),
                seen(Kind::Proxy, "192.0.2.7", connected),
            ],
            &watched(),
        );
        assert_eq!(ladder.prefetched, part(0, 0), "{connected}");
    }
    let (ladder, _) = reconciled(
        &[
            seen(Kind::Dns, "192.0.2.7", "2026-11-09T10:00:00Z"),
            Seen {
                outcome: Outcome::Blocked,
                ..seen(Kind::Proxy, "192.0.2.7", "2026-11-09T10:00:01Z")
            },
        ],
        &watched(),
    );
    assert_eq!(
        (ladder.prefetched, ladder.attempted.clients),
        (part(0, 0), 1)
    );
}

#[test]
fn two_minutes_between_the_clocks_are_absorbed_around_midnight_and_three_are_not() {
    for (lookup, unfollowed) in [("2026-11-10T00:00:50Z", 0), ("2026-11-10T00:03:00Z", 1)] {
        let (ladder, _) = reconciled(
            &[
                seen(Kind::Tls, "192.0.2.7", "2026-11-09T23:59:10Z"),
                seen(Kind::Dns, "192.0.2.7", lookup),
            ],
            &watched(),
        );
        assert_eq!(ladder.prefetched.events, unfollowed, "{lookup}");
        assert_eq!(ladder.unresolved.events, unfollowed, "{lookup}");
    }
}

#[test]
fn one_who_used_it_on_another_day_is_no_prefetcher_but_idle_look_ups_are_counted() {
    let (ladder, _) = reconciled(
        &[
            seen(Kind::Dns, "192.0.2.7", "2026-11-02T10:00:00Z"),
            seen(Kind::Dns, "192.0.2.7", "2026-11-09T10:00:00Z"),
            seen(Kind::Proxy, "192.0.2.7", "2026-11-09T10:00:01Z"),
        ],
        &watched(),
    );
    assert_eq!(ladder.prefetched, part(0, 1));
    assert!(!ladder.is_prefetch_only());
}

#[test]
fn no_look_up_is_told_only_of_clients_whose_look_ups_are_in_the_logs() {
    let direct = seen(Kind::Tls, "192.0.2.7", "2026-11-09T10:00:00Z");
    let (ladder, _) = reconciled(&[direct], &watched());
    assert_eq!(
        ladder.unresolved,
        part(0, 0),
        "no look-up of it is in the logs at all"
    );

    let elsewhere = |kind| Seen {
        service: "anthropic.claude",
        ..seen(kind, "192.0.2.7", "2026-11-09T09:00:00Z")
    };
    let direct = || seen(Kind::Tls, "192.0.2.7", "2026-11-09T10:00:00Z");
    let (ladder, _) = reconciled(&[elsewhere(Kind::Dns), direct()], &watched());
    assert_eq!(ladder.unresolved, part(1, 1));

    let proxied = || seen(Kind::Proxy, "192.0.2.7", "2026-11-09T10:00:00Z");
    let (ladder, _) = reconciled(&[elsewhere(Kind::Dns), proxied()], &watched());
    assert_eq!(ladder.unresolved, part(0, 0), "its proxy resolves for it");
    let known = || [elsewhere(Kind::Dns), elsewhere(Kind::Proxy), proxied()];
    let (ladder, _) = reconciled(&known(), &watched());
    assert_eq!(
        ladder.unresolved,
        part(0, 0),
        "nobody looks this service up: its host may be another's"
    );
    let mut looked_up = known().to_vec();
    looked_up.push(seen(Kind::Dns, "192.0.2.9", "2026-11-09T10:00:00Z"));
    let (ladder, _) = reconciled(&looked_up, &watched());
    assert_eq!(
        ladder.unresolved,
        part(1, 1),
        "its proxy does not resolve for it"
    );
}

#[test]
fn past_the_proxy_is_told_where_most_of_the_segment_uses_it() {
    let direct = || seen(Kind::Tls, "192.0.2.7", "2026-11-09T10:00:00Z");
    let proxied = |client| seen(Kind::Proxy, client, "2026-11-09T10:00:00Z");
    let (ladder, _) = reconciled(
        &[direct(), proxied("192.0.2.8"), proxied("192.0.2.9")],
        &watched(),
    );
    assert_eq!(ladder.around_proxy, part(1, 1));
    let (ladder, _) = reconciled(&[direct(), proxied("192.0.2.8")], &watched());
    assert_eq!(ladder.around_proxy, part(0, 0), "one of two is not most");
    let both = [direct(), proxied("192.0.2.7"), proxied("192.0.2.8")];
    let (ladder, _) = reconciled(&both, &watched());
    assert_eq!(
        ladder.around_proxy,
        part(0, 0),
        "the sensor saw it on its way to the proxy"
    );
}

#[test]
fn clocks_that_are_an_hour_apart_are_measured_and_people_are_not() {
    let days = ["02", "03", "04", "05", "06", "09"];
    let times = |minutes: [u32; 6]| -> Vec<Seen> {
        let pairs = days.iter().zip(minutes);
        pairs
            .flat_map(|(day, minute)| {
                let lookup = at(&format!("2026-11-{day}T10:00:00Z"));
                let connection = lookup.plus_secs(i64::from(minute) * 60 + 1);
                [(Kind::Dns, lookup), (Kind::Tls, connection)].map(|(kind, time)| Seen {
                    time,
                    ..seen(kind, "192.0.2.7", "2026-11-01")
                })
            })
            .collect()
    };
    let (_, skews) = reconciled(&times([60, 61, 59, 60, 61, 60]), &watched());
    assert_eq!(skews.len(), 1);
    assert!((3_540..=3_660).contains(&skews[0].ahead_secs), "{skews:?}");
    assert_eq!((skews[0].pairs, skews[0].of), (6, 6));
    for usual in [[0, 1, 0, 2, 1, 0], [0, 300, 7, 61, 122, 12]] {
        assert_eq!(reconciled(&times(usual), &watched()).1, []);
    }
}

#[test]
fn the_order_of_sightings_within_an_hour_changes_nothing() {
    let all = || {
        vec![
            seen(Kind::Dns, "192.0.2.7", "2026-11-09T10:00:00Z"),
            seen(Kind::Tls, "192.0.2.7", "2026-11-09T10:00:02Z"),
            seen(Kind::Dns, "192.0.2.8", "2026-11-09T10:05:00Z"),
            seen(Kind::Proxy, "192.0.2.9", "2026-11-09T10:06:00Z"),
        ]
    };
    let one = reconciled(&all(), &watched());
    let mut turned = all();
    turned.reverse();
    assert_eq!(reconciled(&turned, &watched()), one);
}

#[test]
fn profiles_of_mere_look_ups_wait_for_a_connection_where_one_would_be_seen() {
    let row = |segment: &str, grade, last: &str| Profile {
        service: SERVICE.into(),
        segment: segment.into(),
        tier: Tier::Unknown,
        events: 1,
        attempts: 0,
        bytes_up: 0,
        bytes_down: 0,
        first_seen: at("2026-11-09"),
        last_seen: at(last),
        first_use: Some(at("2026-11-09")),
        last_use: Some(at(last)),
        last_contact: (grade > Grade::Resolved).then(|| at(last)),
        grade: Some(grade),
    };
    let rows = [
        row("finance", Grade::Resolved, "2026-11-10"),
        row("legal", Grade::Connected, "2026-11-10"),
    ];
    let told = |watched: Option<&Watched>| -> Vec<String> {
        let rows = beyond_lookups(rows.iter().collect(), watched);
        rows.iter().map(|row| row.segment.to_string()).collect()
    };
    assert_eq!(told(None), ["legal"]);
    assert_eq!(told(Some(&watched())), ["legal"]);
    assert_eq!(told(Some(&Watched::default())), ["finance", "legal"]);
    let only_legal = Watched {
        segments: std::iter::once("legal".into()).collect(),
        ..watched()
    };
    assert_eq!(told(Some(&only_legal)), ["finance", "legal"]);
    let silent = Watched {
        span: Some((at("2026-11-01"), at("2026-11-05"))),
        ..watched()
    };
    assert_eq!(told(Some(&silent)), ["finance", "legal"]);
}
