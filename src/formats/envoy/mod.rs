//! Envoy's default access log as text, and Istio's.
//!
//! `[TIME] "METHOD PATH PROTOCOL" STATUS FLAGS … UP DOWN MS MS "FORWARDED" "AGENT" "ID" "AUTHORITY" "UPSTREAM" …`: from Envoy's
//! "Access logging", "Default format string", and Istio's, in whose place between flags and sizes versions put none to three
//! details, and which ends in cluster, addresses, TLS name and route. `BYTES_RECEIVED` comes from the client. Envoy escapes
//! nothing: the authority is found from the end, behind everything that a client writes freely. Rows of TCP listeners
//! have `- - -` for a request and at best a TLS name.

mod columns;

use std::borrow::Cow;
use std::net::IpAddr;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::clock::{Clock, Stamp, iso_stamp};
use super::cursor::{Cursor, ip_and_port, number, present, split, split_last};
use super::{Coded, Context, Parser, envelope, wire_http};

use columns::{Headers, Measures, Mesh};

pub(super) static ENVOY: Coded = Coded {
    name: "envoy",
    title: "Envoy and Istio access log (text)",
    kind: Kind::Proxy,
    tells: HTTP_TELLS,
    advice: &[(
        Field::ClientPort,
        "use Istio's format, or add %DOWNSTREAM_REMOTE_ADDRESS% where Istio has it; Envoy's own names the client only by X-Forwarded-For",
    )],
    sniff,
    open,
};

const TCP_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::Host,
    Field::Port,
    Field::Outcome,
    Field::BytesUp,
    Field::BytesDown,
    Field::DurationMs,
    Field::Server,
]);
const HTTP_TELLS: Fields = TCP_TELLS
    .with(Field::Path)
    .with(Field::Method)
    .with(Field::Status)
    .with(Field::UserAgent);

fn sniff(record: &[u8]) -> u8 {
    match envelope::find(record, Row::read) {
        Some(_) => 92,
        None => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Envoy {
        clock: Clock::new(context),
    })
}

struct Envoy {
    clock: Clock,
}

impl Parser for Envoy {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        if let Some(row) = envelope::find(record, Row::read) {
            return match self.clock.time(Some(row.stamp)) {
                Some(time) => Parsed::Event(row.event(time)),
                None => Parsed::Bad("no such time"),
            };
        }
        let envelope = envelope::open(record);
        if envelope.body.trim_ascii().is_empty() {
            Parsed::Skip("empty line")
        } else if is_chatter(envelope.body) {
            Parsed::Skip("not an access record")
        } else if envelope.is_foreign_to(&[b"envoy", b""]) {
            Parsed::Skip("another program's line")
        } else {
            Parsed::Bad("not an envoy access record")
        }
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }
}

/// What Envoy and Istio's agent say of themselves on the same stream: `[2026-11-02 10:11:12.345][7][info][main] …`,
/// an ISO time, a tab and `info`.
fn is_chatter(body: &[u8]) -> bool {
    let is_envoy = split(body, b']').is_some_and(|(_, rest)| rest.starts_with(b"["));
    let is_agent = split(body, b'\t').is_some_and(|(stamp, _)| iso_stamp(stamp).is_some());
    body.starts_with(b"[") && is_envoy || is_agent
}

struct Row<'a> {
    stamp: Stamp,
    /// Method and path; `None` of a TCP listener.
    request: Option<(&'a [u8], &'a [u8])>,
    status: u16,
    flags: &'a [u8],
    measures: Measures<'a>,
    headers: Headers<'a>,
    mesh: Mesh<'a>,
}

impl<'a> Row<'a> {
    fn read(record: &'a [u8]) -> Option<Self> {
        let record = record.strip_prefix(b"ACCESS ").unwrap_or(record);
        let (stamp, rest) = split(record.strip_prefix(b"[")?, b']')?;
        let (stamp, _) = iso_stamp(stamp)?;
        let mut cursor = Cursor::new(rest.strip_prefix(b" \"")?);
        let (method, path) = (cursor.word()?, cursor.word()?);
        let _protocol = cursor.word()?.strip_suffix(b"\"")?;
        let status = number(cursor.word()?).and_then(|n| u16::try_from(n).ok())?;
        let flags = cursor.word()?;
        let (measures, rest) = Measures::find(cursor.rest())?;
        let (headers, tail) = Headers::of(rest)?;
        Some(Self {
            stamp,
            request: (method != b"-").then_some((method, path)),
            status,
            flags,
            measures,
            headers,
            mesh: Mesh::of(tail),
        })
    }

