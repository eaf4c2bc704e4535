//! A line of Tinyproxy's log without its header, and the two shapes that its messages have.
//!
//! `CONNECT   Nov 23 10:43:58.635 [77]: …` in a file of its own, without the milliseconds before 1.8.4; through syslog
//! the level is gone and the process number stands in the tag. From its src/log.c.

use super::clock::{Stamp, syslog_stamp};
use super::cursor::{number, split, split_last};
use super::envelope;

/// A line without its header.
pub(super) struct Line<'a> {
    pub(super) stamp: Option<Stamp>,
    pub(super) process: u64,
    pub(super) says: &'a [u8],
}

impl<'a> Line<'a> {
    pub(super) fn read(record: &'a [u8]) -> Option<Self> {
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        Self::of_file(record).or_else(|| {
            let envelope = envelope::open(record);
            if envelope.program != b"tinyproxy" {
                return Self::of_file(envelope.body);
            }
            let tag = memchr::memmem::find(record, b"tinyproxy[")?;
            let digits = record.get(tag + b"tinyproxy[".len()..)?;
            Some(Self {
                stamp: envelope.stamp,
                process: number(split(digits, b']')?.0)?,
                says: envelope.body,
            })
        })
    }

    /// `CONNECT   Nov 23 10:43:58.635 [77]: …`
    fn of_file(record: &'a [u8]) -> Option<Self> {
        let (level, rest) = split(record, b' ')?;
        let is_level = (4..=8).contains(&level.len()) && level.iter().all(u8::is_ascii_uppercase);
        let (stamp, rest) = syslog_stamp(rest.trim_ascii_start()).filter(|_| is_level)?;
        let (process, says) = split(rest.strip_prefix(b"[")?, b']')?;
        Some(Self {
            stamp: Some(stamp),
            process: number(process)?,
            says: says.strip_prefix(b": ")?,
        })
    }
}

/// The number, and what follows `): `.
pub(super) fn numbered<'a>(says: &'a [u8], begin: &[u8]) -> Option<(u64, &'a [u8])> {
    let (digits, rest) = split(says.strip_prefix(begin)?, b')')?;
    Some((number(digits)?, rest.strip_prefix(b": ")?))
}

/// What stands between the first and the last quote.
pub(super) fn quoted(text: &[u8]) -> Option<&[u8]> {
    let (_, rest) = split(text, b'"')?;
    Some(split_last(rest, b'"')?.0)
}
