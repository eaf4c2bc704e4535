//! What each product writes of a visit; one file per format.

mod bind;
mod dnsmasq;
mod squid;
mod suricata;
mod unbound;
mod zeek;

use std::fmt::Write as _;
use std::io::Write as _;

use super::chance::Chance;
use super::truth::Fate;

/// Somebody goes somewhere.
pub(crate) struct Visit<'w> {
    /// Microseconds since 1970, as exact as the format writes them.
    pub(crate) micros: i64,
    pub(crate) client: &'w str,
    pub(crate) user: &'w str,
    pub(crate) host: &'w str,
    pub(crate) server: &'w str,
    /// Whether the host has a path that is a service.
    pub(crate) has_feature: bool,
}

/// What was written of it.
pub(crate) struct Told {
    pub(crate) lines: u64,
    /// How many of the lines tell of the host.
    pub(crate) events: u64,
    pub(crate) fate: Fate,
    pub(crate) names_user: bool,
    pub(crate) bytes: u64,
    /// Whether the path is the feature's.
    pub(crate) feature: bool,
}

impl Told {
    /// One line, one event.
    const fn once(fate: Fate) -> Self {
        Self {
            lines: 1,
            events: 1,
            fate,
            names_user: false,
            bytes: 0,
            feature: false,
        }
    }
}

/// Writes the lines of one product.
pub(crate) trait Scribe {
    /// What stands above the first record; how many lines it is.
    fn head(&mut self, _out: &mut Vec<u8>) -> u64 {
        0
    }

    fn write(&mut self, visit: &Visit<'_>, chance: &mut Chance, out: &mut Vec<u8>) -> Told;
}

/// A format that logs can be made in.
pub(crate) struct Layout {
    /// What its log is called.
    pub(crate) name: &'static str,
    /// As `gnomon formats` calls it.
    pub(crate) format: &'static str,
    /// What its times are whole multiples of.
    pub(crate) micros: i64,
    pub(crate) open: fn() -> Box<dyn Scribe>,
}

pub(crate) static LAYOUTS: &[Layout] = &[
    bind::BIND,
    dnsmasq::DNSMASQ,
    squid::SQUID,
    suricata::SURICATA,
    unbound::UNBOUND,
    zeek::ZEEK_DNS,
    zeek::ZEEK_DNS_JSON,
];

/// A second in the words of a log, written anew when it changes.
struct Clock {
    layout: &'static str,
    second: i64,
    text: String,
}

impl Clock {
    const fn new(layout: &'static str) -> Self {
        Self {
            layout,
            second: i64::MIN,
            text: String::new(),
        }
    }

    fn read(&mut self, micros: i64) -> &str {
        let second = micros.div_euclid(1_000_000);
        if second != self.second {
            self.second = second;
            self.text.clear();
            let time = jiff::Timestamp::from_second(second).expect("a year of four digits");
            let _ = write!(self.text, "{}", time.strftime(self.layout));
        }
        &self.text
    }
}

/// A name as a resolver's log shows it: one in a hundred has its case mixed (DNS 0x20).
fn spelled<'h>(host: &'h str, buffer: &'h mut Vec<u8>, chance: &mut Chance) -> &'h str {
    if !chance.one_in(100) {
        return host;
    }
    let mix = chance.next();
    buffer.clear();
    buffer.extend(host.bytes().enumerate().map(|(at, byte)| {
        if mix >> (at % 64) & 1 == 1 {
            byte.to_ascii_uppercase()
        } else {
            byte
        }
    }));
    std::str::from_utf8(buffer).expect("ASCII stays ASCII")
}

/// What an explicit request asks for behind the host, and whether that is the feature.
fn path(visit: &Visit<'_>, chance: &mut Chance, out: &mut Vec<u8>) -> bool {
    use super::world::{FEATURE_PATH, LOOK_ALIKE_PATH};
    if visit.has_feature && chance.one_in(10) {
        let is_feature = chance.one_in(2);
        let start = if is_feature {
            FEATURE_PATH
        } else {
            LOOK_ALIKE_PATH
        };
        let session = chance.next() >> 40;
        let _ = write!(out, "{start}/{session:x}?session={session}");
        return is_feature;
    }
    for _ in 0..=chance.below(4) {
        out.push(b'/');
        let syllables = 1 + chance.below(3);
        out.extend_from_slice(super::names::word(chance, syllables).as_bytes());
    }
    if chance.one_in(3) {
        let _ = write!(out, "?v={}", chance.next() >> chance.below(50));
        // What follows is a query string, and no host of it was visited.
        if chance.one_in(8) {
            let _ = write!(out, "&from=https%3A%2F%2F{}%2F", visit.host);
        }
    }
    false
}

/// Most answers are small, some are very large.
fn size(chance: &mut Chance) -> u64 {
    (300.0 / (1.0 - chance.share() * 0.99999)) as u64
}

/// Of those that Linux gives to clients.
fn port(chance: &mut Chance) -> u64 {
    32_768 + chance.below(28_232)
}
