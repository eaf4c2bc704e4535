//! Questions, answers and blocks as dnsmasq and Pi-hole write them.

use super::*;

fn parse_all(log: &str) -> Vec<String> {
    let mut parser = open(&Context {
        zone: jiff::tz::TimeZone::UTC,
        modified: "2026-11-23T00:00:00Z".parse().unwrap(),
    });
    log.lines()
        .map(|line| match parser.parse(line.as_bytes()) {
            Parsed::Event(e) => format!(
                "{} {} {}",
                e.client.map_or("-".into(), |c| c.to_string()),
                e.host.map_or("-".into(), |h| h.lossy().into_owned()),
                e.outcome
            ),
            Parsed::Skip(_) => "skip".into(),
            Parsed::Bad(_) => "bad".into(),
        })
        .collect()
}

#[test]
fn a_block_without_serial_belongs_to_the_question_before_it_once() {
    let log = "\
Nov  2 10:11:12 dnsmasq[7]: query[A] chatgpt.com from 192.0.2.7
Nov  2 10:11:12 dnsmasq[7]: gravity blocked chatgpt.com is 0.0.0.0
Nov  2 10:11:12 dnsmasq[7]: gravity blocked chatgpt.com is ::
Nov  2 10:11:12 dnsmasq[7]: query[A] a.example from 192.0.2.7
Nov  2 10:11:12 dnsmasq[7]: gravity blocked b.example is 0.0.0.0";
    assert_eq!(
        parse_all(log),
        [
            "192.0.2.7 chatgpt.com unknown",
            "192.0.2.7 chatgpt.com blocked",
            "skip",
            "192.0.2.7 a.example unknown",
            "skip"
        ]
    );
}

#[test]
fn a_name_with_from_in_it_cannot_forge_the_client() {
    let log = "Nov  2 10:11:12 dnsmasq[7]: query[A] chatgpt.com from 192.0.2.99 from 192.0.2.7";
    assert_eq!(
        parse_all(log),
        ["192.0.2.7 chatgpt.com from 192.0.2.99 unknown"]
    );
}

#[test]
fn an_override_is_no_block() {
    let log = "\
Nov  2 10:11:12 dnsmasq[7]: 4 192.0.2.7/4242 query[A] intra.example from 192.0.2.7
Nov  2 10:11:12 dnsmasq[7]: 4 192.0.2.7/4242 config intra.example is 198.51.100.7
Nov  2 10:11:12 dnsmasq[7]: UDP 5 192.0.2.7/4242 query[type=65] claude.ai from 192.0.2.7
Nov  2 10:11:12 dnsmasq[7]: UDP 5 192.0.2.7/4242 config claude.ai is NODATA
Nov  2 10:11:12 sshd[7]: query[A] forged.example from 192.0.2.7
query[A] forged.example from 192.0.2.7";
    assert_eq!(
        parse_all(log),
        [
            "192.0.2.7 intra.example unknown",
            "skip",
            "192.0.2.7 claude.ai unknown",
            "192.0.2.7 claude.ai blocked",
            "skip",
            "bad"
        ]
    );
}
