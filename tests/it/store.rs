//! The story that every store must pass: what goes in by batches comes out as sums, whatever the cuts.
//!
//! Each chapter sees only `&dyn Store` and starts with an empty one. Add a store by adding its constructor to `STORES`.

#![allow(
    clippy::unwrap_used,
    reason = "what builds a story for tests is test code too"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use gnomon::model::{
    Alert, Batch, Candidate, Case, Changes, Channel, Consequences, Coverage, Day, Decision,
    DigestRow, DutyRecord, DutyStep, Enforcement, EnforcementAction, Finding, Grade, Host, HostRow,
    Hour, Kind, Observation, Outcome, Outgoing, Position, Role, Rule, Sample, Scope, Severity,
    Sighting, SightingKey, Sketch, Standing, State, Tally, Tier, Time, Told, Transition,
    TransitionKind, Untrusted, Verdict,
};
use gnomon::store::sqlite::SqliteStore;
use gnomon::store::{CaseChange, Committed, Filter, OutboxState, Settled, Store};
use proptest::prelude::*;

type Constructor = fn() -> Box<dyn Store>;
type Chapter = fn(&dyn Store);

const STORES: &[Constructor] = &[|| Box::new(SqliteStore::open_in_memory().unwrap())];

fn tell(chapter: Chapter) {
    for make in STORES {
        let store = make();
        chapter(&*store);
        assert_eq!(store.check().unwrap(), [""; 0], "the accounts balance");
    }
}

// What the story is made of; `store_sqlite.rs` uses it too.

pub(crate) const CHAT: &str = "example.chat";
pub(crate) const CODE: &str = "example.code";

pub(crate) fn at(text: &str) -> Time {
    text.parse().unwrap()
}

pub(crate) fn now() -> Time {
    at("2026-11-23T12:00:00Z")
}

pub(crate) fn nothing(_: &Changes) -> Consequences {
    Consequences::default()
}

pub(crate) fn sighting(service: &str, user: &str, time: &str) -> Sighting {
    let time = at(time);
    Sighting {
        key: SightingKey {
            hour: time.hour(),
            service: service.into(),
            role: Role::Ui,
            tier: Tier::Unknown,
            channel: Channel::Browser,
            kind: Kind::Proxy,
            outcome: Outcome::Allowed,
            client: "192.0.2.7".into(),
            user: user.into(),
            segment: "sales".into(),
            source: "access.log".into(),
        },
        tally: Tally {
            bytes_up: 100,
            bytes_down: 1_000,
            ..Tally::of(time, Grade::Exchanged)
        },
    }
}

pub(crate) fn batch_of(sightings: Vec<Sighting>) -> Batch {
    Batch {
        sightings,
        ..Batch::default()
    }
}

pub(crate) fn transition(id: &str, service: &str, time: &str) -> Transition {
    Transition {
        id: id.to_owned(),
        kind: TransitionKind::FirstSeen,
        service: service.into(),
        segment: "sales".into(),
        tier: Tier::Unknown,
        at: at(time),
        detail: format!("{service} was seen for the first time"),
    }
}

pub(crate) fn alert(id: &str) -> Alert {
    Alert {
        id: id.to_owned(),
        rule: "application_first_seen".to_owned(),
        severity: Severity::Medium,
        // Microseconds, which JSON does not hold.
        at: Time::from_micros(1_793_614_272_345_678),
        title: "someone uses <example> & \"chat\"".to_owned(),
        lines: vec!["one user".to_owned(), "\u{1b}[2J".to_owned()],
        next: vec!["decide".to_owned()],
        service: CHAT.to_owned(),
        service_name: "Example Chat".to_owned(),
        segment: "sales".to_owned(),
        tier: "unknown".to_owned(),
        case: Case::id_of(CHAT, "sales", Tier::Unknown),
        state: "new".to_owned(),
        transitions: vec!["t1".to_owned()],
    }
}

pub(crate) fn all_sightings(store: &dyn Store) -> Vec<Sighting> {
    sightings_in(store, &Filter::default())
}

fn sightings_in(store: &dyn Store, filter: &Filter) -> Vec<Sighting> {
    let mut rows = Vec::new();
    store
        .sightings(filter, &mut |row| rows.push(row.clone()))
        .unwrap();
    assert!(rows.is_sorted_by_key(|row: &Sighting| row.key.hour));
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    rows
}

fn digest_in(store: &dyn Store, filter: &Filter) -> Vec<DigestRow> {
    let mut rows = Vec::new();
    store.digest(filter, &mut |row| rows.push(row)).unwrap();
    rows
}

fn period(from: &str, until: &str) -> Filter {
    Filter {
        from: Some(at(from)),
        until: Some(at(until)),
        service: None,
    }
}

fn queue(store: &dyn Store, ids: &[&str], channels: &[&str]) -> Committed {
    let channels: Vec<String> = channels.iter().map(|&c| c.to_owned()).collect();
    let consequences = Consequences {
        alerts: ids.iter().map(|id| (alert(id), channels.clone())).collect(),
        ..Consequences::default()
    };
    store
        .commit(&Batch::default(), now(), &mut |_| consequences.clone())
        .unwrap()
}

fn ids(taken: &[Outgoing]) -> Vec<&str> {
    taken.iter().map(|o| o.alert.id.as_str()).collect()
}

// The chapters.

