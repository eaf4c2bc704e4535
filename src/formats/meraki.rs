//! Cisco Meraki MX and MR syslog: `<134>1 EPOCH.NANOS DEVICE urls src=… dst=… mac=… request: GET http://…`.
//!
//! It looks like RFC 5424 and is not: the time counts seconds, and no process follows. HTTPS requests are `UNKNOWN
//! https://host/...`, from the TLS greeting. `urls` does not say whether a request went through; the content filter does
//! (`content_filtering_block`), without an address of the client. Of a flow its beginning is told, never bytes.
//! Facts from "Syslog Server Overview and Configuration" and "Syslog Event Types and Log Samples" at
//! documentation.meraki.com; `l7_firewall` and the fields of `content_filtering_block` are from memory.

use memchr::memmem;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::cursor::{Cursor, ip, port, split, split_last};
use super::target::Target;
use super::{Coded, Parser, clock, envelope};

pub(super) static MERAKI: Coded = Coded {
    name: "meraki",
    title: "Cisco Meraki syslog",
    kind: Kind::Proxy,
    tells: URL_TELLS.union(FLOW_TELLS).with(Field::UserAgent),
    advice: &[
        (
            Field::User,
            "Meraki's syslog names no people: have the DNS resolver or a proxy with logins logged as well",
        ),
        (
            Field::BytesUp,
            "Meraki's syslog counts no bytes: export NetFlow (Network-wide > General > NetFlow traffic reporting)",
        ),
        (
            Field::Host,
            "send the role URLs too: Network-wide > General > Reporting > Syslog servers",
        ),
    ],
    sniff,
    open: |_| Box::new(Meraki),
};

const URL_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Method,
    Field::Outcome,
    Field::Server,
]);
const FLOW_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Port,
    Field::Outcome,
    Field::Server,
]);
const BLOCK_TELLS: Fields = Fields::of(&[
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Outcome,
    Field::Server,
    Field::Category,
]);

/// Words of headers in front of the time.
const MAX_HEADER_WORDS: usize = 12;
/// Words of a device's name.
const MAX_DEVICE_WORDS: usize = 4;
/// Digits of a time in seconds since 2001.
const EPOCH_DIGITS: usize = 10;

const FLOW_TYPES: [&[u8]; 6] = [
    b"flows",
    b"firewall",
    b"vpn_firewall",
    b"cellular_firewall",
    b"bridge_anyconnect_client_vpn_firewall",
    b"l7_firewall",
];
const OTHER_TYPES: [(&[u8], &str); 5] = [
    (b"security_event", "security event"),
    (b"ids-alerts", "security event"),
    (b"airmarshal_events", "wireless event"),
    (b"ip_flow_end", "end of a flow"),
    (b"dhcp", "device event"),
];

fn sniff(record: &[u8]) -> u8 {
    if Message::find(record).is_some() {
        95
    } else {
        0
    }
}

struct Meraki;

impl Parser for Meraki {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let Some(message) = Message::find(record) else {
            return if record.trim_ascii().is_empty() {
                Parsed::Skip("empty line")
            } else if envelope::open(record).is_foreign_to(&[]) {
                Parsed::Skip("another program's line")
            } else {
                Parsed::Bad("not a meraki message")
            };
        };
        let other = OTHER_TYPES.iter().find(|(name, _)| *name == message.kind);
        if let Some((_, why)) = other {
            return Parsed::Skip(why);
        }
        let event = match message.kind {
            b"urls" => url(&message),
            b"events" if memmem::find(message.text, b"content_filtering_block ").is_some() => {
                content_block(&message)
            }
            b"events" => return Parsed::Skip("device event"),
            _ if has_no_ports(message.text) => return Parsed::Skip("icmp or other protocol"),
            _ => flow(&message),
        };
        event.map_or(Parsed::Bad("message of another shape"), Parsed::Event)
    }
}

struct Message<'a> {
    time: Time,
    /// `urls`, `flows` …
    kind: &'a [u8],
    text: &'a [u8],
}

