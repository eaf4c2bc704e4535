//! What a store in a file promises beyond the story: one writer, crashes, damage, limits, forgetting, copies.

#![allow(
    clippy::unwrap_used,
    reason = "what builds a story for tests is test code too"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use gnomon::model::{
    Batch, Candidate, Consequences, Decision, DigestRow, Host, HostRow, Mark, MarkKind, Position,
    Role, Scope, Sketch, State, Unmasking,
};
use gnomon::store::sqlite::{Limits, SqliteStore};
use gnomon::store::{CaseChange, Filter, Settled, Store, StoreError};
use rusqlite::Connection;

use crate::store::{
    CHAT, CODE, alert, all_sightings, at, batch_of, nothing, now, sighting, transition,
};

fn seen(user: &str, time: &str) -> Batch {
    Batch {
        positions: vec![Position {
            key: "access.log".to_owned(),
            state: time.to_owned(),
        }],
        ..batch_of(vec![sighting(CHAT, user, time)])
    }
}

fn commit(store: &SqliteStore, batch: &Batch) {
    store.commit(batch, now(), &mut nothing).unwrap();
}

fn decision() -> Decision {
    Decision {
        id: 0,
        service: CHAT.to_owned(),
        state: State::Sanctioned,
        scope: Scope::Organisation,
        owner: "dana".to_owned(),
        reason: "needed".to_owned(),
        by: "erin".to_owned(),
        approver: None,
        requested_by: None,
        at: now(),
        until: None,
    }
}

#[test]
fn a_new_store_is_readable_by_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lib/gnomon/gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    commit(&store, &seen("alice", "2026-11-02T10:00:00Z"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o750);
    for name in ["gnomon.db", "gnomon.db-wal", "gnomon.db.lock"] {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
    drop(store);
    let raw = Connection::open(&path).unwrap();
    let pragma = |name: &str| -> String {
        let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        raw.query_one(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(pragma("journal_mode"), "wal");
    assert_eq!(pragma("auto_vacuum"), "2", "incremental");
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    store.set_catalogue_version("2026-11-23 abc").unwrap();
    commit(&store, &seen("alice", "2026-11-02T10:00:00Z"));
    store
        .commit(&Batch::default(), now(), &mut nothing)
        .unwrap();
    let epoch = store.epoch().unwrap();
    assert_eq!((epoch.len(), store.sequence().unwrap()), (32, 1));
    let (sightings, profiles) = (all_sightings(&store), store.profiles(None).unwrap());
    drop(store);
    let is_left = path.with_file_name("gnomon.db-wal").exists();
    assert!(!is_left, "a clean end leaves one file");

    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(all_sightings(&store), sightings);
    assert_eq!(store.profiles(None).unwrap(), profiles);
    assert_eq!(store.epoch().unwrap(), epoch);
    assert_eq!(
        store.catalogue_version().unwrap().as_deref(),
        Some("2026-11-23 abc")
    );
    commit(&store, &seen("alice", "2026-11-02T10:30:00Z"));
    assert_eq!(
        all_sightings(&store)[0].tally.events,
        2,
        "names are found again"
    );
    assert_eq!(store.sequence().unwrap(), 2);
}

#[test]
fn a_second_writer_is_told_who_has_the_store_and_the_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    let Err(StoreError::Busy(text)) = SqliteStore::open(&path) else {
        panic!("two writers");
    };
    let pid = std::process::id();
    assert!(text.contains(&format!("gnomon.db is held by another gnomon (pid {pid})")));
    assert!(text.contains("--store"));
    drop(store);
    SqliteStore::open(&path).unwrap();
}

#[test]
fn short_commands_write_and_readers_read_while_the_writer_runs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    let writer = SqliteStore::open(&path).unwrap();
    writer
        .commit(&seen("alice", "2026-11-02T10:00:00Z"), now(), &mut |_| {
            Consequences {
                transitions: vec![transition("t1", CHAT, "2026-11-02T10:00:00Z")],
                alerts: vec![(alert("a1"), vec!["ops".to_owned()])],
                ..Consequences::default()
            }
        })
        .unwrap();
    let reader = SqliteStore::open_read_only(&path).unwrap();
    let short = SqliteStore::open_shared(&path).unwrap();
    let decided = short.decide(&decision()).unwrap();
    let case = short.cases(true).unwrap().remove(0);
    let ack = CaseChange::Acknowledge {
        by: "dana".to_owned(),
    };
    assert!(short.update_case(&case.id, &ack, now()).unwrap());

    let decided = [decided];
    assert_eq!(writer.decisions(None).unwrap(), decided);
    writer
        .commit(
            &seen("bob", "2026-11-02T11:00:00Z"),
            now(),
            &mut |changes| {
                assert_eq!(changes.decisions, decided);
                // A reader sees the state before, and does not wait.
                assert_eq!(reader.profiles(None).unwrap()[0].events, 1);
                Consequences::default()
            },
        )
        .unwrap();
    assert_eq!(reader.profiles(None).unwrap()[0].events, 2);
    assert_eq!(
        reader.cases(true).unwrap()[0].acknowledged_by.as_deref(),
        Some("dana")
    );

    let batch = seen("eve", "2026-11-02T12:00:00Z");
    let error = short.commit(&batch, now(), &mut nothing).unwrap_err();
    assert!(error.to_string().contains("only the one writer"), "{error}");
    let error = reader.decide(&decision()).unwrap_err();
    assert!(error.to_string().contains("for reading only"), "{error}");
}

#[test]
fn a_short_command_may_come_first() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    let error = SqliteStore::open_read_only(&path).unwrap_err();
    assert!(error.to_string().contains("is it there"), "{error}");
    let short = SqliteStore::open_shared(&path).unwrap();
    short.decide(&decision()).unwrap();
    let writer = SqliteStore::open(&path).unwrap();
    assert_eq!(writer.decisions(None).unwrap().len(), 1);
}