#[test]
fn only_defining_roles_feed_the_register_and_an_attempt_is_no_use() {
    tell(|store| {
        let base = sighting(CHAT, "alice", "2026-11-02T10:11:12.000001Z");
        let mut sightings = vec![base.clone()];
        let mut with = |change: fn(&mut Sighting)| {
            let mut other = base.clone();
            change(&mut other);
            sightings.push(other);
        };
        with(|s| {
            s.key.outcome = Outcome::Blocked;
            s.tally.first = Time::from_secs(1);
            s.tally.grade = Grade::Confirmed;
        });
        with(|s| {
            s.key.outcome = Outcome::Error;
            s.tally.first = Time::from_secs(0);
        });
        with(|s| s.key.role = Role::Cdn);
        with(|s| {
            s.key.outcome = Outcome::Unknown;
            s.tally.grade = Grade::Resolved;
            s.tally.last = at("2026-11-02T10:59:59Z");
        });
        sightings.sort_by(|a, b| a.key.cmp(&b.key));
        store
            .commit(&batch_of(sightings.clone()), now(), &mut nothing)
            .unwrap();

        assert_eq!(all_sightings(store), sightings, "every role is kept");
        let [profile] = &*store.profiles(None).unwrap() else {
            panic!("one profile");
        };
        assert_eq!((profile.events, profile.attempts), (2, 1));
        assert_eq!((profile.bytes_up, profile.bytes_down), (200, 2_000));
        assert_eq!(profile.first_seen, Time::from_secs(1));
        assert_eq!(profile.first_use, Some(base.tally.first));
        assert_eq!(profile.last_use, Some(at("2026-11-02T10:59:59Z")));
        assert_eq!(profile.grade, Some(Grade::Exchanged));
        assert_eq!(store.profiles(Some(CODE)).unwrap(), []);
    });
}

#[test]
fn attempts_alone_make_a_profile_without_a_grade() {
    tell(|store| {
        let mut blocked = sighting(CHAT, "alice", "2026-11-02T10:11:12Z");
        blocked.key.outcome = Outcome::Blocked;
        store
            .commit(&batch_of(vec![blocked]), now(), &mut nothing)
            .unwrap();
        let [profile] = &*store.profiles(Some(CHAT)).unwrap() else {
            panic!("one profile");
        };
        assert_eq!((profile.grade, profile.first_use), (None, None));
        assert_eq!((profile.events, profile.bytes_up), (0, 0));
    });
}

#[test]
fn an_empty_name_and_a_hostile_one_come_back_as_they_were() {
    tell(|store| {
        let mut sightings: Vec<Sighting> = ["", "' OR 1=1 --", "a\u{0}b", "é\u{202e}", "__other__"]
            .map(|user| sighting(CHAT, user, "2026-11-02T10:11:12Z"))
            .to_vec();
        sightings.sort_by(|a, b| a.key.cmp(&b.key));
        store
            .commit(&batch_of(sightings.clone()), now(), &mut nothing)
            .unwrap();
        assert_eq!(all_sightings(store), sightings);
    });
}

#[test]
fn filters_want_whole_hours_and_days() {
    tell(|store| {
        let times = [
            "1969-12-31T23:30:00Z",
            "2026-11-02T09:59:59Z",
            "2026-11-02T10:00:00Z",
            "2026-11-02T10:45:00Z",
            "2026-11-02T11:00:00Z",
        ];
        for (number, time) in times.iter().enumerate() {
            let service = if number % 2 == 0 { CHAT } else { CODE };
            let seen = sighting(service, "alice", time);
            let day = seen.key.hour.day();
            let host: Arc<str> = "chat.example.com".into();
            let batch = Batch {
                hosts: vec![HostRow {
                    day,
                    service: service.into(),
                    host: Arc::clone(&host),
                    role: Role::Ui,
                    events: 1,
                }],
                digest: vec![DigestRow {
                    day,
                    host,
                    hits: 1,
                    first: at(time),
                    last: at(time),
                    clients: Sketch::EMPTY,
                }],
                ..batch_of(vec![seen])
            };
            store.commit(&batch, now(), &mut nothing).unwrap();
        }
        let count = |filter: &Filter| {
            let rows = sightings_in(store, filter);
            rows.iter().map(|row| row.tally.events).sum::<u64>()
        };
        assert_eq!(count(&Filter::default()), 5);
        assert_eq!(
            count(&period("2026-11-02T10:00:00Z", "2026-11-02T11:00:00Z")),
            2
        );
        assert_eq!(
            count(&period("2026-11-02T10:30:00Z", "2026-11-02T10:31:00Z")),
            2,
            "an hour is wanted whole"
        );
        assert_eq!(
            count(&period("2026-11-02T09:00:00Z", "2026-11-02T11:00:01Z")),
            4
        );
        assert_eq!(count(&period("2000-01-01", "2026-11-02")), 0);
        let chat_only = Filter {
            service: Some(CHAT.to_owned()),
            ..Filter::default()
        };
        assert_eq!(count(&chat_only), 3);
        let day = period("2026-11-02T10:30:00Z", "2026-11-02T10:31:00Z");
        assert_eq!(
            store
                .hosts(&day)
                .unwrap()
                .iter()
                .map(|h| h.events)
                .sum::<u64>(),
            4
        );
        assert_eq!(store.hosts(&chat_only).unwrap().len(), 2);
        let digest = digest_in(store, &day);
        assert_eq!(digest.len(), 1);
        assert_eq!((digest[0].hits, digest[0].first), (4, at(times[1])));
        assert_eq!(digest_in(store, &Filter::default()).len(), 2);
    });
}

