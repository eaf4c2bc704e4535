//! MikroTik RouterOS: DNS queries and the web proxy, by syslog or from the router's own disk.
//!
//! `query from CLIENT: #NUMBER NAME. TYPE` of the topic dns, `CLIENT METHOD URL  action=allow cache=MISS` of web-proxy; in
//! front, as configured, the topics (`web-proxy,account`) and a prefix (`gw:`). From the RouterOS manual, Log and Web
//! Proxy; the DNS lines from memory of programs that read them.

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::clock::{self, Civil, Clock, Stamp};
use super::cursor::{Cursor, number, split};
use super::dns_words::type_name;
use super::mikrotik_message::{Message, Query, Request};
use super::target::Target;
use super::{Coded, Context, Parser, envelope};

pub(super) static MIKROTIK: Coded = Coded {
    name: "mikrotik",
    title: "MikroTik RouterOS: DNS queries and web proxy",
    kind: Kind::Dns,
    tells: QUERY_TELLS.union(REQUEST_TELLS),
    advice: &[
        (
            Field::Path,
            "RouterOS does not look into TLS: of an https URL only the CONNECT is seen",
        ),
        (
            Field::User,
            "RouterOS does not know who asks: join the address with its DHCP leases",
        ),
    ],
    sniff,
    open,
};

const QUERY_TELLS: Fields = Fields::of(&[Field::Client, Field::Host, Field::Qtype]);
const REQUEST_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Method,
    Field::Outcome,
]);

/// Words of a router's name, which syslog puts in front.
const MAX_NAME_WORDS: usize = 2;

fn sniff(record: &[u8]) -> u8 {
    match find(record).1 {
        Some(Message::Query(_) | Message::Request(_)) => 80,
        _ => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Mikrotik(Clock::new(context)))
}

struct Mikrotik(Clock);

impl Parser for Mikrotik {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let (stamp, message) = find(record);
        let event = match message {
            Some(Message::Query(query)) => self.0.time(stamp).map(|time| asked(&query, time)),
            Some(Message::Request(request)) => {
                self.0.time(stamp).map(|time| requested(&request, time))
            }
            Some(Message::Other) => return Parsed::Skip("no request"),
            None if record.trim_ascii().is_empty() => return Parsed::Skip("empty line"),
            None | Some(Message::Broken) => return Parsed::Bad("not as the pattern says"),
        };
        event.map_or(Parsed::Bad("no such day"), Parsed::Event)
    }

    fn written_by(&mut self, modified: Time) {
        self.0.written_by(modified);
    }
}

/// The time and the message behind the headers and the router's name.
fn find(record: &[u8]) -> (Option<Stamp>, Option<Message<'_>>) {
    let envelope = envelope::open(record);
    let (stamp, body) = match disk_stamp(envelope.body) {
        Some((stamp, body)) => (Some(stamp), body),
        None => (envelope.stamp, envelope.body),
    };
    let mut cursor = Cursor::new(body.trim_ascii());
    let mut message = Message::read(cursor.rest());
    for _ in 0..MAX_NAME_WORDS {
        if message.is_none() && cursor.word().is_some() {
            cursor.blanks();
            message = Message::read(cursor.rest());
        }
    }
    (stamp, message)
}

/// `nov/23/2026 10:11:12 …`, as version 6 writes to its own disk.
fn disk_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (date, rest) = split(text, b' ')?;
    let ([first, others @ ..], date) = date.split_first_chunk::<3>()?;
    let [second, third] = others.map(|letter| letter.to_ascii_lowercase());
    let month = [first.to_ascii_uppercase(), second, third];
    let (day, year) = split(date.strip_prefix(b"/")?, b'/')?;
    let year = (year.len() == 4).then(|| number(year))??;
    let (time, rest) = split(rest, b' ')?;
    let civil = Civil {
        year: i64::try_from(year).ok()?,
        month: clock::month_number(&month)?,
        day: clock::two_digits(day)?,
        micros: clock::time_of_day(time)?,
    };
    Some((Stamp::Local(civil), rest))
}

