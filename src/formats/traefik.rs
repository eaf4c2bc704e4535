//! Traefik's access log in its common format.
//!
//! `CLIENT - USER [TIME] "METHOD PATH PROTOCOL" STATUS SIZE "REFERER" "AGENT" COUNT "ROUTER" "SERVER" 12ms`, from Traefik's
//! "Access Logs" and its source, which escapes nothing: what the client writes is bounded from both ends. The path has no
//! host; only the JSON format names it. Status and size are the server's own and `-` where Traefik answered itself.

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Untrusted};

use super::clf_line::{self, Line};
use super::cursor::{ip, ip_and_port, number, present, split, split_last};
use super::target::Target;
use super::{Coded, Context, Parser, envelope, wire_http};

pub(super) static TRAEFIK: Coded = Coded {
    name: "traefik",
    title: "Traefik access log (common format)",
    kind: Kind::Proxy,
    tells: TELLS,
    advice: &[
        (
            Field::Host,
            "log as JSON, which has RequestHost: accessLog.format = \"json\"",
        ),
        (
            Field::BytesUp,
            "log as JSON, which has RequestContentSize: accessLog.format = \"json\"",
        ),
    ],
    sniff,
    open,
};

const TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::User,
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Method,
    Field::Status,
    Field::Outcome,
    Field::BytesDown,
    Field::DurationMs,
    Field::UserAgent,
    Field::Server,
    Field::RefererHost,
]);

fn sniff(record: &[u8]) -> u8 {
    match envelope::find(record, Row::read) {
        Some(_) => 92,
        None => 0,
    }
}

fn open(_context: &Context) -> Box<dyn Parser> {
    Box::new(Traefik)
}

struct Traefik;

impl Parser for Traefik {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        if let Some(row) = envelope::find(record, Row::read) {
            return Parsed::Event(row.event());
        }
        let envelope = envelope::open(record);
        if envelope.body.trim_ascii().is_empty() {
            Parsed::Skip("empty line")
        } else if is_own_log(record) || is_own_log(envelope.body) {
            Parsed::Skip("not an access record")
        } else if envelope.is_foreign_to(&[b"traefik", b""]) {
            Parsed::Skip("another program's line")
        } else {
            Parsed::Bad("not a traefik access record")
        }
    }
}

/// `time="2026-11-02T10:11:12Z" level=info msg=…` until version 2, `2026-11-02T10:11:12Z INF …` since.
fn is_own_log(body: &[u8]) -> bool {
    let level = split(body, b' ').map(|(_time, rest)| rest.get(..4).unwrap_or(rest));
    body.starts_with(b"time=\"")
        || matches!(
            level,
            Some(b"DBG " | b"INF " | b"WRN " | b"ERR " | b"FTL " | b"TRC ")
        )
}

struct Row<'a> {
    line: Line<'a>,
    client: &'a [u8],
    user: &'a [u8],
    referer: &'a [u8],
    agent: &'a [u8],
    server: &'a [u8],
    duration_ms: Option<u64>,
}

impl<'a> Row<'a> {
    fn read(record: &'a [u8]) -> Option<Self> {
        let line = Line::read(record)?;
        let (client, user) = split(line.before, b' ')?;
        let user = user.strip_prefix(b"- ")?;
        let (rest, duration) = split_last(line.rest, b' ')?;
        let duration_ms = number(duration.strip_suffix(b"ms")?)?;
        let (rest, server) = last_quoted(rest)?;
        let (rest, _router) = last_quoted(rest)?;
        let (headers, count) = split_last(rest, b' ')?;
        (count == b"-" || number(count).is_some()).then_some(())?;
        let headers = headers.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let border = memchr::memmem::find(headers, b"\" \"")?;
        Some(Self {
            client,
            user,
            referer: headers.get(..border)?,
            agent: headers.get(border + 3..)?,
            server,
            duration_ms: Some(duration_ms),
            line,
        })
    }

    fn event(&self) -> Event<'a> {
        let mut event = Event::new(Kind::Proxy, self.line.time, TELLS);
        event.client = ip_and_port(self.client).map(|(address, _)| address);
        if event.client.is_none() {
            event.client_name = present(self.client).map(Untrusted::new);
            event.tells = event.tells.with(Field::ClientName);
        }
        event.user = present(self.user).map(Untrusted::new);
        event.status = self.line.status.filter(|status| *status != 0);
        event.bytes_down = self.line.bytes;
        event.duration_ms = self.duration_ms;
        event.user_agent = present(self.agent).map(Untrusted::new);
        event.referer_host = Target::url(self.referer).host_text();
        event.server = Target::url(self.server).host.and_then(ip);
        let Some((method, path)) = clf_line::request(self.line.request) else {
            event.outcome = Outcome::Error;
            return event;
        };
        let target = Target::of(method, path);
        event.host = target.host_text();
        event.port = target.port;
        event.path = target.path_text();
        event.method = present(method).map(Untrusted::new);
        event.outcome = match event.status {
            Some(499 | 502..=504) => Outcome::Error,
            status => wire_http::outcome(Some(method), target.host.is_some(), status),
        };
        event
    }
}

/// What stands in front of the last quoted text, and that text.
fn last_quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_end();
    let (before, quoted) = split_last(text.strip_suffix(b"\"")?, b'"')?;
    Some((before.strip_suffix(b" ")?, quoted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_cannot_forge_what_follows() {
        let record = br#"192.0.2.7 - alice [02/Nov/2026:10:11:12 +0000] "GET /a HTTP/2.0" 200 5 "-" "x" 1 "r" "http://192.0.2.99:80" 1ms" 77 "web@docker" "http://203.0.113.5:80" 12ms"#;
        let event = Row::read(record).unwrap().event();
        assert_eq!(event.server, ip(b"203.0.113.5"));
        assert_eq!(event.duration_ms, Some(12));
        assert_eq!(event.user, Some("alice".into()));
        assert!(event.user_agent.unwrap().lossy().starts_with("x\" 1 \"r\""));
    }

    #[test]
    fn a_web_server_with_a_duration_is_not_claimed() {
        let record =
            br#"192.0.2.7 - - [02/Nov/2026:10:11:12 +0000] "GET /a HTTP/2.0" 200 5 "-" "x" 12ms"#;
        assert_eq!(sniff(record), 0);
    }
}