#[test]
fn a_visitor_may_call_the_store() {
    tell(|store| {
        let seen = sighting(CHAT, "alice", "2026-11-02T10:11:12Z");
        store
            .commit(&batch_of(vec![seen]), now(), &mut nothing)
            .unwrap();
        let mut profiles = 0;
        store
            .sightings(&Filter::default(), &mut |_| {
                profiles += store.profiles(None).unwrap().len();
            })
            .unwrap();
        assert_eq!(profiles, 1);
    });
}

#[test]
fn positions_move_with_the_tallies_or_not_at_all() {
    tell(|store| {
        let position = |state: &str| Position {
            key: "file:access.log".to_owned(),
            state: state.to_owned(),
        };
        let batch = |state: &str| Batch {
            positions: vec![position(state)],
            coverage: vec![Coverage {
                source: "access.log".to_owned(),
                read: 1,
                events: 1,
                ..Coverage::default()
            }],
            ..batch_of(vec![sighting(CHAT, "alice", "2026-11-02T10:11:12Z")])
        };
        store.commit(&batch("100"), now(), &mut nothing).unwrap();
        let before = (
            all_sightings(store),
            store.profiles(None).unwrap(),
            store.coverage().unwrap(),
            store.positions().unwrap(),
        );

        let died = catch_unwind(AssertUnwindSafe(|| {
            let mut second = batch("200");
            second
                .sightings
                .push(sighting(CODE, "bob", "2026-11-02T11:11:12Z"));
            store.commit(&second, now(), &mut |changes| {
                assert_eq!(changes.profiles.len(), 2, "the batch is visible inside");
                panic!("the process dies here");
            })
        }));
        assert!(died.is_err());
        let after = (
            all_sightings(store),
            store.profiles(None).unwrap(),
            store.coverage().unwrap(),
            store.positions().unwrap(),
        );
        assert_eq!(after, before);

        // The same again, now with names that the lost transaction had numbered.
        store
            .commit(
                &batch_of(vec![sighting(CODE, "bob", "2026-11-02T11:11:12Z")]),
                now(),
                &mut nothing,
            )
            .unwrap();
        assert_eq!(&*all_sightings(store)[1].key.user, "bob");

        store.commit(&batch(""), now(), &mut nothing).unwrap();
        assert_eq!(
            store.positions().unwrap(),
            [],
            "an empty state is forgotten"
        );
    });
}

#[test]
fn a_commit_shows_what_it_touches_and_time_alone_shows_all() {
    tell(|store| {
        let both = vec![
            sighting(CHAT, "alice", "2026-11-02T10:11:12Z"),
            sighting(CODE, "alice", "2026-11-02T10:11:12Z"),
        ];
        store
            .commit(&batch_of(both), now(), &mut |_| Consequences {
                transitions: vec![
                    transition("t1", CHAT, "2026-11-02T10:11:12Z"),
                    transition("t2", CODE, "2026-11-02T10:11:12Z"),
                ],
                announced: vec!["t1".to_owned()],
                ..Consequences::default()
            })
            .unwrap();
        decide(store, CODE, State::Blocked);
        decide(store, CHAT, State::Sanctioned);

        let chat = vec![sighting(CHAT, "bob", "2026-11-02T10:30:00Z")];
        store
            .commit(&batch_of(chat), now(), &mut |changes| {
                assert_eq!(changes.profiles.len(), 1);
                assert_eq!(changes.profiles[0].events, 2, "as it will be");
                assert_eq!(changes.decisions.len(), 1);
                assert_eq!(changes.known, BTreeSet::from(["t1".to_owned()]));
                assert_eq!(changes.unannounced.len(), 1, "of any service");
                assert_eq!(changes.unannounced[0].id, "t2");
                Consequences::default()
            })
            .unwrap();
        let history = Batch {
            is_history: true,
            ..batch_of(vec![sighting(CHAT, "bob", "2026-11-02T10:31:00Z")])
        };
        let nobody = &mut |_: &Changes| panic!("nobody is asked of history");
        store.commit(&history, now(), nobody).unwrap();
        store
            .commit(&Batch::default(), now(), &mut |changes| {
                assert_eq!(changes.profiles.len(), 2);
                assert_eq!(changes.profiles[0].events, 3, "history is there");
                let states: Vec<State> = changes.decisions.iter().map(|d| d.state).collect();
                assert_eq!(states, [State::Blocked, State::Sanctioned], "oldest first");
                assert_eq!(changes.known.len(), 2);
                Consequences {
                    announced: vec!["t2".to_owned()],
                    ..Consequences::default()
                }
            })
            .unwrap();
        store
            .commit(&Batch::default(), now(), &mut |changes| {
                assert_eq!(changes.unannounced, [], "told by now");
                Consequences::default()
            })
            .unwrap();
    });
}

