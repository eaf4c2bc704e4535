//! HAProxy: `option httplog`, `httpslog`, `httplog clf` and `tcplog`.
//!
//! `CLIENT:PORT [02/Nov/2026:10:11:12.345] FRONTEND BACKEND/SERVER TIMERS STATUS BYTES COOKIE COOKIE STATE CONNS QUEUES
//! {captures} "REQUEST"`, from the manual's section 8.2 and seen in HAProxy 2.6. The time is local. Sizes are what
//! the client was sent; nothing tells what it sent. HTTP/1 requests hold a path only, so the host is that of an
//! absolute URL, of the TLS name that httpslog appends, or a captured header. Everything a client writes is escaped as
//! `#HH`, except that a long request line is cut and then lacks its quote.

mod captures;
mod clf;
mod result;

use std::borrow::Cow;

use crate::model::{Event, Field, Fields, Kind, Parsed, Time, Untrusted};

use super::clock::{Clock, Stamp};
use super::cursor::{Cursor, ip, number, port, split, split_last};
use super::escapes::hashed;
use super::{Coded, Context, Parser, clf_line, clock, envelope, wire_http};
use captures::{Captured, is_host};

pub(super) static HAPROXY: Coded = Coded {
    name: "haproxy",
    title: "HAProxy log",
    kind: Kind::Proxy,
    tells: HTTP_TELLS,
    advice: &[
        (
            Field::Host,
            "capture it in the frontend: capture request header Host len 128, first of all captures; for TLS that is passed through: tcp-request content capture req.ssl_sni len 128, and %hr at the end of the log-format",
        ),
        (
            Field::UserAgent,
            "capture it in the frontend, behind Host: capture request header User-Agent len 256",
        ),
    ],
    sniff,
    open,
};

const TCP_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Outcome,
    Field::BytesDown,
    Field::DurationMs,
]);
const HTTP_TELLS: Fields = TCP_TELLS
    .with(Field::Host)
    .with(Field::Port)
    .with(Field::Path)
    .with(Field::Method)
    .with(Field::Status);

fn sniff(record: &[u8]) -> u8 {
    let is_record = |body| {
        Session::read(body)
            .map(drop)
            .or_else(|| clf::Row::read(body).map(drop))
    };
    match envelope::find(record, is_record) {
        Some(()) => 95,
        None => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Haproxy {
        clock: Clock::new(context),
    })
}

struct Haproxy {
    clock: Clock,
}

impl Parser for Haproxy {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        if let Some(session) = envelope::find(record, Session::read) {
            return match session.event(&mut self.clock) {
                Some(event) => Parsed::Event(event),
                None => Parsed::Bad("no such time"),
            };
        }
        if let Some(row) = envelope::find(record, clf::Row::read) {
            return Parsed::Event(row.event());
        }
        let envelope = envelope::open(record);
        let body = envelope.body;
        if body.trim_ascii().is_empty() {
            Parsed::Skip("empty line")
        } else if is_notice(body) {
            Parsed::Skip("not a session record")
        } else if envelope.is_foreign_to(&[b"haproxy", b""]) {
            Parsed::Skip("another program's line")
        } else {
            Parsed::Bad("not a haproxy session record")
        }
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }
}

/// What HAProxy says of itself: starts, server states, failed handshakes, the default layout without a target.
fn is_notice(body: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 9] = [
        b"Connect from ",
        b"Server ",
        b"Backend ",
        b"Health check ",
        b"Proxy ",
        b"Stopping ",
        b"Pausing ",
        b"backend ",
        b"[",
    ];
    let is_failed_session = || {
        let mut cursor = Cursor::new(body);
        let (_client, stamp, place) = (cursor.word()?, cursor.word()?, cursor.word()?);
        stamp.starts_with(b"[").then_some(())?;
        place.ends_with(b":").then_some(())
    };
    BEGINNINGS.iter().any(|text| body.starts_with(text)) || is_failed_session().is_some()
}

/// A record of `httplog`, `httpslog` or `tcplog`.
struct Session<'a> {
    client: &'a [u8],
    stamp: Stamp,
    /// The last of the timers, the total.
    duration: &'a [u8],
    /// Absent in TCP mode.
    status: Option<&'a [u8]>,
    bytes: &'a [u8],
    state: &'a [u8],
    /// Captures, request and what an administrator appended.
    tail: &'a [u8],
}

