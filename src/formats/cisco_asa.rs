//! Cisco ASA, FWSM and PIX, and the same messages of Firepower Threat Defense.
//!
//! A connection counts when it is torn down (302014, 302016, 302304); that it was built is skipped. The messages tell
//! the sum of both directions only, so neither is told. A teardown does not say who began: see [`Connection`].
//! URLs come from HTTP inspection (304001, 304002); refused connections from access lists (106023, 106100).
//! Facts from "Cisco Secure Firewall ASA Series Syslog Messages", "Syslog Messages 101001 to 199027" and "302003 to
//! 341011", and Cisco's document 116149 on the order of interfaces.

use memchr::memmem;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::cisco_ends::{Connection, End};
use super::cisco_syslog::{Message, THREAT_DEFENSE_EVENTS, no_message};
use super::clock::Clock;
use super::cursor::{Cursor, ip, number, split, split_around, split_last};
use super::target::Target;
use super::{Coded, Context, Parser};

pub(super) static CISCO_ASA: Coded = Coded {
    name: "cisco-asa",
    title: "Cisco ASA, FWSM and PIX syslog",
    kind: Kind::Flow,
    tells: FLOW_TELLS.union(WEB_TELLS).with(Field::DurationMs),
    advice: &[
        (
            Field::Host,
            "inspect HTTP (`policy-map global_policy`, `inspect http`) for messages 304001, or have a DNS resolver or proxy logged: connections have addresses only",
        ),
        (
            Field::User,
            "turn on the identity firewall (`user-identity enable`) so that connections carry the user",
        ),
        (
            Field::BytesUp,
            "messages 302014 tell the sum of both directions; export NetFlow (NSEL) for each of them",
        ),
    ],
    sniff,
    open,
};

const FLOW_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::User,
    Field::Port,
    Field::Outcome,
    Field::Server,
]);
const WEB_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::User,
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Outcome,
    Field::Server,
]);

fn sniff(record: &[u8]) -> u8 {
    match Message::find(record) {
        Some(message) if THREAT_DEFENSE_EVENTS.contains(&message.id) => 0,
        Some(message) if message.product == b"FTD" => 80,
        Some(_) => 95,
        None => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Asa(Clock::new(context)))
}

struct Asa(Clock);

impl Parser for Asa {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let Some(message) = Message::find(record) else {
            return no_message(record).into();
        };
        if let Some(why) = unread(&message) {
            return Parsed::Skip(why);
        }
        let Some(time) = self.0.time(message.stamp) else {
            return Parsed::Bad("no readable time");
        };
        let event = match message.id {
            304_001 => accessed(message.text, time),
            304_002 => url_denied(message.text, time),
            106_001 | 106_006 => inbound_denied(message.text, time),
            106_023 => denied(message.text, time),
            106_100 => listed(message.text, time),
            _ => torn_down(message.text, time),
        };
        event.map_or(Parsed::Bad("message of another shape"), Parsed::Event)
    }

    fn written_by(&mut self, modified: Time) {
        self.0.written_by(modified);
    }
}

