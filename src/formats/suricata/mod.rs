//! Suricata's EVE JSON, and AWS Network Firewall, which wraps it.
//!
//! Read are `dns`, `http`, `tls`, `quic` and `flow` events; every other type is skipped under its name. A lookup
//! counts once, see [`dns`]: `suricata` counts questions, `suricata-answers` is for files without
//! questions and must be named in the configuration, because no single record can tell which kind of file it
//! is in. Alerts repeat what other events say and are skipped, except from AWS, where they are all there is.
//! Layout: user guide of Suricata 4 to 8; DNS versions from its "DNS EVE Logging Changes for 8.0".

mod connections;
mod dns;
mod eve;
mod glance;

use std::borrow::Cow;

use memchr::memmem;

use super::loose_json::{self, Loose};
use super::{Coded, Parser};
use crate::model::{Event, Field, Fields, Glance, Kind, Parsed, Untrusted};

use dns::{Lookup, Side};
use eve::Eve;
use glance::Glances;

pub(super) static SURICATA: Coded = Coded {
    name: "suricata",
    title: "Suricata EVE, AWS Network Firewall",
    kind: Kind::Flow,
    tells: CONNECTION_TELLS.union(dns::QUESTION_TELLS),
    advice: ADVICE,
    sniff,
    open: |_| open(Side::Questions),
};

pub(super) static ANSWERS: Coded = Coded {
    name: "suricata-answers",
    title: "Suricata EVE with DNS questions switched off",
    kind: Kind::Flow,
    tells: CONNECTION_TELLS.union(dns::ANSWER_TELLS),
    advice: ADVICE,
    sniff: |_| 0,
    open: |_| open(Side::Answers),
};

const ADVICE: &[(Field, &str)] = &[
    (
        Field::Host,
        "write the events that name hosts, in suricata.yaml under outputs > eve-log > types: dns, http, quic, and tls with extended: yes, which has the SNI",
    ),
    (
        Field::Outcome,
        "of DNS only the answer tells it: switch questions off (requests: no, in old versions query: no) and name the format suricata-answers",
    ),
    (Field::Method, HTTP),
    (Field::Path, HTTP),
    (Field::UserAgent, HTTP),
    (
        Field::BytesUp,
        "only flow events count what was sent, and they name no host: for uploads read a proxy's log as well",
    ),
];
const HTTP: &str = "write http events with extended: yes, in suricata.yaml under outputs > eve-log > types; of what is encrypted only the name is seen";

const CONNECTION_TELLS: Fields = connections::HTTP_TELLS
    .union(connections::TLS_TELLS)
    .union(connections::FLOW_TELLS);

fn sniff(record: &[u8]) -> u8 {
    let has = |key: &[u8]| memmem::find(record, key).is_some();
    let is_eve = loose_json::body(record).starts_with(b"{")
        && has(b"\"event_type\"")
        && has(b"\"timestamp\"")
        && (has(b"\"flow_id\"") || has(b"\"src_ip\"") || has(b"\"stats\""));
    if is_eve { 90 } else { 0 }
}

fn open(side: Side) -> Box<dyn Parser> {
    Box::new(Suricata {
        side,
        last: None,
        glances: Glances::default(),
    })
}

struct Suricata {
    side: Side,
    last: Option<Lookup>,
    glances: Glances,
}

impl Parser for Suricata {
    fn glance<'a>(&mut self, record: &'a [u8]) -> Option<Glance<'a>> {
        match self.side {
            Side::Questions => self.glances.at(record),
            Side::Answers => None,
        }
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let record = loose_json::body(record);
        if record.is_empty() {
            return Parsed::Skip("empty line");
        }
        if !record.starts_with(b"{") {
            return Parsed::Bad("not JSON");
        }
        let mut eve: Eve<'a> = match loose_json::read(record) {
            Ok(eve) => eve,
            Err(why) => return Parsed::Bad(why),
        };
        let wrapped = eve.event_type.is_absent();
        if wrapped && let Some(inner) = eve.event {
            eve = match serde_json::from_str(inner.get()) {
                Ok(eve) => eve,
                Err(error) => return Parsed::Bad(loose_json::reason(&error)),
            };
        }
        let Some(event_type) = eve.event_type.as_str() else {
            return Parsed::Bad("no event_type");
        };
        if let Some(why) = unread(event_type, wrapped) {
            return Parsed::Skip(why);
        }
        let Some(time) = eve.timestamp.time() else {
            return Parsed::Bad("no readable timestamp");
        };
        match event_type {
            "dns" => dns::read(eve, time, self.side, &mut self.last),
            "http" => connections::http(eve, time),
            "tls" => connections::tls(eve, time),
            "quic" => connections::quic(eve, time),
            "flow" => connections::flow(eve, time),
            "alert" => connections::firewall_alert(eve, time),
            _ => Parsed::Skip("other event type"),
        }
    }
}

/// The event types that are no events of ours, each under its own name in the count of skipped records.
fn unread(event_type: &str, wrapped: bool) -> Option<&'static str> {
    match event_type {
        "alert" if !wrapped => Some("alert"),
        "anomaly" => Some("anomaly"),
        "drop" => Some("drop"),
        "fileinfo" => Some("fileinfo"),
        "netflow" => Some("netflow: one direction of a flow"),
        "mdns" => Some("local name resolution"),
        "stats" => Some("stats"),
        _ => None,
    }
}

/// Fills in who spoke with whom.
fn ends(event: &mut Event<'_>, client: &Loose<'_>, client_port: &Loose<'_>, server: &Loose<'_>) {
    event.client = client.address();
    event.client_port = port(client_port);
    event.server = server.address();
}

fn port(value: &Loose<'_>) -> Option<u16> {
    value.count().and_then(|port| u16::try_from(port).ok())
}

fn untrusted(text: Cow<'_, str>) -> Untrusted<'_> {
    match text {
        Cow::Borrowed(text) => Untrusted::from(text),
        Cow::Owned(text) => Untrusted::from(text),
    }
}

#[cfg(test)]
mod tests;
