//! One byte stream on its way through a worker: its format, its parser, its line count.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use crate::formats::{Context, Detection, Format, Formats, Parser};
use crate::model::{Coverage, Field, Fields, Glance, Kind, Parsed, Sample, Time, Untrusted};
use crate::sources::Chunk;

use super::walk::{Place, Walk, records};

/// The most lines before the first event that are kept to start again in the middle of a log.
const MAX_HEADER: usize = 100;
/// Said of a log that is in no known format.
pub(super) const NOT_RECOGNISED: &str =
    "format not recognised; name it in the configuration or with --format";
/// How much of a rejected record is kept as a sample.
const SAMPLE_BYTES: usize = 300;

/// So many records are glanced at before the first of them is counted, where every record is understood by itself.
const AHEAD: usize = 32;

/// Who is shown what a stream holds.
pub(super) trait Watch {
    /// Whether glances are of any use.
    const GLANCES: bool = false;

    /// Hears whose glances come next, in that order: what is known of them may be fetched.
    fn expect<'h>(&mut self, _hosts: impl Iterator<Item = &'h [u8]>) {}

    /// Takes time and host of an event, if nothing else of it matters; with `false` it is shown whole.
    fn glance(&mut self, _glance: &Glance<'_>) -> bool {
        false
    }

    /// Sees what became of a record.
    fn see(&mut self, parsed: &Parsed<'_>);
}

impl<F: FnMut(&Parsed<'_>)> Watch for F {
    fn see(&mut self, parsed: &Parsed<'_>) {
        self(parsed);
    }
}

/// What the first bytes of a stream said of it.
#[derive(Debug)]
pub(super) struct Recognised {
    format: Arc<Format>,
    /// The header lines at the head of the stream, for whoever starts in its middle.
    header: Vec<Vec<u8>>,
    /// What the first bytes said of the format; nothing where it was named.
    detection: Detection,
    /// Whether every record is understood by itself.
    pub(super) is_stateless: bool,
}

/// The parser state of one stream, or of one worker's part of it.
pub(super) struct Stream {
    formats: Arc<Formats>,
    recognised: Arc<OnceLock<Recognised>>,
    parser: Option<Box<dyn Parser>>,
    context: Context,
    /// Whether rejected records may be kept: they can hold names that nothing else stores.
    keep_samples: bool,
}

impl Stream {
    /// Opens a stream at the first chunk of it that this worker gets. What is found out about the stream is left where
    /// the others see it.
    pub(super) fn open(
        chunk: &Chunk,
        formats: Arc<Formats>,
        zone: &jiff::tz::TimeZone,
        keep_samples: bool,
        recognised: Arc<OnceLock<Recognised>>,
    ) -> Self {
        Self {
            formats,
            recognised,
            parser: None,
            context: Context {
                zone: chunk.zone.clone().unwrap_or_else(|| zone.clone()),
                modified: chunk.modified,
            },
            keep_samples,
        }
    }

    /// The format, once it is known.
    pub(super) fn format(&self) -> Option<&Arc<Format>> {
        self.recognised.get().map(|recognised| &recognised.format)
    }

    /// What the first bytes said of the format; nothing where it was named or could not be told.
    pub(super) fn detection(&self) -> Option<&Detection> {
        self.recognised
            .get()
            .map(|recognised| &recognised.detection)
    }

    /// Parses a chunk and shows every record to `watch`; what it counted is added to `coverage`.
    pub(super) fn read<W: Watch>(&mut self, chunk: &Chunk, coverage: &mut Coverage, watch: &mut W) {
        coverage.bytes += chunk.bytes.len() as u64;
        self.recognise(chunk, coverage);
        let (Some(parser), Some(recognised)) = (&mut self.parser, self.recognised.get()) else {
            count_unrecognised(chunk, coverage);
            return;
        };
        if chunk.modified != self.context.modified {
            self.context.modified = chunk.modified;
            parser.written_by(chunk.modified);
        }
        let format = &recognised.format;
        format.name.clone_into(&mut coverage.format);
        let mut reading = Reading {
            watch,
            coverage,
            told: Fields::NONE,
            kind: format.kind,
            ahead: if recognised.is_stateless { AHEAD } else { 1 },
            keep_samples: self.keep_samples,
        };
        let mut walk = Walk::of(chunk);
        while catch_unwind(AssertUnwindSafe(|| reading.all(parser.as_mut(), &mut walk))).is_err() {
            // The parser may be half-way through anything; a fresh one is not.
            *parser = opened(format, &self.context, &recognised.header);
            reading.coverage.read += 1;
            reading.reject(
                walk.now,
                "the parser failed on this record; please report it",
            );
        }
        if chunk.last {
            for event in parser.finish() {
                let nowhere = Place {
                    number: 0,
                    record: &[],
                };
                reading.took(nowhere, Parsed::Event(event));
            }
        }
        let told = reading.told;
        coverage.cannot_tell = Field::ALL
            .iter()
            .filter(|field| field.is_expected() && !format.tells.union(told).has(**field))
            .map(|field| field.as_str().to_owned())
            .collect();
    }

