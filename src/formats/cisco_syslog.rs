//! The header that Cisco's firewalls put in front of a message: `%ASA-6-302014: `.
//!
//! A device writes `<166>Nov 24 2026 10:11:12 fw01 : %ASA-6-302014: text`, with everything before the `%` optional:
//! priority, time (`logging timestamp`, with `rfc5424` in ISO 8601), a name (`logging device-id`); in EMBLEM format a colon
//! in front and a zone behind the time. Relays put headers of their own before it. The last time is the device's.
//! Facts from "Cisco Secure Firewall ASA Series Syslog Messages" and the command reference (`logging …`).

use memchr::memchr_iter;

use super::clock::{Stamp, iso_stamp, syslog_stamp, zone_in_front};
use super::cursor::{number, split};
use super::envelope;
use super::refusal::Refusal;

/// Headers are short; what only looks like one further behind is somebody's text.
const MAX_HEADER_BYTES: usize = 256;
/// A date and a time in words, with year and zone.
const STAMP_WORDS: usize = 5;

/// The numbers of the messages of Threat Defense that are events with keys and values.
pub(super) const THREAT_DEFENSE_EVENTS: std::ops::Range<u64> = 430_000..431_000;

const PRODUCTS: [&[u8]; 5] = [b"ASA", b"FTD", b"FWSM", b"NGIPS", b"PIX"];

/// One message of a Cisco firewall.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    /// When, as the last header before the message has it.
    pub(super) stamp: Option<Stamp>,
    /// `ASA`, `FTD` …
    pub(super) product: &'a [u8],
    /// `302014`.
    pub(super) id: u64,
    /// What follows `%ASA-6-302014: `.
    pub(super) text: &'a [u8],
}

impl<'a> Message<'a> {
    /// The message of a record, if there is one.
    pub(super) fn find(record: &'a [u8]) -> Option<Self> {
        let head = record.get(..MAX_HEADER_BYTES).unwrap_or(record);
        memchr_iter(b'%', head).find_map(|at| {
            let (header, tag) = record.split_at_checked(at)?;
            let (product, id, text) = tag_of(tag)?;
            // Around a user agent in another program's line stand quotes; in a header only in structured data.
            let is_header = memchr::memchr(b'"', header).is_none()
                || envelope::open(record).body.starts_with(b"%");
            is_header.then(|| Self {
                stamp: last_stamp(header),
                product,
                id,
                text,
            })
        })
    }
}

/// Why a record without a message is none: a line of another program is no mistake.
pub(super) fn no_message(record: &[u8]) -> Refusal {
    if record.trim_ascii().is_empty() {
        return Refusal::Skip("empty line");
    }
    let begins_tag = |product: &&[u8]| {
        memchr::memmem::find_iter(record, *product).any(|at| {
            at.checked_sub(1).and_then(|at| record.get(at)) == Some(&b'%')
                && record.get(at + product.len()) == Some(&b'-')
        })
    };
    if PRODUCTS.iter().any(begins_tag) {
        return Refusal::Bad("broken message tag");
    }
    let envelope = envelope::open(record);
    if envelope.is_foreign_to(&[]) {
        Refusal::Skip("another program's line")
    } else {
        Refusal::Bad("no cisco message")
    }
}

/// `%ASA-6-302014: text` or, in EMBLEM format, `%ASA-session-6-302014: text`.
fn tag_of(text: &[u8]) -> Option<(&[u8], u64, &[u8])> {
    let (tag, text) = split(text.strip_prefix(b"%")?, b':')?;
    let (product, mut rest) = split(tag, b'-')?;
    if !PRODUCTS.contains(&product) {
        return None;
    }
    if !rest.first()?.is_ascii_digit() {
        rest = split(rest, b'-')?.1;
    }
    let (severity, id) = split(rest, b'-')?;
    number(severity).filter(|severity| *severity <= 7)?;
    let id = number(id).filter(|_| id.len() == 6)?;
    Some((product, id, text.trim_ascii()))
}

