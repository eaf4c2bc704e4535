//! What a format says at a glance is what it says on reading the whole record, or nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use gnomon::formats::Format;
use gnomon::model::Parsed;

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
    "zeek",
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
    let Parsed::Event(event) = parsed else {
        return Some(format!("{}\n  seen, but {parsed:?}", shown()));
    };
    let posts = event.method.as_ref().is_some_and(|m| m.bytes() == b"POST");
    let host = event.host.as_ref().map(|host| host.bytes());
    let is_right = event.time == glance.time
        && host == Some(glance.host)
        && event.user_agent.is_none()
        && !posts
        && format.tells.union(event.tells) == format.tells.union(glance.tells);
    if !is_right {
        return Some(format!(
            "{}\n  seen as {glance:?}, read as {event:?}",
            shown()
        ));
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
