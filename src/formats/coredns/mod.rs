//! CoreDNS's `log` plugin: its common log format, `{combined}`, and the layout of versions before 1.2.
//!
//! `[INFO] IP:PORT - ID "TYPE CLASS NAME PROTO SIZE DO BUFSIZE" RCODE FLAGS SIZE DURATION[ "OPCODE"]`. CoreDNS prints no
//! time (some versions did); whoever collects its output adds one: a container runtime (CRI, Docker's JSON),
//! `kubectl logs --timestamps`, syslog, klog. What stands in front of the address is therefore read from behind. One
//! line is one look-up with its answer. Custom formats are not read: what they name cannot be told apart. Facts:
//! plugin/log/README.md and plugin/pkg/replacer of CoreDNS 1.0 to 1.12; names are escaped as the Go package
//! `miekg/dns` does it, where a blank becomes `\ `.

mod collector;

use std::borrow::Cow;

use crate::model::{Event, Field, Fields, Kind, Parsed, Time, Untrusted};

use super::bind_name::name;
use super::clock::{Clock, Stamp, clf};
use super::cursor::{ip, number, port, split, split_last, split_unescaped};
use super::go_duration::millis;
use super::{Coded, Context, Parser, dns_words};

use collector::{prefix_stamp, unwrapped};

pub(super) static COREDNS: Coded = Coded {
    name: "coredns",
    title: "CoreDNS log plugin",
    kind: Kind::Dns,
    tells: TELLS,
    advice: &[(
        Field::Host,
        "log every look-up: the plugin log, without class, in the server block of the Corefile",
    )],
    sniff,
    open,
};

const TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Host,
    Field::Outcome,
    Field::DurationMs,
    Field::Qtype,
]);

const LEVELS: [&[u8]; 5] = [b"[INFO]", b"[WARNING]", b"[ERROR]", b"[FATAL]", b"[DEBUG]"];

fn sniff(record: &[u8]) -> u8 {
    match unwrapped(record) {
        Ok(Some(inner)) => sniff_line(&inner.line),
        Ok(None) => sniff_line(record),
        Err(_) => 0,
    }
}

fn sniff_line(line: &[u8]) -> u8 {
    match Line::read(line.trim_ascii()) {
        Some(_) => 95,
        None if has_level(line) && memchr::memmem::find(line, b"] plugin/").is_some() => 60,
        None => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(CoreDns(Clock::new(context)))
}

struct CoreDns(Clock);

impl Parser for CoreDns {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        match unwrapped(record) {
            Ok(Some(inner)) => match inner.line {
                Cow::Borrowed(line) => self.line(line, inner.stamp),
                Cow::Owned(line) => self.line(&line, inner.stamp).into_owned(),
            },
            Ok(None) => self.line(record, None),
            Err(why) => Parsed::Bad(why),
        }
    }

    fn written_by(&mut self, modified: Time) {
        self.0.written_by(modified);
    }
}

impl CoreDns {
    fn line<'a>(&mut self, text: &'a [u8], stamp: Option<Stamp>) -> Parsed<'a> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Parsed::Skip("empty line");
        }
        let Some(line) = Line::read(text) else {
            return if is_request(text) {
                Parsed::Bad("unreadable query")
            } else if has_level(text) || is_banner(text) {
                Parsed::Skip("not a query")
            } else {
                Parsed::Bad("not a coredns record")
            };
        };
        let stamp = line
            .own_stamp
            .or_else(|| prefix_stamp(line.prefix))
            .or(stamp);
        let Some(time) = self.0.time(stamp) else {
            return Parsed::Bad("no such time");
        };
        line.event(time)
    }
}

fn has_level(line: &[u8]) -> bool {
    LEVELS
        .iter()
        .any(|level| memchr::memmem::find(line.get(..128).unwrap_or(line), level).is_some())
}

/// `[INFO] 192.0.2.7:53124 - …`, whole or not.
fn is_request(line: &[u8]) -> bool {
    let after = memchr::memmem::find(line, b"[INFO] ").and_then(|at| line.get(at + 7..));
    after.is_some_and(|rest| {
        let (word, _) = split(rest, b' ').unwrap_or((rest, b""));
        split_last(word, b':').is_some_and(|(address, _)| ip(address).is_some())
    })
}

