//! Whether any line can cost more than its length: `cargo bench --bench linear [-- NAME…] [--strict]`.
//!
//! A record of each fixture is torn open at many places and filled with what parsers stumble over: signs of assignment,
//! quotes, backslashes, blanks, brackets, headers inside headers, alone and one kind behind another. Each is read by
//! its own format, first short and then eight times as long; whatever then takes much more than eight times as long is
//! measured again up to a megabyte and printed. What is left must be near four: four times the line, four times the
//! time. Time is that of this thread, so that others on the machine do not matter much. `--strict` fails on a finding; nothing runs
//! that by itself, because machines differ.

#![expect(clippy::print_stdout, reason = "a table for people")]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use gnomon::formats::{Context, Format, Formats, inside, parts};
use gnomon::model::Parsed;

const KIB: usize = 1 << 10;
/// The first look.
const SHORT: usize = 8 * KIB;
const LONG: usize = 64 * KIB;
/// What a suspect is measured at.
const SIZES: [usize; 3] = [64 * KIB, 256 * KIB, 1024 * KIB];
/// From this factor between two looks on, a line is a suspect: eight times the bytes, eight times the time.
const SUSPECT: f64 = 24.0;
/// From this factor on four times the bytes are more than four times the time.
const GUILTY: f64 = 8.0;
/// A line this slow is told whatever its factor.
const SLOW_NANOS_PER_BYTE: f64 = 400.0;
/// Records of a fixture that are torn open, and places in each.
const RECORDS: usize = 4;
const PLACES: usize = 12;
/// So many lines of a format are told for each step.
const TOLD: usize = 4;

const FILLINGS: &[&str] = &[
    "=",
    "\"",
    "\\",
    " ",
    "\t",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    ",",
    ";",
    ":",
    "|",
    "/",
    "%",
    "#",
    "@",
    ".",
    "-",
    "0",
    "a",
    "\u{fffd}",
    "\0",
    "a=",
    " a=",
    "a=\"",
    " a=\"x\"",
    "=\"\"",
    "\\\"",
    "\\\\\"",
    "\"\"",
    "\",\"",
    "\" \"",
    " \"",
    "[ ",
    " [",
    "] ",
    "\"a\":{",
    "\"a\":[",
    "\"a\":\"",
    "}{",
    "{}",
    "} {",
    "{\"a\":1}",
    "[{},",
    "{\"message\":",
    "{\"message\":\"",
    "\"data\":{},",
    "{\"event\":",
    "\\u0022",
    "\\x22",
    "\\t",
    "#011",
    "%20",
    "%5B",
    "a.",
    "://",
    "http://",
    "<1>",
    "<14>Nov  2 10:11:12 gw squid[77]: ",
    "<14>1 2026-11-02T10:11:12Z gw a 1 - - ",
    "2026-11-02T10:11:12Z ",
    "CEF:0|",
    "LEEF:1.0|",
    " - ",
    " -> ",
    "&a=",
    "?",
    "^",
    "\\|",
    "\\=",
    "(1)a",
    "x a: ",
    ", a: ",
    "; ",
    "\r",
];
/// What may stand behind the filling for as long again.
const SECOND: &[&str] = &["", " ", "\\", "\"", "="];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_strict = arguments.iter().any(|argument| argument == "--strict");
    let wanted: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let mut findings = 0;
    println!(
        "{:<26} {:<7} {:>9} {:>7} {:>7} {:>9}  line",
        "format", "step", "us/64KiB", "x256", "x1024", "ns/byte"
    );
    for format in Formats::embedded().iter() {
        if wanted.is_empty() || wanted.iter().any(|name| **name == format.name) {
            findings += examine(format);
        }
    }
    println!("{findings} lines cost more than their length");
    if is_strict && findings > 0 {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// One way to spend time on a line.
#[derive(Clone, Copy)]
enum Step {
    Sniff,
    Parse,
    Parts,
    Inside,
}

impl Step {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Sniff, "sniff"),
        (Self::Parse, "parse"),
        (Self::Parts, "parts"),
        (Self::Inside, "inside"),
    ];

    /// Nanoseconds of this thread that a line costs; the least of some tries.
    fn nanos(self, format: &Arc<Format>, line: &[u8], tries: usize) -> f64 {
        let context = Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: "2026-11-24T00:00:00Z".parse().expect("a time"),
        };
        let header = header(format);
        let once = |_| {
            let mut parser = format.open(&context);
            for record in &header {
                let _ = parser.parse(record);
            }
            let mut sniffer = format.sniffer();
            let start = cpu_nanos();
            match self {
                Self::Sniff => {
                    black_box(sniffer.score(line));
                }
                Self::Parse => {
                    black_box(parser.parse(line));
                }
                Self::Parts => {
                    black_box(parts(line).count());
                }
                Self::Inside => {
                    black_box(inside(line).len());
                }
            }
            cpu_nanos() - start
        };
        (0..tries).map(once).fold(f64::INFINITY, f64::min)
    }
}

