//! One moment in every notation, and what is no time.

use super::*;

fn utc(text: &str, formats: &[&str]) -> Option<String> {
    let formats: Vec<String> = formats.iter().map(ToString::to_string).collect();
    match read(text.as_bytes(), &formats)? {
        Stamp::Instant(time) => Some(time.to_string()),
        Stamp::Local(civil) => Some(format!("local {}", civil.as_utc()?)),
        Stamp::Yearless(civil) => Some(format!(
            "yearless {}",
            Civil {
                year: 2026,
                ..civil
            }
            .as_utc()?
        )),
    }
}

#[test]
fn every_notation_of_one_moment() {
    for text in [
        "2026-11-02T10:11:12.345Z",
        "2026-11-02T11:11:12.345678+01:00",
        "2026-11-02T11:11:12.3450000+0100",
        "2026-11-02T05:11:12.345--5:00",
        "2026/11/02 10:11:12.345 UTC",
        "1793614272.345",
        "1793614272345",
        "1793614272345678",
        "1793614272345678901",
        "1793614272.345678901",
    ] {
        assert_eq!(
            utc(text, &[]).as_deref(),
            Some("2026-11-02T10:11:12.345Z"),
            "{text}"
        );
    }
    for text in [
        "02/Nov/2026:11:11:12 +0100",
        "[02/Nov/2026:10:11:12 +0000]",
        "Mon, 02 Nov 2026 10:11:12 GMT",
        "Mon Nov 02 05:11:12 EST 2026",
        "Nov 02 2026 10:11:12 UTC",
        "2 Nov 2026 10:11:12 GMT",
        "1793614272",
    ] {
        assert_eq!(
            utc(text, &[]).as_deref(),
            Some("2026-11-02T10:11:12.000Z"),
            "{text}"
        );
    }
    for text in [
        "2026-11-02 10:11:12",
        "2026/11/2 10:11:12",
        "20261102 10:11:12",
        "Mon Nov  2 10:11:12 2026",
        "02-Nov-2026 10:11:12",
        "Nov 2, 2026 10:11:12",
    ] {
        assert_eq!(
            utc(text, &[]).as_deref(),
            Some("local 2026-11-02T10:11:12.000Z"),
            "{text}"
        );
    }
    assert_eq!(
        utc("Nov  2 10:11:12", &[]).as_deref(),
        Some("yearless 2026-11-02T10:11:12.000Z")
    );
}

#[test]
fn what_could_be_two_days_needs_a_format() {
    assert_eq!(utc("02/11/2026 10:11:12", &[]), None);
    assert_eq!(
        utc("02/11/2026 10:11:12", &["%d/%m/%Y %H:%M:%S"]).as_deref(),
        Some("local 2026-11-02T10:11:12.000Z")
    );
    assert_eq!(
        utc("11/2/2026 10:11:12 PM", &["%m/%d/%Y %I:%M:%S %p"]).as_deref(),
        Some("local 2026-11-02T22:11:12.000Z")
    );
}

#[test]
fn nonsense_is_no_time() {
    for text in [
        "",
        "-",
        "soon",
        "12",
        "2026-13-02 10:11:12",
        "2026-11-02",
        "Nov",
        "99:99",
        "[",
        "2026-11-02 10:11:12 Mars",
    ] {
        assert_eq!(utc(text, &[]), None, "{text}");
    }
}

#[test]
fn offsets_and_names_of_zones() {
    for (text, secs) in [
        ("+0100", 3_600),
        ("-05:00", -18_000),
        ("+5", 18_000),
        ("cest", 7_200),
        ("Z", 0),
    ] {
        assert_eq!(offset_secs(text.as_bytes()), Some(secs), "{text}");
    }
    assert_eq!(offset_secs(b"Europe/Berlin"), None);
}