    fn event(&self, time: Time) -> Event<'a> {
        let mut event = match self.request {
            Some((method, path)) => self.request_event(time, method, path),
            None => self.connection_event(time),
        };
        let forwarded = self.headers.forwarded;
        let forwarded = split(forwarded, b',').map_or(forwarded, |(first, _)| first);
        if let Some((address, port)) = ip_and_port(self.mesh.client) {
            event.client = Some(address);
            event.client_port = port;
            event.tells = event.tells.with(Field::ClientPort);
        } else {
            event.client = ip_and_port(forwarded).map(|(address, _)| address);
        }
        event.outcome = self.outcome();
        event.bytes_up = Some(self.measures.bytes_up);
        event.bytes_down = Some(self.measures.bytes_down);
        event.duration_ms = self.measures.duration_ms;
        event.server = self.upstream().map(|(address, _)| address);
        event
    }

    fn request_event(&self, time: Time, method: &'a [u8], path: &'a [u8]) -> Event<'a> {
        let mut event = Event::new(Kind::Proxy, time, HTTP_TELLS);
        let authority = present(self.headers.authority).map(Cow::Borrowed);
        let asked = wire_http::target(Some(method), present(path).map(Cow::Borrowed), authority);
        event.host = asked.host;
        event.port = asked.port;
        event.path = asked.path;
        event.method = Some(Untrusted::new(method));
        event.status = (self.status != 0).then_some(self.status);
        event.user_agent = present(self.headers.agent).map(Untrusted::new);
        event
    }

    /// A connection went to its TLS name; without one, to the service of its cluster, which the configuration names.
    fn connection_event(&self, time: Time) -> Event<'a> {
        let name = present(self.mesh.server_name);
        let kind = if name.is_some() {
            Kind::Tls
        } else {
            Kind::Flow
        };
        let mut event = Event::new(kind, time, TCP_TELLS);
        event.host = name.or_else(|| self.mesh.service()).map(Untrusted::new);
        event.port = self.upstream().and_then(|(_, port)| port);
        event
    }

    /// `203.0.113.5:443`, `tcp://…` in old versions.
    fn upstream(&self) -> Option<(IpAddr, Option<u16>)> {
        let address = self.headers.upstream;
        ip_and_port(split_last(address, b'/').map_or(address, |(_, address)| address))
    }

    fn outcome(&self) -> Outcome {
        let [details, termination] = self.measures.notes;
        let has = |flag: &[u8]| self.flags.split(|b| *b == b',').any(|f| f == flag);
        let is_denied = |text: &[u8]| {
            text.starts_with(b"rbac_access_denied") || text.starts_with(b"ext_authz_denied")
        };
        let is_refused = has(b"UAEX")
            || is_denied(details)
            || is_denied(termination)
            || self.mesh.is_black_hole()
            || details == b"direct_response" && self.status == 403;
        let is_answered = (100..400).contains(&self.status);
        let has_flags = !matches!(self.flags, b"-" | b"" | b"DI");
        let method = self.request.map(|(method, _)| method);
        match (self.status, method) {
            (401 | 407 | 511, _) if is_refused => Outcome::Error,
            _ if is_refused => Outcome::Blocked,
            // The client hung up: what it used, it used.
            (_, None) if !has_flags || has(b"DC") => Outcome::Allowed,
            _ if has_flags && is_answered => Outcome::Allowed,
            _ if has_flags || self.status == 0 => Outcome::Error,
            (status, method) => {
                let to_proxy = details != b"via_upstream";
                wire_http::outcome(method, to_proxy, Some(status))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::cursor::ip;

    fn event(record: &str) -> Event<'_> {
        match Row::read(record.as_bytes()) {
            Some(row) => row.event(Time::from_secs(0)),
            None => panic!("{record}"),
        }
    }

    #[test]
    fn an_agent_cannot_forge_the_authority() {
        let event = event(
            r#"[2026-11-02T10:11:12.345Z] "GET / HTTP/1.1" 200 - 0 5 7 6 "192.0.2.7" "x" "id" "forged.example" "192.0.2.99:443" "id" "a.example:8443" "203.0.113.5:443""#,
        );
        assert_eq!(event.host, Some("a.example".into()));
        assert_eq!(event.port, Some(8443));
        assert_eq!(event.server, ip(b"203.0.113.5"));
    }

    #[test]
    fn every_number_of_details_is_read() {
        for details in [
            "",
            "via_upstream ",
            "via_upstream - ",
            "via_upstream - \"-\" ",
            "\"-\" \"TLS error: 1 2 3 4 x\" ",
        ] {
            let record = format!(
                r#"[2026-11-02T10:11:12.345Z] "POST /a?b HTTP/2" 200 - {details}700 900 7 6 "-" "x/1" "id" "chatgpt.com" "203.0.113.5:443" outbound|443||chatgpt.com 10.0.0.1:1 203.0.113.5:443 192.0.2.7:4711 - default"#
            );
            let event = event(&record);
            assert_eq!((event.bytes_up, event.bytes_down), (Some(700), Some(900)));
            assert_eq!(event.client, ip(b"192.0.2.7"));
            assert_eq!(event.path, Some("/a".into()));
        }
    }

    #[test]
    fn policies_block_and_missing_upstreams_fail() {
        let outcome = |result: &str, cluster: &str| {
            let record = format!(
                r#"[2026-11-02T10:11:12.345Z] "GET / HTTP/1.1" {result} 0 0 7 - "-" "-" "id" "a.example" "-" {cluster}"#
            );
            event(&record).outcome
        };
        assert_eq!(outcome("403 UAEX", ""), Outcome::Blocked);
        assert_eq!(outcome("401 UAEX", ""), Outcome::Error);
        assert_eq!(
            outcome("403 - rbac_access_denied_matched_policy[none] - \"-\"", "a"),
            Outcome::Blocked
        );
        assert_eq!(
            outcome("502 - direct_response - \"-\"", "BlackHoleCluster"),
            Outcome::Blocked
        );
        assert_eq!(outcome("403 - via_upstream - \"-\"", "a"), Outcome::Allowed);
        assert_eq!(outcome("403 -", ""), Outcome::Unknown);
        assert_eq!(outcome("503 UF,URX", ""), Outcome::Error);
        assert_eq!(outcome("404 NR", ""), Outcome::Error);
        assert_eq!(outcome("0 DC", ""), Outcome::Error);
        assert_eq!(outcome("200 DC", ""), Outcome::Allowed);
    }
}
