//! What collectors put around a line of CoreDNS: JSON, and times in front of it.
//!
//! CoreDNS itself says nothing of when. Known are Docker's `json-file` driver, Kubernetes' CRI, `kubectl logs --timestamps`,
//! syslog, klog and Go's own logger.

use std::borrow::Cow;

use serde::Deserialize;

use crate::formats::clock::{Civil, Stamp, iso_stamp, syslog_stamp, time_of_day};
use crate::formats::cursor::{number, split};
use crate::formats::envelope;
use crate::formats::loose_json::{self, Loose};
use crate::formats::mapping::stamp;

/// What Docker's `json-file` driver and log shippers put around a line.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Shipped<'a> {
    #[serde(borrow, alias = "message", alias = "MESSAGE")]
    log: Loose<'a>,
    #[serde(
        borrow,
        alias = "@timestamp",
        alias = "timestamp",
        alias = "__REALTIME_TIMESTAMP"
    )]
    time: Loose<'a>,
}

pub(super) struct Inner<'a> {
    pub(super) line: Cow<'a, [u8]>,
    pub(super) stamp: Option<Stamp>,
}

/// The line inside a JSON object; `None` where there is no JSON.
pub(super) fn unwrapped(record: &[u8]) -> Result<Option<Inner<'_>>, &'static str> {
    if !record.starts_with(b"{") {
        return Ok(None);
    }
    let shipped: Shipped = loose_json::read(record)?;
    let stamp = shipped.time.time().map(Stamp::Instant);
    // journald counts microseconds, and writes them as text.
    let stamp = stamp.or_else(|| stamp::read(&shipped.time.text()?, &[]));
    let line = shipped.log.text().ok_or("no line in the JSON")?;
    Ok(Some(Inner { line, stamp }))
}

/// A time somewhere in what the collector put in front; the last one is the closest to the record.
pub(super) fn prefix_stamp(prefix: &[u8]) -> Option<Stamp> {
    let syslog = envelope::open(prefix).stamp;
    let mut found = syslog;
    let mut rest = prefix;
    while !rest.is_empty() {
        let stamped = iso_stamp(rest)
            .or_else(|| syslog_stamp(rest))
            .map(|(stamp, _)| stamp)
            .or_else(|| go_stamp(rest))
            .or_else(|| klog_stamp(rest));
        found = stamped.or(found);
        rest = split(rest, b' ').map_or(&b""[..], |(_, rest)| rest);
    }
    found
}

/// `2026/11/02 10:11:12`, as Go's own logger writes it.
fn go_stamp(text: &[u8]) -> Option<Stamp> {
    let text = text.get(..19)?;
    let date = text.get(..10)?;
    if date.get(4) != Some(&b'/') || date.get(7) != Some(&b'/') {
        return None;
    }
    let mut iso = *<&[u8; 19]>::try_from(text).ok()?;
    iso.iter_mut()
        .filter(|b| **b == b'/')
        .for_each(|b| *b = b'-');
    iso_stamp(&iso).map(|(stamp, _)| stamp)
}

/// `I1102 10:11:12.345678`, as Kubernetes components write it.
fn klog_stamp(text: &[u8]) -> Option<Stamp> {
    let (word, rest) = split(text, b' ')?;
    let (level, day) = word.split_first()?;
    if !matches!(level, b'I' | b'W' | b'E') || day.len() != 4 {
        return None;
    }
    let (clock, _) = split(rest.trim_ascii_start(), b' ').unwrap_or((rest, b""));
    let date = number(day).and_then(|n| i64::try_from(n).ok())?;
    Some(Stamp::Yearless(Civil {
        year: 0,
        month: date / 100,
        day: date % 100,
        micros: time_of_day(clock)?,
    }))
}
