//! Access logs of nginx and Apache, used as forward proxy, as egress in front of a service, or as web server.
//!
//! `[VHOST[:PORT]] CLIENT IDENT USER [TIME] "REQUEST" STATUS BYTES ["REFERER" "AGENT" …]`, from the documentation of Apache's
//! mod_log_config and mod_logio, of nginx's ngx_http_log_module and of ingress-nginx; seen in Apache 2.4 and nginx
//! 1.22. The host is that of an absolute URL or CONNECT, else the virtual host in front; never one of the quoted
//! fields behind, which hold whatever a client sent. A web server's own rows have a path and no host.

mod behind;
mod who;

use std::borrow::Cow;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Untrusted};

use super::clf_line::{self, Line};
use super::cursor::{Cursor, ip, number, present, split};
use super::envelope::{self, Envelope};
use super::escapes::backslashed;
use super::target::Target;
use super::{Coded, Context, Parser, wire_http};

use behind::{Extra, Pair, headers};
use who::{Who, address};

pub(super) static WEB_ACCESS: Coded = Coded {
    name: "web-access",
    title: "Access log of nginx or Apache",
    kind: Kind::Proxy,
    tells: COMBINED_TELLS,
    advice: &[
        (
            Field::Host,
            "put the virtual host in front: $host at the beginning of nginx's log_format, vhost_combined (%v:%p) in Apache",
        ),
        (
            Field::UserAgent,
            "log the combined format instead of common",
        ),
        (
            Field::BytesUp,
            "Apache: load mod_logio and end the LogFormat with %I %O (combinedio); nginx: end the log_format with $request_length $bytes_sent",
        ),
    ],
    sniff,
    open,
};

const COMMON_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::User,
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Method,
    Field::Status,
    Field::Outcome,
    Field::BytesDown,
]);
const COMBINED_TELLS: Fields = COMMON_TELLS.with(Field::UserAgent).with(Field::RefererHost);

/// Many products write this layout with fields of their own behind it, and their formats claim it more strongly.
fn sniff(record: &[u8]) -> u8 {
    match Row::read(body(&envelope::open(record)), false) {
        Some(row) if row.names_host() => 80,
        Some(_) => 60,
        None => 0,
    }
}

fn open(_context: &Context) -> Box<dyn Parser> {
    Box::new(WebAccess::default())
}

#[derive(Default)]
struct WebAccess {
    /// Whether the last row that could tell had a virtual host in front: of two addresses the first is one then.
    has_vhost: bool,
}

impl Parser for WebAccess {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let envelope = envelope::open(record);
        if let Some(row) = Row::read(body(&envelope), self.has_vhost) {
            self.has_vhost = row.who.has_vhost;
            return Parsed::Event(row.event());
        }
        if envelope.body.trim_ascii().is_empty() {
            Parsed::Skip("empty line")
        } else if is_error_log(envelope.body) {
            Parsed::Skip("error log line")
        } else if envelope.is_foreign_to(&[b"nginx", b"apache", b"apache2", b"httpd", b""]) {
            Parsed::Skip("another program's line")
        } else {
            Parsed::Bad("not a web access record")
        }
    }
}

/// The record, without what a header without a known program leaves: a host, a tag without process number, or a
/// container runtime's `stdout F`.
fn body<'a>(envelope: &Envelope<'a>) -> &'a [u8] {
    let mut cursor = Cursor::new(envelope.body);
    let first = cursor.word().unwrap_or_default();
    let after_first = cursor.rest();
    let second = cursor.word().unwrap_or_default();
    let is_pipe = second == b"|";
    if is_pipe {
        return cursor.rest();
    }
    if envelope.stamp.is_none() || !envelope.program.is_empty() {
        return envelope.body;
    }
    let is_tag = |word: &[u8]| word.ends_with(b":") && ip(word).is_none();
    let is_bare_host = first
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    if matches!(first, b"stdout" | b"stderr") || is_tag(second) {
        cursor.rest()
    } else if is_tag(first) || is_bare_host && first != b"-" && address(second).is_some() {
        after_first
    } else {
        envelope.body
    }
}

/// `2026/11/02 10:11:12 [error] 7#7: …` of nginx, `[Mon Nov 02 10:11:12.345 2026] [core:error] …` of Apache.
fn is_error_log(body: &[u8]) -> bool {
    let is_nginx = split(body, b' ').is_some_and(|(date, rest)| {
        date.len() == 10
            && date
                .split(|b| *b == b'/')
                .all(|part| number(part).is_some())
            && memchr::memmem::find(rest, b" [").is_some()
    });
    let is_apache = body.starts_with(b"[") && memchr::memmem::find(body, b"] [").is_some();
    is_nginx || is_apache
}

struct Row<'a> {
    line: Line<'a>,
    who: Who<'a>,
    /// Method and target.
    request: Option<Pair<'a>>,
    /// Referrer and user agent, in the combined layout.
    headers: Option<Pair<'a>>,
    extra: Extra,
}

