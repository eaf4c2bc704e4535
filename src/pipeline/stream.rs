//! One byte stream on its way through a worker: its format, its parser, its line count.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::formats::{self, Context, Detection, Format, Formats, Parser};
use crate::model::{Coverage, Field, Fields, Parsed, Sample, Time, Untrusted};
use crate::sources::Chunk;

/// The most lines before the first event that are kept to start again in the middle of a log.
const MAX_HEADER: usize = 100;
/// Said of a log that is in no known format.
pub(super) const NOT_RECOGNISED: &str =
    "format not recognised; name it in the configuration or with --format";
/// How much of a rejected record is kept as a sample.
const SAMPLE_BYTES: usize = 300;

/// The parser state of one stream.
pub(super) struct Stream {
    formats: Arc<Formats>,
    parser: Option<(Arc<Format>, Box<dyn Parser>)>,
    context: Context,
    /// The header lines at the head of the stream, for whoever starts in its middle.
    header: Vec<Vec<u8>>,
    /// Whether rejected records may be kept: they can hold names that nothing else stores.
    keep_samples: bool,
    /// What the first bytes said of the format, where it was not named.
    detection: Detection,
}

impl Stream {
    /// Opens a stream at its first chunk in this process.
    pub(super) fn open(
        chunk: &Chunk,
        formats: Arc<Formats>,
        zone: &jiff::tz::TimeZone,
        keep_samples: bool,
    ) -> Self {
        Self {
            formats,
            parser: None,
            context: Context {
                zone: chunk.zone.clone().unwrap_or_else(|| zone.clone()),
                modified: chunk.modified,
            },
            header: Vec::new(),
            keep_samples,
            detection: Detection::default(),
        }
    }

    /// The format, once it is known.
    pub(super) fn format(&self) -> Option<&Arc<Format>> {
        self.parser.as_ref().map(|(format, _)| format)
    }

    /// What the first bytes said of the format; nothing where it was named.
    pub(super) fn detection(&self) -> &Detection {
        &self.detection
    }

    /// Parses a chunk and shows every record to `see`; what it counted is added to `coverage`.
    pub(super) fn read(
        &mut self,
        chunk: &Chunk,
        coverage: &mut Coverage,
        see: &mut impl FnMut(&Parsed<'_>),
    ) {
        coverage.bytes += chunk.bytes.len() as u64;
        self.recognise(chunk, coverage);
        let Some((format, parser)) = &mut self.parser else {
            count_unrecognised(chunk, coverage);
            return;
        };
        if chunk.modified != self.context.modified {
            self.context.modified = chunk.modified;
            parser.written_by(chunk.modified);
        }
        format.name.clone_into(&mut coverage.format);
        let mut reading = Reading {
            see,
            coverage,
            told: Fields::NONE,
            keep_samples: self.keep_samples,
        };
        for (number, record) in (chunk.line..).zip(records(&chunk.bytes)) {
            for record in formats::parts(record) {
                let survived = catch_unwind(AssertUnwindSafe(|| {
                    reading.take(parser.as_mut(), number, record);
                }));
                if survived.is_err() {
                    // The parser may be half-way through anything; a fresh one is not.
                    *parser = opened(format, &self.context, &self.header);
                    reading.coverage.read += 1;
                    reading.reject(
                        number,
                        record,
                        "the parser failed on this record; please report it",
                    );
                }
            }
        }
        if chunk.last {
            for event in parser.finish() {
                reading.took(0, &[], Parsed::Event(event));
            }
        }
        let told = reading.told;
        coverage.cannot_tell = Field::ALL
            .iter()
            .filter(|field| !format.tells.union(told).has(**field))
            .map(|field| field.as_str().to_owned())
            .collect();
    }

    /// Chooses the format: the configured one, or by the stream's first bytes.
    fn recognise(&mut self, chunk: &Chunk, coverage: &mut Coverage) {
        if self.parser.is_some() {
            return;
        }
        let head = chunk.head.as_deref().unwrap_or(&chunk.bytes);
        let format = match &chunk.format {
            Some(name) => self.formats.named(name).ok(),
            None => {
                let detection = self.formats.detect(head);
                coverage.notes.extend(detection.mixed.clone());
                self.detection = detection;
                self.detection.chosen.clone()
            }
        };
        let Some(format) = format else { return };
        let mut parser = format.open(&self.context);
        self.header = records(head)
            .take(MAX_HEADER)
            .take_while(|record| matches!(parser.parse(record), Parsed::Skip(_)))
            .map(<[u8]>::to_vec)
            .collect();
        let header = if chunk.offset > 0 {
            self.header.as_slice()
        } else {
            &[]
        };
        let parser = opened(&format, &self.context, header);
        self.parser = Some((format, parser));
    }
}

/// A parser that knows the header: it says what the columns of later records mean.
fn opened(format: &Arc<Format>, context: &Context, header: &[Vec<u8>]) -> Box<dyn Parser> {
    let mut parser = format.open(context);
    for record in header {
        let _ = parser.parse(record);
    }
    parser
}

/// What taking one record needs.
struct Reading<'r, S> {
    see: &'r mut S,
    coverage: &'r mut Coverage,
    told: Fields,
    keep_samples: bool,
}

