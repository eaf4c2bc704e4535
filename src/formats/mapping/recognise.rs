//! How surely a record is of a mapping's format: everything that the mapping promises must hold.

use memchr::memmem;

use crate::formats::cursor::number;
use crate::formats::envelope;
use crate::formats::target::Target;
use crate::model::Host;

use super::Mapping;
use super::cells::{Cells, Slot};
use super::plan::Known;
use super::reader::{Cut, Reader};
use super::schema::Shape;
use super::stamp;
use super::values::{Values, address};
use super::words::Words;

/// What a record of the format has.
#[derive(Debug)]
pub(super) struct Recognised {
    pub(super) text: Vec<Vec<u8>>,
    pub(super) keys: Vec<Slot>,
    pub(super) values: Vec<(Slot, Words)>,
    pub(super) shapes: Vec<(Slot, Shape)>,
    pub(super) sureness: u8,
}

/// The score of a record.
pub(super) fn score(mapping: &Mapping, recognised: &Recognised, record: &[u8]) -> u8 {
    let holds = |text: &Vec<u8>| memmem::find(record, text).is_some();
    if !recognised.text.iter().all(holds) || !could_be(&mapping.reader, record) {
        return 0;
    }
    let fits = if mapping.reader.begins_anywhere() {
        fits(mapping, recognised, record, record)
    } else {
        (0..envelope::WAYS).any(|way| {
            envelope::nth(record, way)
                .is_some_and(|envelope| fits(mapping, recognised, record, envelope.body))
        })
    };
    if fits { recognised.sureness } else { 0 }
}

/// A look at what costs nothing, because every record is shown to every mapping.
fn could_be(reader: &Reader, record: &[u8]) -> bool {
    match reader {
        Reader::Json => {
            super::reader::object(record).is_ok() && record.trim_ascii_end().ends_with(b"}")
        }
        Reader::Cef(_) => memchr::memchr(b'|', record).is_some(),
        Reader::Leef => memmem::find(record, b"LEEF:").is_some(),
        Reader::Pairs(pairs) => memmem::find(record, &pairs.assign).is_some(),
        Reader::Rows(_) | Reader::Templates(_) | Reader::Regexes(_) => true,
    }
}

fn fits(mapping: &Mapping, recognised: &Recognised, record: &[u8], body: &[u8]) -> bool {
    let mut columns = mapping.reader.columns(&mapping.keys);
    let mut cells = Cells::recycled(Cells::default(), mapping.keys.count());
    let cut = mapping
        .reader
        .read(record, body, &mapping.keys, &mut columns, &mut cells);
    match cut {
        Err(_) => false,
        // A header that names all columns can be of no other format.
        Ok(Cut::Header) => {
            !recognised.keys.is_empty() && recognised.keys.iter().all(|slot| columns.has(*slot))
        }
        Ok(Cut::Record) => {
            let values = Values {
                cells: &cells,
                null: &mapping.null,
            };
            let there = |slot: &Slot| !cells.get(*slot).is_absent();
            recognised.keys.iter().all(there)
                && recognised
                    .values
                    .iter()
                    .all(|(slot, words)| there(slot) && words.has(&cells.get(*slot).text()))
                && recognised
                    .shapes
                    .iter()
                    .all(|(slot, shape)| is_shaped(&cells.get(*slot).text(), *shape, mapping))
                && has_time(mapping, values)
        }
    }
}

/// A time that is there must be readable.
fn has_time(mapping: &Mapping, values: Values<'_, '_>) -> bool {
    let Some((_, plan)) = mapping.plan(values) else {
        return true;
    };
    let Some(time) = values.text(plan, Known::Time) else {
        return true;
    };
    let day = values.text(plan, Known::Date);
    stamp::read_with_day(day.as_deref(), &time, &mapping.formats).is_some()
}

fn is_shaped(text: &[u8], shape: Shape, mapping: &Mapping) -> bool {
    match shape {
        Shape::Address => address(text).is_some(),
        Shape::Host => Host::parse(text).is_some(),
        Shape::Number => number(text).is_some(),
        Shape::Time => stamp::read(text, &mapping.formats).is_some(),
        Shape::Url => Target::any(text).host.is_some_and(|host| {
            Host::parse(host).is_some() || crate::formats::cursor::ip(host).is_some()
        }),
    }
}
