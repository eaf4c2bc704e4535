//! A storm of detections, of which people get a few messages.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::service::Service;
use crate::size::quick_or_whole;

const SERVICES: u64 = 400;

#[test]
fn a_storm_of_detections_is_a_few_messages() {
    let detections = quick_or_whole(60_000, 1_000_000);
    let root = tempfile::tempdir().unwrap();
    let overlay = root.path().join("overlay");
    fs::create_dir(&overlay).unwrap();
    fs::write(overlay.join("storm.toml"), services()).unwrap();
    let (log, told) = (
        root.path().join("access.log"),
        root.path().join("alerts.jsonl"),
    );
    let more = format!(
        "[catalogue]\noverlay = \"{}\"\n[[alerts.channels]]\nname = \"one\"\nkind = \"file\"\npath = \"{}\"\nper_minute = 6000\n",
        overlay.display(),
        told.display()
    );
    let mut service = Service::with(root.path(), &log, &root.path().join("gnomon.db"), &more);
    append(&log, 0..1);
    service.start();
    service.wait_for(1);
    // The whole minute, in sixty parts.
    let begun = Instant::now();
    let part = detections / 60;
    for second in 0..60 {
        append(&log, 1 + second * part..1 + (second + 1) * part);
        let due =
            Duration::from_millis(quick_or_whole(200, 1_000)) * u32::try_from(second + 1).unwrap();
        thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    service.wait_for(60 * part);
    thread::sleep(Duration::from_secs(3));
    let messages = fs::read_to_string(&told)
        .unwrap_or_default()
        .lines()
        .count();
    assert!(service.stop().success());
    println!(
        "{} detections of {SERVICES} services, {messages} messages",
        60 * part
    );
    assert!((1..=10).contains(&messages), "{messages} messages");
    let store = SqliteStore::open_read_only(service.store()).unwrap();
    let known = store.profiles(None).unwrap().len();
    assert!(
        known as u64 > SERVICES * 9 / 10,
        "{known} services in the register"
    );
}

/// Rows of which some go to a service that was never seen before, up to the end.
fn append(log: &Path, numbers: std::ops::Range<u64>) {
    let now = jiff::Timestamp::now().as_second();
    let mut text = String::new();
    for number in numbers.clone() {
        // The farther on, the more services; a half of them at once.
        let reach = (SERVICES / 2 + number * SERVICES / 2 / 50_000).clamp(1, SERVICES);
        let service = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % reach;
        let _ = writeln!(
            text,
            "{now}.{:03} 88 198.51.100.{} TCP_TUNNEL/200 5678 CONNECT app{service}.storm.example:443 user{} HIER_DIRECT/203.0.113.5 -",
            number % 1_000,
            number % 200,
            number % 90
        );
    }
    let mut file = fs::File::options()
        .create(true)
        .append(true)
        .open(log)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn services() -> String {
    let mut text = String::from(
        "vendor = { name = \"Storm\", country = \"IT\", homepage = \"https://storm.test\" }\n",
    );
    for number in 0..SERVICES {
        let _ = write!(
            text,
            "\n[[service]]\nid = \"storm.app{number}\"\nname = \"App {number}\"\ncategory = \"chatbot\"\narchetype = \"consumer-chat\"\nmodel = \"saas\"\nintroduced = \"2024-05\"\ndescription = \"Invented to storm.\"\n\n[[service.domain]]\nsuffix = \"app{number}.storm.example\"\nrole = \"ui\"\nevidence = \"definite\"\nsource = \"vendor docs: invented\"\nverified = \"2026-09-01\"\n\n[[service.example]]\ninput = \"app{number}.storm.example\"\nexpect = \"ui\"\n\n[[service.near_miss]]\ninput = \"no-app{number}.example\"\n"
        );
    }
    text
}
