//! What hosts alone do not say (`tests/cases/beyond`): accounts, programs, agents, tools, applications in no signature.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;
use serde_json::Value;

use super::{gnomon, golden, text};

/// Squid's native log with what a careful operator adds to it.
const FORMAT: &str = r#"squid: %ts.%03tu %6tr %>a %Ss/%03>Hs %>st %<st %rm %ru %[un %Sh/%<a %mt "%{User-Agent}>h" "%{Mcp-Method}>h" "%{Mcp-Name}>h""#;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/beyond")
}

/// Scans the log of a case into a store; the report, and what is in the store.
fn scan(case: &str, workers: &str) -> (Value, SqliteStore) {
    let directory = cases().join(case);
    let scratch = tempfile::tempdir().expect("a place for the store");
    let store = scratch.path().join("gnomon.db");
    let path = |name: &str| directory.join(name).display().to_string();
    let store_path = store.display().to_string();
    let mut arguments = vec!["scan", "--quiet", "--output", "json", "--edition", "soc"];
    arguments.extend(["--workers", workers, "--store", &store_path]);
    let (access, dns, config) = (path("access.log"), path("dns.log"), path("gnomon.toml"));
    let more = std::fs::read_to_string(path("more.txt")).unwrap_or_default();
    let format = format!("{FORMAT}{}", more.trim_end());
    if Path::new(&access).exists() {
        arguments.extend(["--format", &format, &access]);
    } else {
        arguments.push(&dns);
    }
    if Path::new(&config).exists() {
        arguments.extend(["--config", &config]);
    }
    let output = gnomon(arguments);
    assert_eq!(text(&output.stderr), "", "{case}: nothing to warn of");
    assert!(output.status.success(), "{case}: {:?}", output.status);
    let report = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    let store = SqliteStore::open(&store).expect("the store opens");
    (report, store)
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

fn word<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or("-")
}

/// `a 3, b 2` of an object of counts.
fn counts(value: &Value) -> String {
    let counts = value.as_object().into_iter().flatten();
    let counts: Vec<String> = counts.map(|(name, n)| format!("{name} {n}")).collect();
    counts.join(", ")
}

fn told(out: &mut String, label: &str, app: &Value, key: &str) {
    for one in list(app, key) {
        let (events, clients) = (&one["events"], &one["clients_at_least"]);
        let _ = writeln!(
            out,
            "  {label} {}: {events} by {clients} or more",
            word(one, "what")
        );
    }
}

/// The report and the cases in words, as `expected.txt` has them.
fn in_words(report: &Value, store: &SqliteStore) -> String {
    let mut out = String::new();
    for app in list(report, "applications") {
        let _ = writeln!(
            out,
            "{}: {}, {}, {}, {} events, {} prompts, risk {}",
            word(app, "id"),
            word(app, "name"),
            word(app, "archetype"),
            word(app, "grade"),
            app["events"],
            app["prompts"],
            word(&app["risk"], "band"),
        );
        if let Some(host) = app["host_app"].as_str() {
            let _ = writeln!(out, "  part of {host}");
        }
        let tier = &app["tier"];
        let (value, basis) = (word(tier, "value"), word(tier, "basis"));
        let _ = writeln!(out, "  tier {value} ({}): {basis}", counts(&tier["events"]));
        told(&mut out, "account", app, "accounts");
        let _ = writeln!(out, "  channels {}", counts(&app["channels"]));
        told(&mut out, "program", app, "programs");
        told(&mut out, "mcp", app, "mcp");
        for reason in list(app, "reasons") {
            let _ = writeln!(out, "  why {}", reason.as_str().unwrap_or("-"));
        }
        for host in list(app, "hosts") {
            let (name, role) = (word(host, "host"), word(host, "role"));
            let _ = writeln!(out, "  host {name} {role} {}", host["events"]);
        }
        let _ = writeln!(out, "  duties {}", list(app, "duties").count());
    }
    for candidate in list(report, "candidates") {
        let reasons: Vec<&str> = list(candidate, "reasons")
            .filter_map(Value::as_str)
            .collect();
        let (host, hits) = (word(candidate, "host"), &candidate["hits"]);
        let _ = writeln!(out, "candidate {host}, {hits} hits: {}", reasons.join("; "));
    }
    for at in list(report, "agents") {
        let (agent, host) = (word(at, "what"), word(at, "host"));
        let _ = writeln!(out, "agent {agent} on {host}: {}", at["events"]);
    }
    for change in list(report, "transitions") {
        let (kind, detail) = (word(change, "kind"), word(change, "detail"));
        let _ = writeln!(out, "change {kind}: {detail}");
    }
    let mut cases = store.cases(false).expect("the cases");
    cases.sort_by(|a, b| (&a.service, &a.segment, a.tier).cmp(&(&b.service, &b.segment, b.tier)));
    for case in cases {
        let changes = case.transitions.len();
        let (service, segment, tier) = (&case.service, &case.segment, case.tier);
        let _ = writeln!(out, "case {service} {segment:?} {tier}: {changes} changes");
    }
    out
}

