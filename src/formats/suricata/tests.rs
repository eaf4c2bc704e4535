//! Lines of EVE as sensors write them, each with the event that it is or the reason why it is none.

use proptest::prelude::*;

use super::*;
use crate::formats::Context;
use crate::model::{Outcome, Time};

fn parser(format: &Coded) -> Box<dyn Parser> {
    (format.open)(&Context {
        zone: jiff::tz::TimeZone::UTC,
        modified: Time::from_secs(1_795_000_000),
    })
}

fn event<'a>(format: &Coded, record: &'a str) -> Event<'a> {
    match parser(format).parse(record.as_bytes()) {
        Parsed::Event(event) => event,
        other => panic!("{other:?} is no event"),
    }
}

fn record(event_type: &str, ends: &str, object: &str) -> String {
    format!(
        "{{\"timestamp\":\"2026-11-02T11:11:12.345678+0100\",\"flow_id\":1,\"event_type\":\"{event_type}\",{ends},{object}}}"
    )
}

const CLIENT_FIRST: &str =
    "\"src_ip\":\"192.0.2.7\",\"src_port\":51234,\"dest_ip\":\"192.0.2.53\",\"dest_port\":53";
const SERVER_FIRST: &str =
    "\"src_ip\":\"192.0.2.53\",\"src_port\":53,\"dest_ip\":\"192.0.2.7\",\"dest_port\":51234";

#[test]
fn one_lookup_counts_once_in_every_version() {
    for (question, answer, ends) in [
        (
            "\"dns\":{\"type\":\"query\",\"id\":7,\"rrname\":\"chatgpt.com\",\"rrtype\":\"A\"}",
            "\"dns\":{\"type\":\"answer\",\"id\":7,\"rcode\":\"NOERROR\",\"rrname\":\"chatgpt.com\",\"rrtype\":\"A\",\"rdata\":\"203.0.113.1\"}",
            CLIENT_FIRST,
        ),
        (
            "\"dns\":{\"version\":2,\"type\":\"query\",\"id\":7,\"rrname\":\"chatgpt.com\",\"rrtype\":\"A\"}",
            "\"dns\":{\"version\":2,\"type\":\"answer\",\"id\":7,\"rcode\":\"NOERROR\",\"rrname\":\"chatgpt.com\",\"rrtype\":\"A\",\"answers\":[{\"rdata\":\"203.0.113.1\"}]}",
            CLIENT_FIRST,
        ),
        (
            "\"dns\":{\"version\":3,\"type\":\"request\",\"id\":7,\"queries\":[{\"rrname\":\"chatgpt.com\",\"rrtype\":\"A\"}]}",
            "\"dns\":{\"version\":3,\"type\":\"response\",\"id\":7,\"rcode\":\"NOERROR\",\"queries\":[{\"rrname\":\"chatgpt.com\",\"rrtype\":\"A\"}],\"answers\":[{\"rdata\":\"203.0.113.1\"}]}",
            SERVER_FIRST,
        ),
    ] {
        let question = record("dns", CLIENT_FIRST, question);
        let answer = record("dns", ends, answer);
        for (format, counted, skipped) in [
            (&SURICATA, &question, &answer),
            (&ANSWERS, &answer, &question),
        ] {
            let event = event(format, counted);
            assert_eq!(
                event.host.as_ref().map(Untrusted::shown).as_deref(),
                Some("chatgpt.com")
            );
            assert_eq!(event.client, "192.0.2.7".parse().ok());
            assert_eq!(event.client_port, Some(51234));
            assert_eq!(event.time.to_string(), "2026-11-02T10:11:12.345Z");
            assert!(matches!(
                parser(format).parse(skipped.as_bytes()),
                Parsed::Skip(_)
            ));
        }
        let event = event(&ANSWERS, &answer);
        assert_eq!(event.answers, [Untrusted::new(b"203.0.113.1")]);
        assert_eq!(event.outcome, Outcome::Allowed);
    }
}

#[test]
fn several_answer_records_of_version_1_are_one_lookup() {
    let record = record(
        "dns",
        CLIENT_FIRST,
        "\"dns\":{\"type\":\"answer\",\"id\":7,\"rrname\":\"chatgpt.com\",\"rdata\":\"203.0.113.1\"}",
    );
    let next = record.replace("\"id\":7", "\"id\":8");
    let mut parser = parser(&ANSWERS);
    assert!(matches!(parser.parse(record.as_bytes()), Parsed::Event(_)));
    assert_eq!(
        parser.parse(record.as_bytes()),
        Parsed::Skip("another record of the same answer")
    );
    assert!(matches!(parser.parse(next.as_bytes()), Parsed::Event(_)));
}

#[test]
fn a_flow_is_dated_by_its_start_and_has_no_host() {
    use crate::model::Field;
    let record = record(
        "flow",
        CLIENT_FIRST,
        "\"flow\":{\"bytes_toserver\":10,\"bytes_toclient\":20,\"state\":\"closed\",\
         \"start\":\"2026-11-02T10:00:00.000000+0000\",\"end\":\"2026-11-02T10:00:01.500000+0000\"}",
    );
    let event = event(&SURICATA, &record);
    assert_eq!(event.time.to_string(), "2026-11-02T10:00:00.000Z");
    assert_eq!(event.duration_ms, Some(1500));
    assert_eq!((event.bytes_up, event.bytes_down), (Some(10), Some(20)));
    assert!(!event.tells.has(Field::Host));
}

#[test]
fn hostile_json_is_refused_and_does_not_panic() {
    let bad = |json: &[u8]| match parser(&SURICATA).parse(json) {
        Parsed::Bad(why) => why.to_owned(),
        other => format!("{other:?}"),
    };
    let nested = "{\"event\":".repeat(10_000) + "1" + &"}".repeat(10_000);
    assert_eq!(bad(nested.as_bytes()), "no event_type");
    assert_eq!(bad("[".repeat(10_000).as_bytes()), "not JSON");
    assert_eq!(bad(b"[\"2026-11-02T10:11:12Z\",\"tls\"]"), "not JSON");
    assert_eq!(
        bad(b"{\"event_type\":\"dns\",\"dns\":{\"rrname\":\"\xff\"}}"),
        "not JSON"
    );
    let twice = record(
        "tls",
        CLIENT_FIRST,
        "\"tls\":{\"sni\":\"a.example\",\"sni\":\"b.example\"}",
    );
    assert_eq!(bad(twice.as_bytes()), "a JSON key twice");
    assert_eq!(
        bad(b"{\"event_type\":\"tls\",\"event_type\":\"dns\"}"),
        "a JSON key twice"
    );
}

const SAMPLES: [&str; 4] = [
    include_str!("../../../tests/formats/suricata-connections/sample.log"),
    include_str!("../../../tests/formats/suricata-answers/sample.log"),
    include_str!("../../../tests/formats/suricata-aws/sample.log"),
    include_str!("../../../tests/formats/suricata-damaged/sample.log"),
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
        for format in [&SURICATA, &ANSWERS] {
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