#[test]
fn a_transition_found_twice_is_recorded_once() {
    tell(|store| {
        let consequences = Consequences {
            transitions: vec![transition("t1", CHAT, "2026-11-02T10:11:12.000007Z")],
            alerts: vec![(alert("a1"), vec!["ops".to_owned()])],
            ..Consequences::default()
        };
        let commit = || {
            store
                .commit(&Batch::default(), now(), &mut |_| consequences.clone())
                .unwrap()
        };
        assert_eq!((commit().transitions, commit()), (1, Committed::default()));
        assert_eq!(
            store.transitions(&Filter::default()).unwrap(),
            consequences.transitions
        );
        assert_eq!(store.outbox(None).unwrap().pending, 1);
        let elsewhere = Transition {
            segment: "legal".into(),
            ..consequences.transitions[0].clone()
        };
        let again = Consequences {
            transitions: vec![elsewhere],
            ..Consequences::default()
        };
        let found = store.commit(&Batch::default(), now(), &mut |_| again.clone());
        assert_eq!(found.unwrap().transitions, 0, "it is known in another case");
        assert_eq!(store.cases(false).unwrap().len(), 1);
        let until = period("2026-11-02T00:00:00Z", "2026-11-02T10:11:12.000007Z");
        assert_eq!(store.transitions(&until).unwrap(), [], "before, not at");
    });
}

#[test]
fn a_case_opens_goes_on_closes_and_opens_again() {
    tell(|store| {
        let notice = |id: &str, time: &str| {
            let found = transition(id, CHAT, time);
            store
                .commit(&Batch::default(), now(), &mut |_| Consequences {
                    transitions: vec![found.clone()],
                    ..Consequences::default()
                })
                .unwrap();
        };
        let case = || store.cases(false).unwrap().remove(0);
        notice("t1", "2026-11-02T10:00:00Z");
        notice("t3", "2026-11-04T10:00:00Z");
        notice("t2", "2026-11-03T10:00:00Z");
        assert_eq!(case().id, Case::id_of(CHAT, "sales", Tier::Unknown));
        assert_eq!(case().opened, at("2026-11-02T10:00:00Z"));
        assert_eq!(case().updated, at("2026-11-04T10:00:00Z"));
        let told: Vec<String> = case().transitions.into_iter().map(|t| t.id).collect();
        assert_eq!(told, ["t1", "t2", "t3"], "newest last");

        let by = || "dana".to_owned();
        let change = |what: CaseChange| store.update_case(&case().id, &what, now()).unwrap();
        assert!(change(CaseChange::Acknowledge { by: by() }));
        assert_eq!(case().acknowledged_by.as_deref(), Some("dana"));
        assert!(change(CaseChange::Close { by: by() }));
        assert_eq!(store.cases(true).unwrap(), []);
        assert_eq!(case().updated, now());

        notice("t3", "2026-11-04T10:00:00Z");
        assert!(!case().open, "what is known opens nothing");
        notice("t4", "2026-11-24T10:00:00Z");
        assert!(case().open);
        assert_eq!(case().acknowledged_by, None, "someone has to look again");
        assert_eq!(store.cases(true).unwrap().len(), 1);
        let unknown = CaseChange::Close { by: by() };
        assert!(!store.update_case("no such case", &unknown, now()).unwrap());
    });
}

#[test]
fn many_transitions_at_once_are_in_their_cases_and_told_one_by_one_or_all() {
    tell(|store| {
        let hour = |number: usize| format!("2026-11-02T{:02}:00:00Z", number % 24);
        let found: Vec<Transition> = (0..200)
            .map(|number| Transition {
                segment: format!("part-{}", number % 7).into(),
                ..transition(
                    &format!("t{number:03}"),
                    [CHAT, CODE][number % 2],
                    &hour(number),
                )
            })
            .collect();
        let tell = |transitions: &[Transition], announced: &[&str]| {
            let announced = announced.iter().map(|id| (*id).to_owned()).collect();
            let told = Consequences {
                transitions: transitions.to_vec(),
                announced,
                ..Consequences::default()
            };
            let mut untold = Vec::new();
            let committed = store.commit(&Batch::default(), now(), &mut |changes| {
                untold = changes
                    .unannounced
                    .iter()
                    .map(|one| one.id.clone())
                    .collect();
                told.clone()
            });
            (committed.unwrap().transitions, untold)
        };
        assert_eq!(tell(&found, &["t007"]), (200, Vec::new()));
        let cases = store.cases(true).unwrap();
        assert_eq!(cases.len(), 14);
        for case in &cases {
            let times: Vec<Time> = case.transitions.iter().map(|one| one.at).collect();
            assert!(times.is_sorted() && times.len() >= 14, "{}", times.len());
            assert_eq!(
                (case.opened, case.updated),
                (times[0], times[times.len() - 1])
            );
            let is_its =
                |one: &Transition| (&one.service, &one.segment) == (&case.service, &case.segment);
            assert!(case.transitions.iter().all(is_its));
        }
        let (_, untold) = tell(&[], &["t001", "t150"]);
        assert_eq!(untold.len(), 199);
        let (_, untold) = tell(&[], &[]);
        assert_eq!(untold.len(), 197);
        assert!(!untold.contains(&"t001".to_owned()) && untold.contains(&"t002".to_owned()));
        let all: Vec<&str> = untold.iter().map(String::as_str).collect();
        tell(&[], &all);
        assert_eq!(tell(&[], &[]), (0, Vec::new()));
        assert_eq!(store.transitions(&Filter::default()).unwrap().len(), 200);
    });
}

