//! Squid's `logformat common` and `combined`.
//!
//! `%>a - %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st ["%{Referer}>h" "%{User-Agent}>h" ]%Ss:%Sh`, from
//! Squid's src/cf.data.pre and seen in Squid 5.7, which prints a `"` in a header as it is: so the result is
//! read from the end of the record, and the host only ever from the request line, which comes first.

use crate::model::{Event, Field, Fields, Kind, Parsed, Time, Untrusted};

use super::cursor::{Cursor, number, present, split, split_last};
use super::squid::{LOGIN, MORE_COLUMNS};
use super::squid_words::{is_code, method, outcome, set_client, status, unreadable, user};
use super::target::Target;
use super::{Coded, Context, Parser, clock, envelope};

pub(super) static SQUID_COMBINED: Coded = Coded {
    name: "squid-combined",
    title: "Squid common and combined access log",
    kind: Kind::Proxy,
    tells: COMBINED_TELLS,
    advice: &[
        (
            Field::UserAgent,
            "log combined instead of common, in squid.conf:
    access_log daemon:/var/log/squid/access.log logformat=combined",
        ),
        (Field::BytesUp, MORE_COLUMNS),
        (Field::User, LOGIN),
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

fn sniff(record: &[u8]) -> u8 {
    match Row::read(envelope::open(record).body) {
        Some(_) => 95,
        None => 0,
    }
}

fn open(_context: &Context) -> Box<dyn Parser> {
    Box::new(SquidCombined)
}

struct SquidCombined;

impl Parser for SquidCombined {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        // A header first: it would pass for a client, and its rest for a user, who may hold blanks.
        let envelope = envelope::open(record);
        match Row::read(envelope.body) {
            Some(row) => Parsed::Event(row.event()),
            None => unreadable(&envelope, "not a squid common or combined record"),
        }
    }
}

struct Row<'a> {
    client: &'a [u8],
    user: &'a [u8],
    time: Time,
    method: &'a [u8],
    url: &'a [u8],
    status: u16,
    bytes: Option<u64>,
    /// Referrer and user agent, in the combined layout.
    headers: Option<(&'a [u8], &'a [u8])>,
    code: &'a [u8],
    peer_code: &'a [u8],
}

impl<'a> Row<'a> {
    fn read(record: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(record.trim_ascii_end());
        let client = cursor.word()?;
        let _ident = cursor.word()?;
        let (user, time, rest) = user_and_time(cursor.rest())?;
        let mut cursor = Cursor::new(rest);
        let method = cursor.word()?;
        let (url, rest) = request_target(cursor.rest())?;
        let mut cursor = Cursor::new(rest);
        let (status, size) = (self::status(cursor.word()?)?, cursor.word()?);
        let rest = cursor.rest();
        let (headers, result) = match split_last(rest, b' ') {
            Some((headers, result)) => (Some(referer_and_agent(headers)?), result),
            None => (None, rest),
        };
        let (code, peer_code) = split(result, b':')?;
        (is_code(code) && is_code(peer_code)).then_some(())?;
        Some(Self {
            client,
            user,
            time,
            method,
            url,
            status,
            bytes: number(size),
            headers,
            code,
            peer_code,
        })
    }

    fn event(&self) -> Event<'a> {
        let tells = if self.headers.is_some() {
            COMBINED_TELLS
        } else {
            COMMON_TELLS
        };
        let mut event = Event::new(Kind::Proxy, self.time, tells);
        set_client(&mut event, self.client);
        event.user = user(self.user);
        let target = Target::of(self.method, self.url);
        event.host = target.host_text();
        event.port = target.port;
        event.path = target.path_text();
        event.method = method(self.method);
        event.status = (self.status != 0).then_some(self.status);
        event.outcome = outcome(self.code, self.status, self.peer_code);
        event.bytes_down = self.bytes;
        if let Some((referer, agent)) = self.headers {
            event.referer_host = Target::url(referer).host_text();
            event.user_agent = present(agent).map(Untrusted::new);
        }
        event
    }
}

/// The user, the time, and what follows the quote behind it. A user may hold blanks and brackets, but no colon
/// (RFC 7617), so the first real time is Squid's.
fn user_and_time(text: &[u8]) -> Option<(&[u8], Time, &[u8])> {
    memchr::memmem::find_iter(text, b" [").find_map(|at| {
        let (user, rest) = text.split_at_checked(at)?;
        let (time, rest) = split(rest.strip_prefix(b" [")?, b']')?;
        Some((user, clock::clf(time)?, rest.strip_prefix(b" \"")?))
    })
}

