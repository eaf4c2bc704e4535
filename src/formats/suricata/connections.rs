//! HTTP, TLS, QUIC and flow events of EVE.
//!
//! One connection may leave several of these, tied by `flow_id`: they are of different kinds and are not joined.
//! Suricata logs what it saw, so nothing but a refused CONNECT, a dropped flow or a blocking rule is
//! "blocked". Its HTTP events have the length of the answer's body only, and a flow names no host.

use std::borrow::Cow;

use crate::formats::wire_http;
use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::eve::{Alert, Eve, Flow, Handshake, Header, Http, list, object};

const ENDS: Fields = Fields::of(&[Field::Client, Field::ClientPort, Field::Port, Field::Server]);

pub(super) const HTTP_TELLS: Fields = ENDS.union(Fields::of(&[
    Field::Host,
    Field::Path,
    Field::Method,
    Field::Status,
    Field::Outcome,
    Field::BytesDown,
    Field::UserAgent,
    Field::RefererHost,
    Field::ContentType,
]));

pub(super) const TLS_TELLS: Fields = ENDS.with(Field::Host);

pub(super) const FLOW_TELLS: Fields = ENDS.union(Fields::of(&[
    Field::Outcome,
    Field::BytesUp,
    Field::BytesDown,
    Field::DurationMs,
]));

pub(super) fn http<'a>(eve: Eve<'a>, time: Time) -> Parsed<'a> {
    let http: Http<'a> = match object(eve.http) {
        Ok(http) => http,
        Err(why) => return Parsed::Bad(why),
    };
    let mut event = Event::new(Kind::Proxy, time, HTTP_TELLS);
    super::ends(&mut event, &eve.src_ip, &eve.src_port, &eve.dest_ip);
    event.method = http.http_method.text().map(Untrusted::from);
    let method = event.method.as_ref().map(Untrusted::bytes);
    let host = http.hostname.text();
    // Suricata takes the host from the header `Host`, which HTTP/2 has replaced.
    let host = host.or_else(|| authority(list(http.request_headers)));
    let target = wire_http::target(method, http.url.text(), host);
    if method.is_none() && target.host.is_none() && target.path.is_none() {
        return Parsed::Skip("http without a request");
    }
    event.status = http.status.count().and_then(|s| u16::try_from(s).ok());
    event.outcome = wire_http::outcome(method, target.to_proxy, event.status);
    let port = target.port.or_else(|| super::port(&http.http_port));
    event.port = match port {
        None if !target.to_proxy => super::port(&eve.dest_port),
        port => port,
    };
    event.host = target.host;
    event.path = target.path;
    if !target.is_tunnel {
        event.bytes_down = http.length.count();
    }
    event.user_agent = http.http_user_agent.text().map(Untrusted::from);
    event.content_type = http.http_content_type.text().map(Untrusted::from);
    event.referer_host = http.http_refer.text().and_then(wire_http::url_host);
    Parsed::Event(event)
}

/// The host that a request over HTTP/2 names.
fn authority(headers: Vec<Header<'_>>) -> Option<Cow<'_, [u8]>> {
    let named = |header: &Header<'_>| header.name.as_str() == Some(":authority");
    headers.into_iter().find(named)?.value.text()
}

pub(super) fn tls<'a>(eve: Eve<'a>, time: Time) -> Parsed<'a> {
    match object(eve.tls) {
        Ok(tls) => Parsed::Event(handshake(eve, time, tls)),
        Err(why) => Parsed::Bad(why),
    }
}

/// Both directions leave an event; the client's has the server's name.
pub(super) fn quic<'a>(eve: Eve<'a>, time: Time) -> Parsed<'a> {
    match object::<Handshake<'a>>(eve.quic) {
        Ok(quic) if quic.sni.is_absent() => Parsed::Skip("quic without a server name"),
        Ok(quic) => Parsed::Event(handshake(eve, time, quic)),
        Err(why) => Parsed::Bad(why),
    }
}

fn handshake<'a>(eve: Eve<'a>, time: Time, handshake: Handshake<'a>) -> Event<'a> {
    let mut event = Event::new(Kind::Tls, time, TLS_TELLS);
    super::ends(&mut event, &eve.src_ip, &eve.src_port, &eve.dest_ip);
    // Inside a CONNECT the port of the packet is the proxy's.
    if handshake.from_proto.is_absent() {
        event.port = super::port(&eve.dest_port);
    }
    event.host = handshake.sni.text().map(Untrusted::from);
    event
}

pub(super) fn flow<'a>(eve: Eve<'a>, logged: Time) -> Parsed<'a> {
    let flow: Flow<'a> = match object(eve.flow) {
        Ok(flow) => flow,
        Err(why) => return Parsed::Bad(why),
    };
    // A flow is logged when it times out, minutes after it happened.
    let start = flow.start.time();
    let mut event = Event::new(Kind::Flow, start.unwrap_or(logged), FLOW_TELLS);
    super::ends(&mut event, &eve.src_ip, &eve.src_port, &eve.dest_ip);
    event.port = super::port(&eve.dest_port);
    event.bytes_up = flow.bytes_toserver.count();
    event.bytes_down = flow.bytes_toclient.count();
    event.duration_ms = start.zip(flow.end.time()).and_then(|(start, end)| {
        u64::try_from(end.micros().saturating_sub(start.micros()) / 1000).ok()
    });
    event.outcome = match (flow.action.as_str(), flow.state.as_str()) {
        (Some("drop"), _) => Outcome::Blocked,
        (_, Some("established" | "closed" | "bypassed")) => Outcome::Allowed,
        _ => Outcome::Unknown,
    };
    Parsed::Event(event)
}

/// An alert of AWS Network Firewall, which writes no `http` and hardly any `tls` events: its rules tell hosts.
pub(super) fn firewall_alert<'a>(eve: Eve<'a>, time: Time) -> Parsed<'a> {
    let alert: Alert<'a> = match object(eve.alert) {
        Ok(alert) => alert,
        Err(why) => return Parsed::Bad(why),
    };
    let outcome = match alert.action.as_str() {
        Some("blocked") => Outcome::Blocked,
        Some("allowed") => Outcome::Allowed,
        _ => Outcome::Unknown,
    };
    let parsed = if eve.tls.is_some() {
        tls(eve, time)
    } else if eve.http.is_some() {
        http(eve, time)
    } else {
        return Parsed::Skip("alert without a host");
    };
    match parsed {
        Parsed::Event(event) if event.host.is_none() => Parsed::Skip("alert without a host"),
        Parsed::Event(mut event) => {
            event.tells = event.tells.with(Field::Outcome);
            event.outcome = outcome;
            Parsed::Event(event)
        }
        other => other,
    }
}