#[test]
fn a_silenced_case_is_silent_until_its_end() {
    tell(|store| {
        store
            .commit(&Batch::default(), now(), &mut |_| Consequences {
                transitions: vec![transition("t1", CHAT, "2026-11-02T10:00:00Z")],
                ..Consequences::default()
            })
            .unwrap();
        let id = store.cases(true).unwrap()[0].id.clone();
        let until = now().plus_days(1);
        let silence = CaseChange::Silence {
            by: "dana".to_owned(),
            until,
        };
        assert!(store.update_case(&id, &silence, now()).unwrap());
        assert_eq!(store.cases(true).unwrap()[0].silenced_until, Some(until));
        let silenced_at = |time: Time| {
            let mut silenced = BTreeSet::new();
            store
                .commit(&Batch::default(), time, &mut |changes| {
                    silenced.clone_from(&changes.silenced);
                    Consequences::default()
                })
                .unwrap();
            silenced
        };
        assert_eq!(silenced_at(now()), BTreeSet::from([id]));
        assert_eq!(silenced_at(until), BTreeSet::new());
    });
}

#[test]
fn the_outbox_leases_retries_gives_up_and_replays() {
    tell(|store| {
        assert_eq!(queue(store, &["a1", "a2"], &["ops", "mail"]).queued, 4);
        assert_eq!(queue(store, &["a1"], &["ops"]).queued, 0, "has it already");
        let soon = now().plus_secs(30);
        let take = |time: Time| store.lease("ops", time, time.plus_secs(30), 10).unwrap();

        let taken = take(now());
        assert_eq!(ids(&taken), ["a1", "a2"]);
        assert_eq!(taken[0].alert, alert("a1"), "to the microsecond");
        assert_eq!((taken[0].attempts, taken[0].created), (0, now()));
        assert_eq!(take(now()), [], "nobody else gets them");
        assert_eq!(ids(&store.lease("mail", now(), soon, 1).unwrap()), ["a1"]);
        assert_eq!(store.outbox(Some("ops")).unwrap().pending, 2);

        let settle = |id: i64, what: Settled, time: Time| store.settle(id, &what, time).unwrap();
        let why = || "answered 503".to_owned();
        settle(taken[0].id, Settled::Sent, now());
        let at = now().plus_secs(60);
        settle(taken[1].id, Settled::Retry { at, why: why() }, now());
        assert_eq!(take(now().plus_secs(59)), []);
        let again = take(at);
        assert_eq!((ids(&again), again[0].attempts), (vec!["a2"], 1));

        // The process dies here; the lease runs out and counts as an attempt.
        let after = take(at.plus_secs(30));
        assert_eq!((ids(&after), after[0].attempts), (vec!["a2"], 2));
        settle(after[0].id, Settled::Dead { why: why() }, at);
        assert_eq!(take(at.plus_days(1)), []);
        let [(dead, reason)] = &*store.dead_letters().unwrap() else {
            panic!("one dead letter");
        };
        assert_eq!((dead.alert.id.as_str(), &**reason), ("a2", "answered 503"));
        assert_eq!(store.replay_dead_letters(at).unwrap(), 1);
        assert_eq!(ids(&take(at)), ["a2"]);
        settle(dead.id, Settled::Sent, at);
        settle(dead.id, Settled::Retry { at, why: why() }, at);
        assert_eq!(take(at.plus_days(1)), [], "what was sent stays sent");

        let state = store.outbox(Some("ops")).unwrap();
        assert_eq!((state.pending, state.sent, state.dead), (0, 2, 0));
        let all = OutboxState {
            pending: 2,
            sent: 2,
            dead: 0,
            oldest_pending: Some(now()),
        };
        assert_eq!(store.outbox(None).unwrap(), all);
        assert!(store.settle(4_711, &Settled::Sent, now()).is_err());
    });
}

#[test]
fn a_clock_set_back_holds_no_message_back() {
    tell(|store| {
        queue(store, &["a1"], &["ops"]);
        let yesterday = now().plus_days(-1);
        let take = |time: Time| store.lease("ops", time, time.plus_secs(30), 10).unwrap();
        let taken = take(yesterday);
        assert_eq!(ids(&taken), ["a1"]);
        assert_eq!(take(yesterday), [], "and still it is leased once");
        let at = yesterday.plus_secs(60);
        let retry = Settled::Retry {
            at,
            why: "timeout".to_owned(),
        };
        store.settle(taken[0].id, &retry, yesterday).unwrap();
        assert_eq!(take(yesterday.plus_secs(1)), [], "and waits its turn");
        assert_eq!(ids(&take(at)), ["a1"]);
        // It was tried, waits for an hour, and the clock is set back by two more days.
        let at = at.plus_secs(3_600);
        let retry = Settled::Retry {
            at,
            why: "timeout".to_owned(),
        };
        store.settle(taken[0].id, &retry, at).unwrap();
        let earlier = yesterday.plus_days(-2);
        assert_eq!(ids(&take(earlier)), ["a1"]);
        store.settle(taken[0].id, &Settled::Sent, earlier).unwrap();
        assert_eq!(take(earlier.plus_days(-1)), [], "what was sent stays sent");
    });
}