impl<S: FnMut(&Parsed<'_>)> Reading<'_, S> {
    fn take(&mut self, parser: &mut dyn Parser, number: u64, record: &[u8]) {
        self.took(number, record, parser.parse(record));
    }

    fn took(&mut self, number: u64, record: &[u8], parsed: Parsed<'_>) {
        (self.see)(&parsed);
        self.coverage.read += 1;
        match parsed {
            Parsed::Event(event) => {
                self.told = self.told.union(event.tells);
                self.seen_at(event.time);
                self.coverage.events += 1;
            }
            Parsed::Skip(why) => {
                self.coverage.skipped += 1;
                count(self.coverage, why);
            }
            Parsed::Bad(why) => self.reject(number, record, why),
        }
    }

    fn seen_at(&mut self, time: Time) {
        let first = &mut self.coverage.first;
        *first = Some(first.map_or(time, |first| first.min(time)));
        self.coverage.last = self.coverage.last.max(Some(time));
    }

    fn reject(&mut self, number: u64, record: &[u8], why: &str) {
        self.coverage.bad += 1;
        count(self.coverage, why);
        if self.keep_samples && self.coverage.bad_samples.len() < Coverage::SAMPLES {
            let kept = record.get(..SAMPLE_BYTES).unwrap_or(record);
            self.coverage.bad_samples.push(Sample {
                line: number,
                why: why.to_owned(),
                text: Untrusted::rebuilt(without_queries(kept)),
            });
        }
    }
}

/// The record with every query string cut out: they hold prompts and tokens, which are never stored.
fn without_queries(record: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(record.len());
    let mut in_query = false;
    for byte in record {
        if in_query && matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'|' | b'>') {
            in_query = false;
        }
        if !in_query {
            kept.push(*byte);
        }
        in_query |= *byte == b'?';
    }
    kept
}

fn count(coverage: &mut Coverage, why: &str) {
    match coverage.reasons.get_mut(why) {
        Some(count) => *count += 1,
        None => {
            coverage.reasons.insert(why.to_owned(), 1);
        }
    }
}

fn count_unrecognised(chunk: &Chunk, coverage: &mut Coverage) {
    let lines = records(&chunk.bytes).count() as u64;
    coverage.read += lines;
    coverage.bad += lines;
    if lines > 0 {
        *coverage
            .reasons
            .entry("format not recognised".to_owned())
            .or_default() += lines;
        coverage.notes.push(match &chunk.format {
            Some(name) => format!("there is no format {name:?}; see `gnomon formats list`"),
            None => NOT_RECOGNISED.to_owned(),
        });
    }
}

/// The records of a chunk, without line ends.
pub fn records(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest);
        let (record, next) = match end {
            Some(end) => (rest.get(..end)?, rest.get(end + 1..)?),
            None => (rest, [].as_slice()),
        };
        rest = next;
        Some(record.strip_suffix(b"\r").unwrap_or(record))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_holds_no_query_string() {
        assert_eq!(
            without_queries(b"GET /a?token=s3cret HTTP/1.1"),
            b"GET /a? HTTP/1.1"
        );
        assert_eq!(without_queries(b"\"/x?q=1\" \"/y?z\""), b"\"/x?\" \"/y?\"");
        assert_eq!(without_queries(b"no query"), b"no query");
    }

    #[test]
    fn records_end_at_newlines_with_or_without_a_carriage_return() {
        let lines: Vec<&[u8]> = records(b"a\r\n\nb\nc").collect();
        assert_eq!(lines, [b"a".as_slice(), b"", b"b", b"c"]);
        assert_eq!(records(b"").count(), 0);
    }
}
