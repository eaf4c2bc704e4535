//! Firewall activity log of Barracuda CloudGen Firewall: `… Block: type=FWD|proto=TCP|srcIF=eth1|srcIP=…|…`.
//!
//! A session counts when it is removed, for then bytes and duration are known, or when it was refused; that one was allowed
//! is skipped. In front stand `2026 11 23 13:12:21 Security +01:00` in the file, and a syslog header where it is streamed.
//! The application's `target` is what the client asked for; it comes last, so no part of it counts as another field.
//! Keys from "Firewall Activity Log" at campus.barracuda.com; that `sentBytes` are the source's is the usual reading, the
//! page does not say it.

use memchr::memmem;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::clock::{Clock, Stamp, iso_stamp};
use super::cursor::{Cursor, ip, number, port, present, split, split_last};
use super::target::Target;
use super::{Coded, Parser, envelope};

pub(super) static BARRACUDA_ACTIVITY: Coded = Coded {
    name: "barracuda-cloudgen-activity",
    title: "Barracuda CloudGen Firewall activity log",
    kind: Kind::Flow,
    tells: TELLS,
    advice: &[
        (
            Field::Host,
            "turn on application control and URL filtering in the access rule, or stream the web log: Firewall > General Settings > Web Log Streaming",
        ),
        (
            Field::User,
            "have users authenticated: Infrastructure Services > Authentication Service, or the DC Agent",
        ),
    ],
    sniff,
    open: |context| Box::new(Activity(Clock::new(context))),
};

const TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::User,
    Field::Host,
    Field::Port,
    Field::Outcome,
    Field::BytesUp,
    Field::BytesDown,
    Field::DurationMs,
    Field::Server,
    Field::Category,
]);

fn sniff(record: &[u8]) -> u8 {
    if Row::read(record).is_some() { 95 } else { 0 }
}

struct Activity(Clock);

impl Parser for Activity {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let Some(row) = Row::read(record) else {
            return if record.trim_ascii().is_empty() {
                Parsed::Skip("empty line")
            } else if memmem::find(record, b"|proto=").is_none() && is_of_another(record) {
                Parsed::Skip("another program's line")
            } else {
                Parsed::Bad("not an activity record")
            };
        };
        let outcome = match row.action {
            b"Remove" => Outcome::Allowed,
            b"Block" | b"Deny" | b"Drop" | b"AppBlock" => Outcome::Blocked,
            b"Fail" => Outcome::Error,
            b"Allow" | b"LocalAllow" | b"Detect" => {
                return Parsed::Skip("beginning of a session");
            }
            _ => return Parsed::Skip("other action"),
        };
        if !matches!(row.value(b"proto"), Some(b"TCP" | b"UDP")) {
            return Parsed::Skip("icmp or other protocol");
        }
        let Some(time) = self.0.time(stamp(row.header)) else {
            return Parsed::Bad("no readable time");
        };
        Parsed::Event(row.event(time, outcome))
    }

    fn written_by(&mut self, modified: Time) {
        self.0.written_by(modified);
    }
}

fn is_of_another(record: &[u8]) -> bool {
    envelope::open(record).is_foreign_to(&[]) || file_stamp(record).is_some()
}

struct Row<'a> {
    header: &'a [u8],
    /// `Allow`, `Remove`, `Block` …
    action: &'a [u8],
    pairs: &'a [u8],
}

impl<'a> Row<'a> {
    fn read(record: &'a [u8]) -> Option<Self> {
        let at = memmem::find(record, b": type=")?;
        let (header, pairs) = (record.get(..at)?, record.get(at + 2..)?);
        let (header, action) = split_last(header, b' ').unwrap_or((b"", header));
        let row = Self {
            header,
            action,
            pairs,
        };
        let is_row = action.iter().all(u8::is_ascii_alphabetic)
            && row
                .value(b"srcIP")
                .is_some_and(|address| ip(address).is_some())
            && row.value(b"dstPort").is_some();
        is_row.then_some(row)
    }

    /// The first value of this key that is not empty.
    fn value(&self, key: &[u8]) -> Option<&'a [u8]> {
        let mut values = self
            .pairs
            .split(|b| *b == b'|')
            .filter_map(|pair| split(pair, b'='));
        let (_, value) = values.find(|(name, _)| *name == key)?;
        present(value)
    }

    fn event(&self, time: Time, outcome: Outcome) -> Event<'a> {
        let mut event = Event::new(Kind::Flow, time, TELLS);
        let measured = |key| self.value(key).and_then(number);
        event.client = self.value(b"srcIP").and_then(ip);
        event.client_port = self.value(b"srcPort").and_then(port);
        event.server = self.value(b"dstIP").and_then(ip);
        event.port = self.value(b"dstPort").and_then(port);
        event.user = self.value(b"user").map(Untrusted::new);
        event.bytes_up = measured(b"sentBytes");
        event.bytes_down = measured(b"receivedBytes");
        event.duration_ms = measured(b"duration");
        event.category = self.value(b"urlcat").map(Untrusted::new);
        event.outcome = outcome;
        let target = self.value(b"target").map(Target::any);
        event.host = target.and_then(|target| target.host_text());
        if event.host.is_some() {
            event.kind = Kind::Proxy;
        }
        event
    }
}

fn stamp(header: &[u8]) -> Option<Stamp> {
    let mut rest = Cursor::new(header);
    loop {
        rest.blanks();
        if let Some(stamp) = file_stamp(rest.rest()) {
            return Some(stamp);
        }
        if rest.word().is_none() {
            return envelope::open(header).stamp;
        }
    }
}

/// `2026 11 23 13:12:21 Security +01:00`.
fn file_stamp(text: &[u8]) -> Option<Stamp> {
    let mut words = Cursor::new(text);
    let [year, month, day, clock] = [(); 4].map(|()| words.word());
    let _kind = words.word();
    let zone = words
        .word()
        .filter(|word| matches!(word.first(), Some(b'+' | b'-')));
    let day = [year?, month?, day?].join(&b'-');
    let local = [&day[..], clock?].join(&b'T');
    iso_stamp(&[&local[..], zone.unwrap_or_default()].concat()).map(|(stamp, _)| stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_cannot_forge_who_asked() {
        let row = Row::read(b"Info fw Remove: type=FWD|proto=TCP|srcIF=eth1|srcIP=10.1.1.7|srcPort=5|dstIP=203.0.113.5|dstPort=443|user=alice|target=a.example|user=forged|srcIP=192.0.2.99|target=forged.example|content=|urlcat=").unwrap();
        let event = row.event(Time::from_secs(0), Outcome::Allowed);
        assert_eq!(event.client, ip(b"10.1.1.7"));
        assert_eq!(event.user, Some("alice".into()));
        assert_eq!(event.host, Some("a.example".into()));
    }
}
