//! How surely a record is of a mapping's format: everything that the mapping promises must hold.

use memchr::memmem::{self, Finder};

use crate::formats::cursor::number;
use crate::formats::envelope::Opened;
use crate::formats::target::Target;
use crate::model::HostBuf;

use super::Mapping;
use super::cells::{Cells, Slot};
use super::columns::Columns;
use super::pairs;
use super::plan::Known;
use super::reader::{Cut, Reader};
use super::schema::Shape;
use super::stamp;
use super::values::{Values, address};
use super::words::Words;

/// What a record of the format has.
#[derive(Debug)]
pub(super) struct Recognised {
    pub(super) text: Vec<Finder<'static>>,
    pub(super) keys: Vec<Slot>,
    pub(super) values: Vec<(Slot, Words)>,
    pub(super) shapes: Vec<(Slot, Shape)>,
    pub(super) sureness: u8,
}

/// Scores records one after the other: what a header line says holds for the rows below it.
#[derive(Debug, Default)]
pub(in crate::formats) struct Sniffer {
    /// What is known of the columns; nothing before the first record that could be one of the format.
    columns: Option<Columns>,
    /// Whether the last header line was one of ours, if there was one.
    ours: Option<bool>,
}

impl Sniffer {
    /// The score of the next record.
    pub(super) fn score(&mut self, mapping: &Mapping, record: &Opened<'_>) -> u8 {
        match &mapping.recognised {
            Some(recognised) => score(mapping, recognised, self, record),
            None => 0,
        }
    }
}

fn score(
    mapping: &Mapping,
    recognised: &Recognised,
    sniffer: &mut Sniffer,
    opened: &Opened<'_>,
) -> u8 {
    let record = opened.record;
    if !holds_text(recognised, record) || !could_be(&mapping.reader, record) {
        return 0;
    }
    let mut fits = |body| fits(mapping, recognised, sniffer, record, body);
    let fits = if mapping.reader.begins_anywhere() {
        fits(record)
    } else {
        opened.bodies().iter().any(|body| fits(body))
    };
    if fits { recognised.sureness } else { 0 }
}

/// Whether a record has a score of its own; its values were read already, and no line before it told what they are.
pub(super) fn knows(mapping: &Mapping, record: &[u8], cells: &Cells<'_>) -> bool {
    mapping.recognised.as_ref().is_some_and(|recognised| {
        recognised.sureness > 0
            && holds_text(recognised, record)
            && could_be(&mapping.reader, record)
            && holds_values(mapping, recognised, cells, None)
    })
}

fn holds_text(recognised: &Recognised, record: &[u8]) -> bool {
    let holds = |text: &Finder<'_>| text.find(record).is_some();
    recognised.text.iter().all(holds)
}

/// A look at what costs nothing, because every record is shown to every mapping.
fn could_be(reader: &Reader, record: &[u8]) -> bool {
    let is_object = record.first() == Some(&b'{');
    match reader {
        Reader::Cef(_) | Reader::Leef | Reader::Pairs(_) if is_object => false,
        Reader::Json => {
            super::reader::object(record).is_ok() && record.trim_ascii_end().ends_with(b"}")
        }
        Reader::Cef(_) => memchr::memchr(b'|', record).is_some(),
        Reader::Leef => memmem::find(record, b"LEEF:").is_some(),
        Reader::Pairs(pairs) => pairs::find(record, &pairs.assign).is_some(),
        Reader::Rows(_) | Reader::Templates(_) | Reader::Regexes(_) => true,
    }
}

fn fits(
    mapping: &Mapping,
    recognised: &Recognised,
    sniffer: &mut Sniffer,
    record: &[u8],
    body: &[u8],
) -> bool {
    let columns = sniffer
        .columns
        .get_or_insert_with(|| mapping.columns.clone());
    let mut cells = Cells::recycled(Cells::default(), mapping.keys.count());
    let cut = mapping
        .reader
        .read(record, body, &mapping.keys, columns, &mut cells);
    match cut {
        Err(_) | Ok(Cut::Comment) => false,
        Ok(Cut::Header) => {
            let keys = &recognised.keys;
            let ours = !keys.is_empty() && keys.iter().all(|slot| columns.layout.has(*slot));
            sniffer.ours = Some(ours);
            ours
        }
        Ok(Cut::Record) if sniffer.ours == Some(false) => false,
        Ok(Cut::Record) => holds_values(mapping, recognised, &cells, columns.day.as_deref()),
    }
}

/// Whether the values of a record are those of the format.
fn holds_values(
    mapping: &Mapping,
    recognised: &Recognised,
    cells: &Cells<'_>,
    day: Option<&[u8]>,
) -> bool {
    let values = Values {
        cells,
        null: &mapping.null,
    };
    let there = |slot: &Slot| cells.has(*slot);
    recognised.keys.iter().all(there)
        && recognised
            .values
            .iter()
            .all(|(slot, words)| there(slot) && words.has(&cells.text(*slot)))
        && recognised
            .shapes
            .iter()
            .all(|(slot, shape)| is_shaped(&cells.text(*slot), *shape, mapping))
        && has_time(mapping, values, day)
}

/// Whether values that are there look as the mapping says.
pub(super) fn looks_right(mapping: &Mapping, cells: &Cells<'_>) -> bool {
    let shapes = mapping
        .recognised
        .iter()
        .flat_map(|recognised| &recognised.shapes);
    shapes
        .filter(|(slot, _)| cells.has(*slot))
        .all(|(slot, shape)| is_shaped(&cells.text(*slot), *shape, mapping))
}

/// A time that is there must be readable.
fn has_time(mapping: &Mapping, values: Values<'_, '_>, above: Option<&[u8]>) -> bool {
    let Some((_, plan)) = mapping.plan(values) else {
        return true;
    };
    if values.text(plan, Known::Time).is_none() {
        return true;
    }
    let day = values.text(plan, Known::Date);
    let day = day.as_deref().or(above);
    let is_day_elsewhere = day.is_none() && plan.from(Known::Date).is_some();
    values.each(plan, Known::Time).any(|time| {
        stamp::read_with_day(day, &time, &mapping.formats).is_some()
            || is_day_elsewhere && stamp::is_of_day(&time)
    })
}

fn is_shaped(text: &[u8], shape: Shape, mapping: &Mapping) -> bool {
    match shape {
        Shape::Address => address(text).is_some(),
        Shape::Host => is_host(text),
        Shape::Number => number(text).is_some(),
        Shape::Time => stamp::read(text, &mapping.formats).is_some(),
        Shape::Url => Target::any(text)
            .host
            .is_some_and(|host| is_host(host) || crate::formats::cursor::ip(host).is_some()),
    }
}

fn is_host(text: &[u8]) -> bool {
    HostBuf::default().parse(text).is_some()
}
