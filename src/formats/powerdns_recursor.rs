//! PowerDNS Recursor's log of questions (`quiet=no`), from 4.0 to 5.
//!
//! Structured (the default since 4.8), as text or as JSON: `msg="Question" subsystem="syncres" … ts="EPOCH" qname="NAME"
//! qtype="TYPE" remote="IP:PORT"`; before that: `TID [N/M] question for 'NAME|TYPE' from IP:PORT`. A question is an event
//! and its answer, which does not name the client in the old layout, is skipped. A question answered from the
//! packet cache has no question line; structured logs name it and it is an event, the old layout does not
//! tell its name. Facts: docs/appendices/structuredlogging.rst, rec_main.cc and pdns_recursor.cc; seen in 4.8.8 in
//! both layouts.

use std::borrow::Cow;

use serde::Deserialize;

use crate::model::{Event, Field, Fields, Kind, Parsed, Time, Untrusted};

use super::bind_name::name;
use super::clock::{Clock, Stamp, epoch};
use super::cursor::{Cursor, ip, number, port, split, split_last, split_unescaped};
use super::loose_json::{self, Loose};
use super::refusal::Refusal;
use super::{Coded, Context, Parser, envelope};

pub(super) static POWERDNS_RECURSOR: Coded = Coded {
    name: "powerdns-recursor",
    title: "PowerDNS Recursor query log",
    kind: Kind::Dns,
    tells: TELLS,
    advice: &[(
        Field::Host,
        "questions answered from the packet cache have their name in structured logs only: `structured-logging=yes` \
         (4.8 and later)",
    )],
    sniff,
    open,
};

const TELLS: Fields = Fields::of(&[Field::Client, Field::ClientPort, Field::Host, Field::Qtype]);

const PROGRAMS: &[&[u8]] = &[b"pdns_recursor", b"pdns-recursor", b""];

fn sniff(record: &[u8]) -> u8 {
    let envelope = envelope::open(record);
    let body = envelope.body;
    let has = |key: &[u8]| memchr::memmem::find(body, key).is_some();
    if body.starts_with(b"{") {
        let is_ours = has(b"\"subsystem\"") && has(b"\"tid\"") && has(b"\"ts\"")
            || has(b"\"SUBSYSTEM\"") && has(b"\"QNAME\"") && has(b"\"REMOTE\"");
        return if is_ours { 90 } else { 0 };
    }
    if body.starts_with(b"msg=\"") {
        return match has(b" subsystem=\"") && has(b" tid=\"") && has(b" ts=\"") {
            true if has(b" qname=\"") && has(b" remote=\"") => 95,
            true => 70,
            false => 0,
        };
    }
    match Old::read(body) {
        Some(_) => 95,
        None if PROGRAMS.contains(&envelope.program) && !envelope.program.is_empty() => 50,
        None => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Recursor(Clock::new(context)))
}

struct Recursor(Clock);

impl Parser for Recursor {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let envelope = envelope::open(record);
        let body = envelope.body.trim_ascii();
        if body.is_empty() {
            return Parsed::Skip("empty line");
        }
        let asked = if body.starts_with(b"{") {
            json(body)
        } else if body.starts_with(b"msg=\"") {
            structured(body)
        } else if envelope.is_foreign_to(PROGRAMS) {
            Err(Refusal::Skip("another program's line"))
        } else {
            old(body, envelope.stamp.is_some())
        };
        let asked = match asked {
            Ok(asked) => asked,
            Err(refusal) => return refusal.into(),
        };
        let Some(time) = self
            .0
            .time(asked.time.map(Stamp::Instant).or(envelope.stamp))
        else {
            return Parsed::Bad("no such time");
        };
        asked.event(time)
    }

    fn written_by(&mut self, modified: Time) {
        self.0.written_by(modified);
    }
}

/// A question, in whatever layout.
struct Asked<'a> {
    time: Option<Time>,
    /// `IP:PORT`, perhaps with ` (proxied by IP:PORT)` behind it.
    client: Cow<'a, [u8]>,
    name: Cow<'a, [u8]>,
    qtype: Cow<'a, [u8]>,
}

impl<'a> Asked<'a> {
    fn event(self, time: Time) -> Parsed<'a> {
        let who = Cursor::new(&self.client).word().unwrap_or_default();
        let Some((address, digits)) = split_last(who, b':') else {
            return Parsed::Bad("no client address");
        };
        let Some(client) = ip(address) else {
            return Parsed::Bad("no client address");
        };
        let mut event = Event::new(Kind::Dns, time, TELLS);
        event.client = Some(client);
        event.client_port = port(digits);
        event.host = match self.name {
            Cow::Borrowed(text) => name(text),
            Cow::Owned(text) => name(&text).map(Untrusted::into_owned),
        };
        event.qtype = Some(match self.qtype {
            Cow::Borrowed(text) => Untrusted::new(text),
            Cow::Owned(text) => Untrusted::rebuilt(text),
        });
        Parsed::Event(event)
    }
}

