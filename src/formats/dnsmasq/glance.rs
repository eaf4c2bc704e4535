//! Time and host of the usual question, without reading the rest.
//!
//! `Nov  2 10:11:12 dnsmasq[77]: query[A] NAME from 192.0.2.7`, with or without serial number and client in front, with
//! a plain name. Whatever is out of the ordinary gives no glance, and the record is read whole.

use crate::formats::clock::Clock;
use crate::formats::cursor::{ip, number, port, split, split_last};
use crate::formats::envelope;
use crate::formats::glance::Prefix;
use crate::model::{Glance, Time};

use super::{PROGRAMS, Question, TELLS, TELLS_WITH_PORT};

/// Remembers what stood in front of the record before, and the question of the last glance.
#[derive(Debug, Default)]
pub(super) struct Glances {
    prefix: Prefix,
    question: Question,
}

impl Glances {
    pub(super) fn at<'a>(&mut self, record: &'a [u8], clock: &mut Clock) -> Option<Glance<'a>> {
        let (time, body) = match self.prefix.strip(record) {
            Some(known) => known,
            None => self.opened(record, clock)?,
        };
        let (serial, question) = match body.first()? {
            b'0'..=b'9' => {
                let (serial, rest) = split(body, b' ')?;
                let (client, question) = split(rest, b' ')?;
                let (address, digits) = split_last(client, b'/')?;
                let _ = (ip(address)?, port(digits)?);
                (Some(number(serial)?), question)
            }
            _ => (None, body),
        };
        let (qtype, rest) = split(question.strip_prefix(b"query[")?, b']')?;
        let (host, rest) = split(rest.strip_prefix(b" ")?, b' ')?;
        let client = ip(rest.strip_prefix(b"from ")?)?;
        self.question.remember(serial, client, host, qtype);
        let tells = match serial {
            Some(_) => TELLS_WITH_PORT,
            None => TELLS,
        };
        Some(Glance {
            time,
            client,
            host,
            asks: None,
            tells,
        })
    }

    fn opened<'a>(&mut self, record: &'a [u8], clock: &mut Clock) -> Option<(Time, &'a [u8])> {
        let envelope = envelope::open(record);
        if !PROGRAMS.contains(&envelope.program) {
            return None;
        }
        let time = clock.time(envelope.stamp)?;
        self.prefix.remember(record, envelope.body, time);
        Some((time, envelope.body))
    }

    /// The question of the last glance is the last one told.
    pub(super) fn taken(&mut self, question: &mut Question) {
        std::mem::swap(&mut self.question, question);
    }

    /// Time and text of a record that begins as the last one did.
    pub(super) fn known<'a>(&self, record: &'a [u8]) -> Option<(Time, &'a [u8])> {
        self.prefix.strip(record)
    }

    /// A time without a year may be another one now.
    pub(super) fn forget(&mut self) {
        self.prefix.forget();
    }
}