#[test]
fn a_process_that_dies_inside_a_commit_leaves_the_batch_before() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    commit(&store, &seen("alice", "2026-11-02T10:00:00Z"));
    let (sightings, positions) = (all_sightings(&store), store.positions().unwrap());

    // The disk as it is in the middle of the second commit and right after it.
    let freeze = |name: &str| {
        let frozen = dir.path().join(name);
        for suffix in ["", "-wal"] {
            let from = format!("{}{suffix}", path.display());
            fs::copy(from, format!("{}{suffix}", frozen.display())).unwrap();
        }
        frozen
    };
    let mut many = seen("bob", "2026-11-02T11:00:00Z");
    many.sightings = (0..5_000)
        .map(|n| sighting(CODE, &format!("user{n}"), "2026-11-02T11:00:00Z"))
        .collect();
    let mut during = None;
    store
        .commit(&many, now(), &mut |_| {
            during = Some(freeze("during.db"));
            Consequences::default()
        })
        .unwrap();
    let after = freeze("after.db");

    let revived = SqliteStore::open(&during.unwrap()).unwrap();
    assert_eq!(all_sightings(&revived), sightings);
    assert_eq!(revived.positions().unwrap(), positions);
    assert_eq!(revived.check().unwrap(), [""; 0]);
    let revived = SqliteStore::open(&after).unwrap();
    assert_eq!(all_sightings(&revived), all_sightings(&store));
    assert_eq!(revived.positions().unwrap(), store.positions().unwrap());
    assert_eq!(revived.check().unwrap(), [""; 0]);
}

#[test]
fn files_that_are_no_store_of_this_version_are_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let foreign = dir.path().join("foreign.db");
    let raw = Connection::open(&foreign).unwrap();
    raw.execute_batch("CREATE TABLE photos (x)").unwrap();
    let newer = dir.path().join("newer.db");
    drop(SqliteStore::open(&newer).unwrap());
    let raw = Connection::open(&newer).unwrap();
    raw.pragma_update(None, "user_version", 4_711).unwrap();
    drop(raw);
    let text = dir.path().join("text.db");
    fs::write(
        &text,
        "not a database, but long enough to look like one\n".repeat(99),
    )
    .unwrap();

    for open in [
        SqliteStore::open,
        SqliteStore::open_shared,
        SqliteStore::open_read_only,
    ] {
        let error = open(&foreign).unwrap_err().to_string();
        assert!(error.contains("a database of another program"), "{error}");
        let error = open(&newer).unwrap_err().to_string();
        assert!(error.contains("written by a newer gnomon"), "{error}");
        let before = fs::read(&text).unwrap();
        assert!(matches!(open(&text), Err(StoreError::Damaged(_))));
        assert_eq!(fs::read(&text).unwrap(), before);
    }
}

