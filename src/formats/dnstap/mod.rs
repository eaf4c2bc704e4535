//! dnstap, as BIND, Unbound, dnsdist, Knot Resolver, PowerDNS and CoreDNS write it.
//!
//! A record is `dnstap BASE64`, one frame of a Frame Streams file, as `sources` makes it. CLIENT_QUERY is an event;
//! CLIENT_RESPONSE is one where its query is not in the log, see [`super::lookups`], and always when a response policy
//! blocked it: the query, already counted, could not know. Threads may write a response before its query; then
//! the query is the one that is skipped. What servers ask each other (RESOLVER_, FORWARDER_, AUTH_),
//! and everything else, is skipped. Fields from dnstap.pb of dnstap/dnstap.pb; seen from BIND 9.18.49, Unbound
//! 1.17.1, dnsdist 1.7.3 and Knot Resolver 5.6.0.

mod protobuf;
mod wire;

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time};

use super::lookups::Lookups;
use super::refusal::Refusal;
use super::{Coded, Context, Parser, dns_words};

use protobuf::{Pairs, Value};
use wire::Packet;

pub(super) static DNSTAP: Coded = Coded {
    name: "dnstap",
    title: "dnstap (Frame Streams)",
    kind: Kind::Dns,
    tells: RESPONSE_TELLS.with(Field::DurationMs),
    advice: &[(
        Field::Outcome,
        "log client responses instead of client queries: BIND `dnstap { client response; };`, Unbound \
         `dnstap-log-client-response-messages: yes`, Knot Resolver `log_responses = true`",
    )],
    sniff,
    open,
};

const QUERY_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Host,
    Field::Qtype,
    Field::Server,
]);
const RESPONSE_TELLS: Fields = QUERY_TELLS.with(Field::Outcome).with(Field::Answers);

fn sniff(record: &[u8]) -> u8 {
    match frame(record).map(|frame| Message::read(&frame).is_some()) {
        Some(true) => 95,
        Some(false) => 50,
        None => 0,
    }
}

fn open(_: &Context) -> Box<dyn Parser> {
    Box::new(Dnstap(Lookups::default()))
}

/// The bytes of a frame.
fn frame(record: &[u8]) -> Option<Vec<u8>> {
    BASE64
        .decode(record.strip_prefix(b"dnstap ")?.trim_ascii_end())
        .ok()
}

struct Dnstap(Lookups);

impl Parser for Dnstap {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        if record.trim_ascii().is_empty() {
            return Parsed::Skip("empty line");
        }
        let Some(frame) = frame(record) else {
            return Parsed::Bad("not a dnstap frame");
        };
        let Some(message) = Message::read(&frame) else {
            return Parsed::Bad("unreadable dnstap frame");
        };
        match self.message(&message) {
            Ok(event) => Parsed::Event(event),
            Err(refusal) => refusal.into(),
        }
    }
}

impl Dnstap {
    fn message(&mut self, message: &Message) -> Result<Event<'static>, Refusal> {
        let is_response = match message.kind {
            CLIENT_QUERY => false,
            CLIENT_RESPONSE => true,
            other => return Err(Refusal::Skip(unread(other))),
        };
        // A response is logged without its query by some servers, and a query never has a response.
        let bytes = if is_response && !message.response.is_empty() {
            message.response
        } else {
            message.query
        };
        let Some(packet) = Packet::read(bytes) else {
            return Err(Refusal::Bad("unreadable dns message"));
        };
        if packet.opcode != 0 {
            return Err(Refusal::Skip("not a query"));
        }
        let Some(question) = &packet.question else {
            return Err(Refusal::Skip("no name asked for"));
        };
        if question.class != INTERNET {
            return Err(Refusal::Skip("question outside the internet class"));
        }
        let Some(time) = message.query_time.or(message.response_time) else {
            return Err(Refusal::Bad("no time"));
        };
        let key: [&[u8]; 6] = [
            if is_response { b"response" } else { b"query" },
            message.client,
            &message.client_port.to_be_bytes(),
            &packet.id.to_be_bytes(),
            question.name.bytes(),
            &question.qtype.to_be_bytes(),
        ];
        let blocks = message.policy.is_some_and(policy_blocks);
        let mut other = key;
        other[0] = if is_response { b"query" } else { b"response" };
        let is_counted = self.0.is_answer(&other);
        let mut tells = QUERY_TELLS;
        if is_response {
            if is_counted && !blocks {
                return Err(Refusal::Skip("answer to a logged question"));
            }
            tells = RESPONSE_TELLS;
            if message.query_time.is_some() && message.response_time.is_some() {
                tells = tells.with(Field::DurationMs);
            }
        } else if is_counted {
            return Err(Refusal::Skip("question of a counted answer"));
        } else if blocks {
            tells = tells.with(Field::Outcome);
        }
        if !is_counted {
            self.0.asked(&key);
        }
        let mut event = Event::new(Kind::Dns, time, tells);
        event.client = address(message.client);
        event.client_port = u16::try_from(message.client_port).ok().filter(|p| *p != 0);
        event.server = address(message.server);
        event.host = (!question.name.bytes().is_empty()).then(|| question.name.clone());
        event.qtype = Some(dns_words::type_name(question.qtype));
        if is_response {
            event.answers = packet.answers;
            let rcode: &[u8] = if packet.rcode == 0 {
                b"NOERROR"
            } else {
                b"ERROR"
            };
            event.outcome = dns_words::outcome(rcode, &event.answers);
            event.duration_ms = message.duration_ms();
        }
        if blocks {
            event.outcome = Outcome::Blocked;
        }
        Ok(event)
    }
}