impl<'a> Row<'a> {
    fn read(record: &'a [u8], had_vhost: bool) -> Option<Self> {
        let line = Line::read(record)?;
        let who = Who::of(line.before, had_vhost)?;
        let (headers, rest) = headers(line.rest);
        Some(Self {
            request: clf_line::request(line.request),
            extra: Extra::of(rest),
            line,
            who,
            headers,
        })
    }

    /// The virtual host, which stands in front or, in some layouts, behind the time.
    fn vhost(&self) -> Option<&'a [u8]> {
        [self.who.vhost, self.line.between]
            .into_iter()
            .find(|word| !matches!(*word, b"" | b"-" | b"_"))
    }

    fn names_host(&self) -> bool {
        let names = |(method, url)| Target::of(method, url).host.is_some();
        self.vhost().is_some() || self.request.is_some_and(names)
    }

    fn event(&self) -> Event<'a> {
        let tells = if self.headers.is_some() {
            COMBINED_TELLS
        } else {
            COMMON_TELLS
        };
        let mut event = Event::new(Kind::Proxy, self.line.time, tells);
        self.who.set(&mut event);
        event.status = self.line.status.filter(|status| *status != 0);
        event.bytes_down = self.line.bytes;
        if let Some((method, url)) = self.request {
            let vhost = self.vhost().map(Cow::Borrowed);
            let asked = wire_http::target(Some(method), Some(backslashed(url)), vhost);
            event.outcome = outcome(Some(method), asked.to_proxy, self.line.status);
            event.host = asked.host;
            event.port = asked.port;
            event.path = asked.path;
            event.method = Some(Untrusted::new(method));
        } else {
            event.outcome = outcome(None, false, self.line.status);
        }
        if let Some((referer, agent)) = self.headers {
            event.referer_host = wire_http::url_host(backslashed(referer));
            event.user_agent = present(agent).map(|agent| Untrusted::from(backslashed(agent)));
        }
        self.extra.set(&mut event);
        event
    }
}