/// The messages that are no events.
fn unread(message: &Message<'_>) -> Option<&'static str> {
    let says = |text: &[u8]| memmem::find(message.text, text).is_some();
    match message.id {
        302_014 | 302_016 | 302_304 | 304_001 | 304_002 | 106_001 | 106_006 => None,
        302_013 | 302_015 | 302_303 => Some("connection built"),
        302_020 | 302_021 => Some("icmp"),
        106_023 | 106_100 if !says(b" tcp ") && !says(b" udp ") => Some("icmp or other protocol"),
        106_023 => None,
        106_100 if !says(b" denied ") => Some("access list hit: not denied"),
        106_100 if !says(b"first hit") => Some("access list hit: counted before"),
        106_100 => None,
        106_000..=106_999 => Some("dropped packet"),
        109_000..=109_999 | 113_000..=113_999 | 605_000..=605_999 | 611_000..=611_999 => {
            Some("login")
        }
        305_000..=305_999 => Some("address translation"),
        id if THREAT_DEFENSE_EVENTS.contains(&id) => Some("threat defense event"),
        602_000..=602_999 | 713_000..=722_999 | 725_000..=725_999 | 750_000..=750_999 => {
            Some("vpn")
        }
        _ => Some("other message"),
    }
}

/// `Teardown TCP connection 9 for outside:203.0.113.5/443 to inside:192.0.2.7/53496(CORP\alice) duration 0:00:30
/// bytes 2436 TCP FINs from inside (alice)`.
fn torn_down(text: &[u8], time: Time) -> Option<Event<'_>> {
    let (head, ends) = split_around(text, b" for ").or_else(|| split_around(text, b" from "))?;
    head.starts_with(b"Teardown ").then_some(())?;
    let directed = memmem::find(head, b"state-bypass").is_some();
    let (ends, rest) = split_around(ends, b" duration ")?;
    let (first, second) = split_around(ends, b" to ")?;
    let mut cursor = Cursor::new(rest);
    let duration_secs = clock_secs(cursor.word()?)?;
    (cursor.word()? == b"bytes").then_some(())?;
    let bytes = number(cursor.word()?)?;
    let (reason, user) = reason_and_user(cursor.rest());
    let connection = Connection::of(End::read(first)?, End::read(second)?, directed);
    let mut event = flow(&connection, time);
    event.tells = event.tells.with(Field::DurationMs);
    event.duration_ms = duration_secs.checked_mul(1000);
    event.user = connection.client.user.or(user).map(Untrusted::new);
    event.outcome = outcome(reason, bytes);
    Some(event)
}

/// A connection that came to an end was let through, unless the reason says that it was not.
fn outcome(reason: &[u8], bytes: u64) -> Outcome {
    const REFUSED: [&[u8]; 9] = [
        b"Deny",
        b"Unauth Deny",
        b"Flow closed by inspection",
        b"Flow is a loopback",
        b"Flow terminated by IPS",
        b"Flow reset by IPS",
        b"Flow reset by AppID",
        b"IPS fail-close",
        b"Snort requested to drop",
    ];
    const FAILED: [&[u8]; 5] = [
        b"SYN Timeout",
        b"SYN Control",
        b"Invalid SYN",
        b"TCP Invalid SYN",
        b"No valid adjacency",
    ];
    let begins = |with: &&[u8]| reason.starts_with(with);
    if REFUSED.iter().any(begins) {
        Outcome::Blocked
    } else if FAILED.iter().any(begins) || bytes == 0 && reason.starts_with(b"TCP Reset") {
        Outcome::Error
    } else {
        Outcome::Allowed
    }
}

/// `alice@192.0.2.7(CORP\alice) Accessed URL 203.0.113.5:http://a.example/path`; the URL is a path alone where
/// the inspection saw no host, and `JAVA` may stand in front of `URL`.
fn accessed(text: &[u8], time: Time) -> Option<Event<'_>> {
    let (source, rest) = split_around(text, b" Accessed ")?;
    let rest = rest.strip_prefix(b"JAVA ").unwrap_or(rest);
    let rest = rest.strip_prefix(b"URL ")?;
    // The address may be IPv6: it ends where what is in front of `:/` or of a scheme is one.
    let slash = memmem::find(rest, b":/")?;
    let (mut server, mut url) = (rest.get(..slash)?, rest.get(slash + 1..)?);
    if ip(server).is_none() {
        server = split_last(server, b':')?.0;
        url = rest.get(server.len() + 1..)?;
    }
    ip(server)?;
    web(source, server, url, Outcome::Allowed, time)
}

