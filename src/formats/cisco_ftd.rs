//! Cisco Secure Firewall Threat Defense (Firepower): connection events, `%FTD-1-430003: Key: value, Key: value`.
//!
//! A connection counts when it ends (430003); its beginning (430002) only where it was blocked, for then there is no end.
//! Intrusion (430001), file (430004) and malware events (430005) repeat connections and are skipped, as are the
//! firewall's own messages, which `cisco-asa` reads. Older managers write the same as `SFIMS: … Connection Type: End, …`.
//! Fields from "Cisco Secure Firewall Threat Defense Syslog Messages", chapter "Security Event Syslog Messages"; the
//! order of fields in a line and the `SFIMS` layout are from memory.

use memchr::memmem;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::cisco_ftd_fields::Told;
use super::cisco_syslog::{Message, THREAT_DEFENSE_EVENTS, no_message};
use super::clock::{Clock, Stamp, epoch, iso_stamp};
use super::cursor::{ip, number, port};
use super::envelope;
use super::target::Target;
use super::{Coded, Context, Parser};

pub(super) static CISCO_FTD: Coded = Coded {
    name: "cisco-ftd",
    title: "Cisco Secure Firewall Threat Defense connection events",
    kind: Kind::Proxy,
    tells: FLOW_TELLS.union(WEB_TELLS).union(DNS_TELLS),
    advice: &[
        (
            Field::User,
            "add an identity policy to the access control policy: Policies > Access Control > Identity",
        ),
        (
            Field::Host,
            "log connections at their end (rule > Logging > Log at End of Connection) and use a URL or application condition, so that URL and server name are found out",
        ),
        (
            Field::Path,
            "decrypt the traffic in question: Policies > Access Control > Decryption",
        ),
    ],
    sniff,
    open,
};

const FLOW_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::User,
    Field::Host,
    Field::Port,
    Field::Outcome,
    Field::BytesUp,
    Field::BytesDown,
    Field::DurationMs,
    Field::Server,
    Field::Category,
]);
const WEB_TELLS: Fields = FLOW_TELLS.with(Field::Path);
const DNS_TELLS: Fields = FLOW_TELLS.with(Field::Qtype);

const BEGIN: u64 = 430_002;
const END: u64 = 430_003;

fn sniff(record: &[u8]) -> u8 {
    let own = match Message::find(record) {
        Some(message) => THREAT_DEFENSE_EVENTS.contains(&message.id),
        None => old_event(record).is_some(),
    };
    if own { 95 } else { 0 }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Ftd(Clock::new(context)))
}

struct Ftd(Clock);

impl Parser for Ftd {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let (stamp, is_end, text) = match Message::find(record) {
            Some(message) => match message.id {
                430_001 => return Parsed::Skip("intrusion event"),
                430_004 | 430_005 => return Parsed::Skip("file event"),
                BEGIN | END => (message.stamp, message.id == END, message.text),
                _ => return Parsed::Skip("other message"),
            },
            None => match old_event(record) {
                Some(event) => event,
                None => return no_message(record).into(),
            },
        };
        let told = Told::read(text);
        if told.source.is_none() || told.action.is_none() && told.destination.is_none() {
            return Parsed::Bad("connection event without addresses");
        }
        if told.protocol.is_some_and(is_icmp) {
            return Parsed::Skip("icmp");
        }
        let outcome = told.action.map_or(Outcome::Unknown, outcome);
        if !is_end && outcome != Outcome::Blocked {
            return Parsed::Skip("beginning of a connection");
        }
        let stamp = stamp.or_else(|| told.first_packet.and_then(instant));
        let Some(time) = self.0.time(stamp) else {
            return Parsed::Bad("no readable time");
        };
        Parsed::Event(event(
            &told,
            Event::new(Kind::Flow, time, FLOW_TELLS),
            outcome,
        ))
    }

    fn written_by(&mut self, modified: Time) {
        self.0.written_by(modified);
    }
}

fn event<'a>(told: &Told<'a>, mut event: Event<'a>, outcome: Outcome) -> Event<'a> {
    event.client = told.source.and_then(ip);
    event.client_port = told.source_port.and_then(port);
    event.server = told.destination.and_then(ip);
    event.port = told.destination_port.and_then(port);
    event.user = told
        .user
        .filter(|user| !is_nobody(user))
        .map(Untrusted::new);
    event.outcome = outcome;
    event.bytes_up = told.initiator_bytes.and_then(number);
    event.bytes_down = told.responder_bytes.and_then(number);
    event.duration_ms = told
        .duration_secs
        .and_then(number)
        .and_then(|secs| secs.checked_mul(1000));
    event.category = told
        .category
        .filter(|category| !is_nothing(category))
        .map(Untrusted::new);
    if let Some(name) = told.query.filter(|name| !is_nothing(name)) {
        event.kind = Kind::Dns;
        event.host = Some(Untrusted::new(name.strip_suffix(b".").unwrap_or(name)));
        event.tells = DNS_TELLS;
        event.qtype = told.record_type.map(record_type).map(Untrusted::new);
        let failed = |said: &[u8]| !said.eq_ignore_ascii_case(b"No Error") && !is_nothing(said);
        if outcome == Outcome::Allowed && told.response_type.is_some_and(failed) {
            event.outcome = Outcome::Error;
        }
        return event;
    }
    let target = told
        .url
        .filter(|url| !is_nothing(url))
        .map(Target::any)
        .unwrap_or_default();
    let named = [told.server_name, told.referenced_host]
        .into_iter()
        .flatten();
    let named = named
        .filter(|name| !is_nothing(name))
        .find_map(|name| Target::authority(name).host);
    event.host = target.host.or(named).map(Untrusted::new);
    event.port = event.port.or(target.port);
    event.path = target.path_text();
    if event.host.is_some() {
        event.kind = Kind::Proxy;
        event.tells = WEB_TELLS;
    }
    if let Some(agent) = told.user_agent.filter(|agent| !agent.is_empty()) {
        event.tells = event.tells.with(Field::UserAgent);
        event.user_agent = Some(Untrusted::new(agent));
    }
    if let Some(status) = told.response.and_then(number) {
        event.tells = event.tells.with(Field::Status);
        event.status = u16::try_from(status).ok().filter(|status| *status != 0);
    }
    if let Some(referer) = told.referer {
        event.tells = event.tells.with(Field::RefererHost);
        event.referer_host = Target::url(referer).host_text();
    }
    event
}