#[test]
fn a_clock_set_back_makes_no_storm_of_what_was_told_before() {
    tell(|store| {
        let told_at = |time: Time, rule: &str| {
            let mut told = Told::default();
            let storm = Alert {
                rule: rule.to_owned(),
                ..alert(rule)
            };
            store
                .commit(&Batch::default(), time, &mut |changes| {
                    told = changes.told;
                    Consequences {
                        alerts: vec![(storm.clone(), vec!["ops".to_owned()])],
                        ..Consequences::default()
                    }
                })
                .unwrap();
            told
        };
        told_at(now(), Alert::STORM);
        let after = told_at(now().plus_secs(1), "other");
        assert!(after.storm && after.lately == 1);
        let before = told_at(now().plus_days(-1), "third");
        assert!(!before.storm && before.lately == 0);
    });
}

#[test]
fn what_waits_for_the_end_of_a_storm_is_not_asked_for_before() {
    tell(|store| {
        let storm = Alert {
            rule: Alert::STORM.to_owned(),
            ..alert("storm")
        };
        store
            .commit(&Batch::default(), now(), &mut |_| Consequences {
                transitions: vec![transition("t1", CHAT, "2026-11-02T10:11:12Z")],
                alerts: vec![(storm.clone(), vec!["ops".to_owned()])],
                ..Consequences::default()
            })
            .unwrap();
        for (secs, waiting) in [(1, 0), (59, 0), (61, 1)] {
            store
                .commit(&Batch::default(), now().plus_secs(secs), &mut |changes| {
                    assert_eq!(changes.unannounced.len(), waiting, "after {secs} s");
                    Consequences::default()
                })
                .unwrap();
        }
    });
}

pub(crate) fn decide(store: &dyn Store, service: &str, state: State) -> Decision {
    let decision = Decision {
        id: 99,
        service: service.to_owned(),
        state,
        scope: Scope::Segment("sales".to_owned()),
        owner: "dana".to_owned(),
        reason: "tried it".to_owned(),
        by: "erin".to_owned(),
        approver: None,
        requested_by: None,
        at: now(),
        until: Some(now().plus_days(90)),
    };
    let decided = store.decide(&decision).unwrap();
    let id = decided.id;
    assert_eq!(decided, Decision { id, ..decision });
    decided
}

#[test]
fn decisions_and_duties_are_a_history() {
    tell(|store| {
        let first = decide(store, CHAT, State::InReview);
        let other = decide(store, CODE, State::Blocked);
        let second = decide(store, CHAT, State::Sanctioned);
        assert!(first.id < other.id && other.id < second.id);
        assert_eq!(
            store.decisions(Some(CHAT)).unwrap(),
            [first.clone(), second.clone()]
        );
        assert_eq!(store.decisions(None).unwrap(), [first, other, second]);

        let record = |duty: &str, step: DutyStep| DutyRecord {
            service: CHAT.to_owned(),
            duty: duty.to_owned(),
            step,
            evidence: "minutes of 2026-11-20".to_owned(),
            by: "dana".to_owned(),
            at: now(),
            until: None,
        };
        let steps = [
            record("GAI-03", DutyStep::Started),
            record("GAI-03", DutyStep::Attested),
        ];
        for step in &steps {
            store.record_duty(step).unwrap();
        }
        assert_eq!(store.duty_records(Some(CHAT)).unwrap(), steps);
        assert_eq!(store.duty_records(None).unwrap(), steps);
        assert_eq!(store.duty_records(Some(CODE)).unwrap(), []);
    });
}

#[test]
fn decisions_and_enforcements_are_written_together_and_what_was_seen_only_when_it_differs() {
    tell(|store| {
        assert_eq!(store.newest_moment().unwrap(), None);
        let made = |state, scope| Decision {
            id: 0,
            service: CHAT.to_owned(),
            state,
            scope,
            owner: "dana".to_owned(),
            reason: "tried it".to_owned(),
            by: "erin".to_owned(),
            approver: Some("kim".to_owned()),
            requested_by: Some("lee".to_owned()),
            at: now(),
            until: Some(now().plus_days(90)),
        };
        let rule = Enforcement {
            id: 0,
            service: CHAT.to_owned(),
            action: EnforcementAction::Block,
            place: "proxy-1".to_owned(),
            rule: "r-17".to_owned(),
            ticket: "CHG-7".to_owned(),
            by: "erin".to_owned(),
            at: now().plus_secs(5),
        };
        let wanted = [
            made(State::Blocked, Scope::Organisation),
            made(State::Tolerated, Scope::Group("pilots".to_owned())),
        ];
        let decided = store.apply(&wanted, std::slice::from_ref(&rule)).unwrap();
        assert_eq!(store.decisions(None).unwrap(), decided);
        assert_eq!(decided[1].scope, wanted[1].scope);
        assert_eq!(decided[1].approver, wanted[1].approver);
        let rules = store.enforcements(Some(CHAT)).unwrap();
        assert_eq!(
            rules,
            [Enforcement {
                id: rules[0].id,
                ..rule
            }]
        );
        assert_eq!(store.enforcements(Some(CODE)).unwrap(), []);
        assert_eq!(store.newest_moment().unwrap(), Some(now().plus_secs(5)));

        let seen = |finding, numerator| Observation {
            service: CHAT.to_owned(),
            rule: Rule::BlockEffective,
            finding,
            detail: "as counted".to_owned(),
            from: now(),
            until: now().plus_days(14),
            coverage: Some(93),
            numerator,
            denominator: 5000,
        };
        let stands = |band: &str, residual| Standing {
            service: CHAT.to_owned(),
            at: now(),
            state: State::Blocked,
            tier: Tier::Unknown,
            residual,
            band: band.to_owned(),
        };
        let note = |seen: Observation, stands: Standing| store.note(&[seen], &[stands]).unwrap();
        assert_eq!(note(seen(Finding::Holds, 3), stands("high", 60)), 2);
        assert_eq!(note(seen(Finding::Holds, 3), stands("high", 61)), 0);
        // Another figure on the same day is no news.
        assert_eq!(note(seen(Finding::Holds, 4), stands("high", 61)), 0);
        assert_eq!(note(seen(Finding::Fails, 99), stands("critical", 80)), 2);
        assert_eq!(
            store.observations(Some(CHAT)).unwrap(),
            [seen(Finding::Holds, 3), seen(Finding::Fails, 99)]
        );
        assert_eq!(
            store.standings(None).unwrap(),
            [stands("high", 60), stands("critical", 80)]
        );
    });
}

