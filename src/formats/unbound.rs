//! Unbound's query log.
//!
//! `[EPOCH] unbound[PID:TID] info: CLIENT NAME. TYPE CLASS` (`log-queries`), the same and
//! `RCODE SECONDS CACHED SIZE[ on udp ADDRESS PORT]` (`log-replies`), `query:` and `reply:` for `info:`
//! (`log-tag-queryreply`), `ZONE. ACTION CLIENT@PORT NAME. TYPE CLASS` (`log-local-actions`) and `rpz: applied …`.
//! Facts: util/log.c and util/data/msgreply.c of Unbound; seen in 1.17.1, local actions and RPZ too. Odd bytes
//! in names are logged as `?`.
//!
//! A lookup counts once, see [`super::lookups`]: a question is an event, and its reply one where no question was logged. A
//! stopped lookup is an event with outcome `blocked` beside its question, as in the other DNS formats; its reply is
//! skipped.

use crate::model::{Event, Field, Fields, Glance, Kind, Outcome, Parsed, Time, Untrusted};

use super::clock::{Clock, epoch};
use super::cursor::{ip, ip_of, split};
use super::glance::{Prefix, is_plain};
use super::lookups::Lookups;
use super::unbound_line::{Head, Line, Reply, Step, is_query};
use super::{Coded, Context, Parser};

pub(super) static UNBOUND: Coded = Coded {
    name: "unbound",
    title: "Unbound query log",
    kind: Kind::Dns,
    tells: QUERY_TELLS.with(Field::Outcome).with(Field::DurationMs),
    advice: &[
        (
            Field::Host,
            "log the questions, in the server: section of unbound.conf:
    log-queries: yes",
        ),
        (
            Field::Outcome,
            "log replies instead of questions, and what is stopped, in the server: section of unbound.conf:
    log-queries: no
    log-replies: yes
    log-local-actions: yes
and in every rpz: section:
    rpz-log: yes",
        ),
    ],
    sniff,
    open,
};

const QUERY_TELLS: Fields = Fields::of(&[Field::Client, Field::Host, Field::Qtype]);
/// The size of a reply is left out: it is no traffic with the service asked for.
const REPLY_TELLS: Fields = QUERY_TELLS.with(Field::Outcome).with(Field::DurationMs);
const ACTION_TELLS: Fields = QUERY_TELLS.with(Field::ClientPort).with(Field::Outcome);

fn sniff(record: &[u8]) -> u8 {
    let head = Head::read(record);
    if !head.ours {
        return 0;
    }
    match Line::read(head.message) {
        Some(_) => 95,
        None => 50,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Unbound {
        clock: Clock::new(context),
        lookups: Lookups::default(),
        prefix: Prefix::default(),
        digest: 0,
    })
}

struct Unbound {
    clock: Clock,
    lookups: Lookups,
    /// What stands in front of the process, in Unbound's own file.
    prefix: Prefix,
    /// The question of the last glance.
    digest: u64,
}

impl Parser for Unbound {
    fn glance<'a>(&mut self, record: &'a [u8]) -> Option<Glance<'a>> {
        let (time, from_process) = match self.prefix.strip(record) {
            Some(known) => known,
            None => {
                let (stamp, from_process) = Head::stamp_of_file(record)?;
                let time = self.clock.time(Some(stamp))?;
                self.prefix.remember(record, from_process, time);
                (time, from_process)
            }
        };
        let message = Head::after_process(from_process)?;
        let question = message
            .strip_prefix(b"info: ")
            .or_else(|| message.strip_prefix(b"query: "))?;
        let (client, rest) = split(question, b' ')?;
        let (name, rest) = split(rest, b' ')?;
        let (qtype, class) = split(rest, b' ')?;
        let host = name.strip_suffix(b".")?;
        let is_usual = class == b"IN" && is_plain(qtype);
        if !is_usual {
            return None;
        }
        self.digest = Lookups::digest(&[client, name, qtype]);
        Some(Glance {
            time,
            client: ip_of((question, client.len()))?,
            host,
            asks: None,
            tells: Fields::NONE,
        })
    }

    fn glanced(&mut self) {
        self.lookups.note(self.digest);
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let head = Head::read(record);
        if !head.ours {
            return if record.trim_ascii().is_empty() {
                Parsed::Skip("empty line")
            } else if head.foreign {
                Parsed::Skip("another program's line")
            } else {
                Parsed::Bad("not an unbound record")
            };
        }
        let Some(line) = Line::read(head.message) else {
            return if is_query(head.message) {
                Parsed::Bad("unreadable query")
            } else {
                Parsed::Skip("not a query")
            };
        };
        let Some(time) = self.clock.time(head.stamp) else {
            return Parsed::Bad("no such time");
        };
        self.line(&line, time)
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
        self.prefix.forget();
    }
}