/// The URL, and what follows the request line. A URL may hold quotes, so the first quote that a protocol
/// version stands before (`HTTP/1.1`, `NONE/0.0`) ends it.
fn request_target(text: &[u8]) -> Option<(&[u8], &[u8])> {
    memchr::memchr_iter(b'"', text).find_map(|at| {
        let (request, rest) = text.split_at_checked(at)?;
        let (url, protocol) = split_last(request, b' ')?;
        let (name, version) = split(protocol, b'/')?;
        let is_protocol = name.iter().all(u8::is_ascii_uppercase)
            && version.iter().all(|b| b.is_ascii_digit() || *b == b'.');
        is_protocol.then_some((url, rest.strip_prefix(b"\" ")?))
    })
}

/// `"REFERER" "AGENT"`. Either may hold quotes; the same client wrote both, so the first border is as good as
/// any.
fn referer_and_agent(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let border = memchr::memmem::find(text, b"\" \"")?;
    Some((text.get(..border)?, text.get(border + 3..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;

    fn event(record: &str) -> Event<'_> {
        match SquidCombined.parse(record.as_bytes()) {
            Parsed::Event(event) => event,
            other => panic!("{record}: {other:?}"),
        }
    }

    #[test]
    fn a_referrer_or_agent_naming_a_service_is_never_the_host() {
        let record = r#"192.0.2.7 - - [02/Nov/2026:10:11:12 +0100] "GET http://a.example/ HTTP/1.1" 200 5 "https://chatgpt.com/x?y" "x" 200 9 "GET http://claude.ai/ HTTP/1.1" TCP_DENIED:HIER_NONE" TCP_MISS:HIER_DIRECT"#;
        let event = event(record);
        assert_eq!(event.host, Some("a.example".into()));
        assert_eq!(event.referer_host, Some("chatgpt.com".into()));
        assert_eq!(event.outcome, Outcome::Allowed);
        assert_eq!(event.time.to_string(), "2026-11-02T09:11:12.000Z");
    }

    #[test]
    fn a_syslog_header_is_no_client() {
        let record = r#"Nov  2 10:11:12 gw (squid-1)[77]: 192.0.2.7 - alice [02/Nov/2026:10:11:12 +0000] "CONNECT chatgpt.com:443 HTTP/1.1" 200 5 TCP_TUNNEL:HIER_DIRECT"#;
        let event = event(record);
        assert_eq!(event.client, super::super::cursor::ip(b"192.0.2.7"));
        assert_eq!(event.user, Some("alice".into()));
    }

    #[test]
    fn a_user_cannot_forge_the_request() {
        let record = r#"192.0.2.7 - x [y] "GET http://chatgpt.com/ HTTP/1.1" 200 5 [02/Nov/2026:10:11:12 +0100] "GET http://a.example/q"uote HTTP/1.1" 0 0 "-" "-" TCP_MISS_ABORTED:HIER_NONE"#;
        let event = event(record);
        assert_eq!(event.host, Some("a.example".into()));
        assert_eq!(event.path, Some("/q\"uote".into()));
        assert_eq!((event.status, event.outcome), (None, Outcome::Error));
    }

    #[test]
    fn the_common_layout_cannot_tell_an_agent() {
        let record = r#"192.0.2.7 - corp\\bob [02/Nov/2026:10:11:12 +0000] "CONNECT chatgpt.com:443 HTTP/1.1" 403 5 TCP_DENIED:HIER_NONE"#;
        let event = event(record);
        assert!(!event.tells.has(Field::UserAgent));
        assert_eq!(event.outcome, Outcome::Blocked);
        assert_eq!(event.user, Some("corp\\bob".into()));
        assert_eq!(
            (event.host, event.port),
            (Some("chatgpt.com".into()), Some(443))
        );
    }

    #[test]
    fn a_record_of_a_web_server_is_not_claimed() {
        let apache = r#"192.0.2.7 - - [02/Nov/2026:10:11:12 +0000] "GET http://a.example/ HTTP/1.1" 200 5 "-" "curl/8""#;
        assert_eq!(sniff(apache.as_bytes()), 0);
        assert!(matches!(
            SquidCombined.parse(apache.as_bytes()),
            Parsed::Bad(_)
        ));
    }
}
