//! Small cases about evidence: what several sources say together, who is named, what a late signature finds. Each is a directory
//! of logs; what is found, told and explained is compared with what was reviewed.

#![allow(clippy::unwrap_used, reason = "a case that cannot go on fails")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gnomon::catalogue::Catalogue;
use gnomon::config;
use gnomon::formats::Formats;
use gnomon::govern::{DutyModel, Settings};
use gnomon::identity::{self, Identity};
use gnomon::model::{Changes, Time};
use gnomon::pipeline::{self, Meter, Moment, News, Policy, Rules, Run, SharedRules, Stop};
use gnomon::reports::{self, Ask, Edition};
use gnomon::sources::scan::{self, Scan};
use gnomon::store::sqlite::SqliteStore;
use gnomon::store::{Filter, Store};

use super::{gnomon, golden, text};

/// The first moment after the logs of every case here.
const NOW: &str = "2026-12-01";

fn now() -> Time {
    NOW.parse().unwrap()
}

/// A register that is filled in steps.
struct Case {
    name: &'static str,
    store: SqliteStore,
    people: identity::Settings,
    /// What was found so far, as the golden file has it.
    found: String,
}

impl Case {
    fn new(name: &'static str) -> Self {
        let configured = directory(name).join("gnomon.toml");
        let people = std::fs::read_to_string(configured).map_or_else(
            |_| identity::Settings::default(),
            |text| {
                let none = std::iter::empty();
                config::load_text("gnomon.toml", &text, none)
                    .unwrap()
                    .identity
            },
        );
        Self {
            name,
            store: SqliteStore::open_in_memory().unwrap(),
            people,
            found: String::new(),
        }
    }

    fn catalogue(&self, overlay: Option<&str>) -> Arc<Catalogue> {
        let files = overlay.map(|file| {
            let text = std::fs::read_to_string(directory(self.name).join(file)).unwrap();
            (file.to_owned(), text)
        });
        let files: Vec<_> = files.into_iter().collect();
        Arc::new(Catalogue::with_overlay(&files).unwrap())
    }

    /// Reads logs as a service would that is told to alert of everything, matched against the catalogue with an overlay or
    /// without, and notes what was told.
    fn read(&mut self, logs: &str, overlay: Option<&str>, workers: usize) {
        let catalogue = self.catalogue(overlay);
        let policy = Policy {
            catalogue: catalogue.clone(),
            duties: Arc::new(DutyModel::embedded().unwrap()),
            settings: Settings::default(),
        };
        pipeline::rematch(&self.store, &catalogue).unwrap();
        let rules = SharedRules::new(Rules {
            catalogue,
            identity: Arc::new(Identity::open(&self.people, None).unwrap()),
            detect: gnomon::detect::Settings::default(),
            formats: Arc::new(Formats::embedded().clone()),
            zone: jiff::tz::TimeZone::UTC,
        });
        let news = News {
            rules: gnomon::govern::notices::RULES
                .iter()
                .map(ToString::to_string)
                .collect(),
            channels: vec!["desk".to_owned()],
        };
        let settings = pipeline::Settings {
            workers,
            poll: Duration::ZERO,
            commit_every: Duration::ZERO,
            tick_every: None,
            min_free_bytes: None,
        };
        let path = directory(self.name).join(logs);
        let mut source = Scan::new(vec![path], scan::Settings::default());
        let run = Run {
            settings: &settings,
            rules: &rules,
            store: &self.store,
            clock: &now,
            stop: &Stop::default(),
            meter: &Meter::default(),
        };
        let mut judge =
            |changes: &Changes, moment: Moment| pipeline::judge(&policy, &news, changes, moment);
        pipeline::run(&run, &mut source, &mut judge).unwrap();
        self.tell(logs, &policy);
    }