#[test]
fn a_changed_count_shows_in_the_check() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    let fill = || {
        let _ = fs::remove_file(&path);
        let store = SqliteStore::open(&path).unwrap();
        let mut batch = seen("alice", "2026-11-02T10:00:00Z");
        let day = at("2026-11-02").day();
        batch.digest = vec![DigestRow {
            day,
            host: "chat.example.com".into(),
            hits: 1,
            first: now(),
            last: now(),
            clients: Sketch::EMPTY,
        }];
        batch.hosts = vec![HostRow {
            day,
            service: CHAT.into(),
            host: "chat.example.com".into(),
            role: Role::Ui,
            events: 1,
        }];
        batch.coverage = vec![gnomon::model::Coverage {
            source: "access.log".to_owned(),
            read: 1,
            events: 1,
            ..Default::default()
        }];
        commit(&store, &batch);
        assert_eq!(store.check().unwrap(), [""; 0]);
    };
    for (harm, complaint) in [
        (
            "UPDATE sighting SET events = events + 1",
            "sightings: 1 events were added",
        ),
        (
            "UPDATE sighting SET bytes_up = bytes_up + 1",
            "not the sum of its sightings",
        ),
        (
            "UPDATE profile SET attempts = 7",
            "not the sum of its sightings",
        ),
        ("DELETE FROM profile", "the register has 0 profiles"),
        ("DELETE FROM sighting", "but 0 are there"),
        ("UPDATE host SET events = 9", "hosts: 1 events were added"),
        ("DELETE FROM digest", "digest: 1 events were added"),
        (
            "DELETE FROM name WHERE dimension = 3",
            "2 rows of hosts mean names that are gone",
        ),
        (
            "UPDATE coverage SET read = 2",
            "2 records were read, but 1 are accounted for",
        ),
    ] {
        fill();
        let raw = Connection::open(&path).unwrap();
        raw.execute_batch(harm).unwrap();
        drop(raw);
        let wrong = SqliteStore::open(&path).unwrap().check().unwrap();
        assert!(
            wrong.iter().any(|sentence| sentence.contains(complaint)),
            "{harm}: {wrong:?}"
        );
    }
}

#[test]
fn what_people_said_cannot_be_changed_by_sql_either() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    SqliteStore::open(&path)
        .unwrap()
        .decide(&decision())
        .unwrap();
    let raw = Connection::open(&path).unwrap();
    for sql in [
        "UPDATE decision SET state = 'blocked'",
        "DELETE FROM decision",
    ] {
        let error = raw.execute_batch(sql).unwrap_err().to_string();
        assert!(error.contains("a decision is never"), "{error}");
    }
}

#[test]
fn a_flipped_byte_is_noticed_or_harmless_and_never_a_panic() {
    flip_bytes(20, 20);
}

#[test]
fn a_flipped_byte_of_packed_hours_is_noticed_too() {
    flip_bytes(2, 1_100);
}

fn flip_bytes(hours: u32, per_hour: u32) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    for hour in 0..hours {
        let time = format!("2026-11-02T{hour:02}:00:00Z");
        let users = (0..per_hour).map(|n| sighting(CHAT, &format!("user{n}"), &time));
        commit(&store, &batch_of(users.collect()));
    }
    let events: u64 = all_sightings(&store).iter().map(|s| s.tally.events).sum();
    drop(store);
    let whole = fs::read(&path).unwrap();
    let mut noticed = 0;
    for step in 0..120 {
        let mut bytes = whole.clone();
        let place = step * 7_919 % bytes.len();
        bytes[place] ^= 1 << (step % 8);
        fs::write(&path, &bytes).unwrap();
        let Ok(store) = SqliteStore::open(&path) else {
            noticed += 1;
            continue;
        };
        let mut found = 0;
        let read = store.sightings(&Filter::default(), &mut |s| found += s.tally.events);
        let is_noticed = read.is_err() || store.check().map_or(true, |wrong| !wrong.is_empty());
        noticed += usize::from(is_noticed);
        assert!(is_noticed || found == events, "byte {place}");
        if matches!(read, Err(StoreError::Damaged(_))) {
            let error = store.decide(&decision()).unwrap_err();
            assert!(matches!(error, StoreError::Untrusted(_)), "{error}");
        }
    }
    assert!(noticed > 10, "{noticed}");
}