fn last_stamp(header: &[u8]) -> Option<Stamp> {
    let mut last = None;
    let mut rest = header;
    loop {
        let start = rest
            .iter()
            .position(|b| b.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        rest = rest.get(start..)?;
        if rest.is_empty() {
            return last;
        }
        last = stamp(rest).or(last);
        let end = rest
            .iter()
            .position(|b| matches!(b, b' ' | b'>' | b'*'))
            .unwrap_or(rest.len());
        rest = rest.get(end..)?;
    }
}

/// A time at the beginning of this text, in either notation.
fn stamp(text: &[u8]) -> Option<Stamp> {
    if text.first()?.is_ascii_digit() {
        let (word, _) = split(text, b' ').unwrap_or((text, b""));
        return iso_stamp(word.strip_suffix(b":").unwrap_or(word)).map(|(stamp, _)| stamp);
    }
    // The same without the colons that Cisco puts behind the last word, in the usual notation.
    let mut line = [b' '; 64];
    let mut end = 0;
    for word in text
        .split(|b| *b == b' ')
        .filter(|word| !word.is_empty())
        .take(STAMP_WORDS)
    {
        let word = word.strip_suffix(b":").unwrap_or(word);
        line.get_mut(end..end + word.len())?.copy_from_slice(word);
        end += word.len() + 1;
    }
    let (stamp, rest) = syslog_stamp(line.get(..end)?)?;
    match zone_in_front(rest) {
        Some((offset_secs, _)) => stamp.at(offset_secs),
        None => Some(stamp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Context;
    use crate::formats::clock::Clock;

    fn time_of(record: &str) -> String {
        let mut clock = Clock::new(&Context {
            zone: jiff::tz::TimeZone::posix("CET-1").unwrap(),
            modified: "2026-11-24T12:00:00Z".parse().unwrap(),
        });
        let message = Message::find(record.as_bytes()).unwrap();
        assert_eq!((message.id, message.text), (302_014, &b"x"[..]), "{record}");
        clock.time(message.stamp).unwrap().to_string()
    }

    #[test]
    fn the_devices_own_time_is_found_in_every_header() {
        for header in [
            "<166>Nov 24 2026 10:11:12 fw01 : %ASA-6-302014: x",
            "<166>Nov 24 2026 10:11:12: %ASA-6-302014: x",
            "<166>:Nov 24 10:11:12 CET: %ASA-session-6-302014: x",
            "<166>:Nov 24 2026 09:11:12 UTC: %ASA-session-6-302014: x",
            "<166>:Nov 24 04:11:12 EST: %ASA-session-6-302014: x",
            "Nov 24 09:59:59 192.0.2.1 Nov 24 2026 10:11:12: %FWSM-6-302014: x",
            "Nov 24 10:11:12 fw01 %ASA-6-302014: x",
            "2026-11-24T09:11:12+00:00 relay.example.org : %ASA-6-302014: x",
            "<166>1 2026-11-24T09:11:12Z fw01 - - - - %ASA-6-302014: x",
            "<166>1 2026-11-24T09:11:12Z fw01 - - - [meta sequenceId=\"9\"] %ASA-6-302014: x",
            "<166>Nov 24 2026 10:11:12 fw01 : %ASA--6-302014: x",
            "<166>2026-11-24T09:11:12Z: %FTD-6-302014: x",
            "<166>12: *Nov 24 10:11:12: %ASA-6-302014: x",
        ] {
            assert_eq!(time_of(header), "2026-11-24T09:11:12.000Z", "{header}");
        }
        assert_eq!(time_of("%ASA-6-302014: x"), "2026-11-24T12:00:00.000Z");
    }

    #[test]
    fn a_tag_in_somebodys_text_is_no_message() {
        for record in [
            r#"192.0.2.7 - - "GET / HTTP/1.1" 200 "%ASA-6-302014: Teardown""#,
            "Nov 24 10:11:12 fw01 %ASA-6-30201: x",
            "Nov 24 10:11:12 fw01 %SYS-5-100000: x",
            "%ASA",
        ] {
            assert!(Message::find(record.as_bytes()).is_none(), "{record}");
        }
    }
}
