//! dnsdist's LogAction and LogResponseAction, as text.
//!
//! `[EPOCH.NANOS] Packet from IP:PORT for NAME. TYPE with id N` and `[EPOCH.NANOS] Answer to IP:PORT for NAME. TYPE (RCODE)
//! with id N`; the time only with `includeTimestamp`, its nanoseconds without zeros in front. Either, or both, may be
//! configured: see [`super::lookups`]. Facts: pdns/dnsdistdist/dnsdist-actions of 1.3 to 2.0; seen in 1.7.3.
//! A time in an answer is that of its question. The binary mode of both actions has neither client nor line ends
//! and cannot be read; dnstap can.

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::bind_name::name;
use super::clock::{Clock, Stamp, epoch};
use super::cursor::{Cursor, ip, number, port, split, split_last};
use super::lookups::Lookups;
use super::{Coded, Context, Parser, envelope};

pub(super) static DNSDIST: Coded = Coded {
    name: "dnsdist",
    title: "dnsdist query log",
    kind: Kind::Dns,
    tells: ANSWER_TELLS,
    advice: &[(
        Field::Outcome,
        "log answers: addResponseAction, addCacheHitResponseAction and addSelfAnsweredResponseAction with \
         LogResponseAction(file, true, false, false, true), and no LogAction",
    )],
    sniff,
    open,
};

const QUESTION_TELLS: Fields =
    Fields::of(&[Field::Client, Field::ClientPort, Field::Host, Field::Qtype]);
const ANSWER_TELLS: Fields = QUESTION_TELLS.with(Field::Outcome);

fn sniff(record: &[u8]) -> u8 {
    let envelope = envelope::open(record);
    match Line::read(envelope.body) {
        Some(_) => 95,
        None if envelope.program == b"dnsdist" => 50,
        None => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Dnsdist {
        clock: Clock::new(context),
        lookups: Lookups::default(),
    })
}

struct Dnsdist {
    clock: Clock,
    lookups: Lookups,
}

impl Parser for Dnsdist {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let envelope = envelope::open(record);
        if envelope.body.trim_ascii().is_empty() {
            return Parsed::Skip("empty line");
        }
        let Some(line) = Line::read(envelope.body) else {
            let (_, message) = stamped(envelope.body);
            return if message.starts_with(b"Packet from ") || message.starts_with(b"Answer to ") {
                Parsed::Bad("unreadable query")
            } else if envelope.is_foreign_to(&[b"dnsdist", b""]) {
                Parsed::Skip("another program's line")
            } else {
                // The log on the terminal has words of dnsdist's between the questions.
                Parsed::Skip("not a query")
            };
        };
        let stamp = line.time.map(Stamp::Instant).or(envelope.stamp);
        let Some(time) = self.clock.time(stamp) else {
            return Parsed::Bad("no such time");
        };
        self.line(&line, time)
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }
}

impl Dnsdist {
    fn line<'a>(&mut self, line: &Line<'a>, time: Time) -> Parsed<'a> {
        let Some((address, digits)) = split_last(line.client, b':') else {
            return Parsed::Bad("no client address");
        };
        let Some(client) = ip(address) else {
            return Parsed::Bad("no client address");
        };
        let key = [line.client, line.name, line.qtype, line.id];
        let tells = match line.rcode {
            None => {
                self.lookups.asked(&key);
                QUESTION_TELLS
            }
            Some(_) if self.lookups.is_answer(&key) => {
                return Parsed::Skip("answer to a logged question");
            }
            Some(_) => ANSWER_TELLS,
        };
        let mut event = Event::new(Kind::Dns, time, tells);
        event.client = Some(client);
        event.client_port = port(digits);
        event.host = name(line.name);
        event.qtype = Some(Untrusted::new(line.qtype));
        event.outcome = match line.rcode {
            None => Outcome::Unknown,
            Some(b"No Error") => Outcome::Allowed,
            Some(_) => Outcome::Error,
        };
        Parsed::Event(event)
    }
}