/// Somebody asks every host for the paths of model APIs, and all of them answer.
#[test]
fn a_scanner_makes_no_application_past_the_cap_and_no_event_is_lost() {
    let store = SqliteStore::open_in_memory().unwrap().with_limits(Limits {
        unlisted: 3,
        ..Limits::default()
    });
    for lot in 0..2 {
        let mut batch = Batch::default();
        for n in 0..10 {
            let service = format!("unlisted:h{n}.example.net");
            batch
                .sightings
                .push(sighting(&service, "", "2026-11-02T10:00:00Z"));
            batch.marks.push(Mark {
                subject: service.into(),
                kind: MarkKind::Shape,
                value: "specific: OpenAI chat completions".into(),
                events: 1,
                first: now(),
                last: now(),
                clients: Sketch::of_name(b"192.0.2.7"),
            });
        }
        commit(&store, &batch);
        let profiles = store.profiles(None).unwrap();
        let events: Vec<(&str, u64)> = profiles.iter().map(|p| (&*p.service, p.events)).collect();
        let each = lot + 1;
        let expected = [
            ("unlisted:__other__", 7 * each),
            ("unlisted:h0.example.net", each),
            ("unlisted:h1.example.net", each),
            ("unlisted:h2.example.net", each),
        ];
        assert_eq!(events, expected);
        let marks = store.marks().unwrap();
        assert_eq!(marks.len(), 3);
        assert!(marks.iter().all(|mark| mark.events == each));
    }
    let told = store.check().unwrap().join("\n");
    assert!(told.contains("unlisted applications"), "{told}");
}

#[test]
fn what_moves_to_a_service_is_added_to_what_it_has() {
    const HOST: &str = "unlisted:llm.example.net";
    let store = SqliteStore::open_in_memory().unwrap();
    let time = "2026-11-02T10:00:00Z";
    let mut batch = Batch::default();
    for service in [CHAT, HOST] {
        batch.sightings.push(sighting(service, "alice", time));
        batch.hosts.push(HostRow {
            day: at(time).day(),
            service: service.into(),
            host: "llm.example.net".into(),
            role: Role::Api,
            events: 2,
        });
    }
    batch.sightings.push(sighting(CODE, "alice", time));
    for (kind, value) in [
        (MarkKind::Shape, "specific: OpenAI chat completions"),
        (MarkKind::Program, "OpenAI/Python"),
    ] {
        batch.marks.push(Mark {
            subject: HOST.into(),
            kind,
            value: value.into(),
            events: 3,
            first: now(),
            last: now(),
            clients: Sketch::of_name(b"192.0.2.7"),
        });
    }
    batch.sightings.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    batch.hosts.sort_unstable();
    commit(&store, &batch);
    let one = store.profiles(Some(CHAT)).unwrap()[0].events;
    let days = store.day_use().unwrap().len();
    let made = Decision {
        service: HOST.to_owned(),
        ..decision()
    };
    store.decide(&made).unwrap();
    for _ in 0..2 {
        store.rename(HOST, CHAT).unwrap();
        let profiles = store.profiles(None).unwrap();
        let events: Vec<(&str, u64)> = profiles.iter().map(|p| (&*p.service, p.events)).collect();
        assert_eq!(events, [(CHAT, 2 * one), (CODE, one)]);
        let sightings = all_sightings(&store);
        assert_eq!(sightings.len(), 2);
        assert!(sightings.iter().all(|s| *s.key.service != *HOST));
        let hosts = store.hosts(&Filter::default()).unwrap();
        assert_eq!((hosts.len(), hosts[0].events), (1, 4));
        assert_eq!(store.day_use().unwrap().len(), days - 1);
        let marks = store.marks().unwrap();
        let marks: Vec<(&str, &str)> = marks.iter().map(|m| (&*m.subject, &*m.value)).collect();
        assert_eq!(marks, [(CHAT, "OpenAI/Python")]);
        assert_eq!(store.decisions(Some(CHAT)).unwrap().len(), 1);
        assert_eq!(store.check().unwrap(), [""; 0]);
    }
}