/// What a structured message is about.
fn is_question(message: &[u8]) -> Result<(), Refusal> {
    match message {
        b"Question"
        | b"Question answered from packet cache"
        | b"TCP question answered from packet cache" => Ok(()),
        b"Answer" => Err(Refusal::Skip("dns answer")),
        _ => Err(Refusal::Skip("not a query")),
    }
}

/// `key="value"` with `\"` and `\\` in values, keys in any order behind `msg`.
fn structured(body: &[u8]) -> Result<Asked<'_>, Refusal> {
    let mut pairs = Pairs(body);
    let (mut time, mut qname, mut qtype, mut source, mut remote) = (None, None, None, None, None);
    for (key, value) in pairs.by_ref() {
        match key {
            b"msg" => is_question(value)?,
            b"ts" => time = Some(epoch(value).ok_or(Refusal::Bad("no such time"))?),
            b"qname" => qname = Some(unescaped(value)),
            b"qtype" => qtype = Some(unescaped(value)),
            b"source" => source = Some(unescaped(value)),
            b"remote" => remote = Some(unescaped(value)),
            _ => {}
        }
    }
    if !pairs.0.trim_ascii().is_empty() {
        return Err(Refusal::Bad("unreadable query"));
    }
    // Behind a proxy `source` is the client and `remote` the proxy.
    match (source.or(remote), qname, qtype) {
        (Some(client), Some(name), Some(qtype)) => Ok(Asked {
            time,
            client,
            name,
            qtype,
        }),
        _ => Err(Refusal::Bad("unreadable query")),
    }
}

struct Pairs<'a>(&'a [u8]);

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, rest) = split(self.0, b'=')?;
        let (value, rest) = split_unescaped(rest.strip_prefix(b"\"")?, b'"')?;
        self.0 = rest.trim_ascii_start();
        Some((key, value))
    }
}

fn unescaped(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut plain = Vec::with_capacity(value.len());
    let mut rest = value.iter();
    while let Some(byte) = rest.next() {
        plain.extend(if *byte == b'\\' {
            rest.next()
        } else {
            Some(byte)
        });
    }
    Cow::Owned(plain)
}

/// The backends `json` and, as journalctl exports it, `systemd-journal`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Json<'a> {
    #[serde(borrow, alias = "MESSAGE")]
    msg: Loose<'a>,
    #[serde(borrow, alias = "TIMESTAMP")]
    ts: Loose<'a>,
    #[serde(borrow, alias = "QNAME")]
    qname: Loose<'a>,
    #[serde(borrow, alias = "QTYPE")]
    qtype: Loose<'a>,
    #[serde(borrow, alias = "SOURCE")]
    source: Loose<'a>,
    #[serde(borrow, alias = "REMOTE")]
    remote: Loose<'a>,
}

fn json(body: &[u8]) -> Result<Asked<'_>, Refusal> {
    let json: Json = loose_json::read(body).map_err(Refusal::Bad)?;
    is_question(json.msg.as_str().unwrap_or_default().as_bytes())?;
    let time = json.ts.as_str().and_then(|ts| epoch(ts.as_bytes()));
    let client = json.source.text().or_else(|| json.remote.text());
    match (client, json.qname.text(), json.qtype.text()) {
        (Some(client), Some(name), Some(qtype)) => Ok(Asked {
            time: Some(time.ok_or(Refusal::Bad("no such time"))?),
            client,
            name,
            qtype,
        }),
        _ => Err(Refusal::Bad("unreadable query")),
    }
}

fn old(body: &[u8], is_stamped: bool) -> Result<Asked<'_>, Refusal> {
    match Old::read(body) {
        Some(Old::Question(asked)) => Ok(asked),
        Some(Old::Answer) => Err(Refusal::Skip("dns answer")),
        Some(Old::FromCache) => Err(Refusal::Skip("answered from packet cache, name not logged")),
        None if memchr::memmem::find(body, b"question for '").is_some() => {
            Err(Refusal::Bad("unreadable query"))
        }
        None if is_stamped => Err(Refusal::Skip("not a query")),
        None => Err(Refusal::Bad("not a powerdns recursor record")),
    }
}