impl<'a> Session<'a> {
    fn read(record: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(record);
        let client = cursor.word()?;
        split_last(client, b':')?;
        let (stamp, rest) = stamp(cursor.rest())?;
        let mut cursor = Cursor::new(rest);
        let _frontend = cursor.word()?;
        let _server = cursor.word()?;
        let timers = cursor.word()?;
        let is_timer = |b: &u8| b.is_ascii_digit() || matches!(b, b'/' | b'-' | b'+');
        timers.iter().all(is_timer).then_some(())?;
        let (_, duration) = split_last(timers, b'/')?;
        let (first, second) = (cursor.word()?, cursor.word()?);
        let (status, bytes, state) = if result::is_state(second) {
            (None, first, second)
        } else {
            let (_cookie_sent, _cookie_set) = (cursor.word()?, cursor.word()?);
            (Some(first), second, cursor.word()?)
        };
        let connections = cursor.word()?;
        let queues = cursor.word()?;
        let is_count = |word: &[u8]| {
            word.split(|b| *b == b'/')
                .all(|part| number(part.strip_prefix(b"+").unwrap_or(part)).is_some())
        };
        let is_session = result::is_state(state)
            && is_count(connections)
            && is_count(queues)
            && number(unsigned(bytes)).is_some();
        is_session.then_some(())?;
        Some(Self {
            client,
            stamp,
            duration,
            status,
            bytes,
            state,
            tail: cursor.rest().trim_ascii(),
        })
    }

    fn event(&self, clock: &mut Clock) -> Option<Event<'a>> {
        let time = clock.time(Some(self.stamp))?;
        let mut event = match self.status {
            Some(status) => {
                let tail = HttpTail::of(self.tail);
                let mut event = Event::new(Kind::Proxy, time, HTTP_TELLS);
                event.status = number(status).and_then(|n| u16::try_from(n).ok());
                set_target(&mut event, &tail, self.state);
                event
            }
            None => self.connection(time),
        };
        let (client, client_port) = split_last(self.client, b':').unwrap_or((self.client, b""));
        set_client(&mut event, client);
        event.client_port = port(client_port);
        event.bytes_down = number(unsigned(self.bytes));
        event.duration_ms = number(unsigned(self.duration));
        Some(event)
    }

    /// In TCP mode the tail is the administrator's; a name in it is the one that the client asked for in TLS.
    fn connection(&self, time: Time) -> Event<'a> {
        let mut event = Event::new(Kind::Flow, time, TCP_TELLS);
        event.outcome = result::tcp(self.state);
        let name = self
            .tail
            .split(|b| b" {}|\"'[](),".contains(b))
            .map(|word| split_last(word, b'=').map_or(word, |(_key, value)| value))
            .map(|word| split(word, b'/').map_or(word, |(name, _tls)| name))
            .find(|word| is_host(word));
        if !self.tail.is_empty() {
            event.tells = event.tells.with(Field::Host);
        }
        if let Some(name) = name {
            event.kind = Kind::Tls;
            event.host = Some(Untrusted::new(
                split(name, b':').map_or(name, |(name, _)| name),
            ));
        }
        event
    }
}

/// `[02/Nov/2026:10:11:12.345] `, in local time; `%T` in its place has an offset.
fn stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (stamp, rest) = split(text.trim_ascii_start().strip_prefix(b"[")?, b']')?;
    let stamp = clock::clf_stamp(stamp)?;
    Some((stamp, rest.strip_prefix(b" ")?))
}

/// What follows the queues of an HTTP session.
#[derive(Default)]
struct HttpTail<'a> {
    captured: Captured<'a>,
    has_captures: bool,
    method: Option<&'a [u8]>,
    url: Option<&'a [u8]>,
    /// The TLS name of httpslog.
    server_name: Option<&'a [u8]>,
}

impl<'a> HttpTail<'a> {
    fn of(text: &'a [u8]) -> Self {
        let mut tail = Self::default();
        let mut text = text;
        // The first group holds request headers; braces in values are escaped.
        while let Some((values, rest)) = text.strip_prefix(b"{").and_then(|t| split(t, b'}')) {
            if !tail.has_captures {
                tail.captured = Captured::of(values.split(|b| *b == b'|'));
                tail.has_captures = values.contains(&b'|') || tail.captured != Captured::default();
            }
            text = rest.trim_ascii_start();
        }
        let Some(request) = text.strip_prefix(b"\"") else {
            return tail;
        };
        let (request, rest) = split(request, b'"').unwrap_or_else(|| (uncut(request), b""));
        if let Some((method, url)) = clf_line::request(request) {
            tail.method = Some(method);
            tail.url = Some(url);
        }
        tail.server_name = rest.split(|b| *b == b' ').find_map(server_name);
        tail
    }
}

/// Of a request line that was cut off, what is certainly whole: a URL whose host ends.
fn uncut(request: &[u8]) -> &[u8] {
    let whole = split(request, b' ').is_some_and(|(_method, url)| {
        url.starts_with(b"/")
            || memchr::memmem::find(url, b"://")
                .and_then(|at| url.get(at + 3..))
                .is_some_and(|rest| memchr::memchr2(b'/', b'?', rest).is_some())
    });
    if whole { request } else { b"" }
}

