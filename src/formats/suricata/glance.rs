//! Time and host of the usual `dns` question, `tls` and `quic` event, without reading the rest.
//!
//! Whatever is out of the ordinary gives no glance, and the record is read whole. `http` events matter beyond their host, and
//! `flow` events name none.

use crate::formats::cursor::{ip, number};
use crate::formats::flat_json::{Keys, Value};
use crate::formats::glance::is_digits;
use crate::formats::loose_json::Loose;
use crate::model::{Glance, Time};

use super::dns::LOCAL_NAME_PORTS;

/// Of `2026-11-02T10:11:12.345678+0000`.
const SECOND: usize = 19;
const MICROS: usize = 6;

/// The members that all records may have and that reading looks at.
#[derive(Clone, Copy)]
enum Member {
    Timestamp,
    EventType,
    SourcePort,
    DestinationPort,
    Dns,
    Tls,
    Quic,
    /// What makes a record another one than it seems.
    Event,
    FlowId,
    SourceIp,
    DestinationIp,
    Http,
    Flow,
    Alert,
    Count,
}

/// The members of the objects `dns`, `tls` and `quic` that reading looks at.
#[derive(Clone, Copy)]
enum Inner {
    Type,
    Name,
    ServerName,
    FromProtocol,
    Queries,
    Id,
    RecordType,
    ResponseCode,
    Data,
    Version,
    Answers,
    Grouped,
    Count,
}

const MEMBERS: usize = Member::Count as usize;
const INNER: usize = Inner::Count as usize;

/// Remembers keys, and the second of the record before.
#[derive(Debug)]
pub(super) struct Glances {
    outer: Keys,
    inner: Keys,
    second: Vec<u8>,
    zone: Vec<u8>,
    at: i64,
}

impl Default for Glances {
    fn default() -> Self {
        Self {
            outer: Keys::wanted(|key| member(key).map(|member| member as usize)),
            inner: Keys::wanted(|key| inner(key).map(|inner| inner as usize)),
            second: Vec::new(),
            zone: Vec::new(),
            at: 0,
        }
    }
}

fn member(key: &[u8]) -> Option<Member> {
    Some(match key {
        b"timestamp" => Member::Timestamp,
        b"event_type" => Member::EventType,
        b"src_port" => Member::SourcePort,
        b"dest_port" => Member::DestinationPort,
        b"dns" => Member::Dns,
        b"tls" => Member::Tls,
        b"quic" => Member::Quic,
        b"event" => Member::Event,
        b"flow_id" => Member::FlowId,
        b"src_ip" => Member::SourceIp,
        b"dest_ip" => Member::DestinationIp,
        b"http" => Member::Http,
        b"flow" => Member::Flow,
        b"alert" => Member::Alert,
        _ => return None,
    })
}

fn inner(key: &[u8]) -> Option<Inner> {
    Some(match key {
        b"type" => Inner::Type,
        b"rrname" => Inner::Name,
        b"sni" => Inner::ServerName,
        b"from_proto" => Inner::FromProtocol,
        b"queries" => Inner::Queries,
        b"id" => Inner::Id,
        b"rrtype" => Inner::RecordType,
        b"rcode" => Inner::ResponseCode,
        b"rdata" => Inner::Data,
        b"version" => Inner::Version,
        b"answers" => Inner::Answers,
        b"grouped" => Inner::Grouped,
        _ => return None,
    })
}

impl Glances {
    pub(super) fn at<'a>(&mut self, record: &'a [u8]) -> Option<Glance<'a>> {
        let values: [Value<'a>; MEMBERS] = self.outer.read(record)?;
        let value = |member: Member| values.get(member as usize).copied().unwrap_or_default();
        let Value::Text(event_type) = value(Member::EventType) else {
            return None;
        };
        let (object, name) = match event_type {
            b"dns" => (Member::Dns, Inner::Name),
            b"tls" => (Member::Tls, Inner::ServerName),
            b"quic" => (Member::Quic, Inner::ServerName),
            _ => return None,
        };
        let Value::Object(object) = value(object) else {
            return None;
        };
        let mut inside: [Value<'a>; INNER] = self.inner.read(object)?;
        let of = |inside: &[Value<'a>; INNER], inner: Inner| {
            inside.get(inner as usize).copied().unwrap_or_default()
        };
        if event_type == b"dns" {
            let asks = matches!(of(&inside, Inner::Type), Value::Text(b"query" | b"request"));
            let ports = [value(Member::SourcePort), value(Member::DestinationPort)];
            let is_answer = matches!(ports, [Value::Number(b"53"), _]);
            if !asks || is_answer || ports.into_iter().any(may_be_local) {
                return None;
            }
            // Since version 3 the name stands in a list of its own.
            if let (Value::Absent, Value::List(list)) =
                (of(&inside, Inner::Name), of(&inside, Inner::Queries))
            {
                let question = list.strip_prefix(b"[")?.strip_suffix(b"]")?;
                inside = self.inner.read(question)?;
            }
        }
        let (Value::Text(host), Value::Text(client), Value::Text(stamp)) = (
            of(&inside, name),
            value(Member::SourceIp),
            value(Member::Timestamp),
        ) else {
            return None;
        };
        let tells = match event_type {
            b"dns" => super::dns::QUESTION_TELLS,
            _ => super::connections::TLS_TELLS,
        };
        let time = self.time(stamp)?;
        let client = ip(client)?;
        Some(Glance {
            time,
            client,
            host,
            asks: None,
            tells,
        })
    }

    fn time(&mut self, stamp: &[u8]) -> Option<Time> {
        let (second, rest) = stamp.split_at_checked(SECOND)?;
        let (fraction, zone) = rest.strip_prefix(b".")?.split_at_checked(MICROS)?;
        let micros = i64::try_from(number(fraction).filter(|_| is_digits(fraction))?).ok()?;
        if second != self.second.as_slice() || zone != self.zone.as_slice() {
            let whole = Loose::Text(std::str::from_utf8(stamp).ok()?.into()).time()?;
            self.at = whole.micros() - micros;
            self.second.clear();
            self.second.extend_from_slice(second);
            self.zone.clear();
            self.zone.extend_from_slice(zone);
        }
        Some(Time::from_micros(self.at + micros))
    }
}

/// Names of the neighbourhood are no events.
fn may_be_local(port: Value<'_>) -> bool {
    match port {
        Value::Number(port) => number(port).is_none_or(|port| LOCAL_NAME_PORTS.contains(&port)),
        Value::Absent => false,
        _ => true,
    }
}
