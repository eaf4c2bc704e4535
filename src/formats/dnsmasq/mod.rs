//! dnsmasq's query log, also as Pi-hole's FTL writes it.
//!
//! `log-queries` writes a line per question and then one per step towards the answer; `=extra` adds a serial
//! number and the client to each, `=proto` the transport. The question is the event. Forwards, replies and
//! cached answers repeat its name and are skipped. A block is told after its question, so it cannot change it:
//! a line that blocks (`gravity blocked`, `regex denied`, `config … is 0.0.0.0`, a hosts file's `0.0.0.0`) is an
//! event of its own with outcome `blocked`, at most one per question, and only when the question is known: by
//! serial number, or because it is the line before of the same name (dnsmasq answers such questions at once).
//! Facts: src/cache.c and src/log.c of dnsmasq 2.90 and Pi-hole FTL; seen in dnsmasq 2.90.

mod glance;

use std::net::IpAddr;

use memchr::memmem;

use crate::model::{Event, Field, Fields, Glance, Kind, Outcome, Parsed, Time, Untrusted};

use super::clock::Clock;
use super::cursor::{Cursor, ip, number, port, split, split_last};
use super::{Coded, Context, Parser, envelope};

use glance::Glances;

pub(super) static DNSMASQ: Coded = Coded {
    name: "dnsmasq",
    title: "dnsmasq and Pi-hole query log",
    kind: Kind::Dns,
    tells: TELLS,
    advice: &[
        (
            Field::Host,
            "log the questions, in dnsmasq.conf:
    log-queries=extra",
        ),
        (
            Field::Outcome,
            "dnsmasq tells blocks only, behind the question; let it number the questions, so that each block finds its own, in dnsmasq.conf:
    log-queries=extra",
        ),
    ],
    sniff,
    open,
};

const TELLS: Fields = Fields::of(&[Field::Client, Field::Host, Field::Outcome, Field::Qtype]);

/// Only a log with serial numbers can tell the client's port.
const TELLS_WITH_PORT: Fields = TELLS.with(Field::ClientPort);

const PROGRAMS: &[&[u8]] = &[b"dnsmasq", b"pihole-FTL"];

fn sniff(record: &[u8]) -> u8 {
    let envelope = envelope::open(record);
    let is_ours = PROGRAMS.contains(&envelope.program);
    match Line::read(envelope.body).map(|line| line.step) {
        Some(Step::Query { .. }) if is_ours => 95,
        Some(Step::Answer { .. }) if is_ours => 90,
        _ if is_ours => 60,
        _ => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Dnsmasq {
        clock: Clock::new(context),
        question: Question::default(),
        blocked_serial: None,
        glances: Glances::default(),
    })
}

struct Dnsmasq {
    clock: Clock,
    question: Question,
    /// The question whose block was told last, in a log with serial numbers.
    blocked_serial: Option<u64>,
    glances: Glances,
}

/// The question told last.
#[derive(Debug, Default)]
struct Question {
    serial: Option<u64>,
    client: Option<IpAddr>,
    name: Vec<u8>,
    qtype: Vec<u8>,
    /// Whether a block may still be told of it.
    open: bool,
}

impl Parser for Dnsmasq {
    fn glance<'a>(&mut self, record: &'a [u8]) -> Option<Glance<'a>> {
        self.glances.at(record, &mut self.clock)
    }

    fn glanced(&mut self) {
        self.glances.taken(&mut self.question);
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        if let Some((time, body)) = self.glances.known(record)
            && let Some(line) = Line::read(body)
        {
            return self.line(&line, time);
        }
        let envelope = envelope::open(record);
        if envelope.body.trim_ascii().is_empty() {
            return Parsed::Skip("empty line");
        }
        if envelope.is_foreign_to(PROGRAMS) {
            return Parsed::Skip("another program's line");
        }
        if !PROGRAMS.contains(&envelope.program) {
            return Parsed::Bad("not a dnsmasq record");
        }
        let Some(time) = self.clock.time(envelope.stamp) else {
            return Parsed::Bad("no such time");
        };
        match Line::read(envelope.body) {
            Some(line) => self.line(&line, time),
            None if is_query(envelope.body) => Parsed::Bad("unreadable query"),
            None => Parsed::Skip("not a query"),
        }
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
        self.glances.forget();
    }
}

impl Dnsmasq {
    fn line<'a>(&mut self, line: &Line<'a>, time: Time) -> Parsed<'a> {
        match line.step {
            Step::Query {
                name,
                qtype,
                client,
            } => {
                let Some(client) = ip(client) else {
                    return Parsed::Bad("no client address");
                };
                self.question.remember(line.serial, client, name, qtype);
                let mut event = Event::new(Kind::Dns, time, TELLS);
                line.add_port(&mut event);
                event.client = Some(client);
                event.host = name_text(name);
                event.qtype = Some(type_text(qtype));
                Parsed::Event(event)
            }
            Step::Answer { name, blocks: true } => self.block(line, name, time),
            Step::Answer { .. } => Parsed::Skip("step towards an answer"),
        }
    }

    fn block<'a>(&mut self, line: &Line<'a>, name: &'a [u8], time: Time) -> Parsed<'a> {
        let same_question = self.question.serial == line.serial && self.question.name == name;
        let is_known = match line.serial {
            Some(serial) => self.blocked_serial != Some(serial),
            None => same_question && self.question.open,
        };
        if !is_known {
            return Parsed::Skip("block without its own question");
        }
        self.blocked_serial = line.serial;
        self.question.open = false;
        let mut event = Event::new(Kind::Dns, time, TELLS);
        line.add_port(&mut event);
        event.client = line.client.or(self.question.client);
        event.host = name_text(name);
        event.outcome = Outcome::Blocked;
        if same_question {
            event.qtype = Some(type_text(&self.question.qtype).into_owned());
        }
        Parsed::Event(event)
    }
}

