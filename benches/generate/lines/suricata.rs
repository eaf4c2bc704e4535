//! Suricata's EVE: six in ten records are questions to DNS, three are TLS handshakes, one is HTTP in the clear.

use std::io::Write as _;

use super::super::chance::Chance;
use super::super::truth::Fate;
use super::{Clock, Layout, Scribe, Told, Visit, path, port, size, spelled};

pub(super) const SURICATA: Layout = Layout {
    name: "suricata",
    format: "suricata",
    micros: 1,
    open: || {
        Box::new(Suricata {
            clock: Clock::new("%Y-%m-%dT%H:%M:%S"),
            buffer: Vec::new(),
        })
    },
};

struct Suricata {
    clock: Clock,
    buffer: Vec<u8>,
}

impl Scribe for Suricata {
    fn write(&mut self, visit: &Visit<'_>, chance: &mut Chance, out: &mut Vec<u8>) -> Told {
        let kind = chance.below(10);
        let (event_type, server, server_port, transport) = match kind {
            0..=5 => ("dns", "198.18.255.53", 53, "UDP"),
            6..=8 => ("tls", visit.server, 443, "TCP"),
            _ => ("http", visit.server, 80, "TCP"),
        };
        let _ = write!(
            out,
            "{{\"timestamp\":\"{}.{:06}+0000\",\"flow_id\":{},\"in_iface\":\"eth0\",\"event_type\":\"{event_type}\",\"src_ip\":\"{}\",\"src_port\":{},\"dest_ip\":\"{server}\",\"dest_port\":{server_port},\"proto\":\"{transport}\",\"ip_v\":4,\"pkt_src\":\"wire/pcap\",",
            self.clock.read(visit.micros),
            visit.micros.rem_euclid(1_000_000),
            chance.next() >> 13,
            visit.client,
            port(chance)
        );
        match event_type {
            "dns" => self.dns(visit, chance, out),
            "tls" => tls(visit, chance, out),
            _ => http(visit, chance, out),
        }
    }
}

impl Suricata {
    fn dns(&mut self, visit: &Visit<'_>, chance: &mut Chance, out: &mut Vec<u8>) -> Told {
        let name = spelled(visit.host, &mut self.buffer, chance);
        let _ = writeln!(
            out,
            "\"dns\":{{\"version\":3,\"type\":\"request\",\"tx_id\":0,\"id\":{},\"flags\":\"100\",\"rd\":true,\"opcode\":0,\"rcode\":\"NOERROR\",\"queries\":[{{\"rrname\":\"{name}\",\"rrtype\":\"{}\"}}]}}}}",
            chance.below(1 << 16),
            chance.pick(&["A", "AAAA", "HTTPS"])
        );
        Told::once(Fate::Used)
    }
}

fn tls(visit: &Visit<'_>, chance: &mut Chance, out: &mut Vec<u8>) -> Told {
    let _ = writeln!(
        out,
        "\"tls\":{{\"sni\":\"{}\",\"version\":\"TLS 1.3\",\"ja3\":{{\"hash\":\"{:016x}{:016x}\",\"string\":\"771,4865-4867-4866-49195-49199-52393-52392-49196-49200-49162-49161-49171-49172-156-157-47-53,0-23-65281-10-11-35-16-5-51-43-13-45-28-21,29-23-24-25-256-257,0\"}},\"ja3s\":{{\"hash\":\"{:016x}{:016x}\",\"string\":\"771,4865,51-43\"}}}}}}",
        visit.host,
        chance.next(),
        chance.next(),
        chance.next(),
        chance.next()
    );
    Told::once(Fate::Used)
}

fn http(visit: &Visit<'_>, chance: &mut Chance, out: &mut Vec<u8>) -> Told {
    let _ = write!(
        out,
        "\"tx_id\":0,\"http\":{{\"hostname\":\"{}\",\"url\":\"",
        visit.host
    );
    let feature = path(visit, chance, out);
    let bytes = size(chance);
    let _ = writeln!(
        out,
        "\",\"http_user_agent\":\"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\",\"http_content_type\":\"{}\",\"http_method\":\"{}\",\"protocol\":\"HTTP/1.1\",\"status\":{},\"length\":{bytes}}}}}",
        chance.pick(&["text/html", "application/json", "image/png"]),
        chance.pick(&["GET", "GET", "GET", "POST"]),
        chance.pick(&["200", "200", "200", "304", "404"]),
    );
    Told {
        bytes,
        feature,
        ..Told::once(Fate::Used)
    }
}
