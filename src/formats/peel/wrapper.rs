//! What a wrapper says of the line in it: when it was written, and by which program.
//!
//! Many programs leave both to whoever collects their lines: journald has them beside `MESSAGE`, Docker beside `log`. They
//! are put in front of the line as a header that every format understands. A time of the line's own still wins.

use std::borrow::Cow;

use crate::formats::clock::Stamp;
use crate::formats::mapping::{outline, stamp};

/// Members with the time, the better first: when it was written, then when it was collected.
const TIMES: [&[u8]; 21] = [
    b"__REALTIME_TIMESTAMP",
    b"@timestamp",
    b"timestamp",
    b"time",
    b"_time",
    b"ts",
    b"TimeGenerated",
    b"date",
    b"_SOURCE_REALTIME_TIMESTAMP",
    // OpenTelemetry; rsyslog; Sumo Logic; Alibaba's log service; LogDNA; Google SecOps; QRadar; NXLog.
    b"timeUnixNano",
    b"Timestamp",
    b"observedTimeUnixNano",
    b"timereported",
    b"timegenerated",
    b"_messagetime",
    b"__time__",
    b"_ts",
    b"ts_rfc3339",
    b"starttime",
    b"EventTime",
    b"EventReceivedTime",
];
/// Members with the name of the program.
const PROGRAMS: [&[u8]; 9] = [
    b"SYSLOG_IDENTIFIER",
    b"process.name",
    b"program",
    b"appname",
    b"ident",
    b"ProcessName",
    b"programname",
    b"PROGRAM",
    b"_app",
];
const MAX_PROGRAM_BYTES: usize = 48;

#[derive(Default)]
pub(super) struct Wrapper<'a> {
    time: Option<(usize, Cow<'a, [u8]>)>,
    program: Option<Cow<'a, [u8]>>,
}

impl<'a> Wrapper<'a> {
    /// Looks at one member of the object.
    pub(super) fn note(&mut self, key: &[u8], value: &'a [u8]) {
        if let Some(rank) = TIMES.iter().position(|name| *name == key) {
            if self.time.as_ref().is_none_or(|(best, _)| rank < *best) {
                let text = outline::string_text(value).unwrap_or(Cow::Borrowed(value));
                self.time = Some((rank, text));
            }
        } else if PROGRAMS.contains(&key) {
            self.program = outline::string_text(value);
        } else if key == b"process" {
            // ECS as nested objects; what is none names no program.
            let _ = outline::members(value, |key, value| {
                if key == b"name" {
                    self.program = outline::string_text(value);
                }
            });
        }
    }

    /// The line with a header in front; nothing where the wrapper names no time.
    pub(super) fn headed(&self, line: &[u8]) -> Option<Vec<u8>> {
        let (_, text) = self.time.as_ref()?;
        let time = match stamp::read(text, &[])? {
            Stamp::Instant(time) => time.to_string(),
            Stamp::Local(civil) => civil.as_utc()?.to_string().replace('Z', ""),
            Stamp::Yearless(_) | Stamp::YearlessAt(..) => return None,
        };
        let mut headed = time.into_bytes();
        match self.program.as_deref().filter(|name| is_name(name)) {
            Some(name) => {
                headed.extend_from_slice(b" - ");
                headed.extend_from_slice(name);
                headed.extend_from_slice(b"[0]: ");
            }
            None => headed.extend_from_slice(b" stdout F "),
        }
        headed.extend_from_slice(line);
        Some(headed)
    }
}

fn is_name(name: &[u8]) -> bool {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !name.is_empty() && name.len() <= MAX_PROGRAM_BYTES && name.iter().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headed(object: &str) -> Option<String> {
        let mut wrapper = Wrapper::default();
        outline::members(object.as_bytes(), |key, value| wrapper.note(key, value)).unwrap();
        let line = wrapper.headed(b"x")?;
        Some(String::from_utf8(line).unwrap())
    }

    #[test]
    fn time_and_program_become_a_header() {
        for (object, line) in [
            (
                r#"{"SYSLOG_IDENTIFIER":"unbound","__REALTIME_TIMESTAMP":"1795425072123456"}"#,
                "2026-11-23T09:11:12.123Z - unbound[0]: x",
            ),
            (
                r#"{"@timestamp":"2026-11-23T09:11:12.000Z","process":{"pid":7,"name":"dnsmasq"}}"#,
                "2026-11-23T09:11:12.000Z - dnsmasq[0]: x",
            ),
            (
                r#"{"time":"2026-11-23T10:11:12.123456789+01:00","stream":"stdout"}"#,
                "2026-11-23T09:11:12.123Z stdout F x",
            ),
            (
                r#"{"time":1795425072.5,"timestamp":1795425071}"#,
                "2026-11-23T09:11:11.000Z stdout F x",
            ),
            (
                r#"{"time":"2026-11-23 10:11:12","ident":"a b: c"}"#,
                "2026-11-23T10:11:12.000 stdout F x",
            ),
        ] {
            assert_eq!(headed(object).as_deref(), Some(line), "{object}");
        }
        assert_eq!(headed(r#"{"ident":"unbound"}"#), None);
        assert_eq!(headed(r#"{"time":"soon"}"#), None);
    }
}
