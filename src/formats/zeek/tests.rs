//! Rows of Zeek as TSV and as JSON, each with the event that it is or the reason why it is none.

use proptest::prelude::*;

use super::*;
use crate::model::{Event, Outcome, Time, Untrusted};

fn parser(format: &Coded) -> Box<dyn Parser> {
    (format.open)(&Context {
        zone: jiff::tz::TimeZone::UTC,
        modified: Time::from_secs(1_795_000_000),
    })
}

/// Feeds a header and gives what becomes of the row behind it.
fn after<'a>(format: &Coded, header: &[&str], row: &'a str) -> Parsed<'a> {
    let mut parser = parser(format);
    for line in header {
        assert_eq!(parser.parse(line.as_bytes()), Parsed::Skip("header"));
    }
    parser.parse(row.as_bytes())
}

fn event(parsed: Parsed<'_>) -> Event<'_> {
    match parsed {
        Parsed::Event(event) => event,
        other => panic!("{other:?} is no event"),
    }
}

fn host(event: &Event<'_>) -> String {
    event
        .host
        .as_ref()
        .map(Untrusted::shown)
        .unwrap_or_default()
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let row = after(
        &DNS,
        &["#fields\tquery\tnew_in_zeek_99\tts\tid.orig_h"],
        "chatgpt.com\tx\t1793614272.345678\t192.0.2.7",
    );
    let event = event(row);
    assert_eq!(host(&event), "chatgpt.com");
    assert_eq!(event.time, Time::from_micros(1_793_614_272_345_678));
    assert_eq!(event.client, "192.0.2.7".parse().ok());
}

#[test]
fn what_the_header_does_not_name_cannot_be_told() {
    use crate::model::Field;
    let event = event(after(
        &DNS,
        &["#fields\tts\tquery"],
        "1793614272.0\ta.example.org",
    ));
    assert!(event.tells.has(Field::Host));
    assert!(!event.tells.has(Field::Client) && !event.tells.has(Field::Outcome));
    assert!(!CONN.tells.has(Field::Host) && CONN.tells.has(Field::BytesUp));
}

#[test]
fn a_row_without_a_known_header_is_refused_with_the_reason() {
    let row = "1793614272.0\ta.example.org";
    assert_eq!(
        after(&DNS, &[], row),
        Parsed::Bad("no #fields line before this row")
    );
    assert_eq!(
        after(&DNS, &["#fields\tts\tname"], row),
        Parsed::Bad("no query column")
    );
    assert_eq!(
        after(&DNS, &["#fields\tt\tquery"], row),
        Parsed::Bad("no ts column")
    );
    assert_eq!(
        after(&DNS, &["#fields\tts\tquery\trcode"], row),
        Parsed::Bad("fewer columns than #fields")
    );
    assert_eq!(
        after(&DNS, &["#fields\tquery\tts"], row),
        Parsed::Bad("no readable ts")
    );
    assert_eq!(
        after(&ANY, &["#fields\tts\tquery"], row),
        Parsed::Bad("no #path line before this row")
    );
}

#[test]
fn another_separator_is_honoured_and_forgotten_with_the_next_header() {
    let mut zeek = parser(&DNS);
    for line in ["#separator \\x7c", "#fields|ts|query"] {
        zeek.parse(line.as_bytes());
    }
    assert_eq!(
        host(&event(zeek.parse(b"1793614272.0|a.example.org"))),
        "a.example.org"
    );
    for line in ["#separator \\x09", "#fields\tquery\tts"] {
        zeek.parse(line.as_bytes());
    }
    assert_eq!(
        host(&event(zeek.parse(b"b.example.org\t1793614272.0"))),
        "b.example.org"
    );
}

#[test]
fn rows_of_another_log_in_the_stream_are_skipped_and_read_by_the_format_for_all() {
    let header = ["#path\tssl", "#fields\tts\tserver_name"];
    let row = "1793614272.0\tclaude.ai";
    assert_eq!(
        after(&DNS, &header, row),
        Parsed::Skip("row of another zeek log")
    );
    assert_eq!(host(&event(after(&ANY, &header, row))), "claude.ai");
    let json = "{\"_path\":\"ssl\",\"ts\":1,\"server_name\":\"claude.ai\"}";
    assert_eq!(
        after(&DNS, &[], json),
        Parsed::Skip("row of another zeek log")
    );
    assert_eq!(host(&event(after(&ANY, &[], json))), "claude.ai");
    assert_eq!(
        after(&ANY, &[], "{\"ts\":1,\"query\":\"a\"}"),
        Parsed::Bad("no _path")
    );
}

#[test]
fn both_encodings_of_a_row_are_the_same_event() {
    let tsv = after(
        &HTTP,
        &[
            "#fields\tts\tid.orig_h\tid.orig_p\tmethod\thost\turi\trequest_body_len\tstatus_code\tresp_mime_types",
        ],
        "1793614272.345678\t192.0.2.7\t40000\tPOST\tintranet.example.org:8080\t/a?b\t52000\t200\ttext/html",
    );
    let json = after(
        &HTTP,
        &[],
        "{\"ts\":1793614272.345678,\"id\":{\"orig_h\":\"192.0.2.7\",\"orig_p\":40000},\"method\":\"POST\",\
         \"host\":\"intranet.example.org:8080\",\"uri\":\"/a?b\",\"request_body_len\":52000,\"status_code\":200,\
         \"resp_mime_types\":[\"text/html\"]}",
    );
    let (tsv, mut json) = (event(tsv), event(json));
    json.tells = tsv.tells;
    assert_eq!(tsv, json);
    assert_eq!((tsv.port, tsv.bytes_up), (Some(8080), Some(52_000)));
}

#[test]
fn a_tunnel_has_no_measured_bytes() {
    let event = event(after(
        &HTTP,
        &["#fields\tts\tmethod\thost\turi\trequest_body_len\tresponse_body_len\tstatus_code"],
        "1793614272.0\tCONNECT\tchatgpt.com:443\tchatgpt.com:443\t0\t0\t200",
    ));
    assert_eq!((event.bytes_up, event.bytes_down), (None, None));
    assert_eq!(
        (host(&event).as_str(), event.port),
        ("chatgpt.com", Some(443))
    );
}

#[test]
fn an_error_answer_is_no_policy_but_an_answer_of_nothing_is() {
    let outcome = |rcode: &str, answers: &str| {
        let row = format!("1793614272.0\ta.example.org\t{rcode}\t{answers}");
        event(after(&DNS, &["#fields\tts\tquery\trcode\tanswers"], &row)).outcome
    };
    assert_eq!(outcome("0", "203.0.113.1"), Outcome::Allowed);
    assert_eq!(outcome("0", "-"), Outcome::Allowed);
    assert_eq!(outcome("0", "0.0.0.0,::"), Outcome::Blocked);
    assert_eq!(outcome("0", "203.0.113.1,0.0.0.0"), Outcome::Allowed);
    assert_eq!(outcome("5", "-"), Outcome::Error);
    assert_eq!(outcome("-", "-"), Outcome::Unknown);
}

#[test]
fn hostile_json_is_refused_and_does_not_panic() {
    let deep = format!(
        "{{\"ts\":1,\"query\":{}1{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let bad = |json: &[u8]| match parser(&DNS).parse(json) {
        Parsed::Bad(why) => why.to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(bad(b"{\"ts\":1,\"query\":\"\xff\"}"), "not JSON");
    assert_eq!(bad(b"{\"ts\":1,\"ts\":2}"), "a JSON key twice");
    assert_eq!(bad(b"{\"ts\":1} {\"ts\":1}"), "not JSON");
    assert_eq!(bad(b"{"), "JSON cut off");
    assert_eq!(bad(deep.as_bytes()), "JSON nested too deeply");
    // In a key that is not read, nobody looks.
    let ignored = deep.replace("\"query\":[", "\"query\":\"a.example\",\"x\":[");
    assert!(matches!(
        parser(&DNS).parse(ignored.as_bytes()),
        Parsed::Event(_)
    ));
}

const SAMPLES: [&str; 7] = [
    include_str!("../../../tests/formats/zeek-dns/sample.log"),
    include_str!("../../../tests/formats/zeek-http/sample.log"),
    include_str!("../../../tests/formats/zeek-ssl/sample.log"),
    include_str!("../../../tests/formats/zeek-quic/sample.log"),
    include_str!("../../../tests/formats/zeek-conn/sample.log"),
    include_str!("../../../tests/formats/zeek-dns-json/sample.log"),
    include_str!("../../../tests/formats/zeek/sample.log"),
];

proptest! {
    #[test]
    fn a_damaged_sample_never_panics(
        which in 0..SAMPLES.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut bytes = SAMPLES[which].as_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for format in [&ANY, &CONN, &DNS, &HTTP, &QUIC, &SSL] {
            let mut parser = parser(format);
            for line in bytes.split(|byte| *byte == b'\n') {
                prop_assert!((format.sniff)(line) <= 100);
                if let Parsed::Event(event) = parser.parse(line) {
                    prop_assert_eq!(format.tells.union(event.tells), format.tells);
                }
            }
        }
    }
}