impl<'a> Message<'a> {
    /// The message behind whatever headers: `EPOCH.NANOS DEVICE TYPE text`.
    fn find(record: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(record);
        for _ in 0..MAX_HEADER_WORDS {
            let word = cursor.word()?;
            // A device without a version number in front: `<134>1793614272.345678901 MX84 flows …`.
            let word = split_last(word, b'>').map_or(word, |(_, stamp)| stamp);
            let is_stamp = word.len() >= EPOCH_DIGITS;
            let Some(time) = clock::epoch(word).filter(|_| is_stamp) else {
                continue;
            };
            let mut rest = cursor;
            let _device = rest.word()?;
            for _ in 0..MAX_DEVICE_WORDS {
                let kind = rest.word()?;
                if is_type(kind) {
                    let text = rest.rest();
                    return Some(Self { time, kind, text });
                }
            }
        }
        None
    }
}

fn is_type(word: &[u8]) -> bool {
    matches!(word, b"urls" | b"events" | b"ip_flow_start")
        || FLOW_TYPES.contains(&word)
        || OTHER_TYPES.iter().any(|(name, _)| *name == word)
}

/// `src=192.0.2.7:5555 dst=203.0.113.5:443 mac=… agent='Mozilla/5.0 …' request: UNKNOWN https://host/...`.
fn url<'a>(message: &Message<'a>) -> Option<Event<'a>> {
    const REQUEST: &[u8] = b" request: ";
    let text = message.text;
    let agent_at = memmem::find(text, b" agent='");
    // An agent may imitate a request, and stands in front of it; a request cannot hold a blank.
    let request_at = match agent_at {
        Some(_) => memmem::rfind(text, REQUEST),
        None => memmem::find(text, REQUEST),
    }?;
    let (head, request) = (
        text.get(..request_at)?,
        text.get(request_at + REQUEST.len()..)?,
    );
    let ends = agent_at.and_then(|at| head.get(..at)).unwrap_or(head);
    let mut event = Event::new(Kind::Proxy, message.time, URL_TELLS);
    let (client, client_port) = address_and_port(value(ends, b"src=")?);
    let (server, server_port) = value(ends, b"dst=").map_or((None, None), address_and_port);
    event.client = client;
    event.client_port = client_port;
    event.server = server;
    let mut cursor = Cursor::new(request);
    let (method, url) = (cursor.word()?, cursor.word()?);
    event.method = (method != b"UNKNOWN").then_some(method).map(Untrusted::new);
    let target = Target::any(url);
    event.host = target.host_text();
    event.port = target.port.or(server_port);
    // Three dots stand for what is encrypted.
    event.path = target.path_text().filter(|path| path.bytes() != b"/...");
    let agent = agent_at.and_then(|at| head.get(at + 8..));
    if let Some(agent) = agent {
        event.tells = event.tells.with(Field::UserAgent);
        let agent = agent.strip_suffix(b"'").unwrap_or(agent);
        event.user_agent = (!agent.is_empty()).then_some(agent).map(Untrusted::new);
    }
    Some(event)
}

/// `content_filtering_block url='http://…' category0='…' server='203.0.113.5:80' client_mac='…'`.
fn content_block<'a>(message: &Message<'a>) -> Option<Event<'a>> {
    let mut event = Event::new(Kind::Proxy, message.time, BLOCK_TELLS);
    let target = Target::any(value(message.text, b"url=")?);
    event.host = Some(target.host_text()?);
    event.path = target.path_text().filter(|path| path.bytes() != b"/...");
    let server = value(message.text, b"server=").map_or((None, None), address_and_port);
    event.server = server.0;
    event.port = target.port.or(server.1);
    event.category = value(message.text, b"category0=").map(Untrusted::new);
    event.outcome = Outcome::Blocked;
    Some(event)
}

/// `src=192.0.2.7 dst=203.0.113.5 mac=… protocol=tcp sport=5555 dport=443 pattern: allow all`; access points put
/// `allow` or `deny` in front, rules for inbound traffic are `0` and `1`.
fn flow<'a>(message: &Message<'a>) -> Option<Event<'a>> {
    let text = message.text;
    let mut event = Event::new(Kind::Flow, message.time, FLOW_TELLS);
    let (client, client_port) = address_and_port(value(text, b"src=")?);
    let (server, server_port) = address_and_port(value(text, b"dst=")?);
    event.client = Some(client?);
    event.server = Some(server?);
    event.client_port = value(text, b"sport=").and_then(port).or(client_port);
    event.port = value(text, b"dport=").and_then(port).or(server_port);
    let pattern = memmem::find(text, b" pattern: ").and_then(|at| text.get(at + 10..));
    let said = pattern
        .or_else(|| value(text, b"decision="))
        .unwrap_or(text);
    event.outcome = match Cursor::new(said).word() {
        Some(b"allow" | b"0" | b"allowed") => Outcome::Allowed,
        Some(b"deny" | b"1" | b"blocked" | b"block" | b"denied") => Outcome::Blocked,
        _ if message.kind == b"ip_flow_start" => Outcome::Allowed,
        _ => Outcome::Unknown,
    };
    Some(event)
}