#[test]
fn candidates_merge_and_the_newest_verdict_counts() {
    tell(|store| {
        let host = |name: &str| Host::parse(name.as_bytes()).unwrap();
        let candidate = |reason: &str, time: &str| Candidate {
            host: host("llm.example.net"),
            reasons: vec![reason.to_owned()],
            hits: 2,
            first: at(time),
            last: at(time),
        };
        for (reason, time) in [
            ("streams answers", "2026-11-02T10:00:00Z"),
            ("its name says so", "2026-11-01T10:00:00Z"),
            ("streams answers", "2026-11-03T10:00:00Z"),
        ] {
            let batch = Batch {
                candidates: vec![candidate(reason, time)],
                ..Batch::default()
            };
            store.commit(&batch, now(), &mut nothing).unwrap();
        }
        let merged = Candidate {
            reasons: vec!["its name says so".to_owned(), "streams answers".to_owned()],
            hits: 6,
            last: at("2026-11-03T10:00:00Z"),
            ..candidate("", "2026-11-01T10:00:00Z")
        };
        assert_eq!(store.candidates().unwrap(), [merged]);

        let verdict = |name: &str, accepted: bool| Verdict {
            host: host(name),
            accepted,
            reason: "looked at it".to_owned(),
            by: "erin".to_owned(),
            at: now(),
        };
        for (name, accepted) in [
            ("llm.example.net", false),
            ("a.example.net", true),
            ("llm.example.net", true),
        ] {
            store.judge(&verdict(name, accepted)).unwrap();
        }
        assert_eq!(
            store.verdicts().unwrap(),
            [
                verdict("a.example.net", true),
                verdict("llm.example.net", true)
            ]
        );
    });
}

#[test]
fn coverage_adds_up_and_keeps_bad_records_as_they_were() {
    tell(|store| {
        let part = |bad: &[u8], time: &str| Coverage {
            source: "access.log".to_owned(),
            format: "squid".to_owned(),
            read: 10,
            events: 7,
            skipped: 2,
            bad: 1,
            bytes: 1_000,
            first: Some(Time::from_micros(at(time).micros() + 7)),
            last: Some(at(time).plus_secs(9)),
            reasons: BTreeMap::from([("no time".to_owned(), 1), ("header".to_owned(), 2)]),
            bad_samples: vec![Sample {
                line: 3,
                why: "no time".to_owned(),
                text: Untrusted::new(bad).into_owned(),
            }],
            notes: vec!["the file shrank".to_owned()],
            cannot_tell: vec!["user_agent".to_owned()],
            shows_lookups: bad == b"2",
            shows_connections: true,
        };
        let parts = [
            part(b"\xff\xfe\x00 not text", "2026-11-02T10:00:00Z"),
            part(b"2", "2026-11-01T10:00:00Z"),
            part(b"3", "2026-11-03T10:00:00Z"),
            part(b"4", "2026-11-02T11:00:00Z"),
        ];
        let mut whole = Coverage {
            source: "access.log".to_owned(),
            ..Coverage::default()
        };
        for part in parts {
            whole.merge(&part);
            let batch = Batch {
                coverage: vec![part],
                ..Batch::default()
            };
            store.commit(&batch, now(), &mut nothing).unwrap();
        }
        assert_eq!(store.coverage().unwrap(), [whole]);
    });
}

// One register, whatever the cuts.

fn any_sighting() -> impl Strategy<Value = Sighting> {
    let name = |names: &'static [&'static str]| prop::sample::select(names).prop_map(Arc::from);
    let key = (
        -30_i32..30,
        name(&["example.a", "example.b"]),
        prop::sample::select(Role::ALL),
        prop::sample::select(Tier::ALL),
        prop::sample::select(Outcome::ALL),
        name(&["", "192.0.2.7", "2001:db8::1"]),
        name(&["", "alice", "bob"]),
        name(&["", "sales"]),
    );
    let bytes = prop_oneof![0_u64..5_000, Just(u64::MAX), Just(1 << 62)];
    let tally = (
        1_u64..9,
        bytes.clone(),
        bytes,
        0_i64..3_600,
        0_i64..3_600,
        prop::sample::select(Grade::ALL),
    );
    (key, tally).prop_map(|(key, (events, bytes_up, bytes_down, a, b, grade))| {
        let (hour, service, role, tier, outcome, client, user, segment) = key;
        let hour = Hour(hour);
        let time = |secs: i64| hour.start().plus_secs(secs);
        Sighting {
            key: SightingKey {
                hour,
                service,
                role,
                tier,
                channel: Channel::Unknown,
                kind: Kind::Proxy,
                outcome,
                client,
                user,
                segment,
                source: "access.log".into(),
            },
            tally: Tally {
                events,
                bytes_up,
                bytes_down,
                first: time(a.min(b)),
                last: time(a.max(b)),
                ..Tally::of(time(0), grade)
            },
        }
    })
}

