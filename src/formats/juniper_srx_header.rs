//! What stands in front of a Junos security message: headers, the time, and the tag that says what the record is.
//!
//! Structured: `<14>1 TIME HOST RT_FLOW - RT_FLOW_SESSION_CLOSE [junos@…`; standard: `Nov 23 10:11:12 HOST RT_FLOW:
//! RT_FLOW_SESSION_CLOSE: text`, the year behind the time with `time-format year`, `%USER-6-` in front of the tag with
//! `explicit-priority`. Relays put headers of their own before it; the last time is the device's. Facts from "System Log
//! Messages Reference", Junos OS 10.3, chapters "Overview of System Logging" and "Interpreting System Log Messages".

use memchr::memchr;

use super::clock::{Civil, Stamp, iso_stamp, syslog_stamp};
use super::cursor::{Cursor, number, split_last};

/// The words of two headers and some more; a tag further behind is somebody's text.
const MAX_HEADER_WORDS: usize = 20;

/// What happened, as the tag of a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    UrlPermitted,
    UrlBlocked,
    SessionClose,
    SessionDeny,
    SessionCreate,
    SessionUpdate,
    /// A message of another part of Junos.
    Other,
}

/// One message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) stamp: Option<Stamp>,
    pub(super) tag: Tag,
    /// Whether application tracking wrote it: its text has another order.
    pub(super) is_tracking: bool,
    /// What follows the tag.
    pub(super) text: &'a [u8],
}

impl<'a> Message<'a> {
    /// The message of a record, if there is one. Headers hold no quotes; what stands behind one is a client's.
    pub(super) fn find(record: &'a [u8]) -> Option<Self> {
        let mut stamp = None;
        let mut other = None;
        let mut cursor = Cursor::new(record);
        for _ in 0..MAX_HEADER_WORDS {
            cursor.blanks();
            let here = cursor.rest();
            let Some(word) = cursor.word().filter(|word| memchr(b'"', word).is_none()) else {
                break;
            };
            let message = |tag, is_tracking| Self {
                stamp,
                tag,
                is_tracking,
                text: cursor.rest().trim_ascii_start(),
            };
            match tag_of(word) {
                Some((Tag::Other, _)) => other = other.or(Some(message(Tag::Other, false))),
                Some((tag, is_tracking)) => return Some(message(tag, is_tracking)),
                None => stamp = stamp_of(word, here).or(stamp),
            }
        }
        other.filter(|other| !other.text.is_empty())
    }
}

/// `RT_FLOW_SESSION_CLOSE`, with a colon in plain text, with `_LS` in a logical system; and whether it is of AppTrack.
fn tag_of(word: &[u8]) -> Option<(Tag, bool)> {
    const WHAT: [(&[u8], Tag); 6] = [
        (b"CLOSE", Tag::SessionClose),
        (b"DENY", Tag::SessionDeny),
        (b"CREATE", Tag::SessionCreate),
        (b"VOL_UPDATE", Tag::SessionUpdate),
        (b"PERMITTED", Tag::UrlPermitted),
        (b"BLOCKED", Tag::UrlBlocked),
    ];
    if !word.first()?.is_ascii_uppercase() && !word.starts_with(b"%") {
        return None;
    }
    let tag = word.strip_suffix(b":").unwrap_or(word);
    let tag = split_last(tag, b'-').map_or(tag, |(_priority, tag)| tag);
    let (what, is_url, is_tracking) = if let Some(what) = tag.strip_prefix(b"RT_FLOW_SESSION_") {
        (what, false, false)
    } else if let Some(what) = tag.strip_prefix(b"APPTRACK_SESSION_") {
        (what, false, true)
    } else if let Some(what) = tag.strip_prefix(b"WEBFILTER_URL_") {
        (what, true, false)
    } else {
        return is_other_tag(tag).then_some((Tag::Other, false));
    };
    let known = WHAT.iter().find(|(name, tag)| {
        what.starts_with(name) && is_url == matches!(tag, Tag::UrlPermitted | Tag::UrlBlocked)
    });
    Some((known.map_or(Tag::Other, |(_, tag)| *tag), is_tracking))
}

