//! Surveys: what each source can tell, seen in the first of its records, for whoever sets the logging up.
//!
//! Sources are read and records understood exactly as in a scan, but nothing is detected and nothing is stored: what is
//! kept of a source are counts. What its records lack is counted in `tally`, what its times leave out is found out in
//! `times`, what several sources say of their clocks in `met`, and what of all this deserves a look is said in `doubts`.

mod doubts;
mod met;
mod tally;
mod times;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::formats::{Detection, Format, Formats};
use crate::model::{Coverage, Field, Parsed, Time};
use crate::sources::{Chunk, Next, Source};

use super::meter::Meter;
use super::stream::{NOT_RECOGNISED, Stream};

use tally::Tally;

pub use doubts::Doubt;
pub use met::clocks;
pub use tally::Count;

/// How far each source is read.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Unpacked bytes.
    pub bytes: u64,
    pub records: u64,
}

/// What a survey needs to know.
pub struct Asked {
    pub formats: Arc<Formats>,
    /// Zone of times written without one.
    pub zone: jiff::tz::TimeZone,
    /// The end of each source, when it is not to be read whole.
    pub extent: Option<Extent>,
    /// What lies after this lies in the future.
    pub now: Time,
    /// Whether bad records may be kept as samples.
    pub keep_samples: bool,
}

/// What one source tells.
#[derive(Debug, Default)]
pub struct Survey {
    /// What was read, how it came out, and what is wrong with the source itself.
    pub coverage: Coverage,
    /// The format, when it was recognised or named.
    pub format: Option<Arc<Format>>,
    /// What the first records say of the format; empty where it was named.
    pub detection: Detection,
    /// Reasons of the skipped records.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Whether there is more of it that was not read.
    pub is_cut: bool,
    tally: Tally,
    times: times::Lacking,
    met: met::Met,
}

/// Reads every source, as far as asked, and says of each what it tells.
pub fn survey(source: &mut dyn Source, asked: &Asked, meter: &Meter) -> Vec<Survey> {
    let mut done: Vec<Survey> = Vec::new();
    let mut reading: Option<Reading> = None;
    loop {
        if let Some((total, read)) = source.progress() {
            meter.on_disk(total, read);
        }
        match source.next() {
            Next::Chunk(mut chunk) => {
                let current = match &mut reading {
                    Some(reading) if reading.number == chunk.stream => reading,
                    other => {
                        done.extend(other.take().map(Reading::finish));
                        other.insert(Reading::open(&chunk, asked, &mut done))
                    }
                };
                current.read(&mut chunk, asked, meter);
                if current.survey.is_cut {
                    source.leave(chunk.stream);
                }
            }
            Next::Trouble { source, note } | Next::Lost { source, note } => {
                let prefix = format!("{source}: ");
                let note = note.strip_prefix(&prefix).unwrap_or(&note).to_owned();
                match &mut reading {
                    Some(reading) if reading.survey.coverage.source == *source => {
                        reading.survey.coverage.notes.push(note);
                    }
                    other => {
                        done.extend(other.take().map(Reading::finish));
                        done.push(Survey::unread(&source, note));
                    }
                }
            }
            Next::Forget(_) => {}
            Next::Idle | Next::End => break,
        }
    }
    done.extend(reading.map(Reading::finish));
    done
}

/// A source in the middle of its survey.
struct Reading {
    number: u64,
    stream: Stream,
    survey: Survey,
}

impl Reading {
    /// What was said of the source before its first bytes came is taken over.
    fn open(chunk: &Chunk, asked: &Asked, done: &mut Vec<Survey>) -> Self {
        let told = done.pop_if(|last| last.coverage.source == *chunk.source);
        let mut survey = told.unwrap_or_default();
        survey.coverage.source = chunk.source.to_string();
        Self {
            number: chunk.stream,
            stream: Stream::open(
                chunk,
                asked.formats.clone(),
                &asked.zone,
                asked.keep_samples,
                Arc::default(),
            ),
            survey,
        }
    }

    fn read(&mut self, chunk: &mut Chunk, asked: &Asked, meter: &Meter) {
        let survey = &mut self.survey;
        if survey.is_cut {
            return;
        }
        if let Some(extent) = asked.extent {
            survey.is_cut = cut(chunk, extent, &survey.coverage);
        }
        let mut coverage = Coverage {
            source: survey.coverage.source.clone(),
            ..Coverage::default()
        };
        let (tally, skipped) = (&mut survey.tally, &mut survey.skipped);
        let met = &mut survey.met;
        self.stream.read(
            chunk,
            &mut coverage,
            &mut |parsed: &Parsed<'_>| match parsed {
                Parsed::Event(event) => {
                    tally.event(event, asked.now);
                    met.event(event);
                }
                Parsed::Skip(why) => *skipped.entry(*why).or_default() += 1,
                Parsed::Bad(_) => {}
            },
        );
        meter.taken(coverage.bytes, coverage.read, coverage.events);
        survey.coverage.merge(&coverage);
        if survey.format.is_none()
            && let Some(format) = self.stream.format()
        {
            let head = chunk.head.as_deref().unwrap_or(&chunk.bytes);
            survey.times = times::lacking(format, head, chunk.modified);
            survey.format = Some(format.clone());
        }
    }

    fn finish(self) -> Survey {
        let mut survey = self.survey;
        survey.detection = self.stream.detection().cloned().unwrap_or_default();
        survey.tally.close();
        // A doubt says so, with more to do about it.
        survey.coverage.notes.retain(|note| note != NOT_RECOGNISED);
        survey
    }
}

/// Shortens a chunk to what may still be read; says whether that was the end.
fn cut(chunk: &mut Chunk, extent: Extent, read: &Coverage) -> bool {
    let bytes = extent.bytes.saturating_sub(read.bytes);
    let lines = extent.records.saturating_sub(read.read);
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    let lines = usize::try_from(lines).unwrap_or(usize::MAX);
    // Whole lines, so that none is taken for bad.
    let end = memchr::memchr_iter(b'\n', &chunk.bytes)
        .map(|at| at + 1)
        .take(lines)
        .take_while(|end| *end <= bytes)
        .last()
        .unwrap_or_default();
    let fits = chunk.bytes.len() <= bytes && super::records(&chunk.bytes).count() <= lines;
    if !fits {
        chunk.bytes.truncate(end);
    }
    !fits
}

impl Survey {
    fn unread(source: &str, note: String) -> Self {
        let coverage = Coverage {
            source: source.to_owned(),
            notes: vec![note],
            ..Coverage::default()
        };
        Self {
            coverage,
            ..Self::default()
        }
    }

    /// How many events have this field, and how many could. A client's name counts as a client.
    #[must_use]
    pub fn count(&self, field: Field) -> Count {
        self.tally.count(field)
    }

    /// Whether every event is a DNS look-up, of which no log can tell more than the name, the client and the answer.
    #[must_use]
    pub fn is_dns(&self) -> bool {
        self.tally.is_dns()
    }

    /// Reasons of the bad records.
    #[must_use]
    pub fn bad_reasons(&self) -> BTreeMap<&str, u64> {
        let reasons = self.coverage.reasons.iter().map(|(why, count)| {
            let skipped = self.skipped.get(why.as_str()).copied();
            (
                why.as_str(),
                count.saturating_sub(skipped.unwrap_or_default()),
            )
        });
        reasons.filter(|(_, count)| *count > 0).collect()
    }
}