fn asked<'a>(query: &Query<'a>, time: Time) -> Event<'a> {
    let mut event = Event::new(Kind::Dns, time, QUERY_TELLS);
    event.client = Some(query.client);
    event.host = Some(Untrusted::new(query.name));
    let code = number(query.qtype).and_then(|n| u16::try_from(n).ok());
    event.qtype = Some(match code {
        Some(code) => type_name(code),
        None => Untrusted::new(query.qtype),
    });
    event
}

fn requested<'a>(request: &Request<'a>, time: Time) -> Event<'a> {
    let mut event = Event::new(Kind::Proxy, time, REQUEST_TELLS);
    event.client = Some(request.client);
    event.method = Some(Untrusted::new(request.method));
    let target = Target::any(request.url);
    event.host = target.host_text();
    event.port = target.port;
    event.path = target.path_text().filter(|_| request.method != b"CONNECT");
    event.outcome = match request.action {
        b"allow" => Outcome::Allowed,
        b"deny" | b"redirect" => Outcome::Blocked,
        _ => Outcome::Unknown,
    };
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(record: &str) -> Parsed<'_> {
        let mut parser = open(&Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: "2026-11-24T00:00:00Z".parse().unwrap(),
        });
        parser.parse(record.as_bytes())
    }

    fn shown(record: &str) -> String {
        match parsed(record) {
            Parsed::Event(event) => {
                let host = event
                    .host
                    .as_ref()
                    .map(Untrusted::lossy)
                    .unwrap_or_default();
                format!(
                    "{} {host} {}",
                    event.client.unwrap(),
                    event.outcome.as_str()
                )
            }
            Parsed::Skip(why) | Parsed::Bad(why) => why.to_owned(),
        }
    }

    #[test]
    fn topics_prefix_and_name_in_front_are_passed_over() {
        for front in [
            "",
            "dns ",
            "dns,info: gw.example: ",
            "nov/23/2026 10:11:12 dns,packet ",
            "2026-11-23 10:11:12 dns ",
            "<30>Nov 23 10:11:12 My Router dns ",
            "Nov 23 10:11:12 198.51.100.1 dns: ",
        ] {
            let query = format!("{front}query from 192.0.2.7: #5 chatgpt.com. A");
            assert_eq!(shown(&query), "192.0.2.7 chatgpt.com. unknown", "{front}");
            let request = format!("{front}192.0.2.7 GET http://a.example/  action=deny cache=MISS");
            assert_eq!(shown(&request), "192.0.2.7 a.example blocked", "{front}");
        }
    }

    #[test]
    fn pieces_of_a_query_or_a_request_are_no_other_topic() {
        for (record, why) in [
            (
                "dns,info query from 192.0.2.7: #5",
                "not as the pattern says",
            ),
            (
                "web-proxy,account 192.0.2.7 GET http://a.exam",
                "not as the pattern says",
            ),
            ("web-proxy,info 192.0.2.7 connected", "no request"),
            (
                "Nov 23 10:11:12 gw dns,info done query: #5 a.example.",
                "no request",
            ),
            (
                "system,info query from 192.0.2.7",
                "not as the pattern says",
            ),
            ("gw rebooted", "not as the pattern says"),
        ] {
            assert_eq!(shown(record), why, "{record}");
        }
    }

    #[test]
    fn a_name_or_a_url_cannot_forge_client_host_or_action() {
        for (record, expected) in [
            (
                "dns query from 192.0.2.7: #5 x query from 192.0.2.66: #6 forged.example. A",
                "192.0.2.7 x query from 192.0.2.66: #6 forged.example. unknown",
            ),
            (
                "gw 192.0.2.7 GET http://a.example/ 192.0.2.66 GET http://forged.example/  action=allow cache=HIT  action=deny cache=MISS",
                "192.0.2.7 a.example blocked",
            ),
            (
                "system,info,script said query from 192.0.2.66: #6 forged.example. A",
                "no request",
            ),
        ] {
            assert_eq!(shown(record), expected);
        }
    }

    #[test]
    fn a_type_without_a_name_is_known_by_its_number() {
        let Parsed::Event(event) = parsed("query from 192.0.2.7: #5 a.example. UNKNOWN (65)")
        else {
            panic!("no event");
        };
        assert_eq!(event.qtype, Some("HTTPS".into()));
    }
}
