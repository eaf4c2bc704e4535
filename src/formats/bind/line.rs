//! One line of BIND's log, cut into what stands in front, who asked, and what is told.
//!
//! Which of the lines about one look-up counts is for [`super`] to say.

use crate::formats::clock::{Stamp, bind_stamp, iso_stamp};
use crate::formats::cursor::{Cursor, split, split_around, split_last};

/// What BIND prints in front of a message.
pub(super) struct Head<'a> {
    pub(super) stamp: Option<Stamp>,
    /// Whether a category or severity stands there.
    pub(super) labelled: bool,
    pub(super) rest: &'a [u8],
}

impl<'a> Head<'a> {
    pub(super) fn read(text: &'a [u8]) -> Self {
        let mut head = Self {
            stamp: None,
            labelled: false,
            rest: text,
        };
        // Time, category and severity, in this order; NIOS puts the category in front of the time.
        for _ in 0..3 {
            let stamped = bind_stamp(head.rest).or_else(|| iso_stamp(head.rest));
            if let Some((stamp, rest)) = stamped.filter(|_| head.stamp.is_none()) {
                head.stamp = Some(stamp);
                head.rest = rest;
            } else if let Some(rest) = after_label(head.rest) {
                head.labelled = true;
                head.rest = rest;
            }
        }
        head
    }

    pub(super) fn is_labelled(&self) -> bool {
        self.labelled && self.stamp.is_some()
    }
}

/// What follows `queries: ` or `info: `.
fn after_label(text: &[u8]) -> Option<&[u8]> {
    let (word, rest) = split(text, b' ')?;
    let label = word.strip_suffix(b":")?;
    let is_label = label
        .iter()
        .all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_'));
    is_label.then_some(rest)
}

/// A message about a client.
pub(super) struct Line<'a> {
    pub(super) client: &'a [u8],
    pub(super) client_port: &'a [u8],
    /// What follows client, name and view.
    pub(super) message: &'a [u8],
}

impl<'a> Line<'a> {
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(text);
        cursor.eat(b"client ")?;
        if cursor.rest().starts_with(b"@0x") {
            cursor.word()?;
        }
        // Names hold no raw blank, so the first `: ` ends client, key and name.
        let (who, mut message) = split_around(cursor.rest(), b": ")?;
        if let Some(view) = message.strip_prefix(b"view ") {
            (_, message) = split_around(view, b": ")?;
        }
        let (client, rest) = split(who, b'#')?;
        let end = memchr::memchr2(b'/', b' ', rest).unwrap_or(rest.len());
        Some(Self {
            client,
            client_port: rest.get(..end)?,
            message,
        })
    }
}

pub(super) struct Question<'a> {
    pub(super) name: &'a [u8],
    pub(super) class: &'a [u8],
    pub(super) qtype: &'a [u8],
    pub(super) server: Option<&'a [u8]>,
}

impl<'a> Question<'a> {
    /// `query: NAME CLASS TYPE FLAGS (LOCAL)`; flags are not needed.
    pub(super) fn read(message: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(message);
        cursor.eat(b"query: ")?;
        let (name, class, qtype) = (cursor.word()?, cursor.word()?, cursor.word()?);
        let flags = cursor.word()?;
        matches!(flags.first(), Some(b'+' | b'-')).then_some(())?;
        // Before 9.7 the line ended here.
        let server = match cursor.word() {
            Some(word) => Some(word.strip_prefix(b"(")?.strip_suffix(b")")?),
            None => None,
        };
        Some(Self {
            name,
            class,
            qtype,
            server,
        })
    }
}

/// `rpz QNAME NXDOMAIN rewrite NAME/TYPE/CLASS via RULE`, `disabled rpz …` when the zone only logs.
pub(super) struct Rewrite<'a> {
    pub(super) question: Question<'a>,
    pub(super) blocks: bool,
}

impl<'a> Rewrite<'a> {
    pub(super) fn read(message: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(message);
        let disabled = cursor.eat(b"disabled ").is_some();
        cursor.eat(b"rpz ")?;
        let _trigger = cursor.word()?;
        let policy = cursor.word()?;
        if cursor.word()? != b"rewrite" {
            return None;
        }
        // A name may hold a slash; class and type may not.
        let (rest, class) = split_last(cursor.word()?, b'/')?;
        let (name, qtype) = split_last(rest, b'/')?;
        let passes = matches!(policy, b"PASSTHRU" | b"TCP-ONLY" | b"DISABLED");
        Some(Self {
            question: Question {
                name,
                class,
                qtype,
                server: None,
            },
            blocks: !disabled && !passes,
        })
    }
}