    /// Chooses the format, the configured one or by the stream's first bytes, unless that was done, and opens a parser.
    fn recognise(&mut self, chunk: &Chunk, coverage: &mut Coverage) {
        // A parser that anybody may have must not know what only this worker saw.
        let anew = self.recognised.get().is_some_and(|r| r.is_stateless);
        if self.parser.is_some() && !anew {
            return;
        }
        if self.recognised.get().is_none()
            && let Some(recognised) = self.find_out(chunk, coverage)
        {
            let _ = self.recognised.set(recognised);
        }
        let Some(recognised) = self.recognised.get() else {
            return;
        };
        let header = if chunk.offset > 0 {
            recognised.header.as_slice()
        } else {
            &[]
        };
        self.parser = Some(opened(&recognised.format, &self.context, header));
    }

    fn find_out(&self, chunk: &Chunk, coverage: &mut Coverage) -> Option<Recognised> {
        let head = chunk.head.as_deref().unwrap_or(&chunk.bytes);
        let detection = match &chunk.format {
            Some(name) => Detection {
                chosen: self.formats.named(name).ok(),
                ..Detection::default()
            },
            None => self.formats.detect(head),
        };
        coverage.notes.extend(detection.mixed.clone());
        let format = detection.chosen.clone()?;
        let mut parser = format.open(&self.context);
        let mut first = records(head).take(MAX_HEADER).map(|record| {
            let is_header = matches!(parser.parse(record), Parsed::Skip(_));
            is_header.then(|| record.to_vec())
        });
        let header = first.by_ref().map_while(std::convert::identity).collect();
        first.for_each(drop);
        Some(Recognised {
            header,
            is_stateless: parser.is_stateless(),
            detection,
            format,
        })
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

/// What taking a record needs.
struct Reading<'r, W> {
    watch: &'r mut W,
    coverage: &'r mut Coverage,
    told: Fields,
    /// The usual kind of the format's events; a glance does not say it.
    kind: Kind,
    /// How many records may be glanced at before the first of them is counted.
    ahead: usize,
    keep_samples: bool,
}

impl<W: Watch> Reading<'_, W> {
    /// Takes every record that is left.
    fn all<'c, L>(&mut self, parser: &mut dyn Parser, walk: &mut Walk<'c, L>)
    where
        L: Iterator<Item = &'c [u8]>,
    {
        loop {
            // Some may be left where a parser failed.
            while let Some((place, glance)) = walk.take() {
                self.take(parser, place, glance);
            }
            walk.look_ahead(self.ahead, |record| {
                W::GLANCES.then(|| parser.glance(record)).flatten()
            });
            if walk.is_done() {
                return;
            }
            if self.ahead > 1 {
                self.watch.expect(walk.hosts());
            }
        }
    }

    fn take(&mut self, parser: &mut dyn Parser, place: Place<'_>, glance: Option<&Glance<'_>>) {
        if let Some(glance) = glance
            && self.watch.glance(glance)
        {
            let Glance { time, tells, .. } = *glance;
            parser.glanced();
            self.told = self.told.union(tells);
            self.coverage.read += 1;
            self.coverage.events += 1;
            let is_lookup = self.kind == Kind::Dns || tells.has(Field::Qtype);
            self.seen(time, is_lookup);
            return;
        }
        self.took(place, parser.parse(place.record));
    }

    fn took(&mut self, place: Place<'_>, parsed: Parsed<'_>) {
        self.watch.see(&parsed);
        self.coverage.read += 1;
        match parsed {
            Parsed::Event(event) => {
                self.told = self.told.union(event.tells);
                self.seen(event.time, event.kind == Kind::Dns);
                self.coverage.events += 1;
            }
            Parsed::Skip(why) => {
                self.coverage.skipped += 1;
                count(self.coverage, why);
            }
            Parsed::Bad(why) => self.reject(place, why),
        }
    }

    fn seen(&mut self, time: Time, is_lookup: bool) {
        self.coverage.shows_lookups |= is_lookup;
        self.coverage.shows_connections |= !is_lookup;
        let first = &mut self.coverage.first;
        *first = Some(first.map_or(time, |first| first.min(time)));
        self.coverage.last = self.coverage.last.max(Some(time));
    }

    fn reject(&mut self, Place { number, record }: Place<'_>, why: &str) {
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
}
