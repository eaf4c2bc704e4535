//! Every fixture in `tests/formats`: line in, event out, and nobody else's.
//!
//! A directory belongs to the format whose name it begins with. After a change that is meant,
//! `GNOMON_BLESS=1 cargo test --test it formats` writes the new `expected.jsonl`; review it like code.

use std::fs;
use std::path::{Path, PathBuf};

use std::sync::Arc;

use gnomon::formats::{Context, Format, Formats, json_line};
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
        log.split(|b| *b == b'\n').collect()
    }

    fn lines(&self) -> Vec<String> {
        let mut parser = self.format.open(&context());
        (1..)
            .zip(self.records())
            .map(|(line, record)| json_line(line, self.format.name, &parser.parse(record)))
            .collect()
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

#[test]
fn every_record_is_understood_as_expected() {
    for fixture in fixtures() {
        let lines = fixture.lines();
        let path = fixture.path.join("expected.jsonl");
        if std::env::var_os("GNOMON_BLESS").is_some() {
            fs::write(&path, lines.join("\n") + "\n").unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        for (line, expected) in lines.iter().zip(expected.lines()) {
            assert_eq!(line, expected, "{}", fixture.name());
        }
        assert_eq!(lines.len(), expected.lines().count(), "{}", fixture.name());
    }
}

#[test]
fn every_fixture_says_where_it_is_from_and_every_format_has_one() {
    let fixtures = fixtures();
    for fixture in &fixtures {
        assert!(
            fixture.path.join("ORIGIN.md").exists(),
            "{}",
            fixture.name()
        );
    }
    for format in all().iter() {
        let has_fixture = fixtures.iter().any(|f| f.format.name == format.name);
        assert!(
            has_fixture,
            "tests/formats holds nothing for {}",
            format.name
        );
    }
}

#[test]
fn every_fixture_is_recognised() {
    for fixture in recognisable() {
        let detection = all().detect(&fixture.log);
        let chosen = detection.chosen.map(|f| f.name);
        assert_eq!(chosen, Some(fixture.format.name), "{}", fixture.name());
        assert_eq!(detection.mixed, None, "{}", fixture.name());
        assert_eq!(detection.binary, None, "{}", fixture.name());
    }
}

#[test]
fn no_event_is_claimed_more_strongly_by_another_format() {
    for fixture in recognisable() {
        let mut parser = fixture.format.open(&context());
        let mut own = fixture.format.sniffer();
        let others = all().iter().filter(|f| f.name != fixture.format.name);
        let mut others: Vec<_> = others.map(|f| (f.name, f.sniffer())).collect();
        for record in fixture.records() {
            let own = own.score(record);
            let is_event = matches!(parser.parse(record), Parsed::Event(_));
            let text = String::from_utf8_lossy(record);
            assert!(
                own > 0 || !is_event,
                "{} does not claim its own {text}",
                fixture.name()
            );
            for (name, other) in &mut others {
                let score = other.score(record);
                assert!(
                    score < own || !is_event,
                    "{name} claims {text} of {}",
                    fixture.name()
                );
            }
        }
    }
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
