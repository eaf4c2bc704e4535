//! How surely one record comes from one of Zeek's logs.
//!
//! A header line or a `_path` says so itself. A bare row is guessed at from the default order of columns, which
//! reading never does: here a wrong guess costs a vote, there it would cost the truth.

use memchr::memmem;

use crate::formats::loose_json;

use super::columns::Log;
use super::{behind_syslog, is_row};

/// The score of a record for this log, or for any log that we read.
pub(super) fn score(record: &[u8], log: Option<Log>) -> u8 {
    match record.first() {
        Some(b'#') => header(record, log),
        Some(b'0'..=b'9') if is_row(record) => row(record, log),
        _ => match loose_json::body(record) {
            body if body.starts_with(b"{") => json(body, log),
            _ => match behind_syslog(record) {
                Some(line) if line.starts_with(b"#") => header(line, log),
                Some(line) => row(line, log),
                None => 0,
            },
        },
    }
}

fn header(line: &[u8], log: Option<Log>) -> u8 {
    if let Some(path) = line.strip_prefix(b"#path\t") {
        return match log {
            Some(log) if log.path().as_bytes() == path => 100,
            None if Log::ALL.iter().any(|log| log.path().as_bytes() == path) => 90,
            _ => 0,
        };
    }
    if let Some(fields) = line.strip_prefix(b"#fields\t") {
        let found = Log::ALL
            .into_iter()
            .find(|log| memmem::find(fields, telling(*log).0).is_some());
        return match (found, log) {
            (Some(found), Some(log)) if found == log => 100,
            (Some(_), None) => 90,
            _ => 0,
        };
    }
    // The other header lines are the same in all logs, so they speak for none.
    0
}

/// A column that only this log has: as the writer of TSV and as that of JSON spells it.
const fn telling(log: Log) -> (&'static [u8], &'static [u8]) {
    match log {
        Log::Dns => (b"\ttrans_id\t", b"\"trans_id\":"),
        Log::Http => (b"\ttrans_depth\t", b"\"trans_depth\":"),
        Log::Ssl => (b"\testablished\t", b"\"established\":"),
        Log::Quic => (b"\tclient_initial_dcid\t", b"\"client_initial_dcid\":"),
        Log::Conn => (b"\tconn_state\t", b"\"conn_state\":"),
    }
}

fn json(record: &[u8], log: Option<Log>) -> u8 {
    let ours = memmem::find(record, b"\"id.orig_h\"").is_some()
        || memmem::find(record, b"\"id_orig_h\"").is_some()
        || memmem::find(record, b"\"orig_h\"").is_some();
    if !ours {
        return 0;
    }
    let named = named_path(record);
    let is = |log: Log| match named {
        Some(path) => path == log.path().as_bytes(),
        None => memmem::find(record, telling(log).1).is_some(),
    };
    match log {
        Some(log) if is(log) => 95,
        Some(_) => 0,
        // Rows that name their log may be of any: a stream of several is the reason to write the name.
        None if named.is_some() && Log::ALL.into_iter().any(is) => 97,
        None => 0,
    }
}

/// The value of `"_path"`.
fn named_path(record: &[u8]) -> Option<&[u8]> {
    let after = memmem::find(record, b"\"_path\"")? + b"\"_path\"".len();
    let value = record.get(after..)?.trim_ascii_start().strip_prefix(b":")?;
    let value = value.trim_ascii_start().strip_prefix(b"\"")?;
    value.get(..memchr::memchr(b'"', value)?)
}

/// A row in the default order of columns.
fn row(line: &[u8], log: Option<Log>) -> u8 {
    let Some(log) = log else { return 0 };
    let mut cells = line.split(|byte| *byte == b'\t');
    let mut next = || cells.next().unwrap_or_default();
    let is_number = |cell: &[u8]| !cell.is_empty() && cell.iter().all(u8::is_ascii_digit);
    let ts = next();
    if !ts.contains(&b'.') || !ts.iter().all(|b| b.is_ascii_digit() || *b == b'.') {
        return 0;
    }
    let uid = next();
    if !uid.starts_with(b"C") || !uid.iter().all(u8::is_ascii_alphanumeric) {
        return 0;
    }
    let is_address = |cell: &[u8]| {
        std::str::from_utf8(cell).is_ok_and(|c| c.parse::<std::net::IpAddr>().is_ok())
    };
    if !is_address(next()) || !is_number(next()) || !is_address(next()) || !is_number(next()) {
        return 0;
    }
    let (seventh, eighth) = (next(), next());
    let transport = matches!(seventh, b"udp" | b"tcp" | b"icmp" | b"unknown_transport");
    let fits = match log {
        Log::Dns => transport && is_number(eighth),
        Log::Conn => transport && !is_number(eighth),
        Log::Http => {
            is_number(seventh) && (eighth == b"-" || eighth.iter().all(u8::is_ascii_uppercase))
        }
        Log::Ssl => {
            seventh.starts_with(b"TLS")
                || seventh.starts_with(b"SSL")
                || seventh.starts_with(b"DTLS")
                || (seventh == b"-" && eighth == b"-")
        }
        Log::Quic => !transport && eighth.len() >= 16 && eighth.iter().all(u8::is_ascii_hexdigit),
    };
    if fits { 60 } else { 0 }
}