    fn tell(&mut self, logs: &str, policy: &Policy) {
        let out = &mut self.found;
        let told = self.store.lease("desk", now(), now(), 100).unwrap();
        writeln!(out, "{logs}\n\n  alerts: {}", told.len()).unwrap();
        for message in told {
            let alert = message.alert;
            writeln!(
                out,
                "    {} {}: {}",
                alert.rule, alert.severity, alert.title
            )
            .unwrap();
            for line in alert.lines {
                writeln!(out, "      {line}").unwrap();
            }
            let sent = gnomon::store::Settled::Sent;
            self.store.settle(message.id, &sent, now()).unwrap();
        }
        let report = reports::build(&Ask {
            store: &self.store,
            catalogue: &policy.catalogue,
            duties: &policy.duties,
            settings: &policy.settings,
            zone: &jiff::tz::TimeZone::UTC,
            from: None,
            until: None,
            as_of: Some(now()),
        })
        .unwrap();
        writeln!(out, "\n  changes: {}", report.transitions.len()).unwrap();
        for told in &report.transitions {
            let change = &told.transition;
            writeln!(out, "    {} {}: {}", change.at, change.kind, change.detail).unwrap();
        }
        for app in &report.applications {
            let grade = app.grade.map_or("attempted", |grade| grade.as_str());
            let (first, last) = (app.first_seen.day(), app.last_seen.day());
            writeln!(out, "\n  {}: {grade}, {first} to {last}", app.id).unwrap();
            for (title, names) in [("client", &app.top_clients), ("user", &app.top_users)] {
                for who in names {
                    let basis = who.basis.map_or("", |basis| basis.as_str());
                    let shared = if who.shared { ", shared" } else { "" };
                    writeln!(out, "    {title} {} by {basis}{shared}", who.name).unwrap();
                }
            }
        }
        let mut rows: Vec<String> = Vec::new();
        self.store
            .sightings(&Filter::default(), &mut |sighting| {
                let (key, tally) = (&sighting.key, &sighting.tally);
                rows.push(format!(
                    "{} {} {} {} {} {}{}{} {}",
                    key.hour.start(),
                    key.service,
                    key.kind,
                    key.outcome,
                    key.client,
                    key.user,
                    if key.segment.is_empty() { "" } else { " of " },
                    key.segment,
                    tally.events
                ));
            })
            .unwrap();
        rows.sort();
        writeln!(out, "\n  sightings: {}", rows.len()).unwrap();
        for row in rows {
            writeln!(out, "    {row}").unwrap();
        }
        let mut json = Vec::new();
        (reports::renderer("json").unwrap().write)(&report, Edition::Soc, &mut json).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        for key in ["known_late", "clock_skews"] {
            if let Some(list) = json[key].as_array() {
                writeln!(out, "\n  {key}: {}", serde_json::json!(list)).unwrap();
            }
        }
        writeln!(out).unwrap();
    }
}

fn directory(name: &str) -> PathBuf {
    Path::new("tests/cases").join(name)
}

/// What `gnomon explain --app` says after a scan of these logs, with all applications of the case one after the other.
fn explained(name: &str, apps: &[&str], more: &[&str]) -> String {
    let place = tempfile::tempdir().unwrap();
    let store = place.path().join("scan.db");
    let store = store.to_str().unwrap();
    let logs = directory(name).join("logs");
    let mut scan = vec!["scan", logs.to_str().unwrap(), "--quiet", "--store", store];
    scan.extend_from_slice(more);
    let output = gnomon(scan.iter().chain(&["--timezone", "UTC"]));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut said = String::new();
    for app in apps {
        let mut explain = vec!["explain", "--app", app, "--store", store];
        explain.extend_from_slice(more);
        let output = gnomon(explain);
        assert!(output.status.success(), "{}", text(&output.stderr));
        writeln!(said, "{}", text(&output.stdout)).unwrap();
    }
    said
}

/// Reads the logs of a case at once, with any number of workers, and compares.
fn check(name: &'static str, apps: &[&str], more: &[&str]) -> String {
    let found = |workers| {
        let mut case = Case::new(name);
        case.read("logs", None, workers);
        case.found
    };
    let one = found(1);
    assert_eq!(found(3), one, "the number of workers changes nothing");
    golden(&directory(name).join("expected/found.txt"), &one);
    let explained = explained(name, apps, more);
    golden(&directory(name).join("expected/explain.txt"), &explained);
    one
}

#[test]
fn look_ups_without_a_connection_make_no_alert_and_are_told_as_prefetch() {
    let found = check("prefetch", &["openai.chatgpt"], &[]);
    assert!(found.contains("alerts: 0\n"), "{found}");
}

#[test]
fn connections_past_the_proxy_and_without_a_look_up_are_told() {
    check("bypass", &["openai.chatgpt", "anthropic.claude"], &[]);
}

#[test]
fn what_was_denied_is_an_attempt_and_no_use() {
    check("denied", &["deepseek.chat"], &[]);
}

#[test]
fn a_lease_names_a_device_in_its_time_only_and_a_wrong_one_nobody() {
    let configuration = ["--config", "tests/cases/leases/gnomon.toml"];
    let found = check("leases", &["openai.chatgpt"], &configuration);
    assert!(!found.contains("other-9") && !found.contains("laptop-9"));
}

#[test]
fn a_signature_of_day_30_shows_that_the_service_was_there_on_day_3() {
    let mut case = Case::new("late-signature");
    case.read("logs/november", None, 2);
    case.read("logs/day-30", Some("overlay/newthing.toml"), 2);
    assert!(
        case.found
            .contains("newthing.helper: resolved, 2026-11-03 to 2026-11-30")
    );
    golden(
        &directory("late-signature").join("expected/found.txt"),
        &case.found,
    );
}

#[test]
fn an_address_that_shows_three_systems_on_a_day_is_nobodys() {
    let configuration = ["--config", "tests/cases/shared/gnomon.toml"];
    let found = check("shared", &["openai.chatgpt"], &configuration);
    assert!(found.contains("client 192.0.2.40 by address, shared"));
    assert!(!found.contains("user Ada Example") && found.contains("user Bo Example"));
}

