//! A small company's week (`tests/cases/gateway`): every service planted is found as planted, no trap is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Once, OnceLock};

use gnomon::model::{Outcome, Sighting};
use gnomon::store::sqlite::SqliteStore;
use gnomon::store::{Filter, Store};
use serde_json::{Value, json};

use super::{gnomon, golden, is_blessing, text};

#[path = "../../cases/gateway/generate/mod.rs"]
mod generate;

/// The logs are written once, before any test reads them.
static WRITTEN: Once = Once::new();

const LOGS: &str = "tests/cases/gateway/logs";
const CONFIG: &str = "tests/cases/gateway/gnomon.toml";

fn case() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/gateway")
}

/// What `planted.toml` says.
#[derive(serde::Deserialize)]
struct Truth {
    candidates: Vec<String>,
    visited: Vec<String>,
    traps: Vec<String>,
    service: Vec<Planted>,
}

#[derive(serde::Deserialize)]
struct Planted {
    id: String,
    archetype: String,
    tier: String,
    grade: Option<String>,
    uses: BTreeMap<String, u64>,
    attempts: u64,
    clients: BTreeSet<String>,
}

fn truth() -> Truth {
    bless();
    let text = std::fs::read_to_string(case().join("planted.toml")).expect("planted.toml");
    toml::from_str(&text).expect("planted.toml reads")
}

fn scan(more: &[&str]) -> String {
    bless();
    let output = gnomon(
        ["scan", LOGS, "--config", CONFIG, "--quiet"]
            .iter()
            .chain(more),
    );
    assert_eq!(text(&output.stderr), "", "nothing to warn of");
    assert!(output.status.success(), "{:?}", output.status);
    text(&output.stdout)
}

fn report() -> &'static Value {
    static REPORT: OnceLock<Value> = OnceLock::new();
    REPORT.get_or_init(|| {
        let output = scan(&["--output", "json", "--edition", "soc"]);
        serde_json::from_str(&output).expect("the report is JSON")
    })
}

fn names(list: &Value, key: &str) -> BTreeSet<String> {
    let items = list.as_array().expect("a list").iter();
    items
        .map(|item| item[key].as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn the_committed_logs_are_what_the_generator_makes() {
    bless();
    let files = generate::generate();
    for (path, bytes) in &files {
        // Packed bytes depend on the packer's version; what they hold does not.
        let found = read(&case().join(path));
        assert!(
            found == *bytes,
            "{path} differs; GNOMON_BLESS=1 writes it anew"
        );
    }
    let mut known: BTreeSet<PathBuf> = files.keys().map(|path| case().join(path)).collect();
    known.retain(|path| path.starts_with(case().join("logs")));
    assert_eq!(files_below(&case().join("logs")), known);
}

fn bless() {
    if !is_blessing() {
        return;
    }
    WRITTEN.call_once(|| {
        let _ = std::fs::remove_dir_all(case().join("logs"));
        for (path, bytes) in generate::generate() {
            write(&case().join(path), &bytes);
        }
    });
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("a place to write");
    if path.extension().is_some_and(|extension| extension == "gz") {
        let file = std::fs::File::create(path).expect("writable");
        let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::best());
        packer.write_all(bytes).expect("written");
        packer.finish().expect("written");
    } else {
        std::fs::write(path, bytes).expect("written");
    }
}

fn read(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap_or_default();
    if path.extension().is_none_or(|extension| extension != "gz") {
        return bytes;
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_end(&mut plain)
        .expect("a whole gzip file");
    plain
}

fn files_below(directory: &Path) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for entry in std::fs::read_dir(directory).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.insert(path);
        }
    }
    files
}

#[test]
fn the_summary_is_as_reviewed() {
    golden(&case().join("expected/scan.txt"), &scan(&[]));
}

#[test]
fn the_report_is_as_reviewed_whatever_the_number_of_workers() {
    let one = scan(&["--output", "json", "--workers", "1"]);
    for workers in ["2", "7"] {
        let more = scan(&["--output", "json", "--workers", workers]);
        assert!(one == more, "{workers} workers say something else than one");
    }
    let report = serde_json::from_str(&one).expect("the report is JSON");
    let mut shown = serde_json::to_string_pretty(&readable(report)).expect("JSON");
    shown.push('\n');
    golden(&case().join("expected/report.json"), &shown);
}

/// The report without what belongs to the catalogue and to the duty model, which have tests of their own: so the
/// golden file can be read, and changes when the findings do.
fn readable(mut report: Value) -> Value {
    report["catalogue"] = json!("not compared");
    for app in report["applications"].as_array_mut().expect("applications") {
        let duties: BTreeMap<String, String> = app["duties"]
            .as_array()
            .expect("duties")
            .iter()
            .map(|duty| {
                let words = ["party", "status"].map(|key| duty[key].as_str().unwrap_or_default());
                let id = duty["id"].as_str().expect("an id").to_owned();
                (id, words.join(" "))
            })
            .collect();
        app["duties"] = json!(duties);
        let lines: BTreeMap<String, String> = app["risk"]["lines"]
            .as_array()
            .expect("risk lines")
            .iter()
            .map(|line| {
                let id = line["id"].as_str().expect("an id").to_owned();
                (id, format!("{} of {}", line["points"], line["max"]))
            })
            .collect();
        app["risk"]["lines"] = json!(lines);
        if let Some(app) = app.as_object_mut() {
            app.remove("description");
        }
    }
    report
}

