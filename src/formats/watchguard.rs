//! WatchGuard Fireware traffic log: what proxies and packet filters say, as syslog or as Traffic Monitor shows it.
//!
//! Every step of a request is a record. One counts: for the HTTP proxy the one for reports (1AFF-0024), for the HTTPS proxy the
//! connection (2CFF-0000), for packet filters the end (3000-0151, 3000-0176), and for all whatever was denied. Numbers
//! from the Fireware Log Message Catalog 12.x.

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time};

use super::clock::Clock;
use super::cursor::split;
use super::envelope;
use super::mapping::pairs::Pairs;
use super::watchguard_told::{Told, id};
use super::{Coded, Context, Parser};

pub(super) static WATCHGUARD: Coded = Coded {
    name: "watchguard",
    title: "WatchGuard Fireware traffic log (syslog)",
    kind: Kind::Flow,
    tells: HTTP_TELLS.union(FLOW_TELLS),
    advice: &[
        (
            Field::Host,
            "use the HTTP and HTTPS proxy actions instead of packet filters, with 'Enable logging for reports'",
        ),
        (
            Field::User,
            "authenticate users (Authentication > Single Sign-On)",
        ),
        (
            Field::BytesUp,
            "tick 'Enable logging for reports' in the proxy action",
        ),
    ],
    sniff,
    open,
};

const ANY_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::User,
    Field::Port,
    Field::Outcome,
    Field::BytesUp,
    Field::BytesDown,
    Field::Server,
]);
const FLOW_TELLS: Fields = ANY_TELLS.with(Field::DurationMs);
const TLS_TELLS: Fields = ANY_TELLS.with(Field::Host);
const HTTP_TELLS: Fields = TLS_TELLS.with(Field::Path).with(Field::Method);

fn sniff(record: &[u8]) -> u8 {
    // What merely holds such a number in a value of its own has no such words.
    let is_ours = id(record).is_some()
        && (Told::read(&Pairs::quoted_between_blanks(), record).is_some() || has_header(record));
    if is_ours { 90 } else { 0 }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(WatchGuard {
        clock: Clock::new(context),
        pairs: Pairs::quoted_between_blanks(),
    })
}

struct WatchGuard {
    clock: Clock,
    pairs: Pairs,
}

impl Parser for WatchGuard {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let Some(told) = Told::read(&self.pairs, record) else {
            return if record.trim_ascii().is_empty() {
                Parsed::Skip("empty line")
            } else if id(record).is_some() && has_header(record) {
                Parsed::Skip("record of another kind")
            } else {
                Parsed::Bad("not as the pattern says")
            };
        };
        let outcome = outcome(told.disposition);
        let kind = match kind(told.id, outcome, told.host.is_some()) {
            Ok(kind) => kind,
            Err(why) => return Parsed::Skip(why),
        };
        let Some(time) = self.clock.time(envelope::open(record).stamp) else {
            return Parsed::Bad("no such day");
        };
        let tells = match kind {
            Kind::Proxy => HTTP_TELLS,
            Kind::Tls => TLS_TELLS,
            _ => FLOW_TELLS,
        };
        let mut event = Event::new(kind, time, tells);
        event.client = told.client;
        event.client_port = told.client_port;
        event.server = told.server;
        event.port = told.port;
        event.user = told.user;
        event.outcome = outcome;
        event.bytes_up = told.bytes_up;
        event.bytes_down = told.bytes_down;
        match kind {
            Kind::Proxy => {
                event.host = told.host;
                event.path = told.path;
                event.method = told.method;
            }
            Kind::Tls => event.host = told.host,
            _ => event.duration_ms = told.duration_secs.and_then(|secs| secs.checked_mul(1000)),
        }
        Parsed::Event(event)
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }
}

/// Whether only a header stands in front of the number of the message.
fn has_header(record: &[u8]) -> bool {
    let quote = memchr::memchr(b'"', record);
    quote
        .and_then(|at| record.get(..at))
        .is_some_and(|head| head.ends_with(b" msg_id="))
}

fn outcome(disposition: &[u8]) -> Outcome {
    let is = |word: &&[u8]| disposition.eq_ignore_ascii_case(word);
    if is(&&b"allow"[..]) {
        Outcome::Allowed
    } else if [&b"deny"[..], b"block", b"drop"].iter().any(is) {
        Outcome::Blocked
    } else {
        Outcome::Unknown
    }
}

/// What sort of event a record is, or why it is none.
fn kind(id: &[u8], outcome: Outcome, has_host: bool) -> Result<Kind, &'static str> {
    let (family, number) = split(id, b'-').unwrap_or((id, b""));
    match (family, number, outcome) {
        (b"1AFF", b"0024", Outcome::Allowed) if has_host => Ok(Kind::Proxy),
        (b"1AFF", _, Outcome::Blocked) => Ok(Kind::Proxy),
        (b"2CFF", b"0000", Outcome::Allowed) if has_host => Ok(Kind::Tls),
        (b"2CFF", _, Outcome::Blocked) => Ok(Kind::Tls),
        (b"1AFF" | b"2CFF", _, _) => Err("step of a request"),
        (b"3000", b"0151" | b"0176", Outcome::Allowed) => Ok(Kind::Flow),
        (b"3000", _, Outcome::Blocked) => Ok(Kind::Flow),
        (b"3000", b"0148" | b"0149", Outcome::Allowed) => Err("session start"),
        _ => Err("record of another kind"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_record_of_a_request_counts() {
        for (id, outcome, has_host, expected) in [
            ("1AFF-0024", Outcome::Allowed, true, Ok(Kind::Proxy)),
            (
                "1AFF-0024",
                Outcome::Allowed,
                false,
                Err("step of a request"),
            ),
            (
                "1AFF-0021",
                Outcome::Allowed,
                true,
                Err("step of a request"),
            ),
            ("1AFF-0020", Outcome::Blocked, false, Ok(Kind::Proxy)),
            ("2CFF-0000", Outcome::Allowed, true, Ok(Kind::Tls)),
            ("2CFF-0002", Outcome::Blocked, true, Ok(Kind::Tls)),
            ("3000-0148", Outcome::Allowed, false, Err("session start")),
            ("3000-0148", Outcome::Blocked, false, Ok(Kind::Flow)),
            ("3000-0176", Outcome::Allowed, false, Ok(Kind::Flow)),
            (
                "3E00-0002",
                Outcome::Blocked,
                false,
                Err("record of another kind"),
            ),
        ] {
            assert_eq!(kind(id.as_bytes(), outcome, has_host), expected, "{id}");
        }
    }

    #[test]
    fn a_number_in_somebodys_text_is_no_message() {
        for record in [
            r#"192.0.2.7 - - [x] "GET / HTTP/1.1" 200 "x msg_id="1AFF-0024" Allow a 192.0.2.7 192.0.2.8 1 2"#,
            r#"a=b msg_id="7" Allow 192.0.2.7 192.0.2.8 1 2"#,
            r#"{"message":"msg_id=\"1AFF-0024\" Allow a b tcp 192.0.2.7 192.0.2.8 1 2"}"#,
        ] {
            assert_eq!(sniff(record.as_bytes()), 0, "{record}");
        }
    }
}
