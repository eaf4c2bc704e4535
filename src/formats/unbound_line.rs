//! One line of Unbound, cut into what stands in front and what is told.
//!
//! Which of the lines about one lookup counts is for [`super::unbound`] to say.

use super::clock::{Stamp, epoch, iso_stamp};
use super::cursor::{Cursor, ip, port, split};
use super::envelope;

/// What stands in front of a message.
pub(super) struct Head<'a> {
    pub(super) stamp: Option<Stamp>,
    /// Whether `unbound` wrote it.
    pub(super) ours: bool,
    /// Whether another program's syslog header stands there.
    pub(super) foreign: bool,
    pub(super) message: &'a [u8],
}

impl<'a> Head<'a> {
    pub(super) fn read(record: &'a [u8]) -> Self {
        Self::of_file(record).unwrap_or_else(|| {
            let envelope = envelope::open(record);
            // Its own file, read and forwarded by a relay.
            let is_forwarded = memchr::memmem::find(record, b"] unbound[").is_some();
            if is_forwarded && let Some(head) = envelope::find(record, Self::of_file) {
                return head;
            }
            Self {
                stamp: envelope.stamp,
                ours: envelope.program == b"unbound",
                foreign: envelope.is_foreign_to(&[b"unbound"]),
                message: after_thread(envelope.body),
            }
        })
    }

    /// `[1793614272] unbound[77:0] ` or `[1793614272.345] …`, the layout of Unbound's own file.
    fn of_file(record: &'a [u8]) -> Option<Self> {
        let (stamp, from_process) = Self::stamp_of_file(record)?;
        Some(Self {
            stamp: Some(stamp),
            ours: true,
            foreign: false,
            message: Self::after_process(from_process)?,
        })
    }

    /// Its time, and what follows from the process on.
    pub(super) fn stamp_of_file(record: &'a [u8]) -> Option<(Stamp, &'a [u8])> {
        let (stamp, rest) = split(record.strip_prefix(b"[")?, b']')?;
        let stamp = match epoch(stamp) {
            Some(time) => Stamp::Instant(time),
            None => iso_stamp(stamp)?.0,
        };
        Some((stamp, rest.strip_prefix(b" unbound[")?))
    }

    /// What follows process and thread.
    pub(super) fn after_process(from_process: &'a [u8]) -> Option<&'a [u8]> {
        split(from_process, b']').map(|(_process, message)| message.trim_ascii_start())
    }
}

/// Whether this was meant to be a query or reply: chatter does not begin with an address.
pub(super) fn is_query(message: &[u8]) -> bool {
    let mut cursor = Cursor::new(message);
    match cursor.word() {
        Some(b"query:" | b"reply:") => true,
        Some(b"info:") => cursor.word().is_some_and(|word| ip(word).is_some()),
        _ => false,
    }
}

/// Unbound repeats process and thread behind a syslog tag: `[77:0] info: …`.
fn after_thread(body: &[u8]) -> &[u8] {
    let thread = body.strip_prefix(b"[").and_then(|b| split(b, b']'));
    match thread {
        Some((digits, rest)) if digits.iter().all(|b| b.is_ascii_hexdigit() || *b == b':') => {
            rest.trim_ascii_start()
        }
        _ => body,
    }
}

pub(super) struct Line<'a> {
    pub(super) client: &'a [u8],
    pub(super) client_port: Option<u16>,
    pub(super) name: &'a [u8],
    pub(super) qtype: &'a [u8],
    pub(super) class: &'a [u8],
    pub(super) step: Step<'a>,
}

pub(super) enum Step<'a> {
    Query,
    Reply(Reply<'a>),
    Action { blocks: bool },
    Malformed,
}

pub(super) struct Reply<'a> {
    pub(super) rcode: &'a [u8],
    pub(super) secs: &'a [u8],
}

impl<'a> Line<'a> {
    pub(super) fn read(message: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(message);
        let tag = cursor.word()?;
        if !matches!(tag, b"info:" | b"query:" | b"reply:") {
            return None;
        }
        let first = *Cursor::new(cursor.rest()).word().as_ref()?;
        if ip(first).is_none() {
            return Self::action(cursor.rest());
        }
        let (client, name, qtype, class) = (
            cursor.word()?,
            cursor.word()?,
            cursor.word()?,
            cursor.word()?,
        );
        let step = match cursor.word() {
            None => Step::Query,
            // `- - - FORMERR`, and `null TYPE0 CLASS0 REFUSED` for a client that may not ask.
            Some(_) if matches!(name, b"-" | b"null") => Step::Malformed,
            Some(rcode) => {
                let (secs, _cached, _bytes) = (cursor.word()?, cursor.word()?, cursor.word()?);
                Step::Reply(Reply { rcode, secs })
            }
        };
        let line = Self {
            client,
            client_port: None,
            name,
            qtype,
            class,
            step,
        };
        line.is_whole().then_some(line)
    }

    /// `ZONE. ACTION CLIENT@PORT NAME. TYPE CLASS` or `rpz: applied [ZONE] RULE. ACTION CLIENT@PORT NAME. TYPE CLASS`.
    fn action(text: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(text);
        let mut action = cursor.word()?;
        let (client, port_digits) = loop {
            let word = cursor.word()?;
            match split(word, b'@') {
                Some((client, digits)) if ip(client).is_some() => break (client, digits),
                _ => action = word,
            }
        };
        let line = Self {
            client,
            client_port: port(port_digits),
            name: cursor.word()?,
            qtype: cursor.word()?,
            class: cursor.word()?,
            step: Step::Action {
                blocks: action_blocks(action),
            },
        };
        line.is_whole().then_some(line)
    }

    /// The shape that free text does not have: an absolute name and a class at the end.
    fn is_whole(&self) -> bool {
        matches!(self.step, Step::Malformed)
            || self.name.ends_with(b".")
                && (matches!(self.class, b"IN" | b"CH" | b"HS" | b"ANY")
                    || self.class.starts_with(b"CLASS"))
    }
}

/// Whether a local zone's type, or an RPZ action, keeps the real answer from the client. `inform` only logs, and
/// the transparent types resolve; a redirect answers with somebody else's address.
fn action_blocks(action: &[u8]) -> bool {
    !matches!(
        action,
        b"inform"
            | b"transparent"
            | b"typetransparent"
            | b"always_transparent"
            | b"nodefault"
            | b"rpz-passthru"
            | b"rpz-disabled"
            | b"rpz-tcp-only"
            | b"passthru"
            | b"disabled"
            | b"tcp-only"
    )
}
