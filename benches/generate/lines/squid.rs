//! Squid's native access log: `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`.

use std::io::Write as _;

use super::super::chance::Chance;
use super::super::truth::Fate;
use super::{Layout, Scribe, Told, Visit, path, size};

pub(super) const SQUID: Layout = Layout {
    name: "squid",
    format: "squid",
    micros: 1_000,
    open: || Box::new(Squid),
};

const CODES: &[&str] = &[
    "TCP_MISS/200",
    "TCP_MISS/304",
    "TCP_HIT/200",
    "TCP_MEM_HIT/200",
    "TCP_REFRESH_UNMODIFIED/304",
    "TCP_MISS/302",
];
const TYPES: &[&str] = &[
    "text/html",
    "application/json",
    "image/png",
    "image/jpeg",
    "application/javascript",
    "text/css",
    "application/octet-stream",
    "-",
];

struct Squid;

impl Scribe for Squid {
    fn write(&mut self, visit: &Visit<'_>, chance: &mut Chance, out: &mut Vec<u8>) -> Told {
        let fate = match chance.below(200) {
            0..=3 => Fate::Denied,
            4 => Fate::Failed,
            _ => Fate::Used,
        };
        let mut told = Told {
            names_user: !chance.one_in(10),
            bytes: size(chance),
            ..Told::once(fate)
        };
        let user = if told.names_user { visit.user } else { "-" };
        let slowness = 1 + chance.below(16);
        let elapsed = chance.below(1 << slowness);
        let is_tunnel = chance.below(100) < 72;
        let code = match (fate, is_tunnel) {
            (Fate::Denied, _) => "TCP_DENIED/403",
            (Fate::Failed, true) => "TCP_TUNNEL/503",
            (Fate::Failed, false) => "TCP_MISS/503",
            (Fate::Used, true) => "TCP_TUNNEL/200",
            (Fate::Used, false) => chance.pick(CODES),
        };
        let _ = write!(
            out,
            "{}.{:03} {elapsed:6} {} {code} {} ",
            visit.micros.div_euclid(1_000_000),
            visit.micros.rem_euclid(1_000_000) / 1_000,
            visit.client,
            told.bytes
        );
        if is_tunnel {
            let _ = write!(out, "CONNECT {}:443", visit.host);
        } else {
            let method = if chance.below(100) < 82 {
                "GET"
            } else {
                "POST"
            };
            let _ = write!(out, "{method} http://{}", visit.host);
            told.feature = path(visit, chance, out);
        }
        let _ = write!(out, " {user} ");
        if fate == Fate::Denied || code.contains("HIT/") {
            out.extend_from_slice(b"HIER_NONE/- ");
        } else {
            let _ = write!(out, "HIER_DIRECT/{} ", visit.server);
        }
        let content_type = if is_tunnel { "-" } else { chance.pick(TYPES) };
        let _ = writeln!(out, "{content_type}");
        told
    }
}
