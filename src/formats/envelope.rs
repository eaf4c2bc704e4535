//! The syslog header that a relay or the system's logger puts in front of a record.
//!
//! RFC 5424 (`<14>1 2026-11-02T10:11:12Z gw squid 77 - - …`), RFC 3164 (`<14>Nov  2 10:11:12 gw squid[77]: …`)
//! and what programs write into files of their own (`Nov  2 10:11:12 dnsmasq[77]: …`). Priority, host and
//! process number may be missing; one header may stand inside another. Only as much is understood as is
//! needed to reach the record: severities and structured data are dropped.

use std::cell::OnceCell;

use super::clock::{
    Stamp, asctime_stamp, bind_stamp, bracket_stamp, colon_stamp, epoch, iso_stamp, syslog_stamp,
    zone_in_front,
};
use super::cursor::{Cursor, number, split};

/// Seconds since 1970 have more digits than counts that stand in front of a record.
const EPOCH_BYTES: usize = 9;
/// Headers nest when a relay adds its own; deeper than this is not real.
pub(super) const DEPTH: usize = 3;

/// A record and what its header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Envelope<'a> {
    /// The innermost time.
    pub(super) stamp: Option<Stamp>,
    /// The innermost program name, `squid` of `(squid-1)[77]:`; empty when there is none.
    pub(super) program: &'a [u8],
    /// What the program wrote.
    pub(super) body: &'a [u8],
}

impl Envelope<'_> {
    /// Whether another program's header stood in front: in a log of the whole system that is no mistake.
    pub(super) fn is_foreign_to(&self, programs: &[&[u8]]) -> bool {
        let is_ours = programs.contains(&self.program);
        !is_ours && (self.stamp.is_some() || !self.program.is_empty())
    }
}

/// Takes off every header; a record without one is its own body.
pub(super) fn open(record: &[u8]) -> Envelope<'_> {
    let mut envelope = Envelope {
        stamp: None,
        program: b"",
        body: record,
    };
    for _ in 0..DEPTH {
        let Some(inner) = one_header(envelope.body) else {
            break;
        };
        envelope.body = inner.body;
        envelope.stamp = inner.stamp.or(envelope.stamp);
        if !inner.program.is_empty() {
            envelope.program = inner.program;
        }
    }
    envelope
}

/// How many ways there are to take headers off, see [`nth`].
pub(super) const WAYS: usize = 3 * DEPTH + 1;

/// One way to take headers off: none at first, then one, then more. A header may end with a host, or a host and a word that
/// no process number marks as a program's; so behind each header one word and two words are passed over too.
pub(super) fn nth(record: &[u8], way: usize) -> Option<Envelope<'_>> {
    let mut envelope = Envelope {
        stamp: None,
        program: b"",
        body: record,
    };
    let depth = way.div_ceil(3);
    for _ in 0..depth {
        let inner = one_header(envelope.body)?;
        envelope = Envelope {
            stamp: inner.stamp.or(envelope.stamp),
            ..inner
        };
    }
    if depth > 0 {
        envelope.body = without_words(envelope.body, (way + 2) % 3)?;
    }
    Some(envelope)
}

fn without_words(mut body: &[u8], words: usize) -> Option<&[u8]> {
    for _ in 0..words {
        let (_, rest) = split(body, b' ')?;
        body = rest.trim_ascii_start();
    }
    Some(body)
}

/// A record and what every way of taking headers off leaves of it, found once for all formats that are asked whose it is.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    pub(super) record: &'a [u8],
    bodies: OnceCell<Vec<&'a [u8]>>,
}

impl<'a> Opened<'a> {
    pub(super) const fn new(record: &'a [u8]) -> Self {
        Self {
            record,
            bodies: OnceCell::new(),
        }
    }

    /// What the ways of [`nth`] leave, in their order.
    pub(super) fn bodies(&self) -> &[&'a [u8]] {
        self.bodies.get_or_init(|| {
            let mut bodies = vec![self.record];
            let mut body = self.record;
            for _ in 0..DEPTH {
                let Some(inner) = one_header(body) else {
                    break;
                };
                body = inner.body;
                bodies.push(body);
                bodies.extend(without_words(body, 1));
                bodies.extend(without_words(body, 2));
            }
            bodies
        })
    }
}

/// Reads a record behind its headers, whichever way of taking them off leaves one.
pub(super) fn find<'a, T>(record: &'a [u8], read: impl Fn(&'a [u8]) -> Option<T>) -> Option<T> {
    read(open(record).body).or_else(|| {
        (0..WAYS)
            .filter_map(|way| nth(record, way))
            .find_map(|envelope| read(envelope.body))
    })
}

/// The most words that stand in front of a record that begins with its time.
const HEADER_WORDS: usize = 16;