/// A line of the layout before 4.8.
enum Old<'a> {
    Question(Asked<'a>),
    Answer,
    FromCache,
}

impl<'a> Old<'a> {
    fn read(body: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        number(cursor.word()?)?;
        let mut word = cursor.word()?;
        if word.starts_with(b"[") && word.ends_with(b"]") {
            word = cursor.word()?;
        }
        if word == b"TCP" {
            word = cursor.word()?;
        }
        match word {
            b"answer" => cursor.eat(b"to ").map(|()| Self::Answer),
            b"question" if cursor.eat(b"for '").is_some() => {
                // Blanks in names are written as \032, quotes and bars as they are.
                let (name, qtype) = split_last(cursor.word()?.strip_suffix(b"'")?, b'|')?;
                cursor.eat(b"from ")?;
                let client = cursor.word()?;
                Some(Self::Question(Asked {
                    time: None,
                    client: Cow::Borrowed(client),
                    name: Cow::Borrowed(name),
                    qtype: Cow::Borrowed(qtype),
                }))
            }
            b"question" => cursor
                .eat(b"answered from packet cache")
                .map(|()| Self::FromCache),
            _ => None,
        }
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
                "{} {}#{} {} {}",
                e.time,
                e.client.unwrap(),
                e.client_port.unwrap_or_default(),
                e.host.map_or("-".into(), |h| h.lossy().into_owned()),
                e.qtype.unwrap().lossy(),
            ),
            Parsed::Skip(why) => format!("skip {why}"),
            Parsed::Bad(why) => format!("bad {why}"),
        }
    }

    const EVENT: &str = "2026-11-02T10:11:12.345Z 192.0.2.7#4711 a.example HTTPS";

    #[test]
    fn every_backend_gives_the_same_question() {
        for line in [
            r#"Nov  2 10:11:12 msg="Question" subsystem="syncres" level="0" prio="Info" tid="3" ts="1793614272.345" ecs="" mtid="1" proto="udp" qname="a.example" qtype="HTTPS" remote="192.0.2.7:4711""#,
            r#"<30>Nov  2 10:11:12 ns pdns-recursor[7]: msg="Question" subsystem="syncres" level="0" prio="Info" tid="3" ts="1793614272.345" qname="a.example" qtype="HTTPS" remote="192.0.2.7:4711 (proxied by 192.0.2.1:53)""#,
            r#"msg="Question answered from packet cache" subsystem="in" tid="3" ts="1793614272.345" qname="a.example" qtype="HTTPS" remote="192.0.2.1:53" source="192.0.2.7:4711" tag="0""#,
            r#"{"level": "0", "msg": "Question", "priority": "6", "qname": "a.example", "qtype": "HTTPS", "remote": "192.0.2.7:4711", "subsystem": "syncres", "tid": "3", "ts": "1793614272.345"}"#,
            r#"{"MESSAGE": "Question", "QNAME": "a.example", "QTYPE": "HTTPS", "REMOTE": "192.0.2.7:4711", "SUBSYSTEM": "syncres", "TIMESTAMP": "1793614272.345"}"#,
            "2026-11-02T10:11:12.345Z ns pdns_recursor[7]: 3 [14186/2] question for 'a.example|HTTPS' from 192.0.2.7:4711 (ecs 198.51.100.1/32)",
            "2026-11-02T10:11:12.345Z 3 [1/2] TCP question for 'a.example|HTTPS' from 192.0.2.7:4711",
        ] {
            assert_eq!(shown(line), EVENT, "{line}");
        }
    }

    #[test]
    fn a_name_cannot_add_a_key() {
        let line = r#"msg="Question" subsystem="syncres" tid="3" ts="1793614272.345" qname="x\"\\032qname=\"forged\\.example.example.net" qtype="A" remote="192.0.2.7:4711""#;
        assert_eq!(
            shown(line),
            r#"2026-11-02T10:11:12.345Z 192.0.2.7#4711 x" qname="forged\.example.example.net A"#
        );
    }

    #[test]
    fn what_breaks_off_is_bad() {
        for line in [
            r#"msg="Question" subsystem="syncres" tid="3" ts="1793614272.345" qname="a.exam"#,
            r#"msg="Question" subsystem="syncres" tid="3" ts="1793614272.345" qname="a.example""#,
            r#"{"msg": "Question", "qname": "a.example", "ts": "1793614272.345"}"#,
            r#"{"msg": "Question", "qn"#,
            "Nov  2 10:11:12 3 [1/2] question for 'a.exam",
            "question",
        ] {
            assert!(shown(line).starts_with("bad"), "{line}: {}", shown(line));
        }
    }
}