/// `RT_SCREEN_TCP`, `UI_LOGIN_EVENT`; the process `RT_FLOW` is none.
fn is_other_tag(word: &[u8]) -> bool {
    let is_upper = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    let pieces = word.split(|b| *b == b'_').count();
    word.iter().all(is_upper) && pieces > 1 + usize::from(word.starts_with(b"RT_"))
}

/// The time that begins with this word, which `here` begins with too.
fn stamp_of(word: &[u8], here: &[u8]) -> Option<Stamp> {
    let bare = split_last(word, b'>').map_or(0, |(priority, _)| priority.len() + 1);
    let here = here.get(bare..)?;
    if here.first()?.is_ascii_digit() {
        return iso_stamp(here).map(|(stamp, _)| stamp);
    }
    match syslog_stamp(here)? {
        (Stamp::Yearless(civil), rest) => Some(with_year(civil, rest)),
        (stamp, _) => Some(stamp),
    }
}

/// `Aug 21 12:36:30.401 2026`: the year may stand behind the time.
fn with_year(civil: Civil, rest: &[u8]) -> Stamp {
    let word = Cursor::new(rest).word().filter(|word| word.len() == 4);
    let year = word.and_then(number).and_then(|n| i64::try_from(n).ok());
    match year.filter(|year| (1990..2200).contains(year)) {
        Some(year) => Stamp::Local(Civil { year, ..civil }),
        None => Stamp::Yearless(civil),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Context;
    use crate::formats::clock::Clock;

    #[test]
    fn the_devices_own_time_is_found_in_every_header() {
        for header in [
            "<14>1 2026-11-23T10:01:30.401+01:00 srx1 RT_FLOW - RT_FLOW_SESSION_CLOSE ",
            "<14>1 2026-11-23T09:01:30.401Z srx1 RT_FLOW - RT_FLOW_SESSION_CLOSE_LS ",
            "Nov 23 08:00:00 relay 1 2026-11-23T10:01:30.401+0100 srx1 RT_FLOW - RT_FLOW_SESSION_CLOSE ",
            "<14>Nov 23 10:01:30.401 srx1 RT_FLOW: RT_FLOW_SESSION_CLOSE: ",
            "Nov 23 10:01:30.401 2026 srx1 RT_FLOW: RT_FLOW_SESSION_CLOSE: ",
            "Nov 23 2026 10:01:30.401 srx1 RT_FLOW: RT_FLOW_SESSION_CLOSE: ",
            "<14>Nov 23 10:01:30.401 srx1 RT_FLOW: %USER-6-RT_FLOW_SESSION_CLOSE: ",
        ] {
            let mut clock = Clock::new(&Context {
                zone: jiff::tz::TimeZone::posix("CET-1").unwrap(),
                modified: "2026-11-24T12:00:00Z".parse().unwrap(),
            });
            let record = format!("{header}x");
            let message = Message::find(record.as_bytes()).unwrap();
            let time = clock.time(message.stamp).unwrap().to_string();
            assert_eq!(time, "2026-11-23T09:01:30.401Z", "{header}");
            assert_eq!((message.tag, message.text), (Tag::SessionClose, &b"x"[..]));
        }
    }

    #[test]
    fn a_tag_in_somebodys_text_is_no_message() {
        for record in [
            r#"192.0.2.7 - - "GET / HTTP/1.1" 200 "x" RT_FLOW_SESSION_CLOSE: x"#,
            r#"{"message":"x RT_FLOW_SESSION_CLOSE: x"}"#,
            "Nov 23 10:01:30 srx1 RT_FLOW: RT_FLOW_SESS",
            "",
        ] {
            assert!(Message::find(record.as_bytes()).is_none(), "{record}");
        }
    }
}
