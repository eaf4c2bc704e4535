//! What a parser remembers of earlier records changes nothing in what later ones are.
//!
//! Parsers keep room, and how headers were taken off, from one record to the next. Where a format says that every record is
//! understood by itself, nothing of that may show: each record, and what comes of it when parts go, change places or are
//! spoilt, is read by a parser that has seen all others several times and by one that has seen nothing.

use gnomon::formats::Parser;

use super::{assert_none, context, fixtures};

/// So often is a fixture read before anything is compared.
const READINGS: usize = 6;
/// So many variants of each record are compared.
const VARIANTS: usize = 24;
/// So many records of each fixture.
const RECORDS: usize = 24;
/// What separates, assigns, quotes or stands for nothing.
const EDITS: &[u8] = b" =\"|,;:\t\\-{}'aZ7";

#[test]
fn earlier_records_change_nothing_in_what_is_understood_by_itself() {
    let mut complaints = Vec::new();
    let mut compared = 0;
    for fixture in fixtures() {
        let open = || fixture.format.open(&context());
        let records = fixture.records();
        let mut knowing = open();
        for record in records.iter().cycle().take(records.len() * READINGS) {
            let _ = knowing.parse(record);
        }
        if !knowing.is_stateless() {
            continue;
        }
        for (record, number) in records.iter().zip(0..).take(RECORDS) {
            let variants = (0..VARIANTS).map(|which| variant(record, which, number));
            for text in std::iter::once(record.to_vec()).chain(variants) {
                compared += 1;
                let mut unknowing: Box<dyn Parser> = open();
                let (expected, said) = (unknowing.parse(&text), knowing.parse(&text));
                if expected != said {
                    let text = String::from_utf8_lossy(&text);
                    let name = fixture.name();
                    complaints.push(format!("{name}: {expected:?}, but {said:?}: {text}"));
                }
            }
        }
    }
    assert_none(&complaints);
    assert!(compared > 20_000, "{compared}");
}

/// A record without some of its text, with two parts changed about, or with one byte another.
fn variant(record: &[u8], which: usize, number: usize) -> Vec<u8> {
    let size = record.len().max(1);
    // Anywhere, and the same in every run.
    let seed = (which * 7_919 + number * 104_729 + size).wrapping_mul(2_654_435_761);
    let (one, other) = ((seed >> 7) % size, (seed >> 19) % size);
    let border = |at: usize| {
        let rest = record.get(at..).unwrap_or_default();
        let is_border = |byte: &u8| matches!(byte, b' ' | b',' | b'\t' | b'|' | b'{');
        at + rest.iter().position(is_border).unwrap_or(rest.len())
    };
    let (from, to) = (one.min(other), one.max(other));
    match which % 4 {
        0 => record[..one].to_vec(),
        1 => {
            let mut text = record.to_vec();
            if let Some(byte) = text.get_mut(one) {
                *byte = EDITS[(seed >> 31) % EDITS.len()];
            }
            text
        }
        2 => {
            let (from, to) = (border(from), border(to));
            [&record[..from], &record[to..]].concat()
        }
        _ => {
            let (from, to) = (border(from), border(to));
            let middle = border(from + (to - from) / 2).min(to);
            [
                &record[..from],
                &record[middle..to],
                &record[from..middle],
                &record[to..],
            ]
            .concat()
        }
    }
}