/// What became of a request. The log does not say who answered: only what no far server says is an error.
fn outcome(method: Option<&[u8]>, to_proxy: bool, status: Option<u16>) -> Outcome {
    match status {
        // nginx hangs up without an answer because its configuration says so.
        Some(444) => Outcome::Blocked,
        // Never answered, or the gateway's own.
        Some(0 | 408 | 494..=497 | 499 | 502..=504) => Outcome::Error,
        Some(400..) if method.is_none() => Outcome::Error,
        _ if method.is_none() => Outcome::Unknown,
        _ => wire_http::outcome(method, to_proxy, status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(record: &str) -> Event<'_> {
        match WebAccess::default().parse(record.as_bytes()) {
            Parsed::Event(event) => event,
            other => panic!("{record}: {other:?}"),
        }
    }

    fn row(before: &str, request: &str, behind: &str) -> String {
        format!("{before} [02/Nov/2026:10:11:12 +0100] \"{request}\" {behind}")
    }

    #[test]
    fn whatever_stands_in_front_of_the_time_is_told_apart() {
        for (before, expected) in [
            ("192.0.2.7 - -", "192.0.2.7 - -"),
            ("192.0.2.7 - CORP\\\\bob", "192.0.2.7 CORP\\bob -"),
            ("192.0.2.7 - Alice [x] White", "192.0.2.7 Alice [x] White -"),
            ("192.0.2.7 - \"\"", "192.0.2.7 - -"),
            ("192.0.2.7 -", "192.0.2.7 - -"),
            ("2001:db8::7 - alice", "2001:db8::7 alice -"),
            ("192.0.2.7:4711 - alice", "192.0.2.7 alice -"),
            ("192.0.2.7, 10.0.0.1, 127.0.0.1 - -", "192.0.2.7 - -"),
            ("192.0.2.7 10.0.0.1 - alice", "192.0.2.7 alice -"),
            ("- 192.0.2.7 - alice", "192.0.2.7 alice -"),
            (
                "chatgpt.com:443 192.0.2.7 - alice",
                "192.0.2.7 alice chatgpt.com",
            ),
            (
                "chatgpt.com 192.0.2.7, 10.0.0.1 - -",
                "192.0.2.7 - chatgpt.com",
            ),
            ("127.0.1.1:80 192.0.2.7 - -", "192.0.2.7 - 127.0.1.1"),
            ("chatgpt.com pc7.example.org - bob", "- bob chatgpt.com"),
            ("pc7.example.org - bob", "- bob -"),
            ("_ 192.0.2.7 - -", "192.0.2.7 - -"),
            ("unix: - bob", "- bob -"),
            ("unknown - bob", "- bob -"),
            ("192.0.2.7 chatgpt.com bob", "192.0.2.7 bob chatgpt.com"),
            ("192.0.2.7 - CORP\\nina", "192.0.2.7 CORP\\nina -"),
            (
                "<190>Nov  2 10:11:12 gw proxy_access: 192.0.2.7 - bob",
                "192.0.2.7 bob -",
            ),
            ("Nov  2 10:11:12 gw 192.0.2.7 - bob", "192.0.2.7 bob -"),
            (
                "2026-11-02T10:11:12.5Z stdout F 192.0.2.7 - bob",
                "192.0.2.7 bob -",
            ),
            ("web-1  | 192.0.2.7 - bob", "192.0.2.7 bob -"),
        ] {
            let record = row(before, "GET /x HTTP/1.1", "200 5");
            let event = event(&record);
            let text = |t: Option<Untrusted<'_>>| t.map_or("-".into(), |t| t.lossy().into_owned());
            let client = event.client.map_or("-".into(), |client| client.to_string());
            let shown = format!("{client} {} {}", text(event.user), text(event.host));
            assert_eq!(shown, expected, "{before}");
        }
    }

    #[test]
    fn quoted_fields_behind_never_name_the_host() {
        let record = row(
            "192.0.2.7 - -",
            "GET /a HTTP/1.1",
            r#"200 5 "https://claude.ai/x" "x\" \"chatgpt.com" "chatgpt.com" 0.003"#,
        );
        let event = event(&record);
        assert_eq!(event.host, None);
        assert_eq!(event.referer_host, Some("claude.ai".into()));
        assert_eq!(event.user_agent, Some("x\" \"chatgpt.com".into()));
        assert!(!event.tells.has(Field::BytesUp));
    }

    #[test]
    fn a_forwarded_for_header_in_front_cannot_forge_the_request() {
        for quote in ["\\\"", "\\x22"] {
            let forged = format!(
                "192.0.2.9 - forged [02/Nov/2026:10:11:12 +0100] {quote}GET http://forged.example/ HTTP/1.1{quote} 200 5 - -"
            );
            let record = row(&forged, "GET http://a.example/ HTTP/1.1", "200 5");
            assert_eq!(event(&record).host, Some("a.example".into()));
        }
    }

    #[test]
    fn an_address_in_front_of_the_client_is_a_virtual_host_where_others_are() {
        let named = row("chatgpt.com 192.0.2.7 - -", "GET / HTTP/1.1", "200 5");
        let address = row("203.0.113.5 192.0.2.7 - -", "GET / HTTP/1.1", "200 5");
        let client = |parser: &mut WebAccess| match parser.parse(address.as_bytes()) {
            Parsed::Event(event) => event.client,
            other => panic!("{other:?}"),
        };
        let mut parser = WebAccess::default();
        assert_eq!(client(&mut parser), ip(b"203.0.113.5"));
        let _ = parser.parse(named.as_bytes());
        assert_eq!(client(&mut parser), ip(b"192.0.2.7"));
    }

    #[test]
    fn bytes_up_are_told_where_the_layout_leaves_no_doubt() {
        let io = row(
            "192.0.2.7 - -",
            "GET / HTTP/1.1",
            r#"200 5 "-" "x/1" 700 900"#,
        );
        let io = event(&io);
        assert_eq!((io.bytes_up, io.bytes_down), (Some(700), Some(900)));
        let ingress = row(
            "192.0.2.7 - -",
            "GET / HTTP/1.1",
            r#"200 5 "-" "x/1" 700 0.012 [default-web-80] [] 10.0.0.2:80 5 0.010 200 abc"#,
        );
        let ingress = event(&ingress);
        assert_eq!((ingress.bytes_up, ingress.bytes_down), (Some(700), Some(5)));
        assert_eq!(ingress.duration_ms, Some(12));
        let time = row("192.0.2.7 - -", "GET / HTTP/1.1", r#"200 5 "-" "x/1" 700"#);
        assert_eq!(event(&time).bytes_up, None);
    }

    #[test]
    fn only_a_refused_tunnel_is_blocked() {
        let outcome = |request: &str, status: u16| {
            let record = row("192.0.2.7 - -", request, &format!("{status} 5"));
            event(&record).outcome
        };
        assert_eq!(
            outcome("CONNECT chatgpt.com:443 HTTP/1.1", 403),
            Outcome::Blocked
        );
        assert_eq!(
            outcome("CONNECT chatgpt.com:443 HTTP/1.1", 405),
            Outcome::Error
        );
        assert_eq!(
            outcome("GET http://a.example/ HTTP/1.1", 407),
            Outcome::Error
        );
        assert_eq!(
            outcome("GET http://a.example/ HTTP/1.1", 200),
            Outcome::Allowed
        );
        assert_eq!(outcome("GET /x HTTP/1.1", 499), Outcome::Error);
        assert_eq!(outcome("\\x16\\x03\\x01", 400), Outcome::Error);
        assert_eq!(outcome("-", 408), Outcome::Error);
    }
}
