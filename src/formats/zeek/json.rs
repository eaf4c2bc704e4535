//! Zeek's JSON writer: one flat object per row, `"id.orig_h"` with its dot.
//!
//! Shippers nest the connection as `"id":{"orig_h":…}`, rename the dot to `_`, or add `_path`. Unset
//! columns are left out, so a row cannot say which columns its log has; and `ts` is seconds, milliseconds or
//! RFC 3339, as `LogAscii::json_timestamps` says. Keys that we do not read are stepped over.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::formats::loose_json::{self, Loose};
use crate::model::{Time, Untrusted};

use super::columns::Column;
use super::row::Row;

/// The values of one row, by column.
#[derive(Debug, Default)]
pub(super) struct JsonRow<'a> {
    cells: [Loose<'a>; Column::COUNT],
}

impl<'a> JsonRow<'a> {
    pub(super) fn parse(record: &'a [u8]) -> Result<Self, &'static str> {
        let mut row = Self::default();
        let mut json = serde_json::Deserializer::from_slice(record);
        json.deserialize_map(Cells {
            row: &mut row,
            inside: Inside::Row,
        })
        .and_then(|()| json.end())
        .map_err(|error| loose_json::reason(&error))?;
        Ok(row)
    }

    fn cell(&self, column: Column) -> &Loose<'a> {
        // The array has one cell per column.
        self.cells.get(column as usize).unwrap_or(&Loose::Absent)
    }

    fn take(&mut self, column: Column) -> Loose<'a> {
        self.cells
            .get_mut(column as usize)
            .map(std::mem::take)
            .unwrap_or_default()
    }

    pub(super) fn path(&self) -> Option<&str> {
        self.cell(Column::Path).as_str()
    }
}

impl<'a> Row<'a> for JsonRow<'a> {
    fn text(&mut self, column: Column) -> Option<Cow<'a, [u8]>> {
        self.take(column).text()
    }

    fn list(&mut self, column: Column) -> Vec<Untrusted<'a>> {
        let items = self.take(column).list().into_iter();
        items
            .filter(|item| !item.is_empty())
            .map(|item| match item {
                Cow::Borrowed(text) => Untrusted::from(text),
                Cow::Owned(text) => Untrusted::from(text),
            })
            .collect()
    }

    fn count(&self, column: Column) -> Option<u64> {
        self.cell(column).count()
    }

    fn flag(&self, column: Column) -> Option<bool> {
        self.cell(column).flag()
    }

    fn address(&self, column: Column) -> Option<IpAddr> {
        self.cell(column).address()
    }

    fn time(&self, column: Column) -> Option<Time> {
        self.cell(column).time()
    }

    fn millis(&self, column: Column) -> Option<u64> {
        let secs = self.cell(column).real()?;
        // Rounded to microseconds first, as the other encoding writes it.
        (0.0..1e12)
            .contains(&secs)
            .then(|| (secs * 1e6).round() as u64 / 1000)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Row,
    Id,
}

/// Fills a row from an object.
struct Cells<'r, 'a> {
    row: &'r mut JsonRow<'a>,
    inside: Inside,
}

/// What a key announces.
enum Key {
    Column(Column),
    Id,
    Other,
}

impl<'de> Visitor<'de> for Cells<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(KeyOf(self.inside))? {
            match key {
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
                Key::Id => map.next_value_seed(IdOf(self.row))?,
                Key::Column(column) => {
                    let value: Loose<'de> = map.next_value()?;
                    if let Some(cell) = self.row.cells.get_mut(column as usize) {
                        if !cell.is_absent() {
                            return Err(loose_json::twice());
                        }
                        *cell = value;
                    }
                }
            }
        }
        Ok(())
    }

    // A shipper's own "id" is none of ours, and no reason to lose the row.

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

struct KeyOf(Inside);

impl<'de> DeserializeSeed<'de> for KeyOf {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyOf {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        let column = match self.0 {
            Inside::Id => match key {
                "orig_h" => Some(Column::OrigHost),
                "orig_p" => Some(Column::OrigPort),
                "resp_h" => Some(Column::RespHost),
                "resp_p" => Some(Column::RespPort),
                _ => None,
            },
            Inside::Row if key == "id" => return Ok(Key::Id),
            Inside::Row => Column::named(key.as_bytes()),
        };
        Ok(column.map_or(Key::Other, Key::Column))
    }
}

/// The nested connection.
struct IdOf<'r, 'a>(&'r mut JsonRow<'a>);

impl<'de> DeserializeSeed<'de> for IdOf<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(Cells {
            row: self.0,
            inside: Inside::Id,
        })
    }
}
