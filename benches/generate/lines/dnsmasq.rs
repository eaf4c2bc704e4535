//! dnsmasq's query log (`log-queries`): a question, and a line for each step towards its answer. Names that are kept
//! from people resolve to 0.0.0.0. The year is not written.

use std::io::Write as _;

use super::super::chance::Chance;
use super::super::truth::Fate;
use super::{Clock, Layout, Scribe, Told, Visit, spelled};

pub(super) const DNSMASQ: Layout = Layout {
    name: "dnsmasq",
    format: "dnsmasq",
    micros: 1_000_000,
    open: || {
        Box::new(Dnsmasq {
            clock: Clock::new("%b %e %H:%M:%S"),
            buffer: Vec::new(),
        })
    },
};

struct Dnsmasq {
    clock: Clock,
    buffer: Vec<u8>,
}

impl Scribe for Dnsmasq {
    fn write(&mut self, visit: &Visit<'_>, chance: &mut Chance, out: &mut Vec<u8>) -> Told {
        let time = self.clock.read(visit.micros);
        let name = spelled(visit.host, &mut self.buffer, chance);
        let head = format_args!("{time} dnsmasq[2653]: ");
        let is_denied = chance.one_in(100);
        // A block is told of questions for an address only.
        let qtype = if is_denied {
            "A"
        } else {
            chance.pick(&["A", "A", "A", "AAAA", "AAAA", "HTTPS"])
        };
        let _ = writeln!(out, "{head}query[{qtype}] {name} from {}", visit.client);
        if is_denied {
            let _ = writeln!(out, "{head}config {name} is 0.0.0.0");
            return Told {
                lines: 2,
                events: 2,
                ..Told::once(Fate::Denied)
            };
        }
        if chance.one_in(3) {
            let _ = writeln!(out, "{head}cached {name} is {}", visit.server);
            return Told {
                lines: 2,
                ..Told::once(Fate::Used)
            };
        }
        let _ = writeln!(out, "{head}forwarded {name} to 198.18.255.54");
        let _ = writeln!(out, "{head}reply {name} is {}", visit.server);
        Told {
            lines: 3,
            ..Told::once(Fate::Used)
        }
    }
}
