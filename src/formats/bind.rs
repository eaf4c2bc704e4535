//! BIND 9's query log, up to 9.21, with the response-policy (RPZ) lines that share its channel.
//!
//! `client [@0xPTR ]IP#PORT[/key NAME][ (QNAME)][: view VIEW]: query: QNAME CLASS TYPE FLAGS (LOCAL)[ [ECS …]]`
//! behind any of time, category and severity, as `print-time`, `print-category` and `print-severity` set them.
//! Facts: lib/ns/query.c and client.c of BIND 9.10 to 9.21; seen in 9.18.49. From 9.21.5 on LOCAL
//! has a port. An RPZ rewrite is an event with outcome `blocked` beside the question's own; responses are
//! skipped. A line without any time is taken as written when the log was last written.

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::bind_name::name;
use super::clock::{Clock, Stamp, bind_stamp, iso_stamp};
use super::cursor::{Cursor, ip, port, split, split_last};
use super::{Coded, Context, Parser, envelope};

pub(super) static BIND: Coded = Coded {
    name: "bind",
    title: "BIND 9 query log",
    kind: Kind::Dns,
    tells: TELLS,
    advice: &[],
    sniff,
    open,
};

const TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Host,
    Field::Qtype,
    Field::Server,
]);
/// An RPZ line does not say on which address it was asked.
const RPZ_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Host,
    Field::Outcome,
    Field::Qtype,
]);

fn sniff(record: &[u8]) -> u8 {
    let envelope = envelope::open(record);
    let head = Head::read(envelope.body);
    match Line::read(head.rest) {
        Some(line) if Question::read(line.message).is_some() => 95,
        Some(_) => 70,
        None if envelope.program == b"named" => 40,
        None if head.is_labelled() => 30,
        None => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Bind(Clock::new(context)))
}

struct Bind(Clock);

impl Parser for Bind {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let envelope = envelope::open(record);
        let head = Head::read(envelope.body);
        if head.rest.trim_ascii().is_empty() {
            return Parsed::Skip("empty line");
        }
        let Some(line) = Line::read(head.rest) else {
            return if envelope.is_foreign_to(&[b"named", b""]) {
                Parsed::Skip("another program's line")
            } else if envelope.program == b"named" || head.is_labelled() {
                Parsed::Skip("not a query")
            } else {
                Parsed::Bad("not a BIND query record")
            };
        };
        let Some(time) = self.0.time(head.stamp.or(envelope.stamp)) else {
            return Parsed::Bad("no such time");
        };
        line.parse(time)
    }

    fn written_by(&mut self, modified: Time) {
        self.0.written_by(modified);
    }
}

/// What BIND prints in front of a message.
struct Head<'a> {
    stamp: Option<Stamp>,
    /// Whether a category or severity stands there.
    labelled: bool,
    rest: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(text: &'a [u8]) -> Self {
        let stamped = bind_stamp(text).or_else(|| iso_stamp(text));
        let (stamp, mut rest) = match stamped {
            Some((stamp, rest)) => (Some(stamp), rest),
            None => (None, text),
        };
        let mut labelled = false;
        for _ in 0..2 {
            let Some((word, after)) = split(rest, b' ') else {
                break;
            };
            let Some(label) = word.strip_suffix(b":") else {
                break;
            };
            if !label
                .iter()
                .all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_'))
            {
                break;
            }
            labelled = true;
            rest = after;
        }
        Self {
            stamp,
            labelled,
            rest,
        }
    }

    fn is_labelled(&self) -> bool {
        self.labelled && self.stamp.is_some()
    }
}

/// A message about a client.
struct Line<'a> {
    client: &'a [u8],
    client_port: &'a [u8],
    /// What follows client, name and view.
    message: &'a [u8],
}