fn has_no_ports(text: &[u8]) -> bool {
    value(text, b"protocol=")
        .is_some_and(|protocol| !matches!(protocol, b"tcp" | b"udp" | b"6" | b"17"))
}

/// The value behind `key=`, which begins a word; in single quotes it may hold blanks.
fn value<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let is_word = |at: &usize| *at == 0 || text.get(at - 1) == Some(&b' ');
    let at = memmem::find_iter(text, key).find(is_word)?;
    let rest = text.get(at + key.len()..)?;
    let value = match rest.strip_prefix(b"'") {
        Some(quoted) => match memmem::find(quoted, b"' ") {
            Some(end) => quoted.get(..end)?,
            None => quoted.strip_suffix(b"'").unwrap_or(quoted),
        },
        None => split(rest, b' ').map_or(rest, |(value, _)| value),
    };
    (!value.is_empty()).then_some(value)
}

/// `192.0.2.7:5555`, `[2001:db8::7]:5555`, `2001:db8::7:5555` (the port is never left out there) or an address alone.
fn address_and_port(text: &[u8]) -> (Option<std::net::IpAddr>, Option<u16>) {
    match split_last(text, b':') {
        Some((address, digits)) if ip(address).is_some() => (ip(address), port(digits)),
        _ => (ip(text), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &'static str) -> Event<'static> {
        let record = format!("<134>1 1793614272.345678901 MX84 {text}").leak();
        match Meraki.parse(record.as_bytes()) {
            Parsed::Event(event) => event,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn an_agent_cannot_forge_a_request() {
        let event = event(
            "urls src=192.0.2.7:5555 dst=203.0.113.5:80 mac=00:11:22:33:44:55 agent='x' request: GET http://forged.example/ src=192.0.2.99:1 y' request: GET http://a.example/b?c",
        );
        assert_eq!(event.host, Some("a.example".into()));
        assert_eq!(
            (event.client, event.client_port),
            (ip(b"192.0.2.7"), Some(5555))
        );
        assert!(event.user_agent.is_some());
    }

    #[test]
    fn what_the_rule_said_is_the_outcome() {
        for (text, expected) in [
            (
                "flows src=192.0.2.7 dst=203.0.113.5 protocol=tcp sport=5 dport=443 pattern: allow all",
                Outcome::Allowed,
            ),
            (
                "flows src=203.0.113.5 dst=192.0.2.7 protocol=udp sport=5 dport=44 pattern: 1 all",
                Outcome::Blocked,
            ),
            (
                "flows deny src=192.0.2.7 dst=203.0.113.5 mac=x protocol=tcp sport=5 dport=443",
                Outcome::Blocked,
            ),
            (
                "ip_flow_start src=192.0.2.7 dst=203.0.113.5 protocol=udp sport=5 dport=53 translated_src_ip=198.51.100.1 translated_port=5",
                Outcome::Allowed,
            ),
            (
                "firewall src=192.0.2.7 dst=203.0.113.5 protocol=tcp sport=5 dport=443 pattern: deny tcp && dst port 443",
                Outcome::Blocked,
            ),
        ] {
            let event = event(text);
            assert_eq!(event.outcome, expected, "{text}");
            assert!(event.port.is_some() && event.client.is_some());
        }
    }

    #[test]
    fn an_encrypted_path_and_method_are_unknown() {
        let event = event(
            "urls src=192.0.2.7:5555 dst=203.0.113.5:443 mac=00:11:22:33:44:55 request: UNKNOWN https://claude.ai/...",
        );
        assert_eq!((event.method, event.path), (None, None));
        assert_eq!(
            (event.host, event.port),
            (Some("claude.ai".into()), Some(443))
        );
    }
}
