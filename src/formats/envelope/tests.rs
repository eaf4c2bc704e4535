//! Headers as relays write them, and what is none.

use super::*;

fn opened(record: &str) -> (String, String, bool) {
    let envelope = open(record.as_bytes());
    let text = |t: &[u8]| String::from_utf8_lossy(t).into_owned();
    (
        text(envelope.program),
        text(envelope.body),
        envelope.stamp.is_some(),
    )
}

#[test]
fn headers_are_taken_off() {
    for (record, program, stamped) in [
        ("<14>Nov  2 10:11:12 gw squid[77]: body x", "squid", true),
        ("Nov  2 10:11:12 gw (squid-1)[77]: body x", "squid", true),
        ("Nov  2 10:11:12 dnsmasq[77]: body x", "dnsmasq", true),
        (
            "2026-11-02T10:11:12.345678+01:00 gw named[77]: body x",
            "named",
            true,
        ),
        (
            "<30>1 2026-11-02T10:11:12Z gw named 77 - - body x",
            "named",
            true,
        ),
        (
            "<30>1 - gw named - - [a b=\"]\\\"\"][c] \u{feff}body x",
            "named",
            false,
        ),
        (
            "<30>Nov  2 10:11:12 relay Nov  2 10:11:12 gw named[77]: body x",
            "named",
            true,
        ),
        ("Nov  2 10:11:12 EST body x", "", true),
        ("57 <14>Nov  2 10:11:12 gw squid[77]: body x", "squid", true),
        ("2026-11-02T10:11:12.3+01:00 stdout F body x", "", true),
        (
            "Mon 2026-11-02 10:11:12 CET gw named[77]: body x",
            "named",
            true,
        ),
        ("1793614272.345678 gw named[77]: body x", "named", true),
        (
            "Mon Nov  2 10:11:12 2026 daemon.info dnsmasq[77]: body x",
            "dnsmasq",
            true,
        ),
        ("<14>body x", "", false),
        ("dnsmasq: body x", "dnsmasq", false),
        (
            "Nov  2 10:11:12 gw named[77]: [ID 873579 daemon.info] body x",
            "named",
            true,
        ),
        ("body x", "", false),
    ] {
        let expected = (program.to_owned(), "body x".to_owned(), stamped);
        assert_eq!(opened(record), expected, "{record}");
    }
}

#[test]
fn a_tag_without_its_colon_is_passed_over() {
    let (program, body, _) = opened("Nov  2 10:11:12 gw squid 1793614272.345 88 x");
    assert_eq!(
        (program.as_str(), body.as_str()),
        ("squid", "1793614272.345 88 x")
    );
    // Twelve seconds are no time since 1970.
    let record = "Nov  2 10:11:12 gw took 12 s";
    assert!(record.ends_with(&opened(record).1));
}

#[test]
fn bind_category_words_are_no_program() {
    let record =
        "queries: info: client 192.0.2.7#4 (a.example): query: a.example IN A + (192.0.2.1)";
    assert_eq!(opened(record).1, record);
}

#[test]
fn an_unfinished_header_stays() {
    for record in [
        "<14",
        "<14>1 ",
        "<99999>x",
        "Nov  2 10:11:12",
        "<14>1 - a b c d [x",
    ] {
        assert!(record.ends_with(&opened(record).1), "{record}");
    }
}

#[test]
fn what_is_found_once_for_all_is_what_each_way_leaves() {
    for record in [
        "<14>1 2026-11-02T10:11:12Z gw squid 77 - - <14>Nov  2 10:11:12 gw squid[77]: body x y",
        "Nov  2 10:11:12 gw Nov  2 10:11:12 relay Nov  2 10:11:12 deep Nov  2 10:11:12 deeper body",
        "Nov  2 10:11:12 gw",
        "Nov  2 10:11:12 gw squid",
        "body x",
        "",
    ] {
        let record = record.as_bytes();
        let ways = (0..WAYS).filter_map(|way| nth(record, way));
        let bodies: Vec<&[u8]> = ways.map(|envelope| envelope.body).collect();
        assert_eq!(Opened::new(record).bodies(), bodies);
    }
}
