//! Time and host of the usual question in BIND's own log, without reading the rest.
//!
//! `02-Nov-2026 10:11:12.345 queries: info: client @0x7f8b 192.0.2.7#46662 (NAME): query: NAME IN A +E(0) (192.0.2.1)`:
//! BIND's own time, any category and severity, no key and no view, a plain name, the same at both places. Whatever
//! is out of the ordinary gives no glance, and the record is read whole.

use crate::formats::clock::{Clock, bind_stamp};
use crate::formats::cursor::{ip_of, split};
use crate::formats::glance::{is_digits, is_plain};
use crate::formats::lookups::Lookups;
use crate::model::{Fields, Glance, Time};

use super::line::Head;

/// `02-Nov-2026 10:11:12`
const SECOND: usize = 20;
/// `02-Nov-2026 10:11:12.345 `
const STAMP: usize = SECOND + 5;
const MICROS: i64 = 1_000;

/// Remembers the second, and what stood behind the time of the record before.
#[derive(Debug, Default)]
pub(super) struct Glances {
    second: Vec<u8>,
    at: Time,
    labels: Vec<u8>,
    /// The question of the last glance.
    digest: u64,
}

impl Glances {
    pub(super) fn at<'a>(&mut self, record: &'a [u8], clock: &mut Clock) -> Option<Glance<'a>> {
        let (stamp, rest) = record.split_at_checked(STAMP)?;
        let time = self.time(stamp, clock)?;
        let question = self.after_labels(record, rest)?;
        let (client, rest) = split(question, b'#')?;
        let (port, rest) = split(rest, b' ')?;
        let rest = rest.strip_prefix(b"(")?;
        let (name, rest) = rest.split_at_checked(memchr::memchr(b')', rest)?)?;
        let rest = rest.strip_prefix(b"): query: ")?.strip_prefix(name)?;
        let (qtype, rest) = split(rest.strip_prefix(b" IN ")?, b' ')?;
        let (flags, rest) = split(rest, b' ')?;
        let server = split(rest, b' ').map_or(rest, |(server, _)| server);
        let is_usual = is_digits(port)
            && is_plain(qtype)
            && matches!(flags.first(), Some(b'+' | b'-'))
            && server.starts_with(b"(")
            && server.len() > 1
            && server.ends_with(b")");
        if !is_usual {
            return None;
        }
        self.digest = Lookups::digest(&[client, port, name, qtype]);
        Some(Glance {
            time,
            client: ip_of((question, client.len()))?,
            host: name,
            asks: None,
            tells: Fields::NONE,
        })
    }

    /// The question of the last glance is counted.
    pub(super) fn taken(&self, lookups: &mut Lookups) {
        lookups.note(self.digest);
    }

    fn time(&mut self, stamp: &[u8], clock: &mut Clock) -> Option<Time> {
        let (second, fraction) = stamp.split_at_checked(SECOND)?;
        let [b'.', a, b, c, b' '] = fraction else {
            return None;
        };
        let millis = [a, b, c].into_iter().try_fold(0, |sum, digit| {
            let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
            Some(sum * 10 + digit)
        })?;
        if second != self.second.as_slice() {
            let (stamp, _) = bind_stamp(stamp)?;
            self.at = Time::from_micros(clock.time(Some(stamp))?.micros() - millis * MICROS);
            self.second.clear();
            self.second.extend_from_slice(second);
        }
        Some(Time::from_micros(self.at.micros() + millis * MICROS))
    }

    /// What follows category, severity, `client ` and the address of the client's object.
    fn after_labels<'a>(&mut self, record: &[u8], rest: &'a [u8]) -> Option<&'a [u8]> {
        let body = match rest.strip_prefix(self.labels.as_slice()) {
            Some(body) if body.starts_with(b"client ") => body,
            _ => {
                let body = Head::read(record).rest;
                let labels = rest
                    .strip_suffix(body)
                    .filter(|_| body.starts_with(b"client "))?;
                self.labels.clear();
                self.labels.extend_from_slice(labels);
                rest.get(labels.len()..)?
            }
        };
        let who = body.strip_prefix(b"client ")?;
        if who.starts_with(b"@0x") {
            split(who, b' ').map(|(_, who)| who)
        } else {
            Some(who)
        }
    }
}
