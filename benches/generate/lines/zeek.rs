//! Zeek's dns.log, as columns and as JSON. A sinkhole's answer is 0.0.0.0; a name that does not exist is an error.

use std::io::Write as _;

use super::super::chance::Chance;
use super::super::truth::Fate;
use super::{Layout, Scribe, Told, Visit, port, spelled};

pub(super) const ZEEK_DNS: Layout = Layout {
    name: "zeek-dns",
    format: "zeek-dns",
    micros: 1,
    open: || Box::new(Zeek::<false>::default()),
};

pub(super) const ZEEK_DNS_JSON: Layout = Layout {
    name: "zeek-dns-json",
    format: "zeek-dns",
    micros: 1,
    open: || Box::new(Zeek::<true>::default()),
};

const HEAD: &str = "\
#separator \\x09
#set_separator\t,
#empty_field\t(empty)
#unset_field\t-
#path\tdns
#open\t2026-09-14-00-00-00
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_id\trtt\tquery\tqclass\tqclass_name\tqtype\tqtype_name\trcode\trcode_name\tAA\tTC\tRD\tRA\tZ\tanswers\tTTLs\trejected
#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tcount\tinterval\tstring\tcount\tstring\tcount\tstring\tcount\tstring\tbool\tbool\tbool\tbool\tcount\tvector[string]\tvector[interval]\tbool
";

const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#[derive(Default)]
struct Zeek<const JSON: bool> {
    buffer: Vec<u8>,
}

impl<const JSON: bool> Scribe for Zeek<JSON> {
    fn head(&mut self, out: &mut Vec<u8>) -> u64 {
        if JSON {
            return 0;
        }
        out.extend_from_slice(HEAD.as_bytes());
        HEAD.lines().count() as u64
    }

    fn write(&mut self, visit: &Visit<'_>, chance: &mut Chance, out: &mut Vec<u8>) -> Told {
        let query = spelled(visit.host, &mut self.buffer, chance);
        let (fate, rcode, rcode_name, answer) = match chance.below(100) {
            0 => (Fate::Denied, 0, "NOERROR", Some("0.0.0.0")),
            1 | 2 => (Fate::Failed, 3, "NXDOMAIN", None),
            _ => (Fate::Used, 0, "NOERROR", Some(visit.server)),
        };
        let (secs, micros) = (
            visit.micros.div_euclid(1_000_000),
            visit.micros.rem_euclid(1_000_000),
        );
        let uid = uid(chance);
        let (client, port) = (visit.client, port(chance));
        let (id, rtt) = (chance.below(1 << 16), chance.below(90_000));
        let (qtype, qtype_name) =
            [(1, "A"), (1, "A"), (28, "AAAA"), (65, "HTTPS")][chance.index(4)];
        if JSON {
            let _ = write!(
                out,
                "{{\"ts\":{secs}.{micros:06},\"uid\":\"{uid}\",\"id.orig_h\":\"{client}\",\"id.orig_p\":{port},\"id.resp_h\":\"198.18.255.53\",\"id.resp_p\":53,\"proto\":\"udp\",\"trans_id\":{id},\"rtt\":0.{rtt:06},\"query\":\"{query}\",\"qclass\":1,\"qclass_name\":\"C_INTERNET\",\"qtype\":{qtype},\"qtype_name\":\"{qtype_name}\",\"rcode\":{rcode},\"rcode_name\":\"{rcode_name}\",\"AA\":false,\"TC\":false,\"RD\":true,\"RA\":true,\"Z\":0,"
            );
            if let Some(answer) = answer {
                let _ = write!(out, "\"answers\":[\"{answer}\"],\"TTLs\":[300.0],");
            }
            out.extend_from_slice(b"\"rejected\":false}\n");
        } else {
            let _ = write!(
                out,
                "{secs}.{micros:06}\t{uid}\t{client}\t{port}\t198.18.255.53\t53\tudp\t{id}\t0.{rtt:06}\t{query}\t1\tC_INTERNET\t{qtype}\t{qtype_name}\t{rcode}\t{rcode_name}\tF\tF\tT\tT\t0\t"
            );
            match answer {
                Some(answer) => {
                    let _ = writeln!(out, "{answer}\t300.000000\tF");
                }
                None => out.extend_from_slice(b"-\t-\tF\n"),
            }
        }
        Told::once(fate)
    }
}

/// `CHhAvVGS1DHFjwGM9`: 17 characters after a C, of which no two connections have the same.
fn uid(chance: &mut Chance) -> String {
    let mut uid = String::from("C");
    let (mut one, mut other) = (chance.next(), chance.next());
    for _ in 0..9 {
        uid.push(char::from(BASE_62[(one % 62) as usize]));
        uid.push(char::from(BASE_62[(other % 62) as usize]));
        (one, other) = (one / 62, other / 62);
    }
    uid.truncate(18);
    uid
}