#[test]
fn what_was_in_no_signature_moves_to_the_service_that_names_it() {
    let sums = |store: &SqliteStore| {
        let (mut events, mut rows) = (0, 0);
        let mut add = |sighting: &gnomon::model::Sighting| {
            assert_eq!(&*sighting.key.service, "example.models");
            events += sighting.tally.events;
            rows += 1;
        };
        store.sightings(&Filter::default(), &mut add).unwrap();
        let profiles = store.profiles(None).unwrap();
        let hosts = store.hosts(&Filter::default()).unwrap();
        (events, rows, profiles, hosts, store.day_use().unwrap())
    };
    let mut case = Case::new("listed");
    case.read("logs/before", None, 2);
    let decision = gnomon::model::Decision {
        id: 0,
        service: "unlisted:llm.example.org".to_owned(),
        state: gnomon::model::State::Tolerated,
        scope: gnomon::model::Scope::Organisation,
        owner: "Head of Research".to_owned(),
        reason: "A pilot".to_owned(),
        by: "Bo Example".to_owned(),
        approver: None,
        requested_by: None,
        at: "2026-11-04T12:00:00Z".parse().unwrap(),
        until: None,
    };
    case.store.decide(&decision).unwrap();
    case.read("logs/after", Some("overlay/example.toml"), 2);
    golden(&directory("listed").join("expected/found.txt"), &case.found);
    let decided = case.store.decisions(Some("example.models")).unwrap();
    assert_eq!((decided.len(), decided[0].at), (1, decision.at));
    let open = case.store.cases(true).unwrap();
    let open: Vec<&str> = open.iter().map(|one| &*one.service).collect();
    assert_eq!(open, ["example.models"]);
    assert_eq!(case.store.check().unwrap(), [""; 0]);

    let mut known = Case::new("listed");
    known.read("logs/before", Some("overlay/example.toml"), 1);
    known.read("logs/after", Some("overlay/example.toml"), 1);
    let (events, rows, profiles, hosts, days) = sums(&known.store);
    // The visit to a page was no request for a model, so it was not counted before the host had a signature.
    assert_eq!((events, rows), (10, 10));
    let moved = sums(&case.store);
    assert_eq!((moved.0, moved.1), (events - 1, rows - 1));
    assert_eq!(moved.2[0].events, profiles[0].events - 1);
    assert_eq!(moved.3, hosts[1..]);
    assert_eq!(moved.4, days[1..]);
    let catalogue = case.catalogue(Some("overlay/example.toml"));
    pipeline::rematch(&case.store, &catalogue).unwrap();
    assert_eq!(sums(&case.store), moved, "a second time moves nothing");
}

#[test]
fn the_page_of_a_service_says_what_was_seen_before_its_signature_came() {
    let place = tempfile::tempdir().unwrap();
    let store = place.path().join("gnomon.db");
    let configured = place.path().join("gnomon.toml");
    let overlay = directory("late-signature").join("overlay");
    let overlay = std::fs::canonicalize(overlay).unwrap();
    std::fs::write(
        &configured,
        format!(
            "[catalogue]\noverlay = {:?}\n",
            overlay.display().to_string()
        ),
    )
    .unwrap();
    let (store, configured) = (store.to_str().unwrap(), configured.to_str().unwrap());
    let late = directory("late-signature").join("logs/november");
    let done = gnomon(["scan", "-q", "--store", store, late.to_str().unwrap()]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let show = ["catalogue", "show", "newthing.helper", "--store", store];
    let with = |more: &[&str]| {
        let more = ["--config", configured]
            .into_iter()
            .chain(more.iter().copied());
        text(&gnomon(show.into_iter().chain(more)).stdout)
    };
    assert!(!with(&[]).contains("before"), "nobody has looked yet");
    // Before anything is read, the store is told of the signature, and looks back.
    let next = directory("late-signature").join("logs/day-30");
    let again = ["scan", "-q", "--store", store, "--config", configured];
    let done = gnomon(again.into_iter().chain([next.to_str().unwrap()]));
    assert!(done.status.success(), "{}", text(&done.stderr));
    let said = with(&[]).split_whitespace().collect::<Vec<_>>().join(" ");
    let found = "before its hosts are in the logs since 2026-11-03, before its signature was known here (4 records";
    assert!(said.contains(found), "{said}");
    let json: serde_json::Value = serde_json::from_str(&with(&["-o", "json"])).unwrap();
    assert_eq!(json["before_known"]["hits"], 4);
    assert_eq!(json["before_known"]["first"], "2026-11-03T10:00:00.101Z");
}

#[test]
fn a_service_that_was_there_only_before_its_signature_is_listed_by_itself() {
    let mut case = Case::new("late-signature");
    case.read("logs/november", None, 2);
    // No log of the new thing any more: what is read has been read already.
    let catalogue = case.catalogue(Some("overlay/newthing.toml"));
    let found = pipeline::rematch(&case.store, &catalogue).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].days, found[0].hits), (3, 4));
    assert_eq!(found[0].first.to_string(), "2026-11-03T10:00:00.101Z");
    assert_eq!(found[0].hosts, ["helper.newthing.example"]);
    assert_eq!(pipeline::rematch(&case.store, &catalogue).unwrap(), []);
    assert_eq!(case.store.earlier(None).unwrap(), found);
}
