//! Every fixture in `tests/formats`: line in, event out, and nobody else's.
//!
//! A directory belongs to the format whose name it begins with. After a change that is meant,
//! `GNOMON_BLESS=1 cargo test --test it formats` writes the new `expected.jsonl`; review it like code.

mod glances;
mod hostile;
mod memory;
mod wrapped;

use std::fs;
use std::path::{Path, PathBuf};

use std::sync::Arc;

use gnomon::formats::{Context, Format, Formats, Sniffer, inside, json_line, parts};
use gnomon::model::Parsed;
use proptest::prelude::*;

/// Formats that a configuration must name, because no single record can tell that a log is theirs.
const BY_NAME_ONLY: [&str; 2] = ["privoxy-common", "suricata-answers"];

struct Fixture {
    path: PathBuf,
    format: Arc<Format>,
    log: Vec<u8>,
}

impl Fixture {
    fn name(&self) -> &str {
        self.path.file_name().unwrap().to_str().unwrap()
    }

    fn records(&self) -> Vec<&[u8]> {
        let log = self.log.strip_suffix(b"\n").unwrap_or(&self.log);
        log.split(|b| *b == b'\n').flat_map(parts).collect()
    }

    fn lines(&self) -> Vec<String> {
        let mut parser = self.format.open(&context());
        let log = self.log.strip_suffix(b"\n").unwrap_or(&self.log);
        let mut lines: Vec<String> = (1..)
            .zip(log.split(|b| *b == b'\n'))
            .flat_map(|(line, records)| parts(records).map(move |record| (line, record)))
            .map(|(line, record)| json_line(line, self.format.name, &parser.parse(record)))
            .collect();
        let last = log.split(|b| *b == b'\n').count() as u64;
        let waiting = parser.finish().into_iter().map(Parsed::Event);
        lines.extend(waiting.map(|event| json_line(last, self.format.name, &event)));
        lines
    }
}

fn all() -> &'static Formats {
    Formats::embedded()
}

/// Fixtures were made in a zone without offset, by the end of 23 November 2026.
fn context() -> Context {
    Context {
        zone: jiff::tz::TimeZone::UTC,
        modified: "2026-11-24T00:00:00Z".parse().unwrap(),
    }
}

/// Fixtures of the formats that are found by looking at the log.
fn recognisable() -> impl Iterator<Item = Fixture> {
    fixtures()
        .into_iter()
        .filter(|fixture| !BY_NAME_ONLY.contains(&fixture.format.name))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

fn fixtures() -> Vec<Fixture> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("sample.log").exists())
        .collect();
    paths.sort();
    paths.into_iter().map(fixture).collect()
}

fn fixture(path: PathBuf) -> Fixture {
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let format = all()
        .iter()
        .filter(|f| name == f.name || name.starts_with(&format!("{}-", f.name)))
        .max_by_key(|f| f.name.len())
        .cloned();
    Fixture {
        log: fs::read(path.join("sample.log")).unwrap(),
        format: format.unwrap_or_else(|| panic!("no format has a name that {name} begins with")),
        path,
    }
}

