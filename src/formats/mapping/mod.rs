//! Formats that are data: a file says how a record is cut into values and what they mean.
//!
//! [`schema`] is what a file may hold, [`compile`] makes a [`Mapping`] of it, [`reader`] cuts records, [`plan`] and
//! [`event`] turn values into an event. There are no conditions and no expressions: what needs one is code. The words
//! are explained in `docs/MAPPINGS.md`.

mod cef;
pub(super) mod cell;
mod cells;
mod columns;
mod compile;
mod delimited;
mod event;
mod json;
mod keys;
mod options;
pub(super) mod outline;
pub(super) mod pairs;
mod plan;
mod reader;
mod recognise;
mod schema;
pub(super) mod stamp;
mod table;
mod template;
mod values;
mod words;

use std::sync::Arc;

use crate::model::{Field, Fields, Kind, Parsed, PlacedError, Time};

use super::clock::Clock;
use super::envelope::{self, Envelope, Opened};
use super::{Context, Parser};

use cells::Cells;
use columns::{Columns, Layout};
use event::Around;
use keys::Keys;
use plan::{Plan, Told};
use reader::{Cut, Reader};
use recognise::Recognised;
pub(super) use recognise::Sniffer;
use schema::Zone;
use values::{Nulls, Values};

/// A mapping, ready to read with.
#[derive(Debug)]
pub(super) struct Mapping {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// Where its layout is documented.
    pub(super) documentation: &'static str,
    pub(super) kind: Kind,
    pub(super) tells: Fields,
    pub(super) advice: Vec<(Field, &'static str)>,
    /// What a record is recognised by, in words; empty when it is not.
    pub(super) recognised_by: String,
    /// The file it was made from.
    pub(super) text: String,
    reader: Reader,
    /// As they are known before the first line.
    columns: Columns,
    keys: Keys,
    null: Nulls,
    plans: Vec<Plan>,
    formats: Vec<String>,
    zone: Zone,
    recognised: Option<Recognised>,
}

impl Mapping {
    /// Whether its records may be JSON objects; a pattern may be written for one.
    pub(super) const fn may_be_json(&self) -> bool {
        matches!(
            self.reader,
            Reader::Json | Reader::Templates(_) | Reader::Regexes(_)
        )
    }

    /// Whether its records are found wherever they begin in a line.
    pub(super) const fn begins_anywhere(&self) -> bool {
        self.reader.begins_anywhere()
    }

    /// Makes a mapping of a file's text; `file` is its name for errors.
    pub(super) fn read(name: &str, file: &str, text: &str) -> Result<Self, PlacedError> {
        compile::compile(name, file, text)
    }

    /// How surely the next record is of this format; a sniffer knows those before it.
    pub(super) fn sniff(&self, sniffer: &mut Sniffer, record: &Opened<'_>) -> u8 {
        sniffer.score(self, record)
    }

    /// A parser at the start of a stream.
    pub(super) fn open(self: &Arc<Self>, context: &Context) -> Box<dyn Parser> {
        Box::new(Mapped {
            mapping: self.clone(),
            columns: self.columns.clone(),
            clock: Clock::new(context),
            way: 0,
            knew: None,
            room: Cells::default(),
        })
    }

    /// What rows with these columns tell; other layouts do not say which fields they have.
    fn told(&self, layout: &Layout) -> Told {
        let is_rows = matches!(self.reader, Reader::Rows(_));
        let has = |slot| layout.has(slot);
        let plans = self.plans.iter();
        Told {
            tells: plans
                .map(|plan| match is_rows {
                    true => plan.tells_with(has),
                    false => plan.tells,
                })
                .collect(),
            plans: (is_rows && !layout.is_entered())
                .then(|| self.plans.iter().map(|plan| plan.reduced(has)).collect()),
        }
    }

    /// The plan for a record: the first whose values fit.
    fn plan(&self, values: Values<'_, '_>) -> Option<(usize, &Plan)> {
        fitting(&self.plans, values)
    }
}

fn fitting<'p>(plans: &'p [Plan], values: Values<'_, '_>) -> Option<(usize, &'p Plan)> {
    // Plans ask for the same few values; the last one asked for is kept.
    let mut last = None;
    let mut has = |(slot, words): &(cells::Slot, words::Words)| {
        let value = match &last {
            Some((of, value)) if of == slot => value,
            _ => &last.insert((*slot, values.slot(*slot))).1,
        };
        words.has(value.as_deref().unwrap_or_default())
    };
    let mut number = 0;
    loop {
        let plan = plans.get(number)?;
        let Some(first) = plan.conditions.first() else {
            return Some((number, plan));
        };
        if !has(first) {
            number += 1 + plan.alike;
            continue;
        }
        // What fits one of those alike fits all of them.
        let alike = plans.get(number..=number + plan.alike)?;
        for plan in alike {
            let others = plan.conditions.get(1..).unwrap_or_default();
            if others.iter().all(&mut has) {
                return Some((number, plan));
            }
            number += 1;
        }
    }
}

