//! A packet's line, behind date, time and thread: who, which way, and the name with its lengths.
//!
//! Which packets count, and where the facts come from, is told in [`super`].

use std::borrow::Cow;

use memchr::memmem;

use crate::formats::cursor::{Cursor, number, split};
use crate::model::Untrusted;

use super::{HEAD_BYTES, PACKET};

pub(super) struct Packet<'a> {
    received: bool,
    pub(super) client: &'a [u8],
    response: bool,
    opcode: &'a [u8],
    pub(super) qtype: Option<&'a [u8]>,
    pub(super) name: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Date and time, and what follows the word `PACKET`.
    pub(super) fn split(body: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let head = body.get(..HEAD_BYTES).unwrap_or(body);
        let at = memmem::find(head, PACKET)?;
        let head = head.get(..at)?;
        let thread_at = memchr::memrchr(b' ', head).map_or(0, |at| at + 1);
        let (head, thread) = head.split_at_checked(thread_at)?;
        let is_thread = !thread.is_empty() && thread.iter().all(u8::is_ascii_hexdigit);
        is_thread.then_some((head.trim_ascii(), body.get(at + PACKET.len()..)?))
    }

    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(text);
        let mut transport = cursor.word()?;
        if transport.iter().all(u8::is_ascii_hexdigit) {
            transport = cursor.word()?;
        }
        if !matches!(transport, b"UDP" | b"TCP") {
            return None;
        }
        let received = match cursor.word()? {
            b"Rcv" => true,
            b"Snd" => false,
            _ => return None,
        };
        let (client, _xid) = (cursor.word()?, cursor.word()?);
        // Flags are padded to columns and may be blank: only the bracket ends them.
        let (kind, rest) = split(cursor.rest(), b'[')?;
        let (_flags, rest) = split(rest, b']')?;
        let mut kind = Cursor::new(kind);
        let first = kind.word()?;
        let (response, opcode) = match (first, kind.word()) {
            (b"R", Some(opcode)) => (true, opcode),
            // `Rcv … R [` has lost its opcode; that it answers is what counts.
            (b"R", None) => (true, &b""[..]),
            (opcode, _) => (false, opcode),
        };
        let rest = rest.trim_ascii();
        let (qtype, name) = if rest.starts_with(b"(") {
            (None, rest)
        } else {
            let (qtype, name) = split(rest, b' ')?;
            (Some(qtype), name.trim_ascii_start())
        };
        name.starts_with(b"(").then_some(Self {
            received,
            client,
            response,
            opcode,
            qtype,
            name,
        })
    }

    /// Why this is not a client's question.
    pub(super) fn no_question(&self) -> Option<&'static str> {
        match (self.received, self.response, self.opcode) {
            (false, true, _) => Some("dns answer"),
            (false, false, _) => Some("question to another server"),
            (true, true, _) => Some("answer of another server"),
            (true, false, b"Q") => None,
            (true, false, b"U") => Some("dynamic update"),
            (true, false, b"N") => Some("zone notification"),
            _ => Some("not a query"),
        }
    }
}

/// `ALL` is what Windows calls `ANY`; a type without a name is a number.
pub(super) fn type_text(qtype: &[u8]) -> Untrusted<'_> {
    match qtype {
        b"ALL" => Untrusted::new(b"ANY"),
        _ if number(qtype).is_some() => Untrusted::rebuilt([b"TYPE", qtype].concat()),
        _ => Untrusted::new(qtype),
    }
}

/// `(3)api(6)openai(3)com(0)` as `api.openai.com`; `None` for the root. Lengths are followed, so that a label which
/// holds a parenthesis is one label, and a dot inside a label stays escaped: `(10)openai.com(4)evil(0)` is no
/// name of openai.com's. What does not end as a name must is left as it is, so that no host comes of it.
pub(super) fn name(text: &[u8]) -> Option<Untrusted<'_>> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while rest != b"(0)" {
        let Some((label, after)) = next_label(rest) else {
            return Some(Untrusted::new(text));
        };
        if !plain.is_empty() {
            plain.push(b'.');
        }
        plain.extend_from_slice(&escaped(label));
        rest = after;
    }
    (!plain.is_empty()).then(|| Untrusted::rebuilt(plain))
}

fn next_label(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (digits, rest) = split(text.strip_prefix(b"(")?, b')')?;
    let length = usize::try_from(number(digits)?).ok().filter(|n| *n > 0)?;
    match rest.split_at_checked(length) {
        Some((label, after)) if after.starts_with(b"(") => Some((label, after)),
        // A byte was printed as several; the next parenthesis is the border.
        _ => rest.split_at_checked(memchr::memchr(b'(', rest)?),
    }
}

fn escaped(label: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'.', label).is_none() {
        return Cow::Borrowed(label);
    }
    let mut escaped = Vec::with_capacity(label.len() + 1);
    for byte in label {
        if *byte == b'.' {
            escaped.push(b'\\');
        }
        escaped.push(*byte);
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_holds_the_borders_of_labels_is_one_label() {
        for (text, expected) in [
            ("(3)api(6)openai(3)com(0)", Some("api.openai.com")),
            ("(9)a(3)com(0(4)evil(0)", Some("a(3)com(0.evil")),
            ("(10)openai.com(4)evil(0)", Some("openai\\.com.evil")),
            ("(2)\u{fc}(4)evil(0)", Some("\u{fc}.evil")),
            ("(1)\\252(4)evil(0)", Some("\\252.evil")),
            ("(0)", None),
            ("(", Some("(")),
            ("(99)x", Some("(99)x")),
            ("(6)openai(3)com", Some("(6)openai(3)com")),
            (
                "(9)\\255(6)openai(3)com(0)(4)evil(0)",
                Some("(9)\\255(6)openai(3)com(0)(4)evil(0)"),
            ),
        ] {
            let name = name(text.as_bytes()).map(|n| n.lossy().into_owned());
            assert_eq!(name.as_deref(), expected, "{text}");
        }
    }
}
