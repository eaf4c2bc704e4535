//! Azure Firewall's diagnostic logs before the structured tables: a sentence in `properties.msg`.
//!
//! `HTTPS request from 10.0.0.4:5555 to host:443. Action: Deny. …`, the same for TCP and UDP with addresses, and `DNS Request:
//! 10.0.0.4:61248 - 6513 A IN host. udp …` of the DNS proxy. Log Analytics has the sentence as `msg_s`. Rules have names of
//! any words, so what follows `Action:` is read no further than to a category. Neither user nor bytes are told.
//! Facts from "Azure Firewall diagnostic logs (legacy)" at learn.microsoft.com, "Monitor Azure Firewall logs"
//! (threat intelligence), and CoreDNS' `log` plugin, whose line the DNS proxy writes.

use std::borrow::Cow;

use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::cursor::{Cursor, ip, number, port, split, split_around, split_last};
use super::go_duration::millis;
use super::loose_json::{self, Loose};
use super::target::Target;
use super::{Coded, Parser};

pub(super) static AZURE_FIREWALL_LEGACY: Coded = Coded {
    name: "azure-firewall-legacy",
    title: "Azure Firewall diagnostic logs (legacy)",
    kind: Kind::Proxy,
    tells: WEB_TELLS.with(Field::Path).union(DNS_TELLS),
    advice: &[
        (
            Field::Path,
            "turn on TLS inspection (Premium), and the structured logs: Diagnostic settings > Destination table: Resource specific",
        ),
        (
            Field::BytesUp,
            "turn on the structured table AZFWFatFlow, which has rates of the largest flows",
        ),
    ],
    sniff,
    open: |_| Box::new(AzureFirewall),
};

const WEB_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Host,
    Field::Port,
    Field::Outcome,
    Field::Category,
]);
const FLOW_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Port,
    Field::Outcome,
    Field::Server,
]);
const DNS_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Host,
    Field::Outcome,
    Field::DurationMs,
    Field::Qtype,
]);

fn sniff(record: &[u8]) -> u8 {
    let has = |text: &[u8]| memmem::find(record, text).is_some();
    let is_ours = loose_json::body(record).starts_with(b"{")
        && (has(b"\"AzureFirewall") || has(b"/AZUREFIREWALLS/"))
        && has(b"\"msg");
    if is_ours { 92 } else { 0 }
}

/// What holds the sentence.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wrapping<'a> {
    #[serde(borrow)]
    time: Loose<'a>,
    #[serde(borrow, rename = "TimeGenerated")]
    time_generated: Loose<'a>,
    /// An object, or its text where a collector quoted it.
    #[serde(borrow)]
    properties: Option<&'a RawValue>,
    #[serde(borrow)]
    msg_s: Loose<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Properties<'a> {
    #[serde(borrow)]
    msg: Loose<'a>,
}

struct AzureFirewall;

impl Parser for AzureFirewall {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let record = loose_json::body(record);
        if record.is_empty() {
            return Parsed::Skip("empty line");
        }
        let wrapping: Wrapping<'a> = match loose_json::read(record) {
            Ok(wrapping) => wrapping,
            Err(why) => return Parsed::Bad(why),
        };
        let time = wrapping
            .time
            .time()
            .or_else(|| wrapping.time_generated.time());
        let inner = wrapping.properties.and_then(message);
        let Some(sentence) = inner.or_else(|| wrapping.msg_s.text()) else {
            return Parsed::Skip("no firewall message");
        };
        let Some(time) = time else {
            return Parsed::Bad("no readable time");
        };
        match sentence {
            Cow::Borrowed(sentence) => read(sentence, time),
            Cow::Owned(sentence) => read(&sentence, time).into_owned(),
        }
    }
}

/// The sentence in `properties`.
fn message(properties: &RawValue) -> Option<Cow<'_, [u8]>> {
    let json = properties.get();
    if json.starts_with('{') {
        return serde_json::from_str::<Properties<'_>>(json)
            .ok()?
            .msg
            .text();
    }
    let json: String = serde_json::from_str(json).ok()?;
    let text = serde_json::from_str::<Properties<'_>>(&json)
        .ok()?
        .msg
        .text()?;
    Some(Cow::Owned(text.into_owned()))
}

fn read(sentence: &[u8], time: Time) -> Parsed<'_> {
    if let Some(lookup) = sentence.strip_prefix(b"DNS Request: ") {
        return dns(lookup, time)
            .map_or(Parsed::Bad("dns request of another shape"), Parsed::Event);
    }
    if sentence.trim_ascii_start().starts_with(b"Error: ") {
        return Parsed::Skip("dns error");
    }
    let Some((protocol, rest)) = split_around(sentence, b" request from ") else {
        return Parsed::Skip("other message");
    };
    let protocol = protocol.trim_ascii();
    if protocol.starts_with(b"ICMP") {
        return Parsed::Skip("icmp");
    }
    if memmem::find(rest, b" was DNAT'ed to ").is_some() {
        return Parsed::Skip("address translation");
    }
    match request(protocol, rest, time) {
        Some((_, true)) => Parsed::Skip("alert"),
        Some((event, false)) => Parsed::Event(event),
        None => Parsed::Bad("message of another shape"),
    }
}