/// `Access denied URL http://a.example/ SRC 192.0.2.7 DEST 203.0.113.5 on interface inside`.
fn url_denied(text: &[u8], time: Time) -> Option<Event<'_>> {
    let rest = text.strip_prefix(b"Access denied URL ")?;
    // A URL cannot name its own source: the device's words come last.
    let at = memmem::rfind(rest, b" SRC ")?;
    let (url, ends) = (rest.get(..at)?, rest.get(at + 5..)?);
    let (source, server) = split_around(ends, b" DEST ")?;
    let server = Cursor::new(server).word()?;
    web(
        source,
        server.strip_suffix(b":").unwrap_or(server),
        url,
        Outcome::Blocked,
        time,
    )
}

fn web<'a>(
    source: &'a [u8],
    server: &'a [u8],
    url: &'a [u8],
    outcome: Outcome,
    time: Time,
) -> Option<Event<'a>> {
    let end = End::of_host(source)?;
    let mut event = Event::new(Kind::Proxy, time, WEB_TELLS);
    event.client = end.address;
    event.user = end.user.map(Untrusted::new);
    let target = Target::any(url);
    event.host = Some(target.host_text().unwrap_or(Untrusted::new(server)));
    event.port = target.port;
    event.path = target.path_text();
    event.server = ip(server);
    event.outcome = outcome;
    (event.client.is_some()).then_some(event)
}

/// `Inbound TCP connection denied from 203.0.113.77/4444 to 192.0.2.7/23 flags SYN on interface outside`, `Deny
/// inbound UDP from … to … on interface outside`.
fn inbound_denied(text: &[u8], time: Time) -> Option<Event<'_>> {
    let (_, ends) = split_around(text, b" from ")?;
    let (source, rest) = split_around(ends, b" to ")?;
    let destination = Cursor::new(rest).word()?;
    refused(
        End::without_interface(source)?,
        End::without_interface(destination)?,
        time,
    )
}

/// `Deny tcp src inside:192.0.2.7/5555(CORP\alice) dst outside:203.0.113.5/443 by access-group "acl" [0x0, 0x0]`.
fn denied(text: &[u8], time: Time) -> Option<Event<'_>> {
    let (_, ends) = split_around(text, b" src ")?;
    let (source, rest) = split_around(ends, b" dst ")?;
    let (destination, _) = split_around(rest, b" by access-group ")?;
    refused(End::read(source)?, End::read(destination)?, time)
}

/// `access-list acl denied tcp inside/192.0.2.7(5555)(CORP\alice) -> outside/203.0.113.5(443) hit-cnt 1 first hit`.
fn listed(text: &[u8], time: Time) -> Option<Event<'_>> {
    let (_, ends) = split_around(text, b" tcp ").or_else(|| split_around(text, b" udp "))?;
    let (source, rest) = split_around(ends, b" -> ")?;
    let (destination, _) = split_around(rest, b" hit-cnt ")?;
    refused(End::of_list(source)?, End::of_list(destination)?, time)
}

fn refused<'a>(client: End<'a>, server: End<'a>, time: Time) -> Option<Event<'a>> {
    let connection = Connection { client, server };
    let mut event = flow(&connection, time);
    event.user = client.user.map(Untrusted::new);
    event.outcome = Outcome::Blocked;
    Some(event)
}

fn flow<'a>(connection: &Connection<'a>, time: Time) -> Event<'a> {
    let mut event = Event::new(Kind::Flow, time, FLOW_TELLS);
    let Connection { client, server } = connection;
    event.client = client.address;
    event.client_port = client.port;
    if let Some(name) = client.name {
        event.client_name = Some(Untrusted::new(name));
        event.tells = event.tells.with(Field::ClientName);
    }
    event.server = server.address;
    event.port = server.port;
    if let Some(name) = server.name {
        event.host = Some(Untrusted::new(name));
        event.tells = event.tells.with(Field::Host);
    }
    event
}