/// Reads a record that begins with a digit behind words of any kind: of headers that need not be understood, because the
/// record has a time of its own.
pub(super) fn behind_words<'a, T>(
    record: &'a [u8],
    read: impl Fn(&'a [u8]) -> Option<T>,
) -> Option<T> {
    let mut cursor = Cursor::new(record);
    for _ in 0..HEADER_WORDS {
        cursor.blanks();
        if cursor.rest().first()?.is_ascii_digit()
            && let Some(found) = read(cursor.rest())
        {
            return Some(found);
        }
        cursor.word()?;
    }
    None
}

fn one_header(record: &[u8]) -> Option<Envelope<'_>> {
    let (rest, has_priority) = match priority(record) {
        Some(rest) => (rest, true),
        None => (record, false),
    };
    if has_priority && let Some(rest) = rest.strip_prefix(b"1 ") {
        return rfc5424(rest);
    }
    if !has_priority && let Some(body) = after_service(rest) {
        return Some(Envelope {
            stamp: None,
            program: b"",
            body,
        });
    }
    let stamped = syslog_stamp(rest)
        .or_else(|| iso_stamp(rest))
        .or_else(|| colon_stamp(rest))
        .or_else(|| asctime_stamp(rest))
        .or_else(|| journal_stamp(rest))
        // A record of its own may begin with a bracket.
        .or_else(|| bracket_stamp(rest).filter(|(_, rest)| has_priority || is_clavister(rest)))
        .map(|(stamp, rest)| in_zone(stamp, rest).unwrap_or((stamp, rest)));
    let (stamp, rest) = match stamped {
        Some((stamp, rest)) => (Some(stamp), rest),
        None if has_priority => (None, rest),
        None => {
            // `dnsmasq[77]: …` from a container has a program name and nothing else.
            let (program, body) = program_tag(rest)?;
            return Some(Envelope {
                stamp: None,
                program,
                body,
            });
        }
    };
    let (program, body) = container_stream(rest)
        .or_else(|| program_tag(rest))
        .or_else(|| begins_with_time(rest).then_some((&b""[..], rest)))
        .or_else(|| after_host(rest))
        .unwrap_or((b"", rest));
    Some(Envelope {
        stamp,
        program,
        body: after_message_id(body).unwrap_or(body),
    })
}

/// What follows `proxy-1  | `, with which Docker Compose says whose line it is.
fn after_service(text: &[u8]) -> Option<&[u8]> {
    let (name, rest) = split(text, b' ')?;
    let rest = rest.trim_ascii_start().strip_prefix(b"| ")?;
    let is_name = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    is_name.then_some(rest)
}

/// What follows `[ID 702911 daemon.info] `, which the syslog of Solaris puts between the tag and the message.
fn after_message_id(body: &[u8]) -> Option<&[u8]> {
    let (id, rest) = split(body.strip_prefix(b"[ID ")?, b' ')?;
    number(id)?;
    split(rest, b']').map(|(_, rest)| rest.trim_ascii_start())
}

/// `Mon 2026-11-02 10:11:12 CET gw …` and `1793614272.345678 gw …`, as `journalctl -o short-full` and `-o short-unix` write it.
/// The latter may be a record of its own, so a program has to follow.
fn journal_stamp(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let (word, rest) = split(text, b' ')?;
    if word.len() == 3 && word.iter().all(u8::is_ascii_alphabetic) {
        return iso_stamp(rest);
    }
    let time = epoch(word).filter(|_| word.contains(&b'.'))?;
    let (_host, tag) = split(rest, b' ')?;
    program_tag(tag)?;
    Some((Stamp::Instant(time), rest))
}

/// A zone behind the time, as Forcepoint writes it: `Dec 19 10:48:57 EST vendor=…`.
fn in_zone(stamp: Stamp, rest: &[u8]) -> Option<(Stamp, &[u8])> {
    let (offset_secs, rest) = zone_in_front(rest)?;
    Some((stamp.at(offset_secs)?, rest))
}

/// What Clavister's own header ends with.
fn is_clavister(rest: &[u8]) -> bool {
    rest.starts_with(b"FW: ") || rest.starts_with(b"EFW: ")
}

/// `stdout F rest`, as container runtimes write behind their time.
fn container_stream(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (stream, rest) = split(text, b' ')?;
    let (tag, rest) = split(rest, b' ')?;
    let is_stream = matches!(stream, b"stdout" | b"stderr") && matches!(tag, b"F" | b"P");
    is_stream.then_some((b"", rest))
}

