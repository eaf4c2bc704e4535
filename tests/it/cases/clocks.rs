//! Clocks that differ: measured from look-ups and the connections that follow them, told with what to do.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use super::{gnomon, text};

const MORNING: i64 = 1_793_606_400;
const CLIENTS: i64 = 8;

/// A log of look-ups and one of a proxy, whose clock is ahead by so much; one client connects hours later all the same.
fn logs(place: &Path, ahead_secs: i64) {
    let (mut dns, mut proxy) = (String::new(), String::new());
    for n in 0..CLIENTS {
        let client = format!("192.0.2.{}", 10 + n);
        let at = MORNING + n * 700;
        let moment = jiff::Timestamp::from_second(at).expect("a moment");
        let moment = moment.strftime("%d-%b-%Y %H:%M:%S.000");
        let _ = writeln!(
            dns,
            "{moment} queries: info: client @0x7f00 {client}#40000 (chatgpt.com): query: chatgpt.com IN A + (192.0.2.2)"
        );
        let waits = if n == 0 { 4_000 } else { 3 + n % 3 };
        let at = at + waits + ahead_secs;
        let _ = writeln!(
            proxy,
            "{at}.100     88 {client} TCP_TUNNEL/200 25678 CONNECT chatgpt.com:443 - HIER_DIRECT/203.0.113.5 -"
        );
    }
    std::fs::write(place.join("dns.log"), dns).expect("the look-ups are written");
    std::fs::write(place.join("proxy.log"), proxy).expect("the proxy's log is written");
}

/// What the doctor says of clocks after a scan, and what the report says.
fn told(ahead_secs: i64) -> (Vec<(String, String)>, Value) {
    let place = tempfile::tempdir().expect("a place for the logs");
    logs(place.path(), ahead_secs);
    let path = |name: &str| place.path().join(name).display().to_string();
    let (dns, proxy, store) = (path("dns.log"), path("proxy.log"), path("gnomon.db"));
    let scan = [
        "scan",
        "-q",
        "-o",
        "json",
        "--timezone",
        "UTC",
        "--store",
        &store,
    ];
    let scanned = gnomon(scan.iter().chain(&[dns.as_str(), proxy.as_str()]));
    assert!(scanned.status.success(), "{}", text(&scanned.stderr));
    let report: Value = serde_json::from_slice(&scanned.stdout).expect("the report is JSON");
    let doctor = gnomon(["doctor", "-o", "json", "--store", &store]);
    let answer: Value = serde_json::from_slice(&doctor.stdout).expect("the answer is JSON");
    let checks = answer["checks"].as_array().into_iter().flatten();
    let word = |check: &Value, key: &str| check[key].as_str().unwrap_or("-").to_owned();
    let of_clocks = checks.filter(|check| check["about"] == "clocks");
    let place = format!("{}/", place.path().display());
    let told = of_clocks.map(|check| (word(check, "standing"), word(check, "text")));
    let told = told.map(|(standing, said)| (standing, said.replace(&place, "")));
    (told.collect(), report)
}

#[test]
fn clocks_are_compared_before_anything_is_set_up() {
    let place = tempfile::tempdir().expect("a place for the logs");
    logs(place.path(), 7_200);
    let path = place.path().display().to_string();
    let doctor = |more: &[&str]| {
        let arguments = [
            "doctor",
            "--timezone",
            "UTC",
            "--as-of",
            "2026-11-30",
            &path,
        ];
        let said = gnomon(arguments.iter().chain(more));
        assert_eq!(text(&said.stderr), "");
        text(&said.stdout)
    };
    let answer: Value = serde_json::from_str(&doctor(&["-o", "json"])).expect("the answer is JSON");
    let [pair] = answer["clocks"].as_array().map_or(&[][..], Vec::as_slice) else {
        panic!("one pair of logs: {answer}");
    };
    assert_eq!(pair["standing"], "differ");
    assert_eq!(pair["ahead_secs"], 7_200);
    assert_eq!((&pair["pairs"], &pair["of"]), (&7.into(), &8.into()));
    let page = doctor(&[]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("differ by 2.0 hours"), "{page}");
}

#[test]
fn clocks_that_agree_are_said_to() {
    for ahead_secs in [0, 90, -90] {
        let (told, report) = told(ahead_secs);
        let said = "dns.log and proxy.log agree within two minutes, by 7 of 8 pairs of a look-up and a connection";
        assert_eq!(told, [("fine".to_owned(), said.to_owned())], "{ahead_secs}");
        assert_eq!(report.get("clock_skews"), None);
    }
}

#[test]
fn a_time_zone_and_a_clock_that_nobody_sets_are_told_apart_with_what_to_do() {
    for (ahead_secs, apart, order, remedy) in [
        (7_200, "2.0 hours", "after", "set `timezone` for the one"),
        (-3_600, "60 minutes", "before", "set `timezone` for the one"),
        (400, "7 minutes", "after", "Let NTP set the clocks"),
    ] {
        let (told, report) = told(ahead_secs);
        let [(standing, said)] = &*told else {
            panic!("one pair of sources: {told:?}");
        };
        assert_eq!(standing, "look");
        let parts = [apart, order, remedy, "7 of 8 times"];
        for part in parts {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert_eq!(report["clock_skews"][0]["pairs"], 7);
        let limits = report["cannot_see"].to_string();
        assert!(limits.contains(remedy), "{limits}");
    }
}