impl Unbound {
    fn line<'a>(&mut self, line: &Line<'a>, time: Time) -> Parsed<'a> {
        let key = [line.client, line.name, line.qtype];
        match &line.step {
            Step::Query => {
                self.lookups.asked(&key);
                line.event(time, QUERY_TELLS, Outcome::Unknown)
            }
            Step::Reply(_) if self.lookups.is_answer(&key) => {
                Parsed::Skip("reply to a counted question")
            }
            Step::Reply(reply) => reply.event(line, time),
            Step::Action { blocks: false } => Parsed::Skip("local action that stops nothing"),
            Step::Action { blocks: true } => {
                // Where questions are logged, this one is open already.
                if !self.lookups.is_open(&key) {
                    self.lookups.asked(&key);
                }
                line.event(time, ACTION_TELLS, Outcome::Blocked)
            }
            Step::Malformed => Parsed::Skip("question without a name"),
        }
    }
}

impl<'a> Line<'a> {
    fn event(&self, time: Time, tells: Fields, outcome: Outcome) -> Parsed<'a> {
        if self.class != b"IN" {
            return Parsed::Skip("question outside the internet class");
        }
        let mut event = Event::new(Kind::Dns, time, tells);
        event.client = ip(self.client);
        event.client_port = self.client_port;
        let name = self.name.strip_suffix(b".").unwrap_or(self.name);
        event.host = (!name.is_empty()).then(|| Untrusted::new(name));
        event.qtype = Some(Untrusted::new(self.qtype));
        event.outcome = outcome;
        Parsed::Event(event)
    }
}

impl Reply<'_> {
    fn event<'a>(&self, line: &Line<'a>, time: Time) -> Parsed<'a> {
        let outcome = match self.rcode {
            b"NOERROR" => Outcome::Allowed,
            b"REFUSED" => Outcome::Blocked,
            _ => Outcome::Error,
        };
        let mut parsed = line.event(time, REPLY_TELLS, outcome);
        if let Parsed::Event(event) = &mut parsed {
            event.duration_ms = millis(self.secs);
        }
        parsed
    }
}