/// What CoreDNS says when it starts.
fn is_banner(line: &[u8]) -> bool {
    let is_zone = || split_last(line.trim_ascii(), b':').is_some_and(|(_, p)| port(p).is_some());
    line.starts_with(b"CoreDNS-") || line.starts_with(b"linux/") || is_zone()
}

struct Line<'a> {
    /// What stands in front of the client's address.
    prefix: &'a [u8],
    client: &'a [u8],
    client_port: Option<u16>,
    /// The time that versions before 1.2 printed in place of the id.
    own_stamp: Option<Stamp>,
    qtype: &'a [u8],
    class: &'a [u8],
    name: &'a [u8],
    rcode: &'a [u8],
    duration: &'a [u8],
}

impl<'a> Line<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        // Nothing in front of the first quote comes from the client.
        let (head, rest) = split(line, b'"')?;
        let head = head.trim_ascii_end();
        let (head, own_stamp) = match split_last(head, b'[') {
            Some((before, when))
                if when.ends_with(b"]") && clf(when.strip_suffix(b"]")?).is_some() =>
            {
                let time = clf(when.strip_suffix(b"]")?)?;
                (before.trim_ascii_end(), Some(Stamp::Instant(time)))
            }
            _ => {
                let (before, id) = split_last(head, b' ')?;
                number(id)?;
                (before, None)
            }
        };
        let head = head.strip_suffix(b" -")?;
        let (prefix, client) = split_last(head, b' ').unwrap_or((b"", head));
        let (client, client_port) = match split_last(client, b':') {
            Some((address, digits)) if ip(address).is_some() && ip(client).is_none() => {
                (address, port(digits))
            }
            _ => (client, None),
        };
        ip(client)?;
        let (question, answer) = split_unescaped(rest, b'"')?;
        let mut words = Words(question);
        let (qtype, class, name) = (words.next()?, words.next()?, words.next()?);
        let (_proto, _size, dnssec_ok) = (words.next()?, words.next()?, words.next()?);
        if !matches!(dnssec_ok, b"true" | b"false") {
            return None;
        }
        let mut answer = answer.split(|b| *b == b' ').filter(|word| !word.is_empty());
        let rcode = answer.next()?;
        // Flags and size are missing in the oldest versions; an opcode in quotes may follow.
        let duration = answer.find(|word| millis(word).is_some())?;
        Some(Self {
            prefix,
            client,
            client_port,
            own_stamp,
            qtype,
            class,
            name,
            rcode,
            duration,
        })
    }

    fn event(&self, time: Time) -> Parsed<'a> {
        if self.class != b"IN" {
            return Parsed::Skip("question outside the internet class");
        }
        let mut event = Event::new(Kind::Dns, time, TELLS);
        event.client = ip(self.client);
        event.client_port = self.client_port;
        event.host = name(self.name);
        event.qtype = Some(Untrusted::new(self.qtype));
        event.outcome = dns_words::outcome(self.rcode, &[]);
        event.duration_ms = millis(self.duration);
        Parsed::Event(event)
    }
}

