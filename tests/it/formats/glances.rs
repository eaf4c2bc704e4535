//! What a format says at a glance is what it says on reading the whole record, or nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use gnomon::formats::{Context, Format, Formats};
use gnomon::model::{Asked, Glance, Parsed, Time, is_plain_name};

use crate::truth::generate::{self, LAYOUTS, Plan, World};

use super::{assert_none, context, fixtures};

/// What separates, escapes, counts or ends something in one layout or another.
const EDITS: &[u8] = b" \t-./:@%[?\\9aZ\xff";
/// So many records of each fixture are tried with edits.
const EDITED: usize = 5;
/// Formats that can be read at a glance.
const GLANCED: &[&str] = &[
    "bind",
    "dnsmasq",
    "squid",
    "suricata",
    "unbound",
    "zeek-dns",
    "zeek-quic",
    "zeek-ssl",
];
/// So many records that follow must be read the same.
const AFTER: usize = 4;

/// A record and those around it.
#[derive(Clone, Copy)]
struct Place<'r> {
    before: &'r [&'r [u8]],
    record: &'r [u8],
    after: &'r [&'r [u8]],
}

/// What a glance says that reading does not, if anything.
fn mistake(format: &Format, glance: &Glance<'_>, parsed: &Parsed<'_>) -> Option<String> {
    let Parsed::Event(event) = parsed else {
        return Some(format!("seen, but {parsed:?}"));
    };
    if !is_plain_name(glance.host) {
        return None;
    }
    let asks = event.path.as_ref().map(|path| Asked {
        method: event.method.as_ref().map_or(b"", |method| method.bytes()),
        path: path.bytes(),
    });
    let host = event.host.as_ref().map(|host| host.bytes());
    let is_right = event.time == glance.time
        && event.client == Some(glance.client)
        && host == Some(glance.host)
        && event.user_agent.is_none()
        && glance.asks == asks
        && format.tells.union(event.tells) == format.tells.union(glance.tells);
    (!is_right).then(|| format!("seen as {glance:?}, read as {event:?}"))
}

/// What is wrong with the glance at a record, if anything.
fn complaint(format: &Arc<Format>, place: Place<'_>) -> Option<String> {
    let Place {
        before,
        record,
        after,
    } = place;
    let opened = || {
        let mut parser = format.open(&context());
        for record in before {
            let _ = parser.parse(record);
        }
        parser
    };
    let (mut glancing, mut refusing, mut reading) = (opened(), opened(), opened());
    let glance = glancing.glance(record)?;
    let _ = refusing.glance(record);
    let refused = refusing.parse(record);
    let parsed = reading.parse(record);
    let shown = || format!("{}: {}", format.name, String::from_utf8_lossy(record));
    if refused != parsed {
        return Some(format!("{}\n  a glance changed what reading says", shown()));
    }
    if let Some(wrong) = mistake(format, &glance, &parsed) {
        return Some(format!("{}\n  {wrong}", shown()));
    }
    glancing.glanced();
    for next in after {
        let expected = reading.parse(next);
        if glancing.parse(next) != expected || refusing.parse(next) != expected {
            let next = String::from_utf8_lossy(next);
            return Some(format!(
                "{}\n  a glance changed what follows: {next}",
                shown()
            ));
        }
    }
    None
}

#[test]
fn a_glance_says_what_reading_says() {
    let mut complaints = Vec::new();
    let mut seen = BTreeSet::new();
    for fixture in fixtures() {
        let mut edited = 0;
        let records = fixture.records();
        for (at, record) in records.iter().enumerate() {
            let before = records.get(..at).unwrap();
            let mut parser = fixture.format.open(&context());
            for record in before {
                let _ = parser.parse(record);
            }
            if parser.glance(record).is_none() {
                continue;
            }
            seen.insert(fixture.format.name);
            let mut odd = record.to_vec();
            let after = &records[at..records.len().min(at + AFTER)];
            let place = Place {
                before,
                record,
                after,
            };
            complaints.extend(complaint(&fixture.format, place));
            edited += 1;
            if edited > EDITED {
                continue;
            }
            let edited = |record: &[u8]| {
                let before = &[];
                complaint(
                    &fixture.format,
                    Place {
                        before,
                        record,
                        after,
                    },
                )
            };
            for end in 0..record.len() {
                complaints.extend(edited(record.get(..end).unwrap()));
                let byte = odd[end];
                for edit in EDITS {
                    odd[end] = *edit;
                    complaints.extend(edited(&odd));
                }
                odd[end] = byte;
                odd.insert(end, byte);
                complaints.extend(edited(&odd));
                odd.remove(end);
            }
        }
    }
    for name in GLANCED {
        assert!(
            seen.contains(*name),
            "no record of {name} is seen at a glance"
        );
    }
    assert_none(&complaints);
}

