//! Bytes in, borrowed events out: one file per log format.
//!
//! A format knows the layout of one product and nothing of services, stores or files. Parsing never fails
//! and never panics: every record becomes an event, a skip or a counted rejection. No I/O, no clock: the
//! year that a log leaves out comes from [`Context::modified`].

mod bind;
mod bind_name;
mod clock;
mod contract;
mod coredns;
mod cursor;
mod detect;
mod dns_words;
mod dnsdist;
mod dnsmasq;
mod dnstap;
mod envelope;
mod lookups;
mod loose_json;
mod powerdns_recursor;
mod refusal;
mod squid;
mod squid_combined;
mod squid_words;
mod suricata;
mod target;
mod unbound;
mod unbound_line;
mod windows_dns;
mod wire_http;
mod zeek;

use crate::model::{Field, Fields, Kind, Parsed, Time};

pub use contract::json_line;
pub use detect::{Detection, Ranked, detect};

/// Every format, sorted by name.
pub static FORMATS: &[&Coded] = &[
    &bind::BIND,
    &coredns::COREDNS,
    &dnsdist::DNSDIST,
    &dnsmasq::DNSMASQ,
    &dnstap::DNSTAP,
    &bind::INFOBLOX,
    &powerdns_recursor::POWERDNS_RECURSOR,
    &squid::SQUID,
    &squid_combined::SQUID_COMBINED,
    &suricata::SURICATA,
    &suricata::ANSWERS,
    &unbound::UNBOUND,
    &windows_dns::WINDOWS_DNS,
    &zeek::ANY,
    &zeek::CONN,
    &zeek::DNS,
    &zeek::HTTP,
    &zeek::QUIC,
    &zeek::SSL,
];

/// The format of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.name == name)
}

/// What a record cannot say of itself.
#[derive(Debug, Clone)]
pub struct Context {
    /// Zone of times written without one.
    pub zone: jiff::tz::TimeZone,
    /// When the file was last written: the year of times written without one is the latest that does not
    /// lie more than a day after this.
    pub modified: Time,
}

/// One log format.
pub type Format = Coded;

/// Turns records of one byte stream into events. Holds what earlier records said (header lines).
pub trait Parser: Send {
    /// Understands one record, given without its line end.
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a>;

    /// Tells that what follows was written by this time.
    fn written_by(&mut self, _modified: Time) {}
}

/// One log format that is written in code, because reading it takes an `if`.
#[derive(Debug)]
pub struct Coded {
    /// Its name in configuration and output, `squid`.
    pub name: &'static str,
    /// Its name for people, `Squid native access log`.
    pub title: &'static str,
    /// The usual kind of its events.
    pub kind: Kind,
    /// The fields that it can tell in its default layout.
    pub tells: Fields,
    /// What to change on the product to get a field that its usual layout lacks, in a sentence.
    pub advice: &'static [(Field, &'static str)],
    /// How surely a record is of this format: 0 is "not mine", 100 "cannot be anything else".
    /// Header lines that only this format has count too.
    pub sniff: fn(&[u8]) -> u8,
    /// A parser at the start of a stream.
    pub open: fn(&Context) -> Box<dyn Parser>,
}