/// `TCP FINs from inside (alice)`; PIX 6 has the reason itself in brackets.
fn reason_and_user(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let text = text.trim_ascii();
    let bracketed = text
        .strip_suffix(b")")
        .and_then(|rest| split_last(rest, b'('));
    match bracketed {
        Some((b"", reason)) if reason.starts_with(b"TCP ") || reason.starts_with(b"SYN ") => {
            (reason, None)
        }
        Some((reason, user)) if !user.is_empty() => (reason, Some(user)),
        _ => (text, None),
    }
}

/// `0:00:30`; hours go on counting beyond a day.
fn clock_secs(text: &[u8]) -> Option<u64> {
    let (hours, rest) = split(text, b':')?;
    let (minutes, secs) = split(rest, b':')?;
    let hours = number(hours)?.checked_mul(3600)?;
    hours
        .checked_add(number(minutes)?.checked_mul(60)?)?
        .checked_add(number(secs)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &'static str, read: fn(&[u8], Time) -> Option<Event<'_>>) -> Event<'static> {
        read(text.as_bytes(), Time::from_secs(0)).expect(text)
    }

    #[test]
    fn the_client_is_found_whatever_the_order_of_interfaces() {
        for text in [
            "Teardown TCP connection 9 for outside:203.0.113.5/443 to inside:192.0.2.7/53496 duration 0:00:30 bytes 2436 TCP FINs",
            "Teardown TCP connection 9 for inside:192.0.2.7/53496 to outside:203.0.113.5/443 duration 0:00:30 bytes 2436 TCP FINs from inside",
            "Teardown UDP connection 9 for outside:203.0.113.5/443(any, 12) to inside:192.0.2.7/53496(CORP\\alice, 10:Staff) duration 0:00:30 bytes 2436 (alice)",
        ] {
            let event = event(text, torn_down);
            assert_eq!(event.client, ip(b"192.0.2.7"), "{text}");
            assert_eq!(event.server, ip(b"203.0.113.5"), "{text}");
            assert_eq!((event.client_port, event.port), (Some(53496), Some(443)));
            assert_eq!(event.duration_ms, Some(30_000));
            assert_eq!(event.outcome, Outcome::Allowed);
        }
    }

    #[test]
    fn the_reason_decides_whether_it_went_through() {
        for (reason, bytes, expected) in [
            ("TCP FINs", 5, Outcome::Allowed),
            ("", 5, Outcome::Allowed),
            ("SYN Timeout", 0, Outcome::Error),
            ("TCP Reset-O", 0, Outcome::Error),
            ("TCP Reset-O", 900, Outcome::Allowed),
            ("Unauth Deny", 0, Outcome::Blocked),
            ("Flow closed by inspection", 900, Outcome::Blocked),
        ] {
            assert_eq!(outcome(reason.as_bytes(), bytes), expected, "{reason}");
        }
    }

    #[test]
    fn a_url_cannot_forge_who_was_denied() {
        let text = "Access denied URL http://a.example/? SRC 192.0.2.99 DEST 192.0.2.98 SRC 192.0.2.7 DEST 203.0.113.5 on interface inside";
        let event = event(text, url_denied);
        assert_eq!(event.client, ip(b"192.0.2.7"));
        assert_eq!(event.host, Some("a.example".into()));
    }

    #[test]
    fn a_url_without_a_host_is_at_the_address() {
        for (text, host, path) in [
            (
                "192.0.2.7 Accessed URL 203.0.113.5:/a?b",
                "203.0.113.5",
                "/a",
            ),
            (
                "bob@192.0.2.7 Accessed JAVA URL 2001:db8::5:/a",
                "2001:db8::5",
                "/a",
            ),
            (
                "192.0.2.7 Accessed URL 2001:db8::5:http://a.example/a",
                "a.example",
                "/a",
            ),
        ] {
            let event = event(text, accessed);
            assert_eq!(event.host, Some(host.into()), "{text}");
            assert_eq!(event.path, Some(path.into()), "{text}");
        }
    }
}