#[test]
fn made_up_agents_keep_no_other_mark_out() {
    let store = SqliteStore::open_in_memory().unwrap().with_limits(Limits {
        marks: 8,
        ..Limits::default()
    });
    let mark = |kind: MarkKind, subject: &str, value: String| Mark {
        subject: subject.into(),
        kind,
        value: value.into(),
        events: 1,
        first: now(),
        last: now(),
        clients: Sketch::of_name(b"192.0.2.7"),
    };
    let shape = || {
        let value = "specific: OpenAI chat completions".to_owned();
        mark(MarkKind::Shape, "unlisted:h.example.net", value)
    };
    for lot in 0..3 {
        let mut batch = Batch::default();
        for n in 0..5 {
            let host = format!("h{n}.example.net");
            let name = format!("agent{}", lot * 5 + n);
            batch.marks.push(mark(MarkKind::Agent, &host, name));
        }
        batch.marks.push(shape());
        commit(&store, &batch);
    }
    let marks = store.marks().unwrap();
    let agents = marks.iter().filter(|mark| mark.kind == MarkKind::Agent);
    let agents: Vec<(&str, u64)> = agents.map(|mark| (&*mark.subject, mark.events)).collect();
    let expected = [
        ("__other__", 13),
        ("h0.example.net", 1),
        ("h1.example.net", 1),
    ];
    assert_eq!(agents, expected);
    let shapes = marks.iter().filter(|mark| mark.kind == MarkKind::Shape);
    assert_eq!(shapes.map(|mark| mark.events).collect::<Vec<_>>(), [3]);
}

#[test]
fn past_a_cap_names_become_other_and_no_event_is_lost() {
    let store = SqliteStore::open_in_memory().unwrap().with_limits(Limits {
        clients: 1,
        users: 3,
        hosts: 100,
        hosts_per_day: 2,
        candidates: 2,
        marks: 3,
        ..Limits::default()
    });
    let day = at("2026-11-02").day();
    for n in 0..6 {
        let host: Arc<str> = format!("h{n}.example.net").into();
        let mut batch = seen(&format!("user{n}"), "2026-11-02T10:00:00Z");
        batch
            .sightings
            .push(sighting(CHAT, "", "2026-11-02T10:00:00Z"));
        batch.digest = vec![DigestRow {
            day,
            host: Arc::clone(&host),
            hits: 1,
            first: now(),
            last: now(),
            clients: Sketch::EMPTY,
        }];
        batch.hosts = vec![HostRow {
            day,
            service: CHAT.into(),
            host: Arc::clone(&host),
            role: Role::Ui,
            events: 1,
        }];
        batch.candidates = vec![Candidate {
            host: Host::parse(host.as_bytes()).unwrap(),
            reasons: vec!["its name says so".to_owned()],
            hits: 1,
            first: now(),
            last: now(),
        }];
        commit(&store, &batch);
    }
    let sightings = all_sightings(&store);
    let users: Vec<(&str, u64)> = sightings
        .iter()
        .map(|s| (&*s.key.user, s.tally.events))
        .collect();
    assert_eq!(
        users,
        [
            ("", 6),
            ("__other__", 3),
            ("user0", 1),
            ("user1", 1),
            ("user2", 1)
        ]
    );
    assert_eq!(store.profiles(None).unwrap()[0].events, 12);
    let hosts = store.hosts(&Filter::default()).unwrap();
    let hosts: Vec<(&str, u64)> = hosts.iter().map(|h| (&*h.host, h.events)).collect();
    let expected = [
        ("__other__", 4),
        ("h0.example.net", 1),
        ("h1.example.net", 1),
    ];
    assert_eq!(hosts, expected);
    let mut digest = Vec::new();
    store
        .digest(&Filter::default(), &mut |row| {
            digest.push((row.host, row.hits));
        })
        .unwrap();
    let digest: Vec<(&str, u64)> = digest.iter().map(|(host, hits)| (&**host, *hits)).collect();
    assert_eq!(digest, expected);
    let candidates = store.candidates().unwrap();
    let candidates: Vec<(&str, u64)> = candidates
        .iter()
        .map(|c| (c.host.as_str(), c.hits))
        .collect();
    assert_eq!(candidates, expected);
    assert_eq!(
        store.check().unwrap(),
        [
            "there were more candidates than the store keeps; 4 events are counted as __other__",
            "there were more hosts of services per day than the store keeps; 4 events are counted as __other__",
            "there were more hosts per day than the store keeps; 4 events are counted as __other__",
            "there were more users than the store keeps; 3 events are counted as __other__",
        ]
    );
}

