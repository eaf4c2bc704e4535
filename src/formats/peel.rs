//! Records inside records: a line as text in a JSON object, an object in an object, tabs that a relay escaped.
//!
//! Shippers wrap what they carry: `{"message":"<line>"}`, `{"log":"…"}`, journald's `{"MESSAGE":"…"}`, Splunk's
//! `{"event":{…}}`, Loki's `["<time>","<line>"]`, OpenTelemetry's `{"body":{"stringValue":"…"}}`, and at times one in the
//! text of another; what was found in a search is exported as a table with the line in a cell. A record is shown to its
//! format as it is first; only what the format does not know is looked into, and only what the format then recognises
//! counts. A format of lines is the exception: it might find one in the text of an object, escapes and all, so the object is
//! opened first.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::{memchr, memchr_iter, memmem};

use crate::model::{Event, Glance, Parsed, Time};

use super::Parser;
use super::mapping::outline;
use super::registry::Format;
use super::sound;

mod names;
mod table;
mod wrapper;

use names::{OBJECTS, TEXTS};
use table::{is_head, longest_cell};
use wrapper::Wrapper;

/// How far into a line an object may begin.
const LEAD_BYTES: usize = 512;
/// How far into the row of a table its first quoted cell begins.
const CELLS_BYTES: usize = 128;

/// No wrapper has more lines beside one another; each is compared with the others.
const MAX_TEXTS: usize = 16;
/// Wrappers are looked into so deep.
const DEPTH: u32 = 3;

/// What a record may hold, outermost first; usually nothing.
#[must_use]
pub fn inside(record: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let mut found = Vec::new();
    if memchr_iter(b'#', record).any(|at| is_tab(record, at)) {
        found.push(Cow::Owned(with_tabs(record)));
    }
    wrapped(record, 0, &mut found);
    if found.is_empty()
        && !record.starts_with(b"{")
        && let Some(cell) = longest_cell(record)
    {
        found.push(cell);
    }
    found
}

/// What a wrapper in a text holds, wherever it begins.
fn wrapped<'a>(text: &'a [u8], depth: u32, found: &mut Vec<Cow<'a, [u8]>>) {
    if text.starts_with(b"[\"") {
        look_into_pair(text, depth, found);
        return;
    }
    let lead = text.get(..LEAD_BYTES).unwrap_or(text);
    if let Some(object) = memchr(b'{', lead).and_then(|at| text.get(at..)) {
        look_into(object, depth, found);
    }
}

/// `["1795425072123456789","<line>"]`, as Loki stores it.
fn look_into_pair<'a>(list: &'a [u8], depth: u32, found: &mut Vec<Cow<'a, [u8]>>) {
    let elements = outline::elements(list);
    let [time, line, ..] = elements.as_slice() else {
        return;
    };
    let mut wrapper = Wrapper::default();
    wrapper.note(b"time", time);
    if let Some(text) = outline::string_text(line) {
        found_text(text, &wrapper, depth, found);
    }
}

/// A line, the same under a header with what its wrapper says, and what is in the line in turn.
fn found_text<'a>(
    text: Cow<'a, [u8]>,
    wrapper: &Wrapper<'_>,
    depth: u32,
    found: &mut Vec<Cow<'a, [u8]>>,
) {
    if text.is_empty() {
        return;
    }
    let text = without_line_end(text);
    let headed = wrapper.headed(&text).map(Cow::Owned);
    let mut deeper = Vec::new();
    if depth < DEPTH {
        wrapped(&text, depth + 1, &mut deeper);
    }
    let deeper: Vec<_> = deeper
        .into_iter()
        .map(|inner| Cow::Owned(inner.into_owned()))
        .collect();
    found.push(text);
    found.extend(headed);
    found.extend(deeper);
}