/// The name in `chatgpt.com/TLSv1.3/TLS_AES_256_GCM_SHA384`.
fn server_name(word: &[u8]) -> Option<&[u8]> {
    let (name, tls) = split(word, b'/')?;
    let is_tls = tls.starts_with(b"TLSv") || tls.starts_with(b"SSLv");
    (is_tls && is_host(name)).then_some(name)
}

/// Notes what was asked for and what became of it.
fn set_target<'a>(event: &mut Event<'a>, tail: &HttpTail<'a>, state: &[u8]) {
    let named = tail.server_name.map(Cow::Borrowed);
    let header = named.or_else(|| tail.captured.host.clone());
    let url = tail.url.map(hashed);
    let asked = wire_http::target(tail.method, url, header.filter(|_| tail.method.is_some()));
    event.outcome = result::http(state, event.status, tail.method, asked.to_proxy);
    event.host = asked.host;
    event.port = asked.port;
    event.path = asked.path;
    event.method = tail.method.map(Untrusted::new);
    if tail.has_captures {
        event.tells = event.tells.with(Field::UserAgent);
        event.user_agent = tail.captured.user_agent.clone().map(Untrusted::from);
    }
}

fn set_client<'a>(event: &mut Event<'a>, client: &'a [u8]) {
    event.client = ip(client);
    if event.client.is_none() {
        // A socket's number, `unix:1`, names nobody.
        event.client_name = (client != b"unix" && client != b"-").then(|| Untrusted::new(client));
        event.tells = event.tells.with(Field::ClientName);
    }
}

/// A measure without the `+` that `option logasap` puts in front of one that is not final.
fn unsigned(word: &[u8]) -> &[u8] {
    word.strip_prefix(b"+").unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;

    fn event(record: &str) -> Event<'_> {
        let context = Context {
            zone: jiff::tz::TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap(),
            modified: Time::from_secs(1_795_478_400),
        };
        match open(&context).parse(record.as_bytes()) {
            Parsed::Event(event) => event,
            other => panic!("{record}: {other:?}"),
        }
    }

    #[test]
    fn the_time_is_local() {
        let event = event(
            r#"<134>Nov  2 10:11:12 gw haproxy[77]: ::ffff:192.0.2.7:4711 [02/Nov/2026:10:11:12.345] fe be/s1 10/0/30/69/+109 200 +2750 - - ---- 1/1/1/1/+1 0/0 "GET / HTTP/1.1""#,
        );
        assert_eq!(event.time.to_string(), "2026-11-02T09:11:12.345Z");
        assert_eq!(event.client, ip(b"192.0.2.7"));
        assert_eq!(event.client_port, Some(4711));
        assert_eq!(
            (event.bytes_down, event.duration_ms),
            (Some(2750), Some(109))
        );
        assert_eq!((event.host, event.path), (None, Some("/".into())));
        assert!(!event.tells.has(Field::UserAgent));
    }

    #[test]
    fn a_request_line_that_was_cut_off_keeps_only_a_whole_host() {
        let cut = |url: &str| {
            format!(
                r#"192.0.2.7:1 [02/Nov/2026:10:11:12.345] fe be/s1 0/0/0/0/1 200 5 - - ---- 1/1/0/0/0 0/0 "GET {url}"#
            )
        };
        let (whole, half) = (cut("http://a.example/xxx"), cut("http://chatgpt.com"));
        assert_eq!(event(&whole).host, Some("a.example".into()));
        assert_eq!(event(&half).host, None);
    }

    #[test]
    fn a_tls_name_is_the_host_of_a_connection_and_wins_over_captures() {
        let tcp = event(
            "192.0.2.7:1 [02/Nov/2026:10:11:12.345] fe be/<NOSRV> -1/-1/0 0 PR 1/1/0/0/0 0/0 {chatgpt.com}",
        );
        assert_eq!(tcp.kind, Kind::Tls);
        assert_eq!(tcp.host, Some("chatgpt.com".into()));
        assert_eq!(tcp.outcome, Outcome::Blocked);
        let https = event(
            r#"192.0.2.7:1 [02/Nov/2026:10:11:12.345] fe~ be/s1 0/0/0/0/1 200 5 - - ---- 1/1/0/0/0 0/0 {Mozilla/5.0 x} "GET /a#22b HTTP/1.1" 0/0000000000000000/0/0/0 claude.ai/TLSv1.3/TLS_AES_256_GCM_SHA384"#,
        );
        assert_eq!(https.host, Some("claude.ai".into()));
        assert_eq!(https.path, Some("/a\"b".into()));
        assert_eq!(https.user_agent, Some("Mozilla/5.0 x".into()));
    }
}