fn cpu_nanos() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Tries every line on a format and prints the suspects; how many are guilty.
fn examine(format: &Arc<Format>) -> usize {
    let mut findings = 0;
    let mut told = [0; 4];
    for (number, record) in records(format).iter().enumerate() {
        for place in places(record) {
            for filling in FILLINGS {
                for second in SECOND {
                    let make = |size| torn(record, place, filling, second, size);
                    // What does not depend on the format is looked at once.
                    let steps = if number == 0 { 4 } else { 2 };
                    for (at, (step, name)) in Step::ALL.iter().take(steps).enumerate() {
                        // One cause shows in many lines.
                        if told[at] == TOLD {
                            continue;
                        }
                        let what = format!(
                            "{filling:?} {second:?} at {place} of {}",
                            record.escape_ascii()
                        );
                        let is_guilty = judge(format, *step, name, &make, &what);
                        told[at] += usize::from(is_guilty);
                        findings += usize::from(is_guilty);
                    }
                }
            }
        }
    }
    findings
}

/// Whether a line costs more than its length.
fn judge(
    format: &Arc<Format>,
    step: Step,
    name: &str,
    make: &dyn Fn(usize) -> Vec<u8>,
    what: &str,
) -> bool {
    let long = step.nanos(format, &make(LONG), 1);
    // A hundred microseconds are a nanosecond and a half per byte: whatever that is, it is not much.
    if long < 100_000.0 {
        return false;
    }
    let is_slow = long / LONG as f64 > SLOW_NANOS_PER_BYTE;
    if !is_slow && long < SUSPECT * step.nanos(format, &make(SHORT), 2) {
        return false;
    }
    let [first, second, third] = SIZES.map(|size| step.nanos(format, &make(size), 3));
    let is_guilty = second / first > GUILTY || third / second > GUILTY;
    let is_slow = second / SIZES[1] as f64 > SLOW_NANOS_PER_BYTE;
    if is_guilty || is_slow {
        println!(
            "{:<26} {:<7} {:>9.0} {:>7.1} {:>7.1} {:>9.0}  {:.150}",
            format.name,
            name,
            first / 1e3,
            second / first,
            third / second,
            third / SIZES[2] as f64,
            what
        );
    }
    is_guilty
}

/// A record with a filling of this many bytes in it, half of it the one and half the other.
fn torn(record: &[u8], place: usize, filling: &str, second: &str, size: usize) -> Vec<u8> {
    let parts = if second.is_empty() { 1 } else { 2 };
    let mut line = record[..place].to_vec();
    line.extend(filling.repeat(size / parts / filling.len()).into_bytes());
    if !second.is_empty() {
        line.extend(second.repeat(size / parts / second.len()).into_bytes());
    }
    line.extend_from_slice(&record[place..]);
    line
}

fn sample(format: &Format) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    fs::read(root.join(format.name).join("sample.log")).unwrap_or_default()
}

/// The first lines of a fixture, which may name the columns.
fn header(format: &Format) -> Vec<Vec<u8>> {
    let sample = sample(format);
    let lines = sample.split(|byte| *byte == b'\n').take(8);
    lines
        .take_while(|line| line.first() == Some(&b'#'))
        .map(<[u8]>::to_vec)
        .collect()
}

/// Records that are events, far from one another, and the empty one.
fn records(format: &Arc<Format>) -> Vec<Vec<u8>> {
    let context = Context {
        zone: jiff::tz::TimeZone::UTC,
        modified: "2026-11-24T00:00:00Z".parse().expect("a time"),
    };
    let mut parser = format.open(&context);
    let sample = sample(format);
    let events: Vec<&[u8]> = sample
        .split(|byte| *byte == b'\n')
        .filter(|line| matches!(parser.parse(line), Parsed::Event(_)))
        .collect();
    let step = events.len().div_ceil(RECORDS - 1).max(1);
    let events = events.iter().step_by(step).map(|line| line.to_vec());
    std::iter::once(Vec::new()).chain(events).collect()
}

/// The beginning, the end, and places behind a sign.
fn places(record: &[u8]) -> Vec<usize> {
    let signs: Vec<usize> = (1..record.len())
        .filter(|at| !record[at - 1].is_ascii_alphanumeric())
        .collect();
    let step = signs.len().div_ceil(PLACES).max(1);
    let mut places = vec![0, record.len()];
    places.extend(signs.iter().step_by(step));
    places.sort_unstable();
    places.dedup();
    places
}