/// Reads one stream by a mapping.
struct Mapped {
    mapping: Arc<Mapping>,
    columns: Columns,
    clock: Clock,
    /// How the headers around the last record were taken off.
    way: usize,
    /// Whether the last record, if it was skipped, is one of this format.
    knew: Option<bool>,
    room: Cells<'static>,
}

impl Parser for Mapped {
    fn is_stateless(&self) -> bool {
        self.mapping.reader.begins_anywhere()
    }

    fn knew(&self) -> Option<bool> {
        self.knew
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        self.knew = None;
        if record.trim_ascii().is_empty() {
            return Parsed::Skip("empty line");
        }
        if !self.mapping.reader.begins_anywhere() {
            return self.parse_bare(record);
        }
        // An object holds such a record as text: that has to be taken out of it first.
        let is_object = record.first() == Some(&b'{') && record.trim_ascii_end().ends_with(b"}");
        if is_object && !matches!(self.mapping.reader, Reader::Json) {
            return Parsed::Bad("inside an object");
        }
        // What is around the record does not matter; only its time does.
        self.parse_at(record, record, false, || envelope::open(record).stamp)
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }
}

impl Mapped {
    /// A layout that begins where the record begins: what is around it is what was around the last one, or else what
    /// makes it readable when it is taken off.
    fn parse_bare<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let last = self.way;
        // A row that begins with a priority has a header around it; a pattern may well begin with one.
        let is_rows = matches!(self.mapping.reader, Reader::Rows(_));
        let first = usize::from(is_rows && record.first() == Some(&b'<'));
        let others = (first..envelope::WAYS).filter(|way| *way != last);
        let ways = std::iter::once(last)
            .chain(others)
            .filter(|way| *way >= first);
        let mut said = None;
        let mut is_bare = None;
        // At first only what also looks as it should; what does nowhere look so is read all the same.
        for (way, strict) in ways
            .clone()
            .map(|way| (way, true))
            .chain(ways.map(|way| (way, false)))
        {
            // Without a header there is one way only.
            let has_none = || envelope::nth(record, 1).is_none();
            if way > 0 && *is_bare.get_or_insert_with(has_none) {
                continue;
            }
            let Some(Envelope { stamp, body, .. }) = envelope::nth(record, way) else {
                continue;
            };
            if body.is_empty() {
                continue;
            }
            let around = || stamp.or_else(|| envelope::open(record).stamp);
            match self.parse_at(record, body, strict, around) {
                Parsed::Bad(why) if !strict => said = said.or(Some(why)),
                Parsed::Bad(_) => {}
                parsed => {
                    self.way = way;
                    return parsed;
                }
            }
        }
        Parsed::Bad(said.unwrap_or("not a record of this format"))
    }

    fn parse_at<'a>(
        &mut self,
        record: &'a [u8],
        body: &'a [u8],
        strict: bool,
        stamp: impl Fn() -> Option<super::clock::Stamp>,
    ) -> Parsed<'a> {
        let mapping = self.mapping.clone();
        let mut cells = Cells::recycled(std::mem::take(&mut self.room), mapping.keys.count());
        let reader = &mapping.reader;
        let cut = reader.read(record, body, &mapping.keys, &mut self.columns, &mut cells);
        let parsed = match cut {
            Err(why) => Parsed::Bad(why),
            Ok(Cut::Comment | Cut::Header) => Parsed::Skip("header"),
            Ok(Cut::Record) if strict && !recognise::looks_right(&mapping, &cells) => {
                Parsed::Bad("not as it should look")
            }
            Ok(Cut::Record) => self.understood(&mapping, &cells, stamp),
        };
        if matches!(parsed, Parsed::Skip(_)) && matches!(mapping.reader, Reader::Json) {
            self.knew = Some(recognise::knows(&mapping, record, &cells));
        }
        self.room = cells.recycle();
        parsed
    }

    fn understood<'a>(
        &mut self,
        mapping: &Mapping,
        cells: &Cells<'a>,
        stamp: impl Fn() -> Option<super::clock::Stamp>,
    ) -> Parsed<'a> {
        let values = Values {
            cells,
            null: &mapping.null,
        };
        let layout = &self.columns.layout;
        let told = layout.told.get_or_init(|| mapping.told(layout));
        let plans = told.plans.as_ref().unwrap_or(&mapping.plans);
        let Some((number, plan)) = fitting(plans, values) else {
            return Parsed::Skip("record of another kind");
        };
        let around = Around {
            stamp: &stamp,
            may_lack_time: mapping.reader.begins_anywhere(),
            day: self.columns.day.as_deref(),
            tells: told.tells.get(number).copied().unwrap_or(plan.tells),
            formats: &mapping.formats,
            zone: mapping.zone,
        };
        event::read(plan, values, &around, &mut self.clock)
    }
}

#[cfg(test)]
mod tests;