/// A host that was there before the flood goes on being counted by name, so that a signature that comes later finds it.
#[test]
fn a_million_hosts_a_day_stay_within_the_cap_of_the_digest() {
    const HOSTS: u64 = 1_000_000;
    const BATCH: u64 = 100_000;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("flood.db");
    let store = SqliteStore::open(&path).unwrap();
    let day = at("2026-11-02").day();
    let row = |host: String| DigestRow {
        day,
        host: host.into(),
        hits: 1,
        first: at("2026-11-02T10:00:00Z"),
        last: at("2026-11-02T10:00:00Z"),
        clients: Sketch::of_name(b"192.0.2.7"),
    };
    for batch in 0..HOSTS / BATCH {
        let invented =
            (batch * BATCH..(batch + 1) * BATCH).map(|n| format!("{n:07}.invented.test"));
        let mut digest: Vec<DigestRow> = invented.map(row).collect();
        digest.insert(0, row("0-late.example.org".to_owned()));
        digest.sort();
        let flood = Batch {
            digest,
            ..Batch::default()
        };
        commit(&store, &flood);
    }
    let (mut hosts, mut hits, mut late) = (0_u64, 0, 0);
    let all = Filter::default();
    store
        .digest(&all, &mut |row| {
            hosts += 1;
            hits += row.hits;
            late += if &*row.host == "0-late.example.org" {
                row.hits
            } else {
                0
            };
        })
        .unwrap();
    assert!(hosts <= Limits::default().hosts_per_day + 1, "{hosts}");
    assert_eq!(hits, HOSTS + HOSTS / BATCH);
    assert_eq!(late, HOSTS / BATCH);
    let said = store.check().unwrap();
    assert!(
        matches!(said.as_slice(), [one] if one.contains("950001 events are counted as __other__")),
        "{said:?}"
    );
    drop(store);
    let bytes = fs::metadata(&path).unwrap().len();
    assert!(bytes < 16 << 20, "{bytes}");
}

#[test]
fn who_asked_for_a_name_stays_written_down() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("unmask.db");
    let asked = Unmasking {
        pseudonym: "user-0123456789abcdef".to_owned(),
        found: true,
        reason: "incident INC-77".to_owned(),
        by: "Sam Example".to_owned(),
        at: now(),
    };
    drop(SqliteStore::open(&path).unwrap());
    SqliteStore::open_shared(&path)
        .unwrap()
        .unmask(&asked)
        .unwrap();
    let store = SqliteStore::open_read_only(&path).unwrap();
    assert_eq!(store.unmaskings().unwrap(), [asked]);
    let raw = Connection::open(&path).unwrap();
    for sql in [
        "DELETE FROM unmasking",
        "UPDATE unmasking SET reason = 'none'",
    ] {
        assert!(raw.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn forgetting_keeps_the_register_and_leaves_no_byte_of_a_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    let canary = "canary-user-7731";
    for (user, time) in [
        (canary, "2026-08-01T10:00:00Z"),
        ("alice", "2026-08-01T10:00:00Z"),
        ("alice", "2026-11-02T10:00:00Z"),
    ] {
        let mut batch = seen(user, time);
        let host: Arc<str> = format!("{user}.example.net").into();
        batch.digest = vec![DigestRow {
            day: at(time).day(),
            host,
            hits: 1,
            first: at(time),
            last: at(time),
            clients: Sketch::EMPTY,
        }];
        commit(&store, &batch);
    }
    store
        .commit(&Batch::default(), at("2026-08-01"), &mut |_| Consequences {
            alerts: vec![
                (alert("a1"), vec!["ops".to_owned()]),
                (alert("a2"), vec!["ops".to_owned()]),
            ],
            ..Consequences::default()
        })
        .unwrap();
    let first = &store
        .lease("ops", at("2026-08-01"), at("2026-08-02"), 1)
        .unwrap()[0];
    store
        .settle(first.id, &Settled::Sent, at("2026-08-01"))
        .unwrap();
    let holds_canary = || {
        ["", "-wal"].iter().any(|suffix| {
            let bytes = fs::read(format!("{}{suffix}", path.display())).unwrap_or_default();
            bytes
                .windows(canary.len())
                .any(|window| window == canary.as_bytes())
        })
    };
    assert!(holds_canary());
    let profiles = store.profiles(None).unwrap();

    let rows = store.forget_before(at("2026-10-01").hour()).unwrap();
    assert_eq!(rows, 2 + 2 + 1, "sightings, digest, a sent message");
    assert!(!holds_canary());
    assert_eq!(all_sightings(&store).len(), 1);
    assert_eq!(store.profiles(None).unwrap(), profiles);
    let outbox = store.outbox(None).unwrap();
    assert_eq!(
        (outbox.sent, outbox.pending),
        (0, 1),
        "nothing unsent is lost"
    );
    assert_eq!(store.check().unwrap(), [""; 0]);
    assert_eq!(store.forget_before(at("2026-10-01").hour()).unwrap(), 0);

    commit(&store, &seen(canary, "2026-11-02T11:00:00Z"));
    assert_eq!(&*all_sightings(&store)[1].key.user, canary);
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn a_backup_of_a_living_store_is_whole_and_begins_its_own_epoch() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    commit(&store, &seen("alice", "2026-11-02T10:00:00Z"));
    let to = dir.path().join("backup.db");
    fs::write(&to, "an older backup").unwrap();
    store.backup(&to).unwrap();
    let names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("backup"))
        .collect();
    assert_eq!(names, ["backup.db"], "one file and nothing beside it");

    let copy = SqliteStore::open(&to).unwrap();
    assert_eq!(all_sightings(&copy), all_sightings(&store));
    assert_eq!(copy.check().unwrap(), [""; 0]);
    assert_ne!(copy.epoch().unwrap(), store.epoch().unwrap());
    assert_eq!(copy.sequence().unwrap(), 0);

    let error = store.backup(&path).unwrap_err();
    assert!(error.to_string().contains("is the store itself"), "{error}");
    let error = store
        .backup(&dir.path().join("no/such/dir/b.db"))
        .unwrap_err();
    assert!(matches!(error, StoreError::Failed(_)), "{error}");
    commit(&store, &seen("alice", "2026-11-02T11:00:00Z"));
}

