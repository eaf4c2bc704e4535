//! Every fixture line cut off at every byte, and spoilt at every byte: an event, a skip or a rejection, never a panic.
//!
//! The parser of a fixture keeps its state from one spoilt record to the next, as it does in a log that a client can
//! write into. What is still an event must hold together: a time that a calendar has, numbers in their ranges, a host
//! that stands in what was read. A line costs the square of its length, so every fixture gets an equal share of
//! [`WORK`]: however many formats there are, the test takes as long; a fixture that needs more is spoilt at a stride
//! whose beginning moves from line to line. `GNOMON_SPOIL=all` spoils every byte, in some minutes. What random bytes and
//! forged structure do is for the fuzz targets in `fuzz/`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use gnomon::formats::{Parser, Sniffer, json_line};
use gnomon::model::{Event, Parsed, Time, Untrusted};
use memchr::memmem;

use super::{Fixture, assert_none, context, fixtures};

/// What the bytes of a line are replaced by, in turn: the next byte of a line by the next of these, so that over a
/// fixture every kind of place meets every one of them.
const HOSTILE: &[u8] = b"\0\"\\% \t=|,{}[]<>\xff0:;'/.-#@(\r\xc3";
/// Bytes that all parsers together may be given: a minute on one slow core, without optimisation.
const WORK: usize = 350_000_000;
/// So much is kept of what a parser was shown.
const SEEN_BYTES: usize = 32 * 1024;
const FIRST: Time = Time::from_secs(-62_135_596_800);
const LAST: Time = Time::from_secs(253_402_300_800);

#[test]
fn every_prefix_and_every_spoilt_byte_is_survived() {
    let fixtures = fixtures();
    let share = match std::env::var_os("GNOMON_SPOIL") {
        Some(_) => usize::MAX,
        None => WORK / fixtures.len(),
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut complaints = Vec::new();
        while let Some(fixture) = fixtures.get(next.fetch_add(1, Ordering::Relaxed)) {
            Trial::of(fixture).run(share, &mut complaints);
        }
        complaints
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let complaints = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let each = workers.into_iter().map(|worker| worker.join().unwrap());
        each.flatten().collect::<Vec<_>>()
    });
    assert_none(&complaints);
}

/// One fixture under attack.
struct Trial<'f> {
    fixture: &'f Fixture,
    parser: Box<dyn Parser>,
    sniffer: Sniffer<'f>,
    /// How many records were spoilt so far; which hostile byte a place meets depends on it.
    turn: usize,
    faults: usize,
    /// The last records, a line each: a format may put an event together from several.
    seen: Vec<u8>,
}

impl<'f> Trial<'f> {
    fn of(fixture: &'f Fixture) -> Self {
        Self {
            fixture,
            parser: fixture.format.open(&context()),
            sniffer: fixture.format.sniffer(),
            turn: 0,
            faults: 0,
            seen: Vec::new(),
        }
    }

    fn run(mut self, share: usize, complaints: &mut Vec<String>) {
        let lengths = self.fixture.records().into_iter().map(<[u8]>::len);
        let whole: usize = lengths.map(|length| length * length).sum();
        let stride = whole.div_ceil(share).max(1);
        for record in self.fixture.records() {
            // As it is first and last: a header that was spoilt is whole again for the rows below it.
            self.try_one(record, complaints);
            let mut spoilt = record.to_vec();
            for at in (self.turn % stride..record.len()).step_by(stride) {
                self.try_one(record.get(..at).unwrap(), complaints);
                let hostile = HOSTILE[(self.turn + at) % HOSTILE.len()];
                let was = std::mem::replace(&mut spoilt[at], hostile);
                self.try_one(&spoilt, complaints);
                spoilt[at] = was;
            }
            self.try_one(record, complaints);
            self.turn += 1;
        }
        let waiting = self.parser.finish();
        let faults = waiting.iter().filter_map(incoherent);
        complaints.extend(faults.map(|what| format!("{}: {what} at its end", self.fixture.name())));
    }

    fn try_one(&mut self, record: &[u8], complaints: &mut Vec<String>) {
        if self.seen.len() > SEEN_BYTES {
            self.seen.drain(..SEEN_BYTES / 2);
        }
        self.seen.extend_from_slice(record);
        self.seen.push(b'\n');
        let outcome = catch_unwind(AssertUnwindSafe(|| self.fault(record)));
        let what = match outcome {
            Ok(None) => return,
            Ok(Some(what)) => what,
            Err(_) => {
                self.parser = self.fixture.format.open(&context());
                "the parser panics".to_owned()
            }
        };
        self.faults += 1;
        if self.faults <= 3 {
            let record = record.escape_ascii();
            complaints.push(format!("{}: {what}: {record}", self.fixture.name()));
        }
    }

