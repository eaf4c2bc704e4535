//! One moment in every notation, and what is no time.

use super::*;

fn utc(text: &str, formats: &[&str]) -> Option<String> {
    let formats: Vec<String> = formats.iter().map(ToString::to_string).collect();
    match read(text.as_bytes(), &formats)? {
        Stamp::Instant(time) => Some(time.to_string()),
        Stamp::Local(civil) => Some(format!("local {}", civil.as_utc()?)),
        Stamp::YearlessAt(..) => Some("yearless in a zone".to_owned()),
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
        "2026-11-02T11:11:12.345+01:00[Europe/Paris]",
        "2026-11-02 15:41:12.345 Asia/Kolkata",
        "2026-11-02 12:11:12.345 UTC+2",
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
        "2026-11-02 10:11:12 AM",
        "2026-11-02 10:11:12 IST",
        "Mon Nov 02 10:11:12 IST 2026",
        "Nov 2, 2026 10:11:12 AM",
        "Nov  2, 2026 @ 10:11:12.000",
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
fn noon_and_midnight_on_a_clock_of_twelve_hours() {
    for (text, time) in [
        ("2026-11-02 12:01:02 AM", "local 2026-11-02T00:01:02.000Z"),
        ("2026-11-02 12:01:02 PM", "local 2026-11-02T12:01:02.000Z"),
        ("Nov 2, 2026 3:04:05 pm", "local 2026-11-02T15:04:05.000Z"),
        ("2026-11-02 3:04:05 PM +0100", "2026-11-02T14:04:05.000Z"),
        ("2026-11-02T15:04:05 PM", "local 2026-11-02T15:04:05.000Z"),
    ] {
        assert_eq!(utc(text, &[]).as_deref(), Some(time), "{text}");
    }
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

/// What is read without the library is what the library reads.
#[test]
fn a_time_of_numbers_is_what_the_library_says() {
    let mut read = 0;
    for format in [
        "%m/%d/%Y %I:%M:%S %p",
        "%d/%m/%Y %H:%M:%S",
        "%Y-%m-%d,%I:%M:%S%p",
    ] {
        let day = if format.starts_with("%Y") {
            "2026-11-02,"
        } else {
            "11/02/2026 "
        };
        for hour in [
            "00", "0", "01", "1", "9", "11", "12", "13", "23", "24", "001",
        ] {
            for half in ["", " ", " AM", " pm", "PM", " XM", " PMs"] {
                let text = format!("{day}{hour}:05:07{half}");
                let Some(civil) = all_digits(text.as_bytes(), format.as_bytes()) else {
                    continue;
                };
                let parsed = BrokenDownTime::parse(format, &text).unwrap();
                let time = parsed.to_time().unwrap();
                let micros = i64::from(time.hour()) * SECS_PER_HOUR * MICROS + 307 * MICROS;
                assert_eq!(civil.micros, micros, "{text} by {format}");
                read += 1;
            }
        }
    }
    assert!(read >= 20, "{read}");
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
    for text in [
        "Europe/Berlin",
        "+0160",
        "+2700",
        "+918446744073709551615",
        "-99:00",
    ] {
        assert_eq!(offset_secs(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn numbers_in_full_width_are_read_as_the_library_reads_them() {
    let format = "%d/%m/%Y %H:%M:%S";
    for (text, is_read) in [
        ("23/11/2026 08:15:01", true),
        ("01/01/0001 00:00:00", true),
        ("31/12/9999 23:59:59", true),
        ("23/11/2026 24:00:00", false),
        ("23/13/2026 08:15:01", false),
        ("00/11/2026 08:15:01", false),
        ("23/11/2026 08:15:60", false),
        ("3/11/2026 08:15:01", false),
        ("23/11/2026 08:15:01 ", false),
        ("+3/11/2026 08:15:01", false),
    ] {
        let fast = all_digits(text.as_bytes(), format.as_bytes());
        assert_eq!(fast.is_some(), is_read, "{text}");
        if let Some(fast) = fast {
            let theirs = BrokenDownTime::parse(format, text)
                .unwrap()
                .to_datetime()
                .unwrap();
            assert_eq!(
                (fast.year, fast.month, fast.day, fast.micros),
                (
                    i64::from(theirs.year()),
                    i64::from(theirs.month()),
                    i64::from(theirs.day()),
                    (i64::from(theirs.hour()) * 3_600
                        + i64::from(theirs.minute()) * 60
                        + i64::from(theirs.second()))
                        * MICROS
                ),
                "{text}"
            );
        }
    }
    for other in ["%d/%m/%y %H:%M:%S", "%d/%m/%Y %H:%M", "%s", "%"] {
        assert!(all_digits(b"23/11/2026 08:15:01", other.as_bytes()).is_none());
    }
}
