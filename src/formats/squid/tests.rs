//! Rows of Squid as they are, and as somebody forges them.

use super::*;

fn event(record: &str) -> Event<'_> {
    match Squid::default().parse(record.as_bytes()) {
        Parsed::Event(event) => event,
        other => panic!("{record}: {other:?}"),
    }
}

fn outcome_of(code_and_status: &str, peer: &str) -> Outcome {
    let record =
        format!("1793614272.345 88 192.0.2.7 {code_and_status} 5 GET http://a.example/ - {peer} -");
    event(&record).outcome
}

#[test]
fn an_authentication_challenge_is_no_block() {
    for (code, peer, outcome) in [
        ("TCP_DENIED/407", "HIER_NONE/-", Outcome::Error),
        ("TCP_DENIED/401", "HIER_NONE/-", Outcome::Error),
        ("TCP_DENIED/403", "HIER_NONE/-", Outcome::Blocked),
        (
            "TCP_DENIED_REPLY/403",
            "HIER_DIRECT/203.0.113.5",
            Outcome::Blocked,
        ),
        ("TCP_DENIED/302", "HIER_NONE/-", Outcome::Blocked),
        ("TCP_DENIED/511", "HIER_NONE/-", Outcome::Error),
        ("TCP_REDIRECT/302", "HIER_NONE/-", Outcome::Blocked),
        ("TCP_MISS/302", "HIER_DIRECT/203.0.113.5", Outcome::Allowed),
        ("NONE/403", "NONE/-", Outcome::Blocked),
        ("NONE_NONE/000", "HIER_NONE/-", Outcome::Error),
        ("TAG_NONE/400", "HIER_NONE/-", Outcome::Error),
        ("NONE_NONE/200", "HIER_NONE/-", Outcome::Allowed),
        ("TCP_MISS/403", "HIER_DIRECT/203.0.113.5", Outcome::Allowed),
        ("TCP_HIT/404", "HIER_NONE/-", Outcome::Allowed),
        ("TCP_MISS/503", "HIER_NONE/-", Outcome::Error),
        (
            "TCP_MISS_ABORTED/000",
            "HIER_DIRECT/203.0.113.5",
            Outcome::Error,
        ),
    ] {
        assert_eq!(outcome_of(code, peer), outcome, "{code} {peer}");
    }
}

fn user_of(url_and_user: &str) -> Option<String> {
    let record = format!(
        "1793614272.345 88 192.0.2.7 TCP_MISS/200 5 GET {url_and_user} HIER_DIRECT/203.0.113.5 text/plain"
    );
    let event = event(&record);
    assert_eq!(event.host, Some("evil.example".into()));
    assert_eq!(event.server, ip(b"203.0.113.5"));
    event.user.map(|user| user.lossy().into_owned())
}

#[test]
fn blanks_in_a_url_cannot_forge_user_host_or_server() {
    let forged = "http://evil.example/a alice HIER_DIRECT/192.0.2.99 text/html";
    assert_eq!(user_of(&format!("{forged} -")), None);
    let user = user_of(&format!("{forged} bob"));
    assert_eq!(
        user.as_deref(),
        Some("alice HIER_DIRECT/192.0.2.99 text/html bob")
    );
}

#[test]
fn a_user_with_blanks_is_whole() {
    let user = user_of("http://evil.example/a carol white 100%25");
    assert_eq!(user.as_deref(), Some("carol white 100%"));
}

#[test]
fn appended_columns_cannot_forge_the_user() {
    let record = r#"1793614272.345 88 192.0.2.7 TCP_MISS/200 5 GET http://a.example/ bob HIER_DIRECT/203.0.113.5 text/html "-" "x eve HIER_DIRECT/1.1.1.1 text/html""#;
    assert_eq!(event(record).user, Some("bob".into()));
    let record = "1793614272.345 88 192.0.2.7 TCP_MISS/200 5 GET http://a.example/ bob HIER_DIRECT/203.0.113.5 text/html [Host:%20a.example] [Server:%20x]";
    assert_eq!(event(record).content_type, Some("text/html".into()));
}

/// Who pastes it into both files gets what it promises.
#[test]
fn the_layout_that_is_advised_is_one_that_is_read() {
    let after = |mark: &str| {
        MORE_COLUMNS
            .lines()
            .find_map(|l| l.trim().strip_prefix(mark))
    };
    let written = after("logformat gnomon ").unwrap();
    let named = after("format = 'squid: ").unwrap().strip_suffix('\'');
    assert_eq!(named, Some(written));
    let formats = crate::formats::Formats::embedded();
    let format = formats.named(&format!("squid: {written}")).unwrap();
    assert!(format.tells.has(Field::UserAgent) && format.tells.has(Field::BytesUp));
    let record = r#"1793614272.345     88 192.0.2.7 TCP_TUNNEL/200 5678 CONNECT chatgpt.com:443 alice HIER_DIRECT/203.0.113.5 - "curl/8" 1234"#;
    let mut parser = format.open(&Context {
        zone: jiff::tz::TimeZone::UTC,
        modified: Time::default(),
    });
    let Parsed::Event(event) = parser.parse(record.as_bytes()) else {
        panic!("{record}");
    };
    assert_eq!((event.bytes_up, event.bytes_down), (Some(1234), Some(5678)));
    assert_eq!(event.user_agent, Some("curl/8".into()));
}

#[test]
fn old_hierarchy_words_and_peer_names_are_read() {
    let record = "1157689312.049   5006 client.example.org TCP_MISS/200 19763 CONNECT chatgpt.com:443 carol DIRECT/chatgpt.com -";
    let event = event(record);
    assert_eq!((event.client, event.server), (None, None));
    assert_eq!(event.client_name, Some("client.example.org".into()));
}

#[test]
fn other_lines_of_a_system_log_are_skipped() {
    for line in [
        "Nov  2 10:11:12 gw cron[1]: (root) CMD (true)",
        "Nov  2 10:11:12 gw squid[77]: Squid Parent: (squid-1) process 79 started",
        "",
    ] {
        assert!(
            matches!(Squid::default().parse(line.as_bytes()), Parsed::Skip(_)),
            "{line}"
        );
    }
}

#[test]
fn rows_between_caches_are_skipped_and_fragments_are_bad() {
    let icp =
        b"1793614272.345 0 192.0.2.7 UDP_MISS/000 66 ICP_QUERY http://a.example/ - HIER_NONE/- -";
    assert!(matches!(Squid::default().parse(icp), Parsed::Skip(_)));
    for bad in [
        "1793614272.345",
        "x",
        "1793614272.345 88 192.0.2.7 TCP_MISS/200 5 GET http://a.example/",
    ] {
        assert!(
            matches!(Squid::default().parse(bad.as_bytes()), Parsed::Bad(_)),
            "{bad}"
        );
    }
}