fn look_into<'a>(object: &'a [u8], depth: u32, found: &mut Vec<Cow<'a, [u8]>>) {
    let mut objects = Vec::new();
    let mut texts = Vec::new();
    let mut wrapper = Wrapper::default();
    let read = outline::members(object, |key, value| {
        if TEXTS.contains(&key)
            && texts.len() < MAX_TEXTS
            && let Some(text) = outline::string_text(value)
        {
            texts.push(text);
        } else if OBJECTS.contains(&key) && value.starts_with(b"{") {
            objects.push(value);
        }
        wrapper.note(key, value);
    });
    // What is no whole object holds nothing that could be trusted.
    if read.is_err() {
        return;
    }
    for text in &texts {
        // GELF repeats the beginning of a message as a short one.
        let is_cut = |other: &Cow<'_, [u8]>| other.len() > text.len() && other.starts_with(text);
        if !texts.iter().any(is_cut) {
            found_text(text.clone(), &wrapper, depth, found);
        }
    }
    for object in objects {
        found.push(Cow::Borrowed(object));
        if depth < DEPTH {
            look_into(object, depth + 1, found);
        }
    }
}

/// Whether a text is an object, or one behind a header.
fn is_object(text: &[u8]) -> bool {
    let lead = || text.get(..LEAD_BYTES).unwrap_or(text);
    text.starts_with(b"{") || text.ends_with(b"}") && memmem::find(lead(), b"{\"").is_some()
}

/// Docker keeps the end of the line in the text.
fn without_line_end(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match text {
        Cow::Owned(mut text) => {
            text.truncate(text.trim_ascii_end().len());
            Cow::Owned(text)
        }
        text => text,
    }
}

/// Whether `#011` stands here.
fn is_tab(record: &[u8], at: usize) -> bool {
    record.get(at..at + 4) == Some(b"#011")
}

/// `#011` back to a tab, as rsyslog escaped it.
fn with_tabs(record: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(record.len());
    let mut rest = record;
    while let Some(at) = memmem::find(rest, b"#011") {
        text.extend_from_slice(rest.get(..at).unwrap_or_default());
        text.push(b'\t');
        rest = rest.get(at + 4..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    text
}

/// A parser that looks into what it does not know.
pub(super) struct Peeling {
    pub(super) format: Arc<Format>,
    pub(super) parser: Box<dyn Parser>,
    /// Whether the last record was inside another: then the next one is too, be it recognised or not.
    pub(super) peeled: bool,
    /// Whether any was.
    pub(super) has_peeled: bool,
    /// Whether the format's own records may be JSON.
    pub(super) reads_json: bool,
    /// Whether the format finds its record in the middle of a line.
    pub(super) begins_anywhere: bool,
    /// The time of records that have none.
    pub(super) modified: Time,
}

impl Parser for Peeling {
    fn glance<'a>(&mut self, record: &'a [u8]) -> Option<Glance<'a>> {
        // Left where the parser put it: moving it takes as long as finding a word.
        let mut glance = self.parser.glance(record);
        if let Some(seen) = &glance
            && !sound::is_time(seen.time)
        {
            glance = None;
        }
        glance
    }

    fn glanced(&mut self) {
        self.peeled = false;
        self.parser.glanced();
    }

    /// In a log of wrapped records the one before says how the next is taken.
    fn is_stateless(&self) -> bool {
        self.parser.is_stateless() && !self.has_peeled
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let mut parsed = self.peel(record);
        sound::hold(&mut parsed);
        parsed
    }

    fn written_by(&mut self, modified: Time) {
        self.modified = modified;
        self.parser.written_by(modified);
    }

    fn finish(&mut self) -> Vec<Event<'static>> {
        sound::all(self.parser.finish())
    }
}