impl Question {
    fn remember(&mut self, serial: Option<u64>, client: IpAddr, name: &[u8], qtype: &[u8]) {
        self.serial = serial;
        self.client = Some(client);
        self.open = true;
        // The buffers are kept, so that a question costs no allocation.
        self.name.clear();
        self.name.extend_from_slice(name);
        self.qtype.clear();
        self.qtype.extend_from_slice(qtype);
    }
}

/// Whether this was meant to be a query: chatter of dnsmasq has no such word.
fn is_query(body: &[u8]) -> bool {
    body.split(|b| *b == b' ')
        .take(4)
        .any(|word| word.starts_with(b"query["))
}

/// A name as far as dnsmasq could print it.
fn name_text(name: &[u8]) -> Option<Untrusted<'_>> {
    let unprintable = name.starts_with(b"<name unprintable>");
    let name = name.strip_suffix(b".").unwrap_or(name);
    (!name.is_empty() && !unprintable).then(|| Untrusted::new(name))
}

/// A record type; dnsmasq writes `type=65535` for one that it has no name for.
fn type_text(qtype: &[u8]) -> Untrusted<'_> {
    match qtype.strip_prefix(b"type=") {
        Some(number) => Untrusted::rebuilt([b"TYPE", number].concat()),
        None => Untrusted::new(qtype),
    }
}

struct Line<'a> {
    serial: Option<u64>,
    /// Client and port in front of the verb.
    client: Option<IpAddr>,
    client_port: Option<u16>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Query {
        name: &'a [u8],
        qtype: &'a [u8],
        client: &'a [u8],
    },
    Answer {
        name: &'a [u8],
        blocks: bool,
    },
}

impl<'a> Line<'a> {
    fn read(body: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        if cursor.eat(b"UDP ").is_none() {
            let _ = cursor.eat(b"TCP ");
        }
        let (mut serial, mut client, mut client_port) = (None, None, None);
        if cursor.rest().first().is_some_and(u8::is_ascii_digit) {
            serial = Some(number(cursor.word()?)?);
            let (address, digits) = split_last(cursor.word()?, b'/')?;
            client = Some(ip(address)?);
            client_port = port(digits);
        }
        Some(Self {
            serial,
            client,
            client_port,
            step: Step::read(cursor.rest())?,
        })
    }

    fn add_port(&self, event: &mut Event) {
        if self.serial.is_some() {
            event.tells = TELLS_WITH_PORT;
            event.client_port = self.client_port;
        }
    }
}

impl<'a> Step<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        if let Some(rest) = text.strip_prefix(b"query[") {
            let (qtype, rest) = split(rest, b']')?;
            let rest = rest.strip_prefix(b" ")?;
            // The client chose the name and dnsmasq prints blanks in it as they are: the last ` from ` is real.
            let at = memmem::rfind(rest, b" from ")?;
            return Some(Self::Query {
                name: rest.get(..at)?,
                qtype,
                client: rest.get(at + b" from ".len()..)?,
            });
        }
        let (source, rest) = Source::read(text)?;
        let at = memmem::rfind(rest, b" is ");
        let (name, answer) = match at {
            Some(at) => (rest.get(..at)?, rest.get(at + b" is ".len()..)?),
            None => (rest, &b""[..]),
        };
        Some(Self::Answer {
            name,
            blocks: source.blocks(answer),
        })
    }
}

/// Where an answer came from.
#[derive(Clone, Copy)]
enum Source {
    /// The network, the cache, DHCP.
    Elsewhere,
    /// A line of the configuration or of a hosts file.
    Local,
    /// A block list of Pi-hole.
    BlockList,
}

impl Source {
    fn read(text: &[u8]) -> Option<(Self, &[u8])> {
        const VERBS: [(&[u8], Source); 17] = [
            (b"forwarded ", Source::Elsewhere),
            (b"reply ", Source::Elsewhere),
            (b"cached ", Source::Elsewhere),
            (b"cached-stale ", Source::Elsewhere),
            (b"config ", Source::Local),
            (b"DHCP ", Source::Elsewhere),
            (b"validation ", Source::Elsewhere),
            (b"dnssec-query[", Source::Elsewhere),
            (b"dnssec-retry[", Source::Elsewhere),
            (b"auth[", Source::Elsewhere),
            (b"special domain ", Source::Elsewhere),
            (b"gravity blocked ", Source::BlockList),
            (b"exactly denied ", Source::BlockList),
            (b"exactly blacklisted ", Source::BlockList),
            (b"regex denied ", Source::BlockList),
            (b"regex blacklisted ", Source::BlockList),
            (b"antigravity blocked ", Source::BlockList),
        ];
        if text.starts_with(b"/") {
            // The path of a hosts file, as configured by the administrator.
            let (_path, rest) = split(text, b' ')?;
            return Some((Self::Local, rest));
        }
        VERBS
            .iter()
            .find_map(|(verb, source)| Some((*source, text.strip_prefix(*verb)?)))
    }

    fn blocks(self, answer: &[u8]) -> bool {
        match self {
            Self::Elsewhere => false,
            Self::BlockList => true,
            // An address of one's own is an override; an address of nobody, or none at all, is a block.
            Self::Local => {
                matches!(answer, b"0.0.0.0" | b"::" | b"NXDOMAIN" | b"REFUSED")
                    || answer.starts_with(b"NODATA")
            }
        }
    }
}

#[cfg(test)]
mod tests;
