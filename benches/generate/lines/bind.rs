//! BIND's query log with time, category and severity, and the lines of a response policy beneath the questions that it
//! stops.

use std::io::Write as _;

use super::super::chance::Chance;
use super::super::truth::Fate;
use super::{Clock, Layout, Scribe, Told, Visit, port, spelled};

pub(super) const BIND: Layout = Layout {
    name: "bind",
    format: "bind",
    micros: 1_000,
    open: || {
        Box::new(Bind {
            clock: Clock::new("%d-%b-%Y %H:%M:%S"),
            buffer: Vec::new(),
        })
    },
};

struct Bind {
    clock: Clock,
    buffer: Vec<u8>,
}

impl Scribe for Bind {
    fn write(&mut self, visit: &Visit<'_>, chance: &mut Chance, out: &mut Vec<u8>) -> Told {
        let millis = visit.micros.rem_euclid(1_000_000) / 1_000;
        let time = self.clock.read(visit.micros);
        let name = spelled(visit.host, &mut self.buffer, chance);
        let object = chance.next() >> 24;
        let port = port(chance);
        let client = visit.client;
        let qtype = chance.pick(&["A", "A", "A", "AAAA", "AAAA", "HTTPS"]);
        let flags = chance.pick(&["+E(0)K", "+", "+E(0)DC", "+E(0)"]);
        let _ = writeln!(
            out,
            "{time}.{millis:03} queries: info: client @0x7f{object:010x} {client}#{port} ({name}): query: {name} IN {qtype} {flags} (198.18.255.53)"
        );
        if !chance.one_in(100) {
            return Told::once(Fate::Used);
        }
        let _ = writeln!(
            out,
            "{time}.{millis:03} rpz: info: client @0x7f{object:010x} {client}#{port} ({name}): rpz QNAME NXDOMAIN rewrite {name}/{qtype}/IN via {name}.policy.invalid"
        );
        Told {
            lines: 2,
            events: 2,
            ..Told::once(Fate::Denied)
        }
    }
}