fn holds(case: &str) {
    let (report, store) = scan(case, "1");
    let words = in_words(&report, &store);
    golden(&cases().join(case).join("expected.txt"), &words);
    let (report, store) = scan(case, "7");
    assert_eq!(
        in_words(&report, &store),
        words,
        "{case}: with seven workers"
    );
}

macro_rules! cases {
    ($($name:ident $directory:literal;)+) => {
        const CASES: &[&str] = &[$($directory),+];
        $(#[test] fn $name() { holds($directory); })+
    };
}

cases! {
    an_agent_on_gitlab_is_shown_and_is_no_application "agent-on-gitlab";
    a_shop_for_cars_is_silent "car-shop";
    an_agent_on_the_command_line_is_the_agent "cli-agent";
    the_plan_of_copilot_is_read_off_look_ups "copilot-plan-from-dns";
    a_machine_that_fetched_a_model_and_answers_is_an_application "fetched-then-served";
    forged_names_stay_in_their_own_rows "forged";
    a_local_ollama_is_self_hosted "local-ollama";
    a_server_of_mcp_is_shown_with_its_tools "mcp";
    a_page_view_of_notion_is_no_use_of_its_ai "notion";
    a_week_of_one_personal_account_is_one_case "one-case";
    personal_and_company_are_told_apart_on_one_host "personal-and-company";
    a_library_in_ci_is_a_library "sdk-in-ci";
    a_gateway_in_no_signature_is_found_from_three_requests "unlisted-gateway";
}

#[test]
fn every_directory_is_a_case() {
    let entries = std::fs::read_dir(cases()).expect("the cases");
    let mut found: Vec<String> = entries
        .filter_map(|entry| entry.ok().filter(|entry| entry.path().is_dir()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert_eq!(found, CASES);
}

/// One client asks many hosts for the paths of model APIs, three times each, and all of them answer.
fn scanned(paths: &[&str]) -> Value {
    let scratch = tempfile::tempdir().expect("a place for the log");
    let log = scratch.path().join("access.log");
    let mut lines = String::new();
    for n in 0..300 {
        for path in paths.iter().cycle().take(paths.len() * 3) {
            let _ = writeln!(
                lines,
                r#"1793613600.000    420 192.0.2.66 TCP_MISS/200 900 4000 POST https://h{n}.example{path} - HIER_DIRECT/203.0.113.40 application/json "-" "-" "-""#
            );
        }
    }
    std::fs::write(&log, lines).expect("the log is written");
    let log = log.display().to_string();
    let output = gnomon(["scan", "-q", "-o", "json", "--format", FORMAT, &log]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the report is JSON")
}

#[test]
fn a_scanner_of_every_path_makes_no_application_and_one_of_a_single_path_is_capped_and_told() {
    let all = scanned(&[
        "/v1/chat/completions",
        "/v1/messages",
        "/v1beta/models/gemini-x:generateContent",
        "/model/m/invoke",
    ]);
    assert_eq!(list(&all, "applications").count(), 0);
    let one = scanned(&["/v1/chat/completions"]);
    assert_eq!(list(&one, "applications").count(), 256);
    assert_eq!(one["unlisted_past_cap"], (300 - 256) * 3);
}
