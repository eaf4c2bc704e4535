//! BIND 9's query log, up to 9.21, and those of products that are made of BIND: Infoblox NIOS, BlueCat, EfficientIP.
//!
//! `client [@0xPTR ]IP#PORT[/key NAME][ (QNAME)][: view VIEW]: query: QNAME CLASS TYPE FLAGS (LOCAL)[ [ECS …]]`
//! behind any of time, category and severity, as `print-time`, `print-category` and `print-severity` set them.
//! Facts: lib/ns/query.c and client.c of BIND 9.10 to 9.21; seen in 9.18.49. From 9.21.5 on LOCAL
//! has a port. A question is the event; an [`answer`] is one where its question is not in the log, see
//! [`super::lookups`]. An RPZ rewrite is an event with outcome `blocked` beside the question's own. A line without
//! any time is taken as written when the log was last written.
//!
//! `bind` and `infoblox` read the same lines; which of the two a log is called depends on what most of it is.

mod advice;
mod answer;
mod glance;
mod line;
mod rpz_cef;

use crate::model::{Event, Field, Fields, Glance, Kind, Outcome, Parsed, Time, Untrusted};

use super::bind_name::name;
use super::clock::Clock;
use super::cursor::{ip, port, split};
use super::lookups::Lookups;
use super::{Coded, Context, Parser, dns_words, envelope};

use answer::Answer;
use glance::Glances;
use line::{Head, Line, Question, Rewrite};
use rpz_cef::Applied;

pub(super) static BIND: Coded = Coded {
    name: "bind",
    title: "BIND 9 query log",
    kind: Kind::Dns,
    tells: QUESTION_TELLS,
    advice: advice::BIND,
    sniff,
    open,
};

pub(super) static INFOBLOX: Coded = Coded {
    name: "infoblox",
    title: "Infoblox NIOS DNS queries and responses",
    kind: Kind::Dns,
    tells: ANSWER_TELLS.with(Field::Answers),
    advice: advice::INFOBLOX,
    sniff: sniff_infoblox,
    open,
};

const TELLS: Fields = Fields::of(&[Field::Client, Field::ClientPort, Field::Host, Field::Qtype]);
const QUESTION_TELLS: Fields = TELLS.with(Field::Server);
/// NIOS does not say on which address it was asked, nor does any line about a response policy.
const ANSWER_TELLS: Fields = TELLS.with(Field::Outcome);

const PROGRAMS: &[&[u8]] = &[b"named", b""];

fn sniff(record: &[u8]) -> u8 {
    let envelope = envelope::open(record);
    let head = Head::read(envelope.body);
    match Line::read(head.rest).map(|line| line.message) {
        Some(message) if Answer::of_nios(message).is_some() => 60,
        Some(message) if Question::read(message).is_some() => 95,
        Some(message) if Answer::read(message).is_some() => 95,
        Some(_) => 70,
        None if envelope.program == b"named" => 40,
        None if head.is_labelled() => 30,
        None => 0,
    }
}

/// What only NIOS writes; its questions are BIND's.
fn sniff_infoblox(record: &[u8]) -> u8 {
    let body = envelope::open(record).body;
    match Line::read(Head::read(body).rest) {
        Some(line) if Answer::of_nios(line.message).is_some() => 95,
        _ if rpz_cef::is_nios(body) => 95,
        _ => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Bind {
        clock: Clock::new(context),
        lookups: Lookups::default(),
        glances: Glances::default(),
    })
}

struct Bind {
    clock: Clock,
    lookups: Lookups,
    glances: Glances,
}

impl Parser for Bind {
    fn glance<'a>(&mut self, record: &'a [u8]) -> Option<Glance<'a>> {
        self.glances.at(record, &mut self.clock)
    }

    fn glanced(&mut self) {
        self.glances.taken(&mut self.lookups);
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let envelope = envelope::open(record);
        let head = Head::read(envelope.body);
        if head.rest.trim_ascii().is_empty() {
            return Parsed::Skip("empty line");
        }
        let stamp = head.stamp.or(envelope.stamp);
        if rpz_cef::is_nios(envelope.body) {
            let Some(applied) = Applied::read(envelope.body) else {
                return Parsed::Skip("not a query");
            };
            return match self.clock.time(stamp) {
                Some(time) => applied_policy(&applied, time),
                None => Parsed::Bad("no such time"),
            };
        }
        let Some(line) = Line::read(head.rest) else {
            // Behind a syslog priority stands some program's line, even where its tag has no process number.
            return if envelope.is_foreign_to(PROGRAMS)
                || record.starts_with(b"<") && envelope.program.is_empty()
            {
                Parsed::Skip("another program's line")
            } else if envelope.program == b"named" || head.is_labelled() {
                Parsed::Skip("not a query")
            } else {
                Parsed::Bad("not a bind query record")
            };
        };
        let Some(time) = self.clock.time(stamp) else {
            return Parsed::Bad("no such time");
        };
        self.line(&line, time)
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }
}