/// Every complaint at once: one that hides the others costs a run each.
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_record_is_understood_as_expected() {
    let mut complaints = Vec::new();
    for fixture in fixtures() {
        let lines = fixture.lines();
        let path = fixture.path.join("expected.jsonl");
        if std::env::var_os("GNOMON_BLESS").is_some() {
            fs::write(&path, lines.join("\n") + "\n").unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        let expected: Vec<&str> = expected.lines().collect();
        if lines.len() != expected.len() {
            let (read, expected) = (lines.len(), expected.len());
            complaints.push(format!(
                "{}: {read} records, expected {expected}",
                fixture.name()
            ));
            continue;
        }
        let differs = lines
            .iter()
            .zip(&expected)
            .filter(|(line, expected)| line != expected);
        complaints.extend(differs.map(|(line, expected)| {
            format!("{}:\n     is {line}\n  wants {expected}", fixture.name())
        }));
    }
    assert_none(&complaints);
}

/// A fixture is small, but not too small to show what is skipped, what is refused and what was tried on it.
#[test]
fn every_format_has_a_fixture_that_shows_what_it_must() {
    let fixtures = fixtures();
    let mut complaints = Vec::new();
    for fixture in &fixtures {
        if !fixture.path.join("ORIGIN.md").exists() {
            complaints.push(format!("{}: no ORIGIN.md", fixture.name()));
        }
    }
    for format in all().iter() {
        let Some(fixture) = fixtures.iter().find(|f| f.name() == format.name) else {
            complaints.push(format!("tests/formats/{}: there is none", format.name));
            continue;
        };
        let lines = fixture.lines();
        let has = |result: &str| {
            let result = format!("\"result\":\"{result}\"");
            lines.iter().any(|line| line.contains(&result))
        };
        // What is packed in the record shows in the event.
        let forged = memchr::memmem::find(&fixture.log, b"forged").is_some()
            || lines.iter().any(|line| line.contains("forged"));
        for (is_there, what) in [
            (lines.len() >= 10, "ten records"),
            (has("event"), "an event"),
            (has("skip"), "a record that is skipped"),
            (has("bad"), "a record that is bad"),
            (forged, "a record that tries to forge another host or user"),
        ] {
            if !is_there {
                complaints.push(format!("tests/formats/{}: lacks {what}", format.name));
            }
        }
    }
    assert_none(&complaints);
}

/// In all fixtures, whoever tries to pass for somebody else tries to be `forged`.
#[test]
fn nobody_can_forge_a_host_or_a_user() {
    let mut complaints = Vec::new();
    for fixture in fixtures() {
        for line in fixture.lines() {
            let record: serde_json::Value = serde_json::from_str(&line).unwrap();
            let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
            let host = text("host");
            let is_forged = host == "forged.example"
                || host.ends_with(".forged.example")
                || text("user") == "forged";
            if is_forged {
                complaints.push(format!("{}: {line}", fixture.name()));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn every_fixture_is_recognised() {
    let mut complaints = Vec::new();
    for fixture in recognisable() {
        let detection = all().detect(&fixture.log);
        let chosen = detection.chosen.map(|f| f.name);
        if chosen != Some(fixture.format.name) {
            complaints.push(format!("{}: taken for {chosen:?}", fixture.name()));
        }
        if let Some(what) = detection.mixed.as_deref().or(detection.binary) {
            complaints.push(format!("{}: {what}", fixture.name()));
        }
    }
    assert_none(&complaints);
}

#[test]
fn no_event_is_claimed_more_strongly_by_another_format() {
    let mut complaints = Vec::new();
    for fixture in recognisable() {
        let mut parser = fixture.format.open(&context());
        let mut own = fixture.format.sniffer();
        let others = all().iter().filter(|f| f.name != fixture.format.name);
        let mut others: Vec<_> = others.map(|f| (f.name, f.sniffer())).collect();
        for record in fixture.records() {
            let is_event = matches!(parser.parse(record), Parsed::Event(_));
            let own = score(&mut own, record);
            let text = String::from_utf8_lossy(record);
            let text: String = text.chars().take(200).collect();
            if is_event && own == 0 {
                complaints.push(format!("{} does not claim its own {text}", fixture.name()));
            }
            for (name, other) in &mut others {
                if score(other, record) >= own && is_event && own > 0 {
                    complaints.push(format!("{name} claims of {}: {text}", fixture.name()));
                }
            }
        }
    }
    assert_none(&complaints);
}

/// As [`Formats::detect`] judges a record: what is inside another one counts almost as much.
fn score(sniffer: &mut Sniffer<'_>, record: &[u8]) -> u8 {
    let whole = sniffer.score(record);
    let inside = inside(record);
    let within = inside.iter().map(|inside| sniffer.score(inside)).max();
    whole.max(within.unwrap_or(0).saturating_sub(5))
}

#[test]
fn events_hold_no_value_that_their_layout_cannot_tell() {
    for fixture in fixtures() {
        let mut parser = fixture.format.open(&context());
        for record in fixture.records() {
            let Parsed::Event(mut event) = parser.parse(record) else {
                continue;
            };
            let told = json_line(1, "", &Parsed::Event(event.clone()));
            event.tells = gnomon::model::Fields::of(gnomon::model::Field::ALL);
            let all = json_line(1, "", &Parsed::Event(event));
            let all: serde_json::Value = serde_json::from_str(&all).unwrap();
            let told: serde_json::Value = serde_json::from_str(&told).unwrap();
            for (key, value) in all.as_object().unwrap() {
                let is_told = told.get(key).is_some();
                let text = String::from_utf8_lossy(record);
                assert!(
                    is_told || value.is_null(),
                    "{key} of {text} in {}",
                    fixture.name()
                );
            }
        }
    }
}

#[test]
fn every_format_that_is_declared_is_listed() {
    let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/formats");
    for entry in fs::read_dir(rooms).unwrap() {
        let path = entry.unwrap().path();
        let Ok(source) = fs::read_to_string(&path) else {
            continue;
        };
        for declaration in source.split(": Coded = Coded {").skip(1) {
            let name = declaration.split('"').nth(1).unwrap();
            let listed = all().by_name(name).is_some();
            assert!(
                listed,
                "{} declares {name}, add it to CODED",
                path.display()
            );
        }
    }
}

/// Whatever a record holds, every parser gives one valid JSON line and keeps to the bytes it was given.
fn survives(record: &[u8]) {
    for format in all().iter() {
        assert!(format.sniff(record) <= 100);
        let mut parser = format.open(&context());
        let line = json_line(1, format.name, &parser.parse(record));
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["line"], 1);
        // A second look with the state that the first left behind.
        let _ = parser.parse(record);
    }
    let _ = all().detect(record);
}

fn sample_records() -> Vec<Vec<u8>> {
    let all = fixtures();
    all.iter()
        .flat_map(|f| f.records())
        .map(<[u8]>::to_vec)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn random_bytes_never_panic(record in proptest::collection::vec(any::<u8>(), 0..300)) {
        survives(&record);
    }

    #[test]
    fn mutated_samples_never_panic(
        pick in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        doubled in any::<bool>(),
    ) {
        let samples = sample_records();
        let mut record = pick.get(&samples).clone();
        for (at, byte) in edits {
            if !record.is_empty() {
                let at = at.index(record.len());
                record[at] = byte;
            }
        }
        record.truncate(cut.index(record.len() + 1).max(record.len() / 2));
        if doubled {
            record.extend_from_within(..);
        }
        survives(&record);
    }
}
