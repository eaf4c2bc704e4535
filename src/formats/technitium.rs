//! Technitium DNS Server's log file, with all queries logged.
//!
//! `[2026-11-23 10:11:12 UTC] [CLIENT] [PROTOCOL] QNAME: name; QTYPE: A; QCLASS: IN; RCODE: NoError; ANSWER: [a, b]`, from
//! DnsServerCore/LogManager.cs; the zone is `UTC` or `Local`. Whatever else the server logs stands behind the time as
//! well. Texts of answers are anybody's, so the name ends at the first `; QTYPE: `.

use std::net::IpAddr;

use memchr::memmem;

use crate::model::{Event, Field, Fields, Kind, Parsed, Time, Untrusted};

use super::clock::{self, Clock, Stamp};
use super::cursor::{ip_and_port, split};
use super::dns_words::outcome;
use super::{Coded, Context, Parser, envelope};

pub(super) static TECHNITIUM: Coded = Coded {
    name: "technitium",
    title: "Technitium DNS Server query log (text)",
    kind: Kind::Dns,
    tells: TELLS,
    advice: &[(
        Field::User,
        "Technitium does not know users: join the address with DHCP leases",
    )],
    sniff,
    open,
};

const TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Host,
    Field::Outcome,
    Field::Qtype,
    Field::Answers,
]);

/// The most answers of one look-up that are told.
const MAX_ANSWERS: usize = 64;

fn sniff(record: &[u8]) -> u8 {
    match find(record) {
        Some((_, Message::Query(_))) => 95,
        _ => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Technitium(Clock::new(context)))
}

struct Technitium(Clock);

impl Parser for Technitium {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        match find(record) {
            Some((_, Message::Query(query))) if query.name.is_empty() => {
                Parsed::Skip("no name asked for")
            }
            Some((stamp, Message::Query(query))) => {
                let time = stamp.and_then(|stamp| self.0.time(Some(stamp)));
                time.map_or(Parsed::Bad("no readable time"), |time| {
                    Parsed::Event(query.event(time))
                })
            }
            Some((_, Message::Other)) => Parsed::Skip("no query"),
            None if record.trim_ascii().is_empty() => Parsed::Skip("empty line"),
            Some((_, Message::Broken)) | None => Parsed::Bad("not as the pattern says"),
        }
    }

    fn written_by(&mut self, modified: Time) {
        self.0.written_by(modified);
    }
}

enum Message<'a> {
    Query(Query<'a>),
    /// Whatever else the server has to say.
    Other,
    /// A query in pieces.
    Broken,
}

/// The time, if it is one, and the message; headers may stand in front.
fn find(record: &[u8]) -> Option<(Option<Stamp>, Message<'_>)> {
    read(record).or_else(|| envelope::find(record, read))
}

fn read(record: &[u8]) -> Option<(Option<Stamp>, Message<'_>)> {
    let (time, rest) = split(record.trim_ascii().strip_prefix(b"[")?, b']')?;
    let text = rest.strip_prefix(b" ")?;
    // A day, a time and a zone; the bracket may be of something else.
    let is_time = time.first()?.is_ascii_digit() && memchr::memchr(b' ', time).is_some();
    is_time.then_some(())?;
    let message = match Query::begin(text) {
        Some((client, query)) => Query::read(client, query).map_or(Message::Broken, Message::Query),
        None => Message::Other,
    };
    Some((stamp(time), message))
}

/// `2026-11-23 10:11:12 UTC`; `Local` is the zone of the server.
fn stamp(text: &[u8]) -> Option<Stamp> {
    match clock::iso_stamp(text)? {
        (stamp, b"UTC") => stamp.at(0),
        (stamp, b"Local" | b"") => Some(stamp),
        _ => None,
    }
}

struct Query<'a> {
    client: (IpAddr, Option<u16>),
    name: &'a [u8],
    qtype: &'a [u8],
    /// `None` when nobody answered.
    rcode: Option<&'a [u8]>,
    answers: &'a [u8],
}

impl<'a> Query<'a> {
    /// The client of `[CLIENT] [PROTOCOL] QNAME: …`, and what follows.
    fn begin(text: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let (client, rest) = cut(text.strip_prefix(b"[")?, b"] [")?;
        let (_protocol, rest) = split(rest, b']')?;
        Some((client, rest.strip_prefix(b" QNAME: ")?))
    }