    /// What is wrong with what became of a record, if anything is.
    fn fault(&mut self, record: &[u8]) -> Option<String> {
        let score = self.sniffer.score(record);
        if score > 100 {
            return Some(format!("is claimed with {score}"));
        }
        let parsed = self.parser.parse(record);
        let Parsed::Event(event) = &parsed else {
            return None;
        };
        let line = json_line(1, self.fixture.format.name, &parsed);
        if serde_json::from_str::<serde::de::IgnoredAny>(&line).is_err() {
            return Some(format!("is told as {line}, which is no JSON"));
        }
        let what = incoherent(event).or_else(|| {
            let hosts = [&event.host, &event.referer_host];
            let mut hosts = hosts.into_iter().flatten().map(Untrusted::bytes);
            let read = [record, &self.seen, &self.fixture.log];
            let is_known = hosts.all(|host| read.iter().any(|read| stands_in(host, read)));
            (!is_known).then_some("a host that was never read")
        });
        what.map(|what| format!("{what} in {line}"))
    }
}

/// What cannot be true of an event.
fn incoherent(event: &Event<'_>) -> Option<&'static str> {
    let is_zero = |port: Option<u16>| port == Some(0);
    let is_huge = |count: Option<u64>| count.is_some_and(|count| i64::try_from(count).is_err());
    if !(FIRST..LAST).contains(&event.time) {
        return Some("no calendar has the time");
    }
    if is_zero(event.port) || is_zero(event.client_port) {
        return Some("port 0");
    }
    if event
        .status
        .is_some_and(|status| !(100..1000).contains(&status))
    {
        return Some("no such status");
    }
    if is_huge(event.bytes_up) || is_huge(event.bytes_down) || is_huge(event.duration_ms) {
        return Some("a count beyond 63 bits");
    }
    None
}

/// Whether a host stands in what was read, as it is or behind the escapes that logs have; a name that is written label
/// by label, each of its labels.
fn stands_in(host: &[u8], read: &[u8]) -> bool {
    if memmem::find(read, host).is_some() {
        return true;
    }
    let quoted = undone(read, b'\\', quote_escape);
    let bare = undone(read, b'\\', |after| Some((vec![*after.first()?], 1)));
    let unescaped = undone(read, b'\\', escape);
    let mut forms = vec![
        undone(read, b'%', two_digits),
        undone(read, b'#', two_digits),
        undone(&unescaped, b'%', two_digits),
        undone(read, b'\\', dns_escape),
        undone(&quoted, b'\\', dns_escape),
        undone(&bare, b'\\', dns_escape),
        undone(&unescaped, b'\\', dns_escape),
        unescaped,
        read.to_vec(),
    ];
    let records = read.split(|byte| *byte == b'\n');
    let base64 = records.filter_map(|record| record.strip_prefix(b"dnstap "));
    forms.extend(base64.filter_map(|text| BASE64.decode(text.trim_ascii()).ok()));
    let forms: Vec<_> = forms.iter().map(|form| bones(form)).collect();
    let has = |text: &[u8]| {
        forms
            .iter()
            .any(|form| memmem::find(form, &bones(text)).is_some())
    };
    has(host) || host.split(|byte| *byte == b'.' || *byte >= 0x80).all(has)
}

/// A text without what layouts add to names or take from them: quotes, backslashes, blanks.
fn bones(text: &[u8]) -> Vec<u8> {
    let is_bone =
        |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"') || *byte >= 0x80;
    text.iter().copied().filter(is_bone).collect()
}

/// Undoes an escape wherever its mark stands: the byte meant, and how many bytes behind the mark say it.
fn undone(text: &[u8], mark: u8, escape: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        let meant = (*byte == mark).then(|| escape(&text[at..])).flatten();
        match meant {
            Some((bytes, used)) => {
                plain.extend(bytes);
                at += used;
            }
            None => plain.push(*byte),
        }
    }
    plain
}

/// What JSON, Apache and nginx put behind a backslash.
fn escape(after: &[u8]) -> Option<(Vec<u8>, usize)> {
    let byte = |byte: u8| Some((vec![byte], 1));
    match after.first()? {
        b'n' => byte(b'\n'),
        b't' => byte(b'\t'),
        b'r' => byte(b'\r'),
        b'b' => byte(8),
        b'f' => byte(12),
        b'v' => byte(11),
        b'u' => {
            let c = number(after.get(1..5)?, 16).and_then(char::from_u32)?;
            Some((c.to_string().into_bytes(), 5))
        }
        b'x' => Some((vec![u8::try_from(number(after.get(1..3)?, 16)?).ok()?], 3)),
        _ => quote_escape(after),
    }
}

/// What is put behind a backslash wherever there are quotes.
fn quote_escape(after: &[u8]) -> Option<(Vec<u8>, usize)> {
    let byte = after.first()?;
    matches!(byte, b'"' | b'\\' | b'/').then(|| (vec![*byte], 1))
}

/// What DNS puts behind a backslash: a byte in tens, or a byte that would mean something.
fn dns_escape(after: &[u8]) -> Option<(Vec<u8>, usize)> {
    let tens = after.get(..3).and_then(|digits| number(digits, 10));
    match tens.and_then(|byte| u8::try_from(byte).ok()) {
        Some(byte) => Some((vec![byte], 3)),
        None => Some((vec![*after.first()?], 1)),
    }
}

fn two_digits(after: &[u8]) -> Option<(Vec<u8>, usize)> {
    let byte = number(after.get(..2)?, 16)?;
    Some((vec![u8::try_from(byte).ok()?], 2))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, radix).ok()
}