/// Past a host name: a program's tag, or, where a relay left the tag out, a header or a record with a time. A file that a
/// relay reads has the tag that its configuration says, with a colon or without: `gw squid 1793614272.345 …`.
fn after_host(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_host, rest) = split(text, b' ')?;
    let rest = rest.trim_ascii_start();
    program_tag(rest)
        .or_else(|| begins_with_time(rest).then_some((&b""[..], rest)))
        .or_else(|| {
            let (tag, rest) = split(rest, b' ')?;
            let rest = rest.trim_ascii_start();
            let (word, _) = split(rest, b' ')?;
            let is_time = word.contains(&b'.') && epoch(word).is_some();
            let is_tag = tag.ends_with(b":") && begins_with_time(rest);
            (is_time || is_tag).then_some((tag, rest))
        })
}

fn begins_with_time(text: &[u8]) -> bool {
    let is_epoch = || {
        split(text, b' ')
            .is_some_and(|(word, _)| word.len() >= EPOCH_BYTES && epoch(word).is_some())
    };
    let is_epoch_in_brackets = || {
        let inside = text.strip_prefix(b"[").and_then(|text| split(text, b']'));
        inside.is_some_and(|(secs, _)| secs.len() >= EPOCH_BYTES && epoch(secs).is_some())
    };
    syslog_stamp(text)
        .or_else(|| iso_stamp(text))
        .or_else(|| bind_stamp(text))
        .is_some()
        || is_epoch()
        || is_epoch_in_brackets()
}

/// What follows `<14>`; the length that a stream puts in front of each record is passed over (RFC 6587).
fn priority(record: &[u8]) -> Option<&[u8]> {
    let record = match split(record, b' ') {
        Some((length, rest)) if length.len() <= 7 && number(length).is_some() => rest,
        _ => record,
    };
    let (digits, rest) = split(record.strip_prefix(b"<")?, b'>')?;
    (digits.len() <= 3 && number(digits).is_some()).then_some(rest)
}

/// What follows `<14>1 `.
fn rfc5424(header: &[u8]) -> Option<Envelope<'_>> {
    let mut cursor = Cursor::new(header);
    let stamp = iso_stamp(cursor.word()?).map(|(stamp, _)| stamp);
    let _host = cursor.word()?;
    let program = cursor.word()?;
    let (_process, _message_id) = (cursor.word()?, cursor.word()?);
    let body = after_structured_data(cursor.rest())?.trim_ascii_start();
    Some(Envelope {
        stamp,
        program: bare_name(program),
        body: body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body),
    })
}

/// `-` or `[id k="v"][id k="v"]`; a `]` inside quotes and a `\"` do not end it.
fn after_structured_data(text: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = text.strip_prefix(b"-") {
        return Some(rest);
    }
    let mut quoted = false;
    let mut escaped = false;
    let mut open = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' if !quoted => open = true,
            b']' if !quoted => open = false,
            _ if !open && !quoted => return text.get(at..),
            _ => {}
        }
    }
    (!open && !quoted).then_some(b"")
}

/// `squid[77]: rest`, `unbound: rest`, or `unbound[77:0] rest` as Unbound writes into its own file.
fn program_tag(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (word, body) = split(text, b' ')?;
    let tag = match word.strip_suffix(b":") {
        Some(tag) => tag,
        None if word.ends_with(b"]") && word.starts_with(b"unbound[") => word,
        None => return None,
    };
    let name = bare_name(tag);
    let is_name = !name.is_empty()
        && name.len() <= 48
        && name
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
    // `queries:` and `info:` are words of a BIND line, not programs; only a process number makes a bare
    // word a tag, unless it names one of ours.
    let has_process = tag.ends_with(b"]");
    let is_tag = is_name && (has_process || is_known(name));
    is_tag.then_some((name, body.trim_ascii_start()))
}

/// Programs that may stand in a tag without a process number.
fn is_known(name: &[u8]) -> bool {
    [
        &b"squid"[..],
        b"named",
        b"unbound",
        b"dnsmasq",
        b"dnsmasq-dhcp",
        b"pihole-FTL",
        b"haproxy",
        b"nginx",
        b"apache",
        b"apache2",
        b"httpd",
        b"envoy",
        b"traefik",
        b"pdns_recursor",
        b"pdns-recursor",
        b"dnsdist",
        b"coredns",
    ]
    .contains(&name)
}

/// `squid` of `(squid-1)[77]`, `squid[77]` or `squid`.
fn bare_name(tag: &[u8]) -> &[u8] {
    let name = split(tag, b'[').map_or(tag, |(name, _)| name);
    let Some(worker) = name.strip_prefix(b"(").and_then(|n| n.strip_suffix(b")")) else {
        return name;
    };
    match super::cursor::split_last(worker, b'-') {
        Some((name, digits)) if number(digits).is_some() => name,
        _ => worker,
    }
}

#[cfg(test)]
mod tests;