impl<'a> Line<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(text);
        cursor.eat(b"client ")?;
        if cursor.rest().starts_with(b"@0x") {
            cursor.word()?;
        }
        // Names hold no raw blank, so the first `: ` ends client, key and name.
        let at = memchr::memmem::find(cursor.rest(), b": ")?;
        let (who, mut message) = cursor.rest().split_at_checked(at)?;
        message = message.strip_prefix(b": ")?;
        if let Some(view) = message.strip_prefix(b"view ") {
            let at = memchr::memmem::find(view, b": ")?;
            message = view.get(at + 2..)?;
        }
        let (client, rest) = split(who, b'#')?;
        let end = memchr::memchr2(b'/', b' ', rest).unwrap_or(rest.len());
        Some(Self {
            client,
            client_port: rest.get(..end)?,
            message,
        })
    }

    fn parse(&self, time: Time) -> Parsed<'a> {
        let Some(client) = ip(self.client) else {
            return Parsed::Bad("no client address");
        };
        let (question, tells, outcome) = if let Some(question) = Question::read(self.message) {
            (question, TELLS, Outcome::Unknown)
        } else if let Some(rewrite) = Rewrite::read(self.message) {
            if !rewrite.blocks {
                return Parsed::Skip("response policy let it through");
            }
            (rewrite.question, RPZ_TELLS, Outcome::Blocked)
        } else if self.message.starts_with(b"query: ") {
            return Parsed::Bad("unreadable query");
        } else {
            return Parsed::Skip("not a query");
        };
        if question.class != b"IN" {
            return Parsed::Skip("question outside the internet class");
        }
        let mut event = Event::new(Kind::Dns, time, tells);
        event.client = Some(client);
        event.client_port = port(self.client_port);
        event.host = name(question.name);
        event.qtype = Some(Untrusted::new(question.qtype));
        event.outcome = outcome;
        event.server = question.server.and_then(|server| {
            let (address, _port) = split(server, b'#').unwrap_or((server, b""));
            ip(address)
        });
        Parsed::Event(event)
    }
}

struct Question<'a> {
    name: &'a [u8],
    class: &'a [u8],
    qtype: &'a [u8],
    server: Option<&'a [u8]>,
}

impl<'a> Question<'a> {
    /// `query: NAME CLASS TYPE FLAGS (LOCAL)`; flags are not needed.
    fn read(message: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(message);
        cursor.eat(b"query: ")?;
        let (name, class, qtype) = (cursor.word()?, cursor.word()?, cursor.word()?);
        let flags = cursor.word()?;
        matches!(flags.first(), Some(b'+' | b'-')).then_some(())?;
        let server = cursor.word()?.strip_prefix(b"(")?.strip_suffix(b")")?;
        Some(Self {
            name,
            class,
            qtype,
            server: Some(server),
        })
    }
}

/// `rpz QNAME NXDOMAIN rewrite NAME/TYPE/CLASS via RULE`, `disabled rpz …` when the zone only logs.
struct Rewrite<'a> {
    question: Question<'a>,
    blocks: bool,
}