/// `icmp`, `ICMP`, `IPv6-ICMP`.
fn is_icmp(protocol: &[u8]) -> bool {
    let end = protocol.len().saturating_sub(4);
    protocol
        .get(end..)
        .is_some_and(|end| end.eq_ignore_ascii_case(b"icmp"))
}

/// `Block`, `Block with reset` and `Interactive Block` are the policy; a user who clicked on is `Allow`.
fn outcome(action: &[u8]) -> Outcome {
    const PASSED: [&[u8]; 5] = [
        b"Allow",
        b"Trust",
        b"Fastpath",
        b"Monitor",
        b"Do not decrypt",
    ];
    if memmem::find(action, b"Block").is_some() {
        Outcome::Blocked
    } else if PASSED.iter().any(|word| action.starts_with(word)) {
        Outcome::Allowed
    } else {
        Outcome::Unknown
    }
}

fn is_nobody(user: &[u8]) -> bool {
    const NOBODY: [&[u8]; 7] = [
        b"No Authentication Required",
        b"Unknown",
        b"Guest",
        b"Failed Authentication",
        b"No Authentication",
        b"Not Found",
        b"Special Identities/Unknown",
    ];
    is_nothing(user) || NOBODY.iter().any(|word| user.eq_ignore_ascii_case(word))
}

fn is_nothing(text: &[u8]) -> bool {
    matches!(
        text,
        b"" | b"-" | b"N/A" | b"Unknown" | b"None" | b"unknown"
    )
}

/// The type of a record, which the device describes in the words of IANA's registry.
fn record_type(described: &[u8]) -> &[u8] {
    const TYPES: [(&[u8], &[u8]); 12] = [
        (b"a host address", b"A"),
        (b"IP6 Address", b"AAAA"),
        (b"the canonical name for an alias", b"CNAME"),
        (b"a domain name pointer", b"PTR"),
        (b"mail exchange", b"MX"),
        (b"text strings", b"TXT"),
        (b"an authoritative name server", b"NS"),
        (b"marks the start of a zone of authority", b"SOA"),
        (b"Server Selection", b"SRV"),
        (b"Naming Authority Pointer", b"NAPTR"),
        (b"HTTPS Binding", b"HTTPS"),
        (
            b"A request for all records the server/cache has available",
            b"ANY",
        ),
    ];
    TYPES
        .iter()
        .find(|(words, _)| described.eq_ignore_ascii_case(words))
        .map_or(described, |(_, name)| name)
}

/// `2026-11-24T10:11:12Z`, or seconds since 1970 before 6.5.
fn instant(text: &[u8]) -> Option<Stamp> {
    epoch(text)
        .map(Stamp::Instant)
        .or_else(|| iso_stamp(text).map(|(stamp, _)| stamp))
}

/// What older managers write: `SFIMS: [Primary Detection Engine (…)][Policy] Connection Type: End, …`.
fn old_event(record: &[u8]) -> Option<(Option<Stamp>, bool, &[u8])> {
    let at = memmem::find(record.get(..256).unwrap_or(record), b"SFIMS: ")?;
    let (header, text) = record.split_at_checked(at)?;
    let kind = [&b"Connection Type: "[..], b"ConnectType: "]
        .into_iter()
        .find_map(|key| Some(memmem::find(text, key)? + key.len()))?;
    let is_end = text.get(kind..)?.starts_with(b"End");
    let text = text.get(7..)?;
    let text = match memmem::find(text, b"] ") {
        Some(end) if text.starts_with(b"[") => text.get(end + 2..)?,
        _ => text,
    };
    // A header of which only the text is missing.
    let stamp = envelope::open(header).stamp;
    Some((stamp, is_end, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_block_is_the_policy() {
        for (action, expected) in [
            ("Allow", Outcome::Allowed),
            ("Trust", Outcome::Allowed),
            ("Block with reset", Outcome::Blocked),
            ("Interactive Block", Outcome::Blocked),
            ("Default Action", Outcome::Unknown),
            ("", Outcome::Unknown),
        ] {
            assert_eq!(outcome(action.as_bytes()), expected, "{action}");
        }
    }
}
