//! The records of a chunk, in their order, and a look at some of them ahead of their turn.
//!
//! It cuts lines and the parts of lines that carry many. What the records mean is for a parser to say, what becomes of them
//! for [`super::stream`].

use crate::formats::{Parts, parts};
use crate::model::Glance;
use crate::sources::Chunk;

/// The records of a chunk, one after the other; stays where it is when a parser fails.
pub(super) struct Walk<'c, L> {
    lines: L,
    parts: Option<Parts<'c>>,
    /// The line that was cut last.
    line: u64,
    /// The record that is in a parser's hands.
    pub(super) now: Place<'c>,
    /// Records that were glanced at, and how many of them are done with.
    ahead: Vec<(Place<'c>, Option<Glance<'c>>)>,
    done: usize,
}

/// A record and its line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'c> {
    pub(super) number: u64,
    pub(super) record: &'c [u8],
}

impl<'c> Walk<'c, ()> {
    pub(super) fn of(chunk: &'c Chunk) -> Walk<'c, impl Iterator<Item = &'c [u8]>> {
        Walk {
            lines: records(&chunk.bytes),
            parts: None,
            line: chunk.line.wrapping_sub(1),
            now: Place {
                number: 0,
                record: &[],
            },
            ahead: Vec::new(),
            done: 0,
        }
    }
}

impl<'c, L: Iterator<Item = &'c [u8]>> Walk<'c, L> {
    /// Cuts the next records and glances at them, until one does not tell enough.
    pub(super) fn look_ahead(
        &mut self,
        most: usize,
        mut glance: impl FnMut(&'c [u8]) -> Option<Glance<'c>>,
    ) {
        self.ahead.clear();
        self.done = 0;
        while self.ahead.len() < most
            && let Some(record) = self.cut()
        {
            self.now = Place {
                number: self.line,
                record,
            };
            let glance = glance(record);
            self.ahead.push((self.now, glance));
            if glance.is_none() {
                break;
            }
        }
    }

    /// Whether nothing is left.
    pub(super) fn is_done(&self) -> bool {
        self.ahead.is_empty()
    }

    /// The hosts of the records that were looked at.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &'c [u8]> {
        let glances = self.ahead.iter().filter_map(|(_, glance)| glance.as_ref());
        glances.map(|glance| glance.host)
    }

    /// The next record that was looked at.
    pub(super) fn take(&mut self) -> Option<(Place<'c>, Option<&Glance<'c>>)> {
        // Glances are large for what is done for a line: they stay where they are.
        let (place, glance) = self.ahead.get(self.done)?;
        self.done += 1;
        self.now = *place;
        Some((*place, glance.as_ref()))
    }

    fn cut(&mut self) -> Option<&'c [u8]> {
        loop {
            if let Some(part) = self.parts.as_mut().and_then(Parts::next) {
                return Some(part);
            }
            let line = self.lines.next()?;
            self.line = self.line.wrapping_add(1);
            if !matches!(line.first(), Some(b'{' | b'[' | b']')) {
                return Some(line);
            }
            self.parts = Some(parts(line));
        }
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
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        // A hole too short for the sources to skip, or the second half of a line end in UTF-16.
        let nuls = record.iter().take_while(|byte| **byte == 0).count();
        record.get(nuls..)
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::model::{Fields, Time};

    #[test]
    fn what_is_looked_at_ahead_comes_in_order_with_its_line() {
        let mut walk = Walk {
            lines: records(b"a\nb\n[]\nodd\nc\n"),
            parts: None,
            line: 6,
            now: Place {
                number: 0,
                record: &[],
            },
            ahead: Vec::new(),
            done: 0,
        };
        let glance = |record| {
            (record != b"odd").then_some(Glance {
                time: Time::from_micros(0),
                client: Ipv4Addr::LOCALHOST.into(),
                host: record,
                asks: None,
                tells: Fields::NONE,
            })
        };
        let mut runs = Vec::new();
        loop {
            walk.look_ahead(4, glance);
            if walk.is_done() {
                break;
            }
            let hosts = walk.hosts().count();
            let taken = std::iter::from_fn(|| {
                let (place, glance) = walk.take()?;
                let host = glance.map(|glance| glance.host);
                assert_eq!(walk.now.number, place.number);
                assert_eq!(host, (place.record != b"odd").then_some(place.record));
                Some((place.number, place.record))
            });
            runs.push((taken.collect::<Vec<_>>(), hosts));
        }
        let [(first, hosts), (second, _)] = runs.as_slice() else {
            panic!("{runs:?}");
        };
        assert_eq!(*hosts, first.len() - 1);
        assert_eq!(first.first(), Some(&(7, b"a".as_slice())));
        assert_eq!(first.last(), Some(&(10, b"odd".as_slice())));
        assert_eq!(second, &[(11, b"c".as_slice())]);
    }

    #[test]
    fn records_end_at_newlines_with_or_without_a_carriage_return() {
        let lines: Vec<&[u8]> = records(b"a\r\n\nb\nc").collect();
        assert_eq!(lines, [b"a".as_slice(), b"", b"b", b"c"]);
        assert_eq!(records(b"").count(), 0);
    }

    #[test]
    fn bytes_of_a_hole_in_front_of_a_line_do_not_cost_it() {
        let lines: Vec<&[u8]> = records(b"a\n\0\0b\0\n\0\n").collect();
        assert_eq!(lines, [b"a".as_slice(), b"b\0", b""]);
    }
}