impl Bind {
    fn line<'a>(&mut self, line: &Line<'a>, time: Time) -> Parsed<'a> {
        if ip(line.client).is_none() {
            return Parsed::Bad("no client address");
        }
        if let Some(question) = Question::read(line.message) {
            self.lookups.asked(&line.key(&question));
            return line.event(&question, time, QUESTION_TELLS);
        }
        if let Some(answer) = Answer::read(line.message) {
            return if self.lookups.is_answer(&line.key(&answer.question)) {
                Parsed::Skip("answer to a logged question")
            } else {
                line.answer(&answer, time)
            };
        }
        if let Some(rewrite) = Rewrite::read(line.message) {
            if !rewrite.blocks {
                return Parsed::Skip("response policy let it through");
            }
            let mut parsed = line.event(&rewrite.question, time, ANSWER_TELLS);
            if let Parsed::Event(event) = &mut parsed {
                event.outcome = Outcome::Blocked;
            }
            return parsed;
        }
        let is_cut = [
            &b"query: "[..],
            b"response: ",
            b"answer: ",
            b"UDP: ",
            b"TCP: ",
        ]
        .iter()
        .any(|start| line.message.starts_with(start));
        if is_cut {
            Parsed::Bad("unreadable query")
        } else {
            Parsed::Skip("not a query")
        }
    }
}

impl<'a> Line<'a> {
    /// What a question and its answer have in common.
    fn key(&self, question: &Question<'a>) -> [&'a [u8]; 4] {
        [self.client, self.client_port, question.name, question.qtype]
    }

    fn event(&self, question: &Question<'a>, time: Time, tells: Fields) -> Parsed<'a> {
        if question.class != b"IN" {
            return Parsed::Skip("question outside the internet class");
        }
        let mut event = Event::new(Kind::Dns, time, tells);
        event.client = ip(self.client);
        event.client_port = port(self.client_port);
        event.host = name(question.name);
        event.qtype = Some(Untrusted::new(question.qtype));
        event.server = question.server.and_then(|server| {
            let (address, _port) = split(server, b'#').unwrap_or((server, b""));
            ip(address)
        });
        Parsed::Event(event)
    }

    fn answer(&self, answer: &Answer<'a>, time: Time) -> Parsed<'a> {
        let mut tells = ANSWER_TELLS;
        if answer.question.server.is_some() {
            tells = tells.with(Field::Server);
        }
        let mut parsed = self.event(&answer.question, time, tells);
        if let Parsed::Event(event) = &mut parsed {
            if let Some(data) = answer.records.data() {
                event.tells = event.tells.with(Field::Answers);
                event.answers = data;
            }
            event.outcome = dns_words::outcome(answer.rcode, &event.answers);
        }
        parsed
    }
}

fn applied_policy<'a>(applied: &Applied<'a>, time: Time) -> Parsed<'a> {
    if applied.passes() {
        return Parsed::Skip("response policy let it through");
    }
    let Some(client) = ip(applied.client) else {
        return Parsed::Bad("no client address");
    };
    let mut event = Event::new(Kind::Dns, time, ANSWER_TELLS.with(Field::Server));
    event.client = Some(client);
    event.client_port = port(applied.client_port);
    event.server = ip(applied.server);
    event.host = name(applied.name);
    event.qtype = Some(Untrusted::new(applied.qtype));
    event.outcome = Outcome::Blocked;
    Parsed::Event(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parser() -> Box<dyn Parser> {
        open(&Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: "2026-11-23T00:00:00Z".parse().unwrap(),
        })
    }

    fn parse(record: &str) -> String {
        parse_with(&mut *parser(), record)
    }

    fn parse_with(parser: &mut dyn Parser, record: &str) -> String {
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
            "query failed (SERVFAIL) for a.example/IN/A at query.c:7",
        ] {
            assert!(rpz(text).starts_with("skip"), "{text}");
        }
    }

    #[test]
    fn an_answer_counts_where_its_question_is_not_logged() {
        let client = "02-Nov-2026 10:11:12.345 client @0x1 192.0.2.7#4 (A.example)";
        for answer in [
            "response: a.example IN A NOERROR 1 0 1 +E(0) (192.0.2.1)",
            "UDP: query: a.example IN A response: NOERROR +ED a.example. 60 IN A 203.0.113.7;",
            "answer: a.example IN A (192.0.2.1) -> NOERROR 60 A 203.0.113.7",
        ] {
            let answer = format!("{client}: {answer}");
            let question = format!("{client}: query: A.example IN A + (192.0.2.1)");
            let mut parser = parser();
            assert!(
                parse_with(&mut *parser, &answer).ends_with("allowed"),
                "{answer}"
            );
            assert!(parse_with(&mut *parser, &question).ends_with("unknown"));
            assert_eq!(
                parse_with(&mut *parser, &answer),
                "skip answer to a logged question"
            );
        }
    }

    #[test]
    fn a_policy_of_nios_is_a_block() {
        let cef = |policy: &str| {
            parse(&format!(
                "<29>Nov  2 10:11:12 nios named[7]: CEF:0|Infoblox|NIOS|8.6|RPZ-QNAME|{policy}|7|app=DNS dst=192.0.2.1 src=192.0.2.7 spt=4 view=_default qtype=A msg=\"rpz QNAME {policy} rewrite chatgpt.com [A] via chatgpt.com.rpz.example.org\" CAT=RPZ"
            ))
        };
        assert_eq!(
            cef("NXDOMAIN"),
            "2026-11-02T10:11:12.000Z 192.0.2.7 chatgpt.com A 192.0.2.1 blocked"
        );
        assert_eq!(cef("PASSTHRU"), "skip response policy let it through");
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