    fn read(client: &'a [u8], text: &'a [u8]) -> Option<Self> {
        let (name, rest) = cut(text, b"; QTYPE: ")?;
        let (qtype, rest) = cut(rest, b"; QCLASS: ")?;
        let (_class, rest) = cut(rest, b"; ")?;
        let (rcode, answers) = if rest == b"NO RESPONSE FROM SERVER!" {
            (None, &b""[..])
        } else {
            let (rcode, answers) = cut(rest.strip_prefix(b"RCODE: ")?, b"; ANSWER: [")?;
            (Some(rcode), answers.strip_suffix(b"]")?)
        };
        Some(Self {
            client: ip_and_port(client.trim_ascii())?,
            name: name.trim_ascii(),
            qtype: qtype.trim_ascii(),
            rcode,
            answers,
        })
    }

    fn event(&self, time: Time) -> Event<'a> {
        let mut event = Event::new(Kind::Dns, time, TELLS);
        let (client, port) = self.client;
        event.client = Some(client);
        event.client_port = port;
        event.host = Some(Untrusted::new(self.name));
        event.qtype = Some(Untrusted::new(self.qtype));
        let mut answers = self.answers;
        while !answers.is_empty() && event.answers.len() < MAX_ANSWERS {
            let (answer, rest) = cut(answers, b", ").unwrap_or((answers, b""));
            event.answers.push(Untrusted::new(answer.trim_ascii()));
            answers = rest;
        }
        let rcode = match self.rcode {
            Some(rcode) if rcode.eq_ignore_ascii_case(b"NOERROR") => b"NOERROR",
            Some(rcode) => rcode,
            None => b"",
        };
        event.outcome = outcome(rcode, &event.answers);
        event
    }
}

/// The text before and after the first such mark.
fn cut<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memmem::find(text, mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;

    fn query(text: &str) -> Option<Event<'static>> {
        let record: &'static str = format!("[2026-11-23 10:11:12 UTC] {text}").leak();
        match find(record.as_bytes())? {
            (_, Message::Query(query)) => Some(query.event(Time::from_micros(0))),
            _ => None,
        }
    }

    #[test]
    fn an_answer_cannot_forge_the_name() {
        let event = query("[192.0.2.7:5] [UDP] QNAME: a.example; QTYPE: TXT; QCLASS: IN; RCODE: NoError; ANSWER: [x; QTYPE: A; QCLASS: IN; RCODE: Refused; ANSWER: [], 0.0.0.0]").unwrap();
        assert_eq!(event.host, Some("a.example".into()));
        assert_eq!(event.outcome, Outcome::Allowed);
        assert_eq!(event.answers.len(), 2);
    }

    #[test]
    fn a_query_without_an_answer_has_no_outcome() {
        let event = query("[[2001:db8::7]:5] [TCP] QNAME: a.example; QTYPE: A; QCLASS: IN; NO RESPONSE FROM SERVER!").unwrap();
        assert_eq!(
            (event.outcome, event.client_port),
            (Outcome::Unknown, Some(5))
        );
    }

    #[test]
    fn a_query_cut_off_is_no_other_message() {
        for (text, is_broken) in [
            ("[192.0.2.7:5] [UDP] QNAME: a.example; QTYPE: A", true),
            ("[192.0.2.7:5] [UDP] DNS Server was bound", false),
            ("Logging started.", false),
        ] {
            let record = format!("[2026-11-23 10:11:12 Local] {text}");
            let message = find(record.as_bytes()).unwrap().1;
            assert_eq!(matches!(message, Message::Broken), is_broken, "{text}");
        }
    }

    #[test]
    fn local_is_the_zone_of_the_server() {
        assert!(matches!(
            stamp(b"2026-11-23 10:11:12 UTC"),
            Some(Stamp::Instant(_))
        ));
        assert!(matches!(
            stamp(b"2026-11-23 10:11:12 Local"),
            Some(Stamp::Local(_))
        ));
        assert_eq!(stamp(b"23.11.2026 10:11:12 UTC"), None);
    }
}