#[test]
fn two_senders_never_hold_the_same_message() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    let ids: Vec<String> = (0..60).map(|n| format!("a{n}")).collect();
    store
        .commit(&Batch::default(), now(), &mut |_| Consequences {
            alerts: ids
                .iter()
                .map(|id| (alert(id), vec!["ops".to_owned()]))
                .collect(),
            ..Consequences::default()
        })
        .unwrap();
    let other = SqliteStore::open_shared(&path).unwrap();
    let take_all = |store: &SqliteStore| {
        let mut taken = Vec::new();
        loop {
            let more = store.lease("ops", now(), now().plus_secs(60), 4).unwrap();
            if more.is_empty() {
                return taken;
            }
            taken.extend(more.into_iter().map(|outgoing| outgoing.id));
        }
    };
    let mut taken = std::thread::scope(|scope| {
        let senders = [&store, &other, &store].map(|store| scope.spawn(|| take_all(store)));
        senders.map(|sender| sender.join().unwrap()).concat()
    });
    taken.sort_unstable();
    let count = taken.len();
    taken.dedup();
    assert_eq!((taken.len(), count), (60, 60));
}

#[test]
fn what_a_crashed_process_was_sending_is_due_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    store
        .commit(&Batch::default(), now(), &mut |_| Consequences {
            alerts: vec![(alert("a1"), vec!["ops".to_owned()])],
            ..Consequences::default()
        })
        .unwrap();
    let take = |store: &SqliteStore| store.lease("ops", now(), now().plus_secs(120), 9).unwrap();
    assert_eq!(take(&store).len(), 1);
    assert_eq!(take(&store).len(), 0);
    drop(store);
    let taken = take(&SqliteStore::open(&path).unwrap());
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].attempts, 1, "the crash was an attempt");
}

#[test]
fn the_write_ahead_log_does_not_grow_with_the_number_of_batches() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&dir.path().join("gnomon.db")).unwrap();
    for hour in 0..12 {
        let time = format!("2026-11-02T{hour:02}:00:00Z");
        let users = (0..8_000).map(|n| sighting(CHAT, &format!("user{n}"), &time));
        commit(&store, &batch_of(users.collect()));
    }
    assert!(store.wal_bytes() < 12 << 20, "{}", store.wal_bytes());
    store.tidy().unwrap();
    assert_eq!(store.wal_bytes(), 0);
    assert_eq!(store.check().unwrap(), [""; 0]);
}