struct Line<'a> {
    time: Option<Time>,
    client: &'a [u8],
    name: &'a [u8],
    qtype: &'a [u8],
    /// Of an answer, in words: `Non-Existent domain`.
    rcode: Option<&'a [u8]>,
    id: &'a [u8],
}

impl<'a> Line<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let (time, text) = stamped(text);
        let mut cursor = Cursor::new(text);
        let is_answer = cursor.eat(b"Answer to ").is_some();
        if !is_answer {
            cursor.eat(b"Packet from ")?;
        }
        let client = cursor.word()?;
        cursor.eat(b"for ")?;
        // A blank in a name is written as \032.
        let (name, qtype) = (cursor.word()?, cursor.word()?);
        let rcode = if is_answer {
            cursor.eat(b"(")?;
            let (rcode, rest) = split(cursor.rest(), b')')?;
            cursor = Cursor::new(rest.trim_ascii_start());
            Some(rcode)
        } else {
            None
        };
        cursor.eat(b"with id ")?;
        let id = cursor.rest().trim_ascii();
        number(id)?;
        Some(Self {
            time,
            client,
            name,
            qtype,
            rcode,
            id,
        })
    }
}

/// `[1795914902.5123] `: the number behind the dot counts nanoseconds, it is no fraction.
fn stamped(text: &[u8]) -> (Option<Time>, &[u8]) {
    let read = || {
        let (stamp, rest) = split(text.strip_prefix(b"[")?, b']')?;
        let (secs, nanos) = split(stamp, b'.')?;
        let nanos = number(nanos).filter(|nanos| *nanos < 1_000_000_000)?;
        let micros = i64::try_from(nanos / 1_000).ok()?;
        let time = Time::from_micros(epoch(secs)?.micros() + micros);
        Some((Some(time), rest.trim_ascii_start()))
    };
    read().unwrap_or((None, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(log: &str) -> Vec<String> {
        let mut parser = open(&Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: "2026-11-24T00:00:00Z".parse().unwrap(),
        });
        let shown = |parsed| match parsed {
            Parsed::Event(Event {
                time,
                host,
                outcome,
                ..
            }) => format!(
                "{time} {} {outcome}",
                host.map_or("-".into(), |h| h.lossy().into_owned())
            ),
            Parsed::Skip(why) => format!("skip {why}"),
            Parsed::Bad(why) => format!("bad {why}"),
        };
        log.lines()
            .map(|line| shown(parser.parse(line.as_bytes())))
            .collect()
    }

    #[test]
    fn nanoseconds_are_no_fraction() {
        let line = "[1793614272.5123456] Packet from 192.0.2.7:53124 for ChatGPT.com. A with id 7";
        assert_eq!(
            results(line),
            ["2026-11-02T10:11:12.005Z ChatGPT.com unknown"]
        );
    }

    #[test]
    fn an_answer_counts_where_its_question_is_not_logged() {
        let answer =
            "Answer to 192.0.2.7:53124 for nx.example.org. A (Non-Existent domain) with id 7";
        let question = "Packet from 192.0.2.7:53124 for nx.example.org. A with id 7";
        let event = "2026-11-24T00:00:00.000Z nx.example.org";
        assert_eq!(results(answer), [format!("{event} error")]);
        assert_eq!(
            results(&format!("{question}\n{answer}")),
            [
                format!("{event} unknown"),
                "skip answer to a logged question".to_owned()
            ]
        );
    }

    #[test]
    fn what_breaks_off_is_bad() {
        for line in [
            "[1793614272.5] Packet from 192.0.2.7:53124 for ChatGPT.com. A with id",
            "[1793614272.5] Packet from 192.0.2.7:53124 for Chat",
            "Answer to 192.0.2.7:53124 for a.example. A (No Error with id 7",
            "Packet from nobody:1 for a.example. A with id 7",
        ] {
            assert!(results(line)[0].starts_with("bad"), "{line}");
        }
    }
}