/// Words between blanks that are not escaped.
struct Words<'a>(&'a [u8]);

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        let (word, rest) = split_unescaped(self.0, b' ').unwrap_or((self.0, b""));
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        let mut parser = open(&Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: "2026-11-24T00:00:00Z".parse().unwrap(),
        });
        match parser.parse(line.as_bytes()) {
            Parsed::Event(e) => format!(
                "{} {}#{} {} {} {} {:?}",
                e.time,
                e.client.unwrap(),
                e.client_port.unwrap_or_default(),
                e.host.map_or("-".into(), |h| h.lossy().into_owned()),
                e.qtype.unwrap().lossy(),
                e.outcome,
                e.duration_ms,
            ),
            Parsed::Skip(why) => format!("skip {why}"),
            Parsed::Bad(why) => format!("bad {why}"),
        }
    }

    const LINE: &str = r#"[::1]:50759 - 29008 "A IN example.org. udp 41 false 4096" NOERROR qr,rd,ra,ad 68 0.037990251s"#;

    #[test]
    fn whoever_adds_a_time_is_understood() {
        let json = serde_json::json!({"log": format!("[INFO] {LINE}\n"), "stream": "stdout", "time": "2026-11-02T10:11:12.345678901Z"});
        for line in [
            format!("2026-11-02T10:11:12.345Z [INFO] {LINE}"),
            format!("2026-11-02T11:11:12.345678901+01:00 stdout F [INFO] {LINE}"),
            format!("2026/11/02 10:11:12 [INFO] {LINE}").replace("12 [", "12.345 ["),
            format!("I1102 10:11:12.345678       1 log.go:7] [INFO] {LINE}"),
            format!(
                "[pod/coredns-5d78c9869d-x2b7k/coredns] 2026-11-02T10:11:12.345Z [INFO] {LINE} \"0\""
            ),
            format!("<30>1 2026-11-02T10:11:12.345Z node coredns 7 - - [INFO] {LINE}"),
            json.to_string(),
        ] {
            let time = if line.contains('/') && line.contains("12.345 [") {
                "12.000"
            } else {
                "12.345"
            };
            assert_eq!(
                shown(&line),
                format!("2026-11-02T10:11:{time}Z ::1#50759 example.org A allowed Some(37)"),
                "{line}"
            );
        }
        assert!(shown(&format!("[INFO] {LINE}")).starts_with("2026-11-24T00:00:00.000Z ::1"));
    }

    #[test]
    fn the_layouts_of_old_versions_are_read() {
        for (line, expected) in [
            (
                r#"192.0.2.7 - [02/Nov/2026:10:11:12 +0000] "AAAA IN claude.ai. udp 41 false 4096" NOERROR qr,rd 68 184.2µs"#,
                "2026-11-02T10:11:12.000Z 192.0.2.7#0 claude.ai AAAA allowed Some(0)",
            ),
            (
                r#"192.0.2.7:53124 - [02/Nov/2026:10:11:12 +0000] "A IN nx.example.org. tcp 41 true 65535" NXDOMAIN 1.5s"#,
                "2026-11-02T10:11:12.000Z 192.0.2.7#53124 nx.example.org A error Some(1500)",
            ),
        ] {
            assert_eq!(shown(line), expected, "{line}");
        }
    }

    #[test]
    fn a_name_cannot_end_the_quotes_or_add_words() {
        let line = r#"[INFO] 192.0.2.7:53124 - 7 "A IN x\"\ noerror\ forged\.example.example.net. udp 41 false 512" NOERROR qr,rd 60 0.001s"#;
        assert_eq!(
            shown(line),
            r#"2026-11-24T00:00:00.000Z 192.0.2.7#53124 x" noerror forged\.example.example.net A allowed Some(1)"#
        );
    }

    #[test]
    fn what_is_no_query_is_skipped_and_what_breaks_off_is_bad() {
        for (line, result) in [
            (
                "[INFO] plugin/reload: Running configuration SHA512 = 1a2b",
                "skip",
            ),
            (
                "[ERROR] plugin/errors: 2 example.org. A: read udp 192.0.2.1:40000->203.0.113.53:53: i/o timeout",
                "skip",
            ),
            (".:53", "skip"),
            ("CoreDNS-1.11.1", "skip"),
            ("linux/amd64, go1.20.7, ae2bbc2", "skip"),
            (
                r#"[INFO] 192.0.2.7:53124 - 7 "TXT CH version.bind. udp 41 false 512" REFUSED qr,rd 60 0.001s"#,
                "skip",
            ),
            (r#"[INFO] 192.0.2.7:53124 - 7 "A IN chatgpt.c"#, "bad"),
            ("hello", "bad"),
            ("{\"log\":", "bad"),
        ] {
            assert!(shown(line).starts_with(result), "{line}: {}", shown(line));
        }
    }
}