#[test]
fn every_planted_service_is_found_as_planted_and_nothing_else_is() {
    let truth = truth();
    let report = report();
    let apps = report["applications"].as_array().expect("applications");
    let planted: BTreeSet<String> = truth
        .service
        .iter()
        .map(|planted| planted.id.clone())
        .collect();
    assert_eq!(names(&report["applications"], "id"), planted);
    for planted in &truth.service {
        let app = apps
            .iter()
            .find(|app| app["id"] == planted.id.as_str())
            .expect("found above");
        let said = json!({
            "archetype": app["archetype"],
            "tier": app["tier"]["value"],
            "grade": app["grade"],
            "events": app["events"],
            "attempts": app["attempts"],
            "clients": app["clients"],
        });
        let meant = json!({
            "archetype": planted.archetype,
            "tier": planted.tier,
            "grade": planted.grade,
            "events": planted.uses.values().sum::<u64>(),
            "attempts": planted.attempts,
            "clients": planted.clients.len(),
        });
        assert_eq!(said, meant, "{}", planted.id);
    }
}

#[test]
fn without_a_configuration_the_same_services_are_found() {
    bless();
    let output = gnomon(["scan", LOGS, "--quiet", "--timezone", "UTC", "-o", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    let planted = truth().service.into_iter().map(|planted| planted.id);
    assert_eq!(names(&report["applications"], "id"), planted.collect());
}

#[test]
fn every_planted_client_is_named_and_no_other_and_each_log_counts_its_own() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("scan.db");
    let file = file.to_str().expect("a path");
    scan(&["--store", file]);
    let store = SqliteStore::open_read_only(Path::new(file)).expect("the store opens");
    for planted in truth().service {
        let mut clients = BTreeSet::new();
        let mut uses: BTreeMap<String, u64> = BTreeMap::new();
        let mut attempts = 0;
        let filter = Filter {
            service: Some(planted.id.clone()),
            ..Filter::default()
        };
        let mut add = |Sighting { key, tally }: &Sighting| {
            if !key.role.is_defining() || key.outcome == Outcome::Error {
                return;
            }
            clients.insert(key.client.to_string());
            if key.outcome == Outcome::Blocked {
                attempts += tally.events;
            } else {
                *uses.entry(log_of(&key.source)).or_default() += tally.events;
            }
        };
        store.sightings(&filter, &mut add).expect("the store reads");
        let said = (clients, uses, attempts);
        let meant = (planted.clients, planted.uses, planted.attempts);
        assert_eq!(said, meant, "{}", planted.id);
    }
}

/// `tests/cases/gateway/logs/squid/access.log.1` → `squid`.
fn log_of(source: &str) -> String {
    let below = source
        .strip_prefix(LOGS)
        .expect("sources are named as given");
    below.split('/').nth(1).expect("a directory").to_owned()
}

#[test]
fn no_trap_is_an_application_and_candidates_are_the_expected_ones() {
    let truth = truth();
    let report = report();
    let apps = report["applications"].as_array().expect("applications");
    for app in apps {
        let hosts = names(&app["hosts"], "host");
        let caught: Vec<&String> = truth
            .traps
            .iter()
            .filter(|trap| hosts.contains(*trap))
            .collect();
        assert!(caught.is_empty(), "{}: {caught:?}", app["id"]);
    }
    let candidates: BTreeSet<String> = truth.candidates.into_iter().collect();
    assert_eq!(names(&report["candidates"], "host"), candidates);
    let visited: BTreeSet<String> = truth.visited.into_iter().collect();
    assert_eq!(names(&report["visited_only"], "id"), visited);
}

#[test]
fn hosts_add_up_to_their_application() {
    for app in report()["applications"].as_array().expect("applications") {
        let count = |value: &Value| value.as_u64().expect("a count");
        let defining = |host: &&Value| {
            ["ui", "api", "download"]
                .iter()
                .any(|role| host["role"] == *role)
        };
        let hosts = app["hosts"].as_array().expect("hosts").iter();
        let sum: u64 = hosts
            .filter(defining)
            .map(|host| count(&host["events"]))
            .sum();
        assert_eq!(
            sum,
            count(&app["events"]) + count(&app["attempts"]),
            "{}",
            app["id"]
        );
    }
}

#[test]
fn the_traps_are_in_the_logs() {
    let logs: Vec<Vec<u8>> = generate::generate().into_values().collect();
    for trap in truth().traps {
        let found = logs
            .iter()
            .any(|log| memchr::memmem::find(log, trap.as_bytes()).is_some());
        assert!(found, "{trap} is in no log");
    }
}

#[test]
fn the_proxys_own_look_ups_are_nobodys_use() {
    let report = report();
    for app in report["applications"].as_array().expect("applications") {
        let clients = names(&app["top_clients"], "name");
        assert!(!clients.is_empty(), "{}", app["id"]);
        for own in ["192.0.2.3", "192.0.2.53", "192.0.2.54"] {
            assert!(!clients.contains(own), "{}: {own}", app["id"]);
        }
    }
}