/// Glances at what is written, line for line, and reads it too.
struct Doubt<'f> {
    format: &'f Arc<Format>,
    glancing: Box<dyn gnomon::formats::Parser>,
    reading: Box<dyn gnomon::formats::Parser>,
    line: Vec<u8>,
    lines: u64,
    glances: u64,
}

impl<'f> Doubt<'f> {
    fn new(format: &'f Arc<Format>, context: &Context) -> Self {
        Self {
            format,
            glancing: format.open(context),
            reading: format.open(context),
            line: Vec::new(),
            lines: 0,
            glances: 0,
        }
    }

    fn check(&mut self) {
        let record = self.line.as_slice();
        let parsed = self.reading.parse(record);
        self.lines += 1;
        if let Some(glance) = self.glancing.glance(record) {
            self.glances += 1;
            let wrong = mistake(self.format, &glance, &parsed);
            assert_eq!(wrong, None, "{}", String::from_utf8_lossy(record));
            self.glancing.glanced();
        } else {
            let shown = String::from_utf8_lossy(record);
            assert_eq!(self.glancing.parse(record), parsed, "{shown}");
        }
        self.line.clear();
    }
}

impl std::io::Write for Doubt<'_> {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        for piece in text.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(end) => {
                    self.line.extend_from_slice(end);
                    self.check();
                }
                None => self.line.extend_from_slice(piece),
            }
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Lines as a company makes them: 2,000 of each layout, or as many as the variable `GNOMON_LINES` says.
#[test]
fn generated_lines_are_at_a_glance_what_they_are_when_read() {
    let lines = std::env::var("GNOMON_LINES").map_or(2_000, |lines| lines.parse().unwrap());
    let plan = Plan {
        seed: 11,
        lines,
        days: 3,
        people: 400,
        hosts: 20_000,
        rules: 300,
        ruled: 40,
    };
    let world = World::new(&plan);
    let context = Context {
        zone: jiff::tz::TimeZone::UTC,
        modified: Time::from_secs(plan.end().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64),
    };
    for layout in LAYOUTS {
        let format = Formats::embedded().named(layout.format).unwrap();
        let mut doubt = Doubt::new(&format, &context);
        generate::write(&plan, &world, layout, &mut doubt).unwrap();
        assert!(
            doubt.lines >= lines,
            "{}: {} lines",
            layout.name,
            doubt.lines
        );
        assert!(
            doubt.glances * 5 > doubt.lines,
            "{}: {} glances at {} lines",
            layout.name,
            doubt.glances,
            doubt.lines
        );
    }
}

/// Records that are said to be understood by themselves are understood in any order.
#[test]
fn what_is_understood_by_itself_is_understood_in_any_order() {
    let mut complaints = Vec::new();
    for fixture in fixtures() {
        let mut forwards = fixture.format.open(&context());
        let records = fixture.records();
        let there: Vec<_> = records
            .iter()
            .map(|record| forwards.parse(record))
            .collect();
        if !forwards.is_stateless() {
            continue;
        }
        let mut backwards = fixture.format.open(&context());
        let back = records.iter().rev().map(|record| backwards.parse(record));
        for (back, there) in back.zip(there.iter().rev()) {
            if back != *there {
                complaints.push(format!("{}: {there:?}, but {back:?}", fixture.name()));
            }
        }
        if !backwards.finish().is_empty() {
            complaints.push(format!("{}: something waited", fixture.name()));
        }
    }
    assert_none(&complaints);
}
