//! Bytes in, borrowed events out: one file per log format.
//!
//! A format knows the layout of one product and nothing of services, stores or files. Parsing never fails
//! and never panics: every record becomes an event, a skip or a counted rejection. No I/O, no clock: the
//! year that a log leaves out comes from [`Context::modified`].

mod azure_firewall_legacy;
mod barracuda_activity;
mod barracuda_wsg;
mod bind;
mod bind_name;
mod cisco_asa;
mod cisco_ends;
mod cisco_ftd;
mod cisco_ftd_fields;
mod cisco_syslog;
mod cisco_wsa;
mod cisco_wsa_words;
mod clf_line;
mod clock;
mod contract;
mod coredns;
mod cursor;
mod cuts;
mod detect;
mod dialect;
mod dns_words;
mod dnsdist;
mod dnsmasq;
mod dnstap;
mod e2guardian;
mod e2guardian_row;
mod envelope;
mod envoy;
mod escapes;
mod flat_json;
mod glance;
mod go_duration;
mod haproxy;
mod juniper_srx;
mod juniper_srx_header;
mod juniper_srx_text;
mod juniper_srx_told;
mod look;
mod lookups;
mod loose_json;
mod mapping;
mod meraki;
mod mikrotik;
mod mikrotik_message;
mod mitmproxy;
mod olfeo;
mod olfeo_row;
mod parts;
mod peel;
mod powerdns_recursor;
mod privoxy;
mod privoxy_line;
mod refusal;
mod registry;
mod skyhigh;
mod skyhigh_row;
mod sound;
mod squid;
mod squid_combined;
mod squid_glance;
mod squid_kv;
mod squid_kv_row;
mod squid_words;
mod suricata;
mod target;
mod technitium;
mod tinyproxy;
mod tinyproxy_connections;
mod tinyproxy_line;
mod traefik;
mod unbound;
mod unbound_line;
mod watchguard;
mod watchguard_told;
mod web_access;
mod windows_dns;
mod wire_http;
mod zeek;

use crate::model::{Event, Field, Fields, Glance, Kind, Parsed, Time};

pub use contract::json_line;
pub use detect::{Detection, Ranked};
pub use parts::{Parts, parts};
pub use peel::inside;
pub use registry::{Format, Formats, Sniffer};

/// Every format that is written in code, sorted by file.
static CODED: &[&Coded] = &[
    &azure_firewall_legacy::AZURE_FIREWALL_LEGACY,
    &barracuda_activity::BARRACUDA_ACTIVITY,
    &barracuda_wsg::BARRACUDA_WSG,
    &bind::BIND,
    &bind::INFOBLOX,
    &cisco_asa::CISCO_ASA,
    &cisco_ftd::CISCO_FTD,
    &cisco_wsa::CISCO_WSA,
    &coredns::COREDNS,
    &dnsdist::DNSDIST,
    &dnsmasq::DNSMASQ,
    &dnstap::DNSTAP,
    &e2guardian::E2GUARDIAN,
    &envoy::ENVOY,
    &haproxy::HAPROXY,
    &juniper_srx::JUNIPER_SRX,
    &meraki::MERAKI,
    &mikrotik::MIKROTIK,
    &mitmproxy::MITMPROXY,
    &olfeo::OLFEO,
    &powerdns_recursor::POWERDNS_RECURSOR,
    &privoxy::COMMON,
    &privoxy::PRIVOXY,
    &skyhigh::SKYHIGH,
    &squid::SQUID,
    &squid_combined::SQUID_COMBINED,
    &squid_kv::SQUID_KV,
    &suricata::ANSWERS,
    &suricata::SURICATA,
    &technitium::TECHNITIUM,
    &tinyproxy::TINYPROXY,
    &traefik::TRAEFIK,
    &unbound::UNBOUND,
    &watchguard::WATCHGUARD,
    &web_access::WEB_ACCESS,
    &windows_dns::WINDOWS_DNS,
    &zeek::ANY,
    &zeek::CONN,
    &zeek::DNS,
    &zeek::HTTP,
    &zeek::QUIC,
    &zeek::SSL,
];

/// What a record cannot say of itself.
#[derive(Debug, Clone)]
pub struct Context {
    /// Zone of times written without one.
    pub zone: jiff::tz::TimeZone,
    /// When the file was last written: the year of times written without one is the latest that does not
    /// lie more than a day after this.
    pub modified: Time,
}

/// Turns records of one byte stream into events. Holds what earlier records said (header lines).
pub trait Parser: Send {
    /// Understands one record, given without its line end.
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a>;

    /// Reads no more of a record than time and host, where that is quicker and where [`Parser::parse`] would surely give an
    /// event with these two, with no user agent and no POST. `None` says nothing.
    fn glance<'a>(&mut self, _record: &'a [u8]) -> Option<Glance<'a>> {
        None
    }

    /// Tells that the last glance was enough: the record will not be parsed, and whatever parsing it would have
    /// remembered has to be remembered now.
    fn glanced(&mut self) {}

    /// Whether every record is understood by itself, so that several parsers may share the records of a stream.
    fn is_stateless(&self) -> bool {
        false
    }

    /// Whether the last record, which was skipped, is of this format as [`Format::sniff`] would say, where that is known by now.
    fn knew(&self) -> Option<bool> {
        None
    }

    /// Tells that what follows was written by this time.
    fn written_by(&mut self, _modified: Time) {}

    /// What still waited for a later record, when none can come.
    fn finish(&mut self) -> Vec<Event<'static>> {
        Vec::new()
    }
}

/// One log format that is written in code, because reading it takes an `if`.
#[derive(Debug)]
struct Coded {
    /// Its name in configuration and output, `squid`.
    name: &'static str,
    /// Its name for people, `Squid native access log`.
    title: &'static str,
    /// The usual kind of its events.
    kind: Kind,
    /// The fields that it can tell in its default layout.
    tells: Fields,
    /// What to change on the product to get a field that its usual layout lacks, in a sentence.
    advice: &'static [(Field, &'static str)],
    /// How surely a record is of this format: 0 is "not mine", 100 "cannot be anything else".
    /// Header lines that only this format has count too.
    sniff: fn(&[u8]) -> u8,
    /// A parser at the start of a stream.
    open: fn(&Context) -> Box<dyn Parser>,
}