/// `10.0.0.4:5555 to host:443. Url: host/path. Action: Allow. … Web Category: X`, and whether it only alerts:
/// what the intrusion system sees, a rule has let through and told before.
fn request<'a>(protocol: &[u8], text: &'a [u8], time: Time) -> Option<(Event<'a>, bool)> {
    let (ends, said) = split_around(text, b"Action: ")?;
    let action = said.split(|b| !b.is_ascii_alphabetic()).next()?;
    let signature = memmem::find(said, b" Signature: ").is_some();
    let (source, rest) = split_around(ends, b" to ").unwrap_or((ends, b""));
    let (client, client_port) =
        host_and_port(source.trim_ascii().strip_suffix(b".").unwrap_or(source));
    let (destination, rest) = split_around(rest, b". ").unwrap_or((rest, b""));
    let (host, server_port) = host_and_port(destination.trim_ascii());
    let is_web = protocol.starts_with(b"HTTP") || protocol.eq_ignore_ascii_case(b"MSSQL");
    let mut event = if is_web {
        Event::new(Kind::Proxy, time, WEB_TELLS)
    } else {
        Event::new(Kind::Flow, time, FLOW_TELLS)
    };
    event.client = Some(ip(client)?);
    event.client_port = client_port;
    event.port = server_port;
    if is_web {
        let url = rest.strip_prefix(b"Url: ").map(|url| {
            let url = url.trim_ascii_end();
            url.strip_suffix(b".").unwrap_or(url)
        });
        let target = url.map(Target::any).unwrap_or_default();
        event.host = (!host.is_empty())
            .then_some(host)
            .or(target.host)
            .map(Untrusted::new);
        if url.is_some() {
            event.tells = event.tells.with(Field::Path);
            event.path = target.path_text();
        }
        if let Some(address) = ip(host) {
            event.tells = event.tells.with(Field::Server);
            event.server = Some(address);
        }
        event.category = category(said).map(Untrusted::new);
    } else {
        event.server = ip(host);
    }
    event.outcome = match action {
        b"Allow" | b"allow" | b"Alert" | b"alert" => Outcome::Allowed,
        b"Deny" | b"deny" | b"Drop" | b"drop" | b"Reject" | b"reject" => Outcome::Blocked,
        _ => Outcome::Unknown,
    };
    let only_alerts = signature && event.outcome == Outcome::Allowed;
    Some((event, only_alerts))
}

/// The category comes last.
fn category(said: &[u8]) -> Option<&[u8]> {
    let at = memmem::rfind(said, b"Web Category: ")?;
    let text = said.get(at + 14..)?.trim_ascii();
    let text = text.strip_suffix(b".").unwrap_or(text);
    (!text.is_empty()).then_some(text)
}

/// `10.0.2.4:61248 - 6513 A IN host.example. udp 43 false 512 NXDOMAIN qr,rd,ra 145 0.002846368s`.
fn dns(text: &[u8], time: Time) -> Option<Event<'_>> {
    let mut words = Cursor::new(text);
    let (client, client_port) = host_and_port(words.word()?);
    let mut event = Event::new(Kind::Dns, time, DNS_TELLS);
    event.client = Some(ip(client)?);
    event.client_port = client_port;
    (words.word()? == b"-").then_some(())?;
    let _id = number(words.word()?)?;
    event.qtype = Some(Untrusted::new(words.word()?));
    let _class = words.word()?;
    let name = words.word()?;
    let name = name.strip_suffix(b".").unwrap_or(name);
    event.host = (!name.is_empty()).then_some(name).map(Untrusted::new);
    // Name, protocol, size, and two words of EDNS stand in front of the code.
    let _edns = [(); 4].map(|()| words.word());
    event.outcome = match words.word()? {
        b"NOERROR" => Outcome::Allowed,
        b"-" => Outcome::Unknown,
        _ => Outcome::Error,
    };
    let _flags_and_size = [words.word(), words.word()];
    event.duration_ms = words.word().and_then(millis);
    Some(event)
}

fn host_and_port(text: &[u8]) -> (&[u8], Option<u16>) {
    match split_last(text, b':') {
        Some((host, digits)) if digits.is_empty() || number(digits).is_some() => {
            let host = host
                .strip_prefix(b"[")
                .and_then(|host| split(host, b']'))
                .map_or(host, |(host, _)| host);
            (host, port(digits))
        }
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(sentence: &'static str) -> Event<'static> {
        match read(sentence.as_bytes(), Time::from_secs(0)) {
            Parsed::Event(event) => event,
            other => panic!("{sentence}: {other:?}"),
        }
    }

    #[test]
    fn rule_names_and_urls_change_nothing() {
        let event = event(
            "HTTP  request from 10.0.0.4:5555 to a.example:80. Url: a.example/b?Action:%20Allow. Action: Deny. Policy: p. Rule Collection Group: g. Rule: x. Action: Allow, to forged.example:443. Web Category: Computers, Internet",
        );
        assert_eq!(event.outcome, Outcome::Blocked);
        assert_eq!(event.host, Some("a.example".into()));
        assert_eq!(event.path, Some("/b".into()));
        assert_eq!(event.category, Some("Computers, Internet".into()));
    }

    #[test]
    fn a_request_without_a_server_name_has_no_host() {
        let event = event(
            "HTTPS request from 10.0.0.4:5555. Action: Deny. Reason: SNI TLS extension was missing.",
        );
        assert_eq!((event.host, event.client), (None, ip(b"10.0.0.4")));
        assert_eq!(event.outcome, Outcome::Blocked);
    }

    #[test]
    fn a_lookup_is_one_event() {
        let event = event(
            "DNS Request: 10.0.2.4:61248 - 6513 A IN ChatGPT.com. udp 43 false 512 NXDOMAIN qr,rd,ra 145 0.002846368s",
        );
        assert_eq!(event.host, Some("ChatGPT.com".into()));
        assert_eq!(
            (event.qtype, event.outcome),
            (Some("A".into()), Outcome::Error)
        );
        assert_eq!(event.duration_ms, Some(2));
    }
}