impl<'a> Rewrite<'a> {
    fn read(message: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(message);
        let disabled = cursor.eat(b"disabled ").is_some();
        cursor.eat(b"rpz ")?;
        let _trigger = cursor.word()?;
        let policy = cursor.word()?;
        if cursor.word()? != b"rewrite" {
            return None;
        }
        // A name may hold a slash; class and type may not.
        let (rest, class) = split_last(cursor.word()?, b'/')?;
        let (name, qtype) = split_last(rest, b'/')?;
        let passes = matches!(policy, b"PASSTHRU" | b"TCP-ONLY" | b"DISABLED");
        Some(Self {
            question: Question {
                name,
                class,
                qtype,
                server: None,
            },
            blocks: !disabled && !passes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(record: &str) -> String {
        let mut parser = open(&Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: "2026-11-23T00:00:00Z".parse().unwrap(),
        });
        match parser.parse(record.as_bytes()) {
            Parsed::Event(e) => format!(
                "{} {} {} {} {} {}",
                e.time,
                e.client.map_or("-".into(), |c| c.to_string()),
                e.host.map_or("-".into(), |h| h.lossy().into_owned()),
                e.qtype.unwrap().lossy(),
                e.server.map_or("-".into(), |s| s.to_string()),
                e.outcome
            ),
            Parsed::Skip(why) => format!("skip {why}"),
            Parsed::Bad(why) => format!("bad {why}"),
        }
    }

    #[test]
    fn every_prefix_gives_the_same_question() {
        let message = "client @0x7f8bf8d1b098 192.0.2.7#46662/key gw (ChatGPT.com): view in: query: ChatGPT.com IN HTTPS +E(0)K (198.51.100.1#53) [ECS 203.0.113.0/24/0]";
        let expected = "192.0.2.7 ChatGPT.com HTTPS 198.51.100.1 unknown";
        for (prefix, time) in [
            ("", "2026-11-23T00:00:00.000Z"),
            ("queries: ", "2026-11-23T00:00:00.000Z"),
            ("02-Nov-2026 10:11:12.345 ", "2026-11-02T10:11:12.345Z"),
            (
                "02-Nov-2026 10:11:12.345 queries: info: ",
                "2026-11-02T10:11:12.345Z",
            ),
            ("2026-11-02T10:11:12.345 info: ", "2026-11-02T10:11:12.345Z"),
            (
                "2026-11-02T10:11:12.345Z queries: ",
                "2026-11-02T10:11:12.345Z",
            ),
            ("2026-11-02T10:11:12.345+01:00 ", "2026-11-02T09:11:12.345Z"),
            (
                "<30>Nov  2 10:11:12 gw named[7]: ",
                "2026-11-02T10:11:12.000Z",
            ),
            (
                "Nov  2 10:11:13 gw named[7]: 02-Nov-2026 10:11:12.345 queries: info: ",
                "2026-11-02T10:11:12.345Z",
            ),
        ] {
            assert_eq!(
                parse(&format!("{prefix}{message}")),
                format!("{time} {expected}"),
                "{prefix}"
            );
        }
    }

    #[test]
    fn a_name_that_looks_like_a_record_is_a_name() {
        let line = parse(
            "client 192.0.2.7#4 (query:.chatgpt.com): query: query:.chatgpt.com IN A + (192.0.2.1)",
        );
        assert!(
            line.ends_with("192.0.2.7 query:.chatgpt.com A 192.0.2.1 unknown"),
            "{line}"
        );
    }

    #[test]
    fn only_a_rewrite_that_stops_is_a_block() {
        let rpz = |text: &str| {
            parse(&format!(
                "02-Nov-2026 10:11:12.345 rpz: info: client @0x1 192.0.2.7#4 (a.example): {text}"
            ))
        };
        assert_eq!(
            rpz("rpz QNAME NXDOMAIN rewrite a.example/A/IN via a.example.rpz.local"),
            "2026-11-02T10:11:12.345Z 192.0.2.7 a.example A - blocked"
        );
        for text in [
            "rpz QNAME PASSTHRU rewrite a.example/A/IN via a.example.rpz.local",
            "disabled rpz QNAME NXDOMAIN rewrite a.example/A/IN via a.example.rpz.local",
            "response: a.example IN A NOERROR 1 0 1 +E(0) (192.0.2.1)",
            "query failed (SERVFAIL) for a.example/IN/A at query.c:7",
        ] {
            assert!(rpz(text).starts_with("skip"), "{text}");
        }
    }

    #[test]
    fn other_lines_are_skipped_and_rubbish_is_bad() {
        for (record, result) in [
            ("02-Nov-2026 10:11:12.345 general: info: running", "skip"),
            ("<30>Nov  2 10:11:12 gw named[7]: running", "skip"),
            (
                "client 192.0.2.7#4 (version.bind): query: version.bind CH TXT + (192.0.2.1)",
                "skip",
            ),
            ("client 192.0.2.7#4 (a.example): query: a.example", "bad"),
            (
                "client x#4 (a.example): query: a.example IN A + (192.0.2.1)",
                "bad",
            ),
            ("hello", "bad"),
        ] {
            assert!(
                parse(record).starts_with(result),
                "{record}: {}",
                parse(record)
            );
        }
    }
}
