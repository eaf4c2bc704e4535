//! How fast each format is read, on one core: `cargo bench --bench formats [NAME…]`.
//!
//! The records of a fixture are repeated until they fill a few megabytes, then parsed in rounds that alternate with a
//! plain search for line ends over the same bytes, because machines are shared: the ratio of the two is what
//! can be compared. Measured is the time of this thread on a core, printed are the medians. Skipped records are part of a
//! log; bad ones are left out, because a fixture has many and a log has none.

#![expect(clippy::print_stdout, reason = "a table for people")]

mod core_time;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gnomon::formats::{Context, Format, Formats, parts};
use gnomon::model::Parsed;

const BYTES: usize = 4 << 20;
const ROUNDS: usize = 7;

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    println!(
        "{:<28} {:>8} {:>9} {:>9} {:>8}",
        "format", "MB/s", "ns/record", "x lines", "events"
    );
    for format in Formats::embedded().iter() {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == format.name) {
            continue;
        }
        let sample = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/formats")
            .join(format.name)
            .join("sample.log");
        let Ok(sample) = fs::read(sample) else {
            println!("{:<28} no fixture", format.name);
            continue;
        };
        let context = Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: "2026-11-24T00:00:00Z".parse().expect("a time"),
        };
        let sample = understood(&sample, format, &context);
        let log = sample.repeat(BYTES / sample.len().max(1) + 1);
        let mut parsing = Vec::new();
        let mut searching = Vec::new();
        let (mut records, mut events) = (0_u32, 0_u32);
        for _ in 0..ROUNDS {
            let mut parser = format.open(&context);
            (records, events) = (0, 0);
            let start = cpu_time();
            for line in lines(&log) {
                for record in parts(line) {
                    records += 1;
                    let parsed = black_box(parser.parse(record));
                    events += u32::from(matches!(parsed, Parsed::Event(_)));
                }
            }
            parsing.push(cpu_time() - start);
            let start = cpu_time();
            black_box(memchr::memchr_iter(b'\n', &log).count());
            searching.push(cpu_time() - start);
        }
        let (parsing, searching) = (median(parsing), median(searching));
        let secs = parsing.as_secs_f64();
        println!(
            "{:<28} {:>8.0} {:>9.0} {:>9.1} {:>7.0}%",
            format.name,
            log.len() as f64 / secs / 1e6,
            secs * 1e9 / f64::from(records),
            secs / searching.as_secs_f64(),
            100.0 * f64::from(events) / f64::from(records)
        );
    }
}

/// Every line of a log, found as sources find them.
fn lines(log: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut from = 0;
    let ends = memchr::memchr_iter(b'\n', log).chain([log.len()]);
    ends.map(move |end| {
        let line = &log[from..end];
        from = end + 1;
        line
    })
}

/// How long this thread has been on a core.
fn cpu_time() -> Duration {
    core_time::of(rustix::time::ClockId::ThreadCPUTime)
}

/// The lines of a sample that its format understands.
fn understood(sample: &[u8], format: &Arc<Format>, context: &Context) -> Vec<u8> {
    let mut parser = format.open(context);
    let mut kept = Vec::new();
    for line in sample.split(|byte| *byte == b'\n') {
        if !parts(line).any(|record| matches!(parser.parse(record), Parsed::Bad(_))) {
            kept.extend_from_slice(line);
            kept.push(b'\n');
        }
    }
    kept
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