/// `0.017445` seconds as whole milliseconds.
fn millis(secs: &[u8]) -> Option<u64> {
    u64::try_from(epoch(secs)?.micros() / 1_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_all(lines: &[&str]) -> Vec<String> {
        let mut parser = open(&Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: "2026-11-23T00:00:00Z".parse().unwrap(),
        });
        lines
            .iter()
            .map(|line| match parser.parse(line.as_bytes()) {
                Parsed::Event(e) => format!(
                    "{} {} {}",
                    e.time,
                    e.host.map_or("-".into(), |h| h.lossy().into_owned()),
                    e.outcome
                ),
                Parsed::Skip(_) => "skip".into(),
                Parsed::Bad(_) => "bad".into(),
            })
            .collect()
    }

    #[test]
    fn every_prefix_gives_the_same_question() {
        for (prefix, time) in [
            (
                "[1793614272] unbound[77:0] info:",
                "2026-11-02T10:11:12.000Z",
            ),
            (
                "Nov 02 10:11:12 unbound[77:0] query:",
                "2026-11-02T10:11:12.000Z",
            ),
            (
                "2026-11-02T10:11:12.345+01:00 unbound[77:0] info:",
                "2026-11-02T09:11:12.345Z",
            ),
            (
                "Nov  2 10:11:12 gw unbound: [77:0] info:",
                "2026-11-02T10:11:12.000Z",
            ),
            (
                "<30>1 2026-11-02T10:11:12Z gw unbound 77 - - [77:1f] query:",
                "2026-11-02T10:11:12.000Z",
            ),
        ] {
            let line = format!("{prefix} 192.0.2.7 ChatGPT.com. HTTPS IN");
            assert_eq!(
                parse_all(&[&line]),
                [format!("{time} ChatGPT.com unknown")],
                "{prefix}"
            );
        }
    }

    #[test]
    fn a_lookup_with_question_and_reply_counts_once() {
        let query = "[1793614272] unbound[77:0] info: 192.0.2.7 a.example. A IN";
        let reply = "[1793614272] unbound[77:0] info: 192.0.2.7 a.example. A IN NOERROR 0.017445 0 51 on udp 198.51.100.1 53";
        let results = parse_all(&[reply, query, reply]);
        assert!(results[0].ends_with("allowed") && results[1].ends_with("unknown"));
        assert_eq!(results[2], "skip");
    }

    #[test]
    fn replies_count_again_when_questions_are_turned_off() {
        let query = "[1793614272] unbound[77:0] query: 192.0.2.7 a.example. A IN";
        let reply = "[1793614272] unbound[77:0] reply: 192.0.2.7 a.example. A IN NXDOMAIN 0.0 0 51";
        let results = parse_all(&[query, query, reply, reply, reply]);
        assert_eq!(results[2..4], ["skip", "skip"]);
        assert!(results[4].ends_with("a.example error"));
    }

    #[test]
    fn a_stopped_lookup_is_blocked_once_and_its_reply_is_skipped() {
        let results = parse_all(&[
            "[1793614272] unbound[77:0] info: claude.ai. always_refuse 192.0.2.7@33974 claude.ai. A IN",
            "[1793614272] unbound[77:0] info: 192.0.2.7 claude.ai. A IN REFUSED 0.000000 1 27",
            "[1793614272] unbound[77:0] info: rpz: applied [block] claude.ai. rpz-nxdomain 192.0.2.7@33974 claude.ai. A IN",
            "[1793614272] unbound[77:0] info: chatgpt.com. inform 192.0.2.7@33974 chatgpt.com. A IN",
        ]);
        assert!(results[0].ends_with("claude.ai blocked"));
        assert_eq!(results[1], "skip");
        assert!(results[2].ends_with("claude.ai blocked"));
        assert_eq!(results[3], "skip");
    }

    #[test]
    fn chatter_with_the_same_tag_is_skipped() {
        let lines = [
            "[1793614272] unbound[77:0] info: generate keytag query _ta-4f66. NULL IN",
            "[1793614272] unbound[77:0] info: server stats for thread 0: 8 queries, 2 answers from cache",
            "[1793614272] unbound[77:0] notice: init module 0: validator",
            "[1793614272] unbound[77:0] info: 192.0.2.7 - - - FORMERR - - - ",
            "[1793614272] unbound[77:0] info: 192.0.2.7 null TYPE0 CLASS0 REFUSED 0.000000 1 12",
            "[1793614272] unbound[77:0] error: SERVFAIL <a.example. A IN>: all servers failed",
        ];
        assert_eq!(parse_all(&lines), ["skip"; 6]);
        assert_eq!(
            parse_all(&["info: 192.0.2.7 a.example. A IN", "x"]),
            ["bad", "bad"]
        );
    }
}
