//! What a row of each of Zeek's logs means.
//!
//! Zeek watches; it enforces nothing and knows no users (but for basic authentication in clear text). So
//! "blocked" is said only where the wire shows policy: a refused CONNECT, and a name that resolves to nothing
//! but 0.0.0.0 or ::. A server that answers REFUSED, SERVFAIL or NXDOMAIN is an error, `rejected` too: Zeek
//! sets it for an error answer without a question, not for a policy.

use crate::formats::wire_http;
use crate::model::{Event, Fields, Outcome, Parsed, Untrusted};

use super::columns::{Column, Log};
use super::row::Row;

/// mDNS, LLMNR and NetBIOS: names of the neighbourhood, asked of everybody.
pub(super) const LOCAL_NAME_PORTS: [u16; 3] = [5353, 5355, 137];

/// Turns a row into an event.
pub(super) fn read<'a>(log: Log, tells: Fields, row: impl Row<'a>) -> Parsed<'a> {
    let Some(time) = row.time(Column::Time) else {
        return Parsed::Bad("no readable ts");
    };
    let mut event = Event::new(log.kind(), time, tells);
    event.client = row.address(Column::OrigHost);
    event.client_port = row.port(Column::OrigPort);
    event.server = row.address(Column::RespHost);
    match log {
        Log::Dns => dns(row, event),
        Log::Http => http(row, event),
        Log::Ssl | Log::Quic => tls(row, event),
        Log::Conn => conn(row, event),
    }
}

fn dns<'a>(mut row: impl Row<'a>, mut event: Event<'a>) -> Parsed<'a> {
    if row
        .port(Column::RespPort)
        .is_some_and(|port| LOCAL_NAME_PORTS.contains(&port))
    {
        return Parsed::Skip("local name resolution");
    }
    // Since Zeek 8.1 updates and notifications are logged, too.
    if row.count(Column::Opcode).is_some_and(|opcode| opcode != 0) {
        return Parsed::Skip("dns message that asks for no name");
    }
    event.host = row.untrusted(Column::Query);
    if event.host.is_none() {
        return Parsed::Skip("no name asked for");
    }
    event.qtype = row.untrusted(Column::QtypeName).map(standard_qtype);
    event.duration_ms = row.millis(Column::RoundTrip);
    event.answers = row.list(Column::Answers);
    // "TXT 15 v=spf1 -all" and the like are neither addresses nor names.
    event
        .answers
        .retain(|answer| !answer.bytes().contains(&b' '));
    event.outcome = match row.count(Column::Rcode) {
        None => Outcome::Unknown,
        Some(0) if is_sinkhole(&event.answers) => Outcome::Blocked,
        Some(0) => Outcome::Allowed,
        Some(_) => Outcome::Error,
    };
    Parsed::Event(event)
}

/// Zeek prints a type that it has no name for as `query-65535`; everyone else as RFC 3597 says.
fn standard_qtype(name: Untrusted<'_>) -> Untrusted<'_> {
    match name.bytes().strip_prefix(b"query-") {
        Some(number) => Untrusted::rebuilt([b"TYPE", number].concat()),
        None => name,
    }
}

fn is_sinkhole(answers: &[Untrusted<'_>]) -> bool {
    !answers.is_empty()
        && answers
            .iter()
            .all(|answer| matches!(answer.bytes(), b"0.0.0.0" | b"::"))
}

fn http<'a>(mut row: impl Row<'a>, mut event: Event<'a>) -> Parsed<'a> {
    event.method = row.untrusted(Column::Method);
    let method = event.method.as_ref().map(Untrusted::bytes);
    let target = wire_http::target(method, row.text(Column::Uri), row.text(Column::Host));
    event.status = row
        .count(Column::Status)
        .and_then(|status| u16::try_from(status).ok());
    event.outcome = wire_http::outcome(method, target.to_proxy, event.status);
    event.port = target.port;
    if event.port.is_none() && !target.to_proxy {
        event.port = row.port(Column::RespPort);
    }
    event.host = target.host;
    event.path = target.path;
    // Behind a CONNECT the bytes belong to the tunnel, of which this log knows nothing; its 0 is no measure.
    if !target.is_tunnel {
        event.bytes_up = row.count(Column::RequestLength);
        event.bytes_down = row.count(Column::ResponseLength);
    }
    event.user_agent = row.untrusted(Column::UserAgent);
    event.referer_host = row.text(Column::Referrer).and_then(wire_http::url_host);
    event.content_type = row.list(Column::ResponseType).into_iter().next();
    event.user = row
        .untrusted(Column::UserName)
        // Zeek's own words for credentials that are no base64; what follows them may be a password.
        .filter(|user| !user.bytes().starts_with(b"<problem-decoding>"));
    Parsed::Event(event)
}

fn tls<'a>(mut row: impl Row<'a>, mut event: Event<'a>) -> Parsed<'a> {
    event.host = row.untrusted(Column::ServerName);
    event.port = row.port(Column::RespPort);
    event.outcome = match row.flag(Column::Established) {
        Some(true) => Outcome::Allowed,
        Some(false) if row.text(Column::LastAlert).is_some() => Outcome::Error,
        _ => Outcome::Unknown,
    };
    Parsed::Event(event)
}

fn conn<'a>(mut row: impl Row<'a>, mut event: Event<'a>) -> Parsed<'a> {
    // Type and code stand where the ports do, and nobody uses a service over ICMP.
    match row.text(Column::Transport).as_deref() {
        Some(b"icmp") => return Parsed::Skip("icmp"),
        Some(b"unknown_transport") => return Parsed::Skip("neither tcp nor udp"),
        _ => {}
    }
    event.port = row.port(Column::RespPort);
    event.bytes_up = row.count(Column::OrigBytes);
    event.bytes_down = row.count(Column::RespBytes);
    event.duration_ms = row.millis(Column::Duration);
    event.outcome = match row.text(Column::ConnState).as_deref() {
        Some(b"SF" | b"S1" | b"S2" | b"S3" | b"RSTO" | b"RSTR") => Outcome::Allowed,
        // No answer, or a reset instead of one; whether a firewall or a dead server did that is not said.
        Some(b"S0" | b"REJ" | b"RSTOS0" | b"SH") => Outcome::Error,
        _ => Outcome::Unknown,
    };
    Parsed::Event(event)
}
