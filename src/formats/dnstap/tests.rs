//! Frames made by hand: which of query and response counts, policies, other messages, damage.

use proptest::prelude::*;

use super::*;

fn parser() -> Box<dyn Parser> {
    open(&Context {
        zone: jiff::tz::TimeZone::UTC,
        modified: "2026-11-24T00:00:00Z".parse().unwrap(),
    })
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length > 127 {
        field.push((length & 127) as u8 | 128);
        length >>= 7;
    }
    field.push(length as u8);
    field.extend(bytes);
    field
}

fn dns(response: bool, rcode: u8, answer: &[u8]) -> Vec<u8> {
    let count = u8::from(!answer.is_empty());
    let high = if response { 0x81 } else { 0x01 };
    let mut packet = vec![0, 7, high, rcode, 0, 1, 0, count, 0, 0, 0, 0];
    packet.extend(b"\x07ChatGPT\x03com\0\0\x01\0\x01");
    packet.extend(answer);
    packet
}

const NOWHERE: &[u8] = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\0\0\0\0";

fn line(kind: u8, rest: &[u8]) -> Vec<u8> {
    let mut message = vec![0x08, kind];
    message.extend(field(4, &[192, 0, 2, 7]));
    message.extend(field(5, &[203, 0, 113, 5]));
    message.extend([0x30, 0xd4, 0x9e, 0x03, 0x40]);
    // 1793614272 as a varint.
    message.extend([0xc0, 0xc3, 0xa1, 0xd7, 0x06]);
    message.push(0x4d);
    message.extend(345_000_000_u32.to_le_bytes());
    message.extend(rest);
    let frame = [field(1, b"ns1"), field(14, &message), vec![0x78, 1]].concat();
    format!("dnstap {}", BASE64.encode(frame)).into_bytes()
}

fn shown(parsed: Parsed<'_>) -> String {
    match parsed {
        Parsed::Event(event) => super::super::json_line(1, "dnstap", &Parsed::Event(event))
            .replace(
                "{\"line\":1,\"result\":\"event\",\"format\":\"dnstap\",\"kind\":\"dns\",",
                "{",
            ),
        Parsed::Skip(why) => format!("skip {why}"),
        Parsed::Bad(why) => format!("bad {why}"),
    }
}

const QUESTION: &str = r#""client":"192.0.2.7","client_port":53076,"host":"chatgpt.com""#;

#[test]
fn a_query_counts_and_its_response_does_not() {
    let query = line(5, &field(10, &dns(false, 0, b"")));
    let response = line(6, &field(14, &dns(true, 0, NOWHERE)));
    let mut parser = parser();
    let event = shown(parser.parse(&query));
    assert!(
        event.contains(QUESTION) && event.contains("\"outcome\":\"unknown\""),
        "{event}"
    );
    assert!(event.contains("2026-11-02T10:11:12.345Z"), "{event}");
    assert_eq!(
        shown(parser.parse(&response)),
        "skip answer to a logged question"
    );
}

#[test]
fn a_response_counts_where_queries_are_not_logged() {
    let event = shown(parser().parse(&line(6, &field(14, &dns(true, 0, NOWHERE)))));
    assert!(
        event.contains(QUESTION) && event.contains("\"outcome\":\"blocked\""),
        "{event}"
    );
    let event = shown(parser().parse(&line(6, &field(14, &dns(true, 3, b"")))));
    assert!(event.contains("\"outcome\":\"error\""), "{event}");
    // Some servers log the query with the response and not the response.
    let event = shown(parser().parse(&line(6, &field(10, &dns(false, 0, b"")))));
    assert!(event.contains(QUESTION), "{event}");
}

#[test]
fn a_response_in_front_of_its_query_is_the_same_lookup() {
    let mut parser = parser();
    let response = line(6, &field(14, &dns(true, 0, b"")));
    let query = line(5, &field(10, &dns(false, 0, b"")));
    assert!(shown(parser.parse(&response)).contains(QUESTION));
    assert_eq!(
        shown(parser.parse(&query)),
        "skip question of a counted answer"
    );
}

#[test]
fn a_policy_that_blocks_is_told_beside_the_query() {
    for (action, expected) in [(1, "\"outcome\":\"blocked\""), (3, "skip answer")] {
        let mut parser = parser();
        let _ = parser.parse(&line(5, &field(10, &dns(false, 0, b""))));
        let policy = [field(1, b"RPZ"), vec![0x18, action]].concat();
        let response = [field(14, &dns(true, 3, b"")), field(15, &policy)].concat();
        let event = shown(parser.parse(&line(6, &response)));
        assert!(event.contains(expected), "{event}");
    }
}

#[test]
fn what_servers_say_to_each_other_is_skipped_and_rubbish_is_bad() {
    let packet = field(10, &dns(false, 0, b""));
    for kind in [1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 99] {
        let result = shown(parser().parse(&line(kind, &packet)));
        assert!(result.starts_with("skip"), "{kind} {result}");
    }
    for record in [
        &b"dnstap "[..],
        b"dnstap AAAA",
        b"dnstap !",
        b"hello",
        b"dnstap cgA=",
    ] {
        let result = shown(parser().parse(record));
        assert!(result.starts_with("bad"), "{result}");
    }
    assert!(shown(parser().parse(&line(5, &field(10, b"\0\x07")))).starts_with("bad"));
}

proptest! {
    #[test]
    fn a_damaged_frame_never_panics(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        kind in 5..7_u8,
    ) {
        let rest = [field(10, &dns(false, 0, b"")), field(14, &dns(true, 0, NOWHERE))].concat();
        let mut frame = frame(&line(kind, &rest)).unwrap();
        for (at, byte) in damage {
            let at = at.index(frame.len());
            frame[at] = byte;
        }
        let record = format!("dnstap {}", BASE64.encode(frame)).into_bytes();
        prop_assert!(sniff(&record) <= 100);
        let _ = parser().parse(&record);
    }
}