/// A batch as the pipeline makes it: keys once and sorted, with the hosts of the same events.
fn merged(sightings: &[Sighting]) -> Batch {
    let mut tallies: BTreeMap<SightingKey, Tally> = BTreeMap::new();
    let mut digest: BTreeMap<(Day, Arc<str>), DigestRow> = BTreeMap::new();
    for Sighting { key, tally } in sightings {
        tallies
            .entry(key.clone())
            .and_modify(|there| there.merge(tally))
            .or_insert(*tally);
        let day = key.hour.day();
        let host: Arc<str> = format!("{}.test.example", key.role).into();
        digest
            .entry((day, Arc::clone(&host)))
            .and_modify(|row| {
                row.hits += tally.events;
                row.first = row.first.min(tally.first);
                row.last = row.last.max(tally.last);
                row.clients.merge(Sketch::of_name(key.client.as_bytes()));
            })
            .or_insert(DigestRow {
                day,
                host,
                hits: tally.events,
                first: tally.first,
                last: tally.last,
                clients: Sketch::of_name(key.client.as_bytes()),
            });
    }
    Batch {
        sightings: tallies
            .into_iter()
            .map(|(key, tally)| Sighting { key, tally })
            .collect(),
        digest: digest.into_values().collect(),
        ..Batch::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cuts_and_order_of_batches_do_not_show(
        (sightings, shuffled, cut) in prop::collection::vec(any_sighting(), 1..60)
            .prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle(), 1_usize..20))
    ) {
        for make in STORES {
            let (whole, pieces) = (make(), make());
            whole.commit(&merged(&sightings), now(), &mut nothing).unwrap();
            for piece in shuffled.chunks(cut) {
                pieces.commit(&merged(piece), now(), &mut nothing).unwrap();
            }
            prop_assert_eq!(all_sightings(&*whole), all_sightings(&*pieces));
            prop_assert_eq!(whole.profiles(None).unwrap(), pieces.profiles(None).unwrap());
            let all = Filter::default();
            prop_assert_eq!(digest_in(&*whole, &all), digest_in(&*pieces, &all));
            prop_assert_eq!(pieces.check().unwrap(), Vec::<String>::new());

            // And the sums are right, not only equal: counted here without a store.
            let expected = merged(&sightings).sightings;
            let clamped: Vec<Sighting> = expected.into_iter().map(|mut s| {
                s.tally.bytes_up = s.tally.bytes_up.min(i64::MAX as u64);
                s.tally.bytes_down = s.tally.bytes_down.min(i64::MAX as u64);
                s
            }).collect();
            prop_assert_eq!(all_sightings(&*pieces), clamped);
        }
    }
}

#[test]
fn a_big_batch_and_many_small_ones_add_up_the_same() {
    let seen: Vec<Sighting> = (0..4_000_u64)
        .map(|n| {
            let mut one = sighting(
                if n % 3 == 0 { CHAT } else { CODE },
                &format!("user{}", n % 1_501),
                &format!("2026-11-02T{:02}:{:02}:00Z", 9 + n % 2, n % 60),
            );
            one.tally.prompts = n % 5 / 4;
            one.tally.bytes_up = n * n;
            one
        })
        .collect();
    let (early, late) = seen.split_at(2_500);
    let whole = merged(&seen);
    for make in STORES {
        let (big, mixed) = (make(), make());
        big.commit(&whole, now(), &mut nothing).unwrap();
        for piece in early.chunks(400) {
            mixed.commit(&merged(piece), now(), &mut nothing).unwrap();
        }
        mixed.commit(&merged(late), now(), &mut nothing).unwrap();
        for piece in seen.chunks(450) {
            for store in [&big, &mixed] {
                store.commit(&merged(piece), now(), &mut nothing).unwrap();
            }
        }
        let rows = all_sightings(&*mixed);
        assert!(rows.len() > 3_000);
        assert_eq!(rows, all_sightings(&*big));
        assert_eq!(
            rows.iter().map(|row| row.tally.events).sum::<u64>(),
            2 * seen.len() as u64
        );
        assert_eq!(big.profiles(None).unwrap(), mixed.profiles(None).unwrap());
        let of_chat = Filter {
            service: Some(CHAT.to_owned()),
            ..period("2026-11-02T10:00:00Z", "2026-11-02T11:00:00Z")
        };
        let expected: Vec<Sighting> = rows
            .into_iter()
            .filter(|row| {
                &*row.key.service == CHAT && row.key.hour == at("2026-11-02T10:00:00Z").hour()
            })
            .collect();
        assert_eq!(sightings_in(&*mixed, &of_chat), expected);
        let after = at("2026-11-02T10:00:00Z").hour();
        assert_eq!(
            big.forget_before(after).unwrap(),
            mixed.forget_before(after).unwrap()
        );
        assert_eq!(all_sightings(&*mixed), all_sightings(&*big));
        for store in [&big, &mixed] {
            assert_eq!(store.check().unwrap(), [""; 0]);
        }
    }
}
