//! Cuts a record into values, by the layout that a mapping names.

use memchr::memchr;

use super::cef::{self, Label};
use super::cell::{Cell, Form};
use super::cells::Cells;
use super::columns::Columns;
use super::delimited::{Line, Rows, Style};
use super::json;
use super::keys::Keys;
use super::pairs::{BEFORE, Pairs, time_in};
use super::template::Template;

/// How far into a line an object may begin: behind `@cee: `, `caddy  | ` and the like.
const MAX_LEAD_BYTES: usize = 512;

/// One layout.
#[derive(Debug)]
pub(super) enum Reader {
    Json,
    Rows(Rows),
    Pairs(Pairs),
    Cef(Vec<Label>),
    Leef,
    Templates(Vec<Template>),
    Regexes(Vec<Regex>),
}

/// A regular expression, with the slots of its groups.
#[derive(Debug)]
pub(super) struct Regex {
    pub(super) regex: regex::bytes::Regex,
    pub(super) groups: Vec<(usize, super::cells::Slot)>,
}

/// What a line turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    Record,
    Header,
    Comment,
}

impl Reader {
    /// Columns as they are known before the first line.
    pub(super) fn columns(&self, keys: &Keys) -> Columns {
        let none = Rows {
            style: Style::Csv(b','),
            quotes: false,
            header: false,
            least: 0,
            most: 0,
            columns: Vec::new(),
        };
        match self {
            Self::Rows(rows) => Columns::of(rows, keys),
            _ => Columns::of(&none, keys),
        }
    }

    /// Whether the layout is found wherever it begins in a line.
    pub(super) const fn begins_anywhere(&self) -> bool {
        matches!(
            self,
            Self::Json | Self::Pairs(_) | Self::Cef(_) | Self::Leef
        )
    }

    /// Fills the cells; `body` is the record without what is known to be around it.
    pub(super) fn read<'a>(
        &self,
        record: &'a [u8],
        body: &'a [u8],
        keys: &Keys,
        columns: &mut Columns,
        cells: &mut Cells<'a>,
    ) -> Result<Cut, &'static str> {
        match self {
            Self::Json => {
                let object = object(record)?;
                if let Some(slot) = keys.flat(BEFORE) {
                    let before = record.get(..record.len() - object.len());
                    if let Some(time) = before.and_then(time_in) {
                        cells.put(slot, Cell::new(time, Form::Plain));
                    }
                }
                json::fill(object, keys, cells)?;
            }
            Self::Rows(rows) => {
                return Ok(match rows.read(body, keys, columns, cells)? {
                    Line::Row => Cut::Record,
                    Line::Header => Cut::Header,
                    Line::Comment => Cut::Comment,
                });
            }
            Self::Pairs(pairs) => pairs.fill(record, keys, cells)?,
            Self::Cef(labels) => cef::fill_cef(record, keys, labels, cells)?,
            Self::Leef => cef::fill_leef(record, keys, cells)?,
            Self::Templates(templates) => {
                let fits = templates.iter().any(|template| {
                    cells.clear();
                    template.fill(body, cells)
                });
                if !fits {
                    return Err("not as the pattern says");
                }
            }
            Self::Regexes(regexes) => {
                // Whether an expression fits is much cheaper to know than where its groups are.
                let found = regexes
                    .iter()
                    .find(|regex| regex.regex.is_match(body))
                    .and_then(|regex| Some((regex, regex.regex.captures(body)?)));
                let (regex, groups) = found.ok_or("not as the pattern says")?;
                for (group, slot) in &regex.groups {
                    if let Some(value) = groups.get(*group) {
                        let value = Cell::new(value.as_bytes(), Form::Plain);
                        cells.put(*slot, value);
                    }
                }
            }
        }
        Ok(Cut::Record)
    }
}

/// The object in a line that may have something in front of it.
pub(super) fn object(record: &[u8]) -> Result<&[u8], &'static str> {
    let lead = record.get(..MAX_LEAD_BYTES).unwrap_or(record);
    let at = memchr(b'{', lead).ok_or("not JSON")?;
    record.get(at..).ok_or("not JSON")
}
