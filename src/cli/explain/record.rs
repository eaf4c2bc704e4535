//! A pasted log line, read as `gnomon events` would read it.
//!
//! Of several lines (a header and a record, or what `grep` found) the first event counts. The fields are those of
//! the `gnomon events` contract, taken from the very line it prints.

use serde::Serialize;
use serde_json::Value;

use crate::cli::until;
use std::sync::Arc;

use crate::formats::{self, Context, Detection, Format};
use crate::model::{Field, Parsed};

/// A record and how it was read.
#[derive(Debug)]
pub(super) struct Reading<'t> {
    pub(super) format: Arc<Format>,
    pub(super) parsed: Parsed<'t>,
    detection: Detection,
    forced: bool,
    line: u64,
    others: usize,
}

/// The same for output.
#[derive(Debug, Serialize)]
pub(super) struct RecordView {
    pub(super) format: &'static str,
    pub(super) title: &'static str,
    /// Whether --format named it.
    pub(super) forced: bool,
    pub(super) ranking: Vec<RankView>,
    pub(super) mixed: Option<String>,
    /// Which line of what was given, counted from 1.
    pub(super) line: u64,
    /// Lines that were given besides.
    pub(super) others: usize,
    /// The object that `gnomon events` prints.
    pub(super) understood: Value,
    pub(super) cannot_tell: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
pub(super) struct RankView {
    pub(super) format: &'static str,
    pub(super) share_percent: u64,
    pub(super) sureness: u64,
}

/// Reads lines in a format until one is an event; else the last that is wrong, else the last.
pub(super) fn read<'t>(
    given: &'t [u8],
    format: Arc<Format>,
    detection: Detection,
    forced: bool,
    zone: &jiff::tz::TimeZone,
) -> Reading<'t> {
    let mut parser = format.open(&Context {
        zone: zone.clone(),
        modified: until::now(),
    });
    let records = crate::pipeline::records(given);
    let mut held = (0, Parsed::Bad("nothing but an empty line"));
    let mut count = 0;
    for (line, record) in (1..).zip(records) {
        count = line;
        let is_decided = matches!(held.1, Parsed::Event(_));
        if is_decided || record.trim_ascii().is_empty() {
            continue;
        }
        let parsed = parser.parse(record);
        let says_less =
            held.0 > 0 && matches!(parsed, Parsed::Skip(_)) && matches!(held.1, Parsed::Bad(_));
        if !says_less {
            held = (line, parsed);
        }
    }
    Reading {
        format,
        parsed: held.1,
        detection,
        forced,
        line: held.0,
        others: usize::try_from(count)
            .unwrap_or(usize::MAX)
            .saturating_sub(1),
    }
}

impl Reading<'_> {
    pub(super) fn view(&self) -> RecordView {
        let line = formats::json_line(self.line, self.format.name, &self.parsed);
        let tells = match &self.parsed {
            Parsed::Event(event) => event.tells,
            Parsed::Skip(_) | Parsed::Bad(_) => self.format.tells,
        };
        let untold = |field: &&Field| !tells.has(**field);
        RecordView {
            format: self.format.name,
            title: self.format.title,
            forced: self.forced,
            ranking: self
                .detection
                .ranking
                .iter()
                .map(|ranked| RankView {
                    format: ranked.format.name,
                    share_percent: whole(ranked.share * 100.0),
                    sureness: whole(ranked.mean_score),
                })
                .collect(),
            mixed: self.detection.mixed.clone(),
            line: self.line,
            others: self.others,
            // What the contract prints is JSON; a test there holds it to that.
            understood: serde_json::from_str(&line).unwrap_or(Value::Null),
            cannot_tell: Field::ALL
                .iter()
                .filter(untold)
                .map(|field| field.as_str())
                .collect(),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both shares and scores lie between 0 and 100"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}
