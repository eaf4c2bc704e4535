//! DNS events of EVE, versions 1 to 3.
//!
//! A lookup leaves a question and one or more answers, and must count once. Normally the question is the event
//! and answers are skipped: the question is there in every version, exactly once, and names the client. Where
//! questions are switched off (`query: no`, `requests: no`), the format `suricata-answers` takes the answers
//! instead and skips questions. Version 1 writes one answer per resource record; these stand together and carry the
//! same flow and id, so the first of them is the event.

use serde_json::value::RawValue;

use crate::formats::loose_json::Loose;
use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::eve::{Dns, Eve, Grouped, Resource, list, object};

const DNS_PORT: u64 = 53;
/// mDNS, LLMNR and NetBIOS: names of the neighbourhood, asked of everybody.
pub(super) const LOCAL_NAME_PORTS: [u64; 3] = [5353, 5355, 137];

pub(super) const QUESTION_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Host,
    Field::Qtype,
    Field::Server,
]);

pub(super) const ANSWER_TELLS: Fields = QUESTION_TELLS.with(Field::Outcome).with(Field::Answers);

/// Which side of a lookup is the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Questions,
    Answers,
}

/// Flow and id of the last answer: what tells a second record of the same answer.
pub(super) type Lookup = (u64, u64);

pub(super) fn read<'a>(
    eve: Eve<'a>,
    time: Time,
    side: Side,
    last: &mut Option<Lookup>,
) -> Parsed<'a> {
    let mut dns: Dns<'a> = match object(eve.dns) {
        Ok(dns) => dns,
        Err(why) => return Parsed::Bad(why),
    };
    let ports = (eve.src_port.count(), eve.dest_port.count());
    let is_local = |port: Option<u64>| port.is_some_and(|p| LOCAL_NAME_PORTS.contains(&p));
    if is_local(ports.0) || is_local(ports.1) {
        return Parsed::Skip("local name resolution");
    }
    match (dns.kind.as_str(), side) {
        (Some("query" | "request"), Side::Questions)
        | (Some("answer" | "response"), Side::Answers) => {}
        (Some("query" | "request"), Side::Answers) => return Parsed::Skip("dns question"),
        (Some("answer" | "response"), Side::Questions) => return Parsed::Skip("dns answer"),
        _ => return Parsed::Skip("dns record of another type"),
    }
    if side == Side::Answers {
        let lookup = eve.flow_id.count().zip(dns.id.count());
        let same = lookup.is_some() && lookup == *last;
        *last = lookup;
        if same && dns.version.is_absent() {
            return Parsed::Skip("another record of the same answer");
        }
    }
    let tells = match side {
        Side::Questions => QUESTION_TELLS,
        Side::Answers => ANSWER_TELLS,
    };
    let mut event = Event::new(Kind::Dns, time, tells);
    // Before version 3 an answer names the client first, since then the server: port 53 tells.
    if ports.0 == Some(DNS_PORT) && ports.1 != Some(DNS_PORT) {
        super::ends(&mut event, &eve.dest_ip, &eve.dest_port, &eve.src_ip);
    } else {
        super::ends(&mut event, &eve.src_ip, &eve.src_port, &eve.dest_ip);
    }
    if dns.rrname.is_absent()
        // More than one question in a packet is a curiosity that no resolver answers.
        && let Some(question) = list::<Resource<'_>>(dns.queries).into_iter().next()
    {
        dns.rrname = question.rrname;
        dns.rrtype = question.rrtype;
    }
    event.host = dns.rrname.text().map(Untrusted::from);
    if event.host.is_none() {
        return Parsed::Skip("no name asked for");
    }
    event.qtype = dns.rrtype.text().map(Untrusted::from).map(standard_qtype);
    if side == Side::Answers {
        event.answers = answers(dns.answers, dns.grouped, dns.rdata);
        event.outcome = outcome(dns.rcode.as_str(), &event.answers);
    }
    Parsed::Event(event)
}

/// Suricata prints a type that it has no name for as its number; everyone else as RFC 3597 says.
fn standard_qtype(name: Untrusted<'_>) -> Untrusted<'_> {
    if name.bytes().iter().all(u8::is_ascii_digit) {
        Untrusted::rebuilt([b"TYPE", name.bytes()].concat())
    } else {
        name
    }
}

fn answers<'a>(
    detailed: Option<&'a RawValue>,
    grouped: Option<&'a RawValue>,
    single: Loose<'a>,
) -> Vec<Untrusted<'a>> {
    let mut values: Vec<Loose<'a>> = list::<Resource<'_>>(detailed)
        .into_iter()
        .map(|resource| resource.rdata)
        .collect();
    if values.is_empty() {
        let Grouped { cname, a, aaaa } = object(grouped).unwrap_or_default();
        values.extend([cname, a, aaaa, single]);
    }
    values
        .into_iter()
        .flat_map(Loose::list)
        // Texts of TXT records and the like are neither addresses nor names.
        .filter(|value| !value.is_empty() && !value.contains(' '))
        .map(super::untrusted)
        .collect()
}

fn outcome(rcode: Option<&str>, answers: &[Untrusted<'_>]) -> Outcome {
    let is_nothing = |answer: &Untrusted<'_>| matches!(answer.bytes(), b"0.0.0.0" | b"::");
    match rcode {
        None => Outcome::Unknown,
        // A name that resolves to nowhere was blocked by the resolver; every other error may be an accident.
        Some("NOERROR") if !answers.is_empty() && answers.iter().all(is_nothing) => {
            Outcome::Blocked
        }
        Some("NOERROR") => Outcome::Allowed,
        Some(_) => Outcome::Error,
    }
}
