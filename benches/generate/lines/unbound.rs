//! Unbound's query log (`log-queries`), its own file with seconds since 1970.

use std::io::Write as _;

use super::super::chance::Chance;
use super::super::truth::Fate;
use super::{Layout, Scribe, Told, Visit, spelled};

pub(super) const UNBOUND: Layout = Layout {
    name: "unbound",
    format: "unbound",
    micros: 1_000_000,
    open: || Box::new(Unbound { buffer: Vec::new() }),
};

struct Unbound {
    buffer: Vec<u8>,
}

impl Scribe for Unbound {
    fn write(&mut self, visit: &Visit<'_>, chance: &mut Chance, out: &mut Vec<u8>) -> Told {
        let name = spelled(visit.host, &mut self.buffer, chance);
        let _ = writeln!(
            out,
            "[{}] unbound[2873:{}] info: {} {name}. {} IN",
            visit.micros.div_euclid(1_000_000),
            chance.below(4),
            visit.client,
            chance.pick(&["A", "A", "A", "AAAA", "AAAA", "HTTPS"]),
        );
        Told::once(Fate::Used)
    }
}
