//! What every target asks of a log: whatever it holds, each record is an event, a skip or a rejection, and an event
//! holds together.

use std::sync::Arc;

use gnomon::formats::{Context, Format, Parser, json_line, parts};
use gnomon::model::{Event, Parsed, Time};

const FIRST: Time = Time::from_secs(-62_135_596_800);
const LAST: Time = Time::from_secs(253_402_300_800);

/// A zone that changes its offset, and a log that was written last in November 2026.
#[must_use]
pub fn context() -> Context {
    Context {
        zone: jiff::tz::TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone"),
        modified: Time::from_secs(1_795_500_000),
    }
}

/// Reads a log as the program does: lines, records in lines, and what waits at the end.
pub fn read(format: &Arc<Format>, log: &[u8]) {
    let mut parser = format.open(&context());
    let mut sniffer = format.sniffer();
    for line in log.split(|byte| *byte == b'\n') {
        for record in parts(line) {
            assert!(sniffer.score(record) <= 100);
            take(format, parser.as_mut(), record);
        }
    }
    for event in parser.finish() {
        holds_together(format, event);
    }
}

/// Reads one record.
pub fn take(format: &Arc<Format>, parser: &mut dyn Parser, record: &[u8]) {
    match parser.parse(record) {
        Parsed::Event(event) => holds_together(format, event),
        Parsed::Skip(why) | Parsed::Bad(why) => assert!(!why.is_empty()),
    }
}

fn holds_together(format: &Arc<Format>, event: Event<'_>) {
    assert!((FIRST..LAST).contains(&event.time), "{}", event.time);
    assert!(event.port != Some(0) && event.client_port != Some(0));
    assert!(
        event
            .status
            .is_none_or(|status| (100..1000).contains(&status))
    );
    for count in [event.bytes_up, event.bytes_down, event.duration_ms] {
        assert!(count.is_none_or(|count| i64::try_from(count).is_ok()));
    }
    let line = json_line(1, format.name, &Parsed::Event(event));
    assert!(
        serde_json::from_str::<serde::de::IgnoredAny>(&line).is_ok(),
        "{line}"
    );
}