const INTERNET: u16 = 1;
const CLIENT_QUERY: u64 = 5;
const CLIENT_RESPONSE: u64 = 6;

/// What a message of another type is.
fn unread(kind: u64) -> &'static str {
    match kind {
        1 | 2 => "traffic of an authoritative server",
        3 | 7 => "question to another server",
        4 | 8 => "answer of another server",
        9..=12 => "traffic of a stub or a tool",
        13 | 14 => "dynamic update",
        _ => "message of another type",
    }
}

/// Whether a policy kept the real answer from the client: NXDOMAIN, NODATA, DROP and LOCAL_DATA do, PASS and
/// TRUNCATE do not.
fn policy_blocks(policy: &[u8]) -> bool {
    let action = Pairs(policy).find(|(field, _)| *field == 3);
    matches!(action, Some((_, Value::Number(1 | 2 | 4 | 6))))
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from);
    let v6 = || <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from);
    Some(v4.or_else(v6)?.to_canonical())
}

/// The fields of dnstap's `Message` that are wanted.
#[derive(Default)]
struct Message<'a> {
    kind: u64,
    client: &'a [u8],
    client_port: u64,
    server: &'a [u8],
    query_time: Option<Time>,
    response_time: Option<Time>,
    query: &'a [u8],
    response: &'a [u8],
    policy: Option<&'a [u8]>,
}

impl<'a> Message<'a> {
    fn read(frame: &'a [u8]) -> Option<Self> {
        let mut outer = Pairs(frame);
        let message = outer.by_ref().find_map(|pair| match pair {
            (14, Value::Bytes(message)) => Some(message),
            _ => None,
        })?;
        // What follows the message (its type) must be whole too: a frame that breaks off is none.
        outer.by_ref().for_each(drop);
        outer.0.is_empty().then_some(())?;
        let mut read = Self::default();
        let (mut query_nanos, mut response_nanos) = (0, 0);
        let (mut query_secs, mut response_secs) = (None, None);
        let mut pairs = Pairs(message);
        for pair in pairs.by_ref() {
            match pair {
                (1, Value::Number(kind)) => read.kind = kind,
                (4, Value::Bytes(address)) => read.client = address,
                (5, Value::Bytes(address)) => read.server = address,
                (6, Value::Number(port)) => read.client_port = port,
                (8, Value::Number(secs)) => query_secs = Some(secs),
                (9, Value::Number(nanos)) => query_nanos = nanos,
                (10, Value::Bytes(packet)) => read.query = packet,
                (12, Value::Number(secs)) => response_secs = Some(secs),
                (13, Value::Number(nanos)) => response_nanos = nanos,
                (14, Value::Bytes(packet)) => read.response = packet,
                (15, Value::Bytes(policy)) => read.policy = Some(policy),
                _ => {}
            }
        }
        pairs.0.is_empty().then_some(())?;
        read.query_time = time(query_secs, query_nanos);
        read.response_time = time(response_secs, response_nanos);
        (read.kind != 0).then_some(read)
    }

    fn duration_ms(&self) -> Option<u64> {
        let micros = self.response_time?.micros() - self.query_time?.micros();
        u64::try_from(micros / 1_000).ok()
    }
}

/// Seconds and nanoseconds since 1970; 0 is what a server writes that does not know.
fn time(secs: Option<u64>, nanos: u64) -> Option<Time> {
    let secs = i64::try_from(secs?).ok().filter(|secs| *secs != 0)?;
    let micros = i64::try_from(nanos / 1_000).ok()?;
    Some(Time::from_micros(
        secs.checked_mul(1_000_000)?.checked_add(micros)?,
    ))
}

#[cfg(test)]
mod tests;