impl Peeling {
    fn peel<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        // A format of lines may find one in the text of an object or in the cell of a table, with all escapes.
        if !self.reads_json && self.may_be_wrapped(record) {
            let found = inside(record);
            let is_object = record.starts_with(b"{") && !found.is_empty();
            if let Some(inner) = self.within(found) {
                return inner;
            }
            if is_object {
                return match self.parser.parse(record) {
                    Parsed::Event(_) => Parsed::Bad("inside an object"),
                    other => other,
                };
            }
        }
        let parsed = self.parser.parse(record);
        let is_skip = matches!(parsed, Parsed::Skip(_));
        let is_ours = || {
            let knew = self.parser.knew();
            is_skip && knew.unwrap_or_else(|| self.format.sniff(record) > 0)
        };
        // To look into an object costs more than to know it.
        let is_object = record.first() == Some(&b'{');
        if matches!(parsed, Parsed::Event(_)) || is_object && is_ours() {
            self.peeled = false;
            return parsed;
        }
        let found = inside(record);
        if found.is_empty() || !is_object && is_ours() {
            self.peeled = false;
            return match parsed {
                Parsed::Bad(_) if is_head(record) => Parsed::Skip("header"),
                parsed => parsed,
            };
        }
        self.within(found).unwrap_or(parsed)
    }

    /// Whether a record of lines looks like something around one; hardly any does.
    fn may_be_wrapped(&self, record: &[u8]) -> bool {
        let lead = record.get(..CELLS_BYTES).unwrap_or(record);
        let may_be_row = || record.starts_with(b"\"") || memmem::find(lead, b",\"").is_some();
        is_object(record) || record.starts_with(b"[\"") || self.begins_anywhere && may_be_row()
    }

    /// What is in a record, read. An event that has no time but the file's is worth less than one with its wrapper's, and
    /// more than a line that the format does not recognise.
    fn within<'a>(&mut self, found: Vec<Cow<'a, [u8]>>) -> Option<Parsed<'a>> {
        let mut second = None;
        for inside in found {
            if !self.reads_json && is_object(&inside) {
                continue;
            }
            let is_recognised = self.format.sniff(&inside) > 0;
            if !is_recognised && !self.peeled {
                continue;
            }
            let inner = match inside {
                Cow::Borrowed(inside) => self.parser.parse(inside),
                Cow::Owned(inside) => self.parser.parse(&inside).into_owned(),
            };
            let is_best = match &inner {
                Parsed::Bad(_) => continue,
                Parsed::Event(event) => event.time != self.modified,
                Parsed::Skip(_) => is_recognised,
            };
            if is_best {
                second = Some(inner);
                break;
            }
            if !matches!(second, Some(Parsed::Event(_))) {
                second = Some(inner);
            }
        }
        if second.is_some() {
            self.peeled = true;
            self.has_peeled = true;
        }
        second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(record: &str) -> Vec<String> {
        inside(record.as_bytes())
            .iter()
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .collect()
    }

    #[test]
    fn lines_and_objects_are_found_in_their_wrappers() {
        for (record, found) in [
            (r#"{"log":"a \"b\"\n","stream":"stdout"}"#, &["a \"b\""][..]),
            (r#"{"MESSAGE":"x","_PID":"1"}"#, &["x"]),
            (
                r#"{"time":1795425072,"event":"x"}"#,
                &["x", "2026-11-23T09:11:12.000Z stdout F x"],
            ),
            (r#"{"version":"1.1","short_message":"x"}"#, &["x"]),
            (r#"{"sourcetype":"s","event":{"a":1}}"#, &[r#"{"a":1}"#]),
            (
                r#"{"event":{"original":"x"},"message":"y"}"#,
                &["y", r#"{"original":"x"}"#, "x"],
            ),
            (
                r#"{"preview":false,"result":{"_raw":"x"}}"#,
                &[r#"{"_raw":"x"}"#, "x"],
            ),
            ("LEEF:1.0|a#011b", &["LEEF:1.0|a\tb"]),
            (r#"{"message":"x""#, &[]),
            (
                r#"["1795425072123456789","x"]"#,
                &["x", "2026-11-23T09:11:12.123Z stdout F x"],
            ),
            (r#"{"message":"{\"log\":\"x\"}"}"#, &[r#"{"log":"x"}"#, "x"]),
            (r#"{"short_message":"x","full_message":"x y"}"#, &["x y"]),
            (
                r#"{"body":{"stringValue":"x"}}"#,
                &[r#"{"stringValue":"x"}"#, "x"],
            ),
            (
                r#""2026-11-23T10:11:12.000+0100","date=2026-11-23 devname=""fw"" a,b",gw"#,
                &[r#"date=2026-11-23 devname="fw" a,b"#],
            ),
            (
                r#"gw,"1793614272.345 88 198.51.100.7 TCP_TUNNEL/200","main""#,
                &["1793614272.345 88 198.51.100.7 TCP_TUNNEL/200"],
            ),
            (r#""_raw","_time",host"#, &[]),
            (r#""a quote that does not end, in a long enough cell"#, &[]),
            (
                r#"url="x,"1793614272.345 88 198.51.100.7 TCP_TUNNEL/200""#,
                &[],
            ),
            (
                r#""1793614272.345 88 198.51.100.7 TCP_TUNNEL/200" b,c"#,
                &[],
            ),
            ("plain", &[]),
        ] {
            assert_eq!(texts(record), found, "{record}");
        }
    }
}
