//! What stands behind the flags of an Envoy row: notes, sizes, quoted headers, and what Istio appends.
//!
//! Where each of them is, and where it ends although a client wrote into it; what it means is for [`super`] to say.

use crate::formats::clf_line;
use crate::formats::cursor::{Cursor, number, port, split, split_last};

/// Sizes and duration, and the notes in front of them.
pub(super) struct Measures<'a> {
    /// Why Envoy answered as it did, and why the connection ended; empty in Envoy's own format.
    pub(super) notes: [&'a [u8]; 2],
    pub(super) bytes_up: u64,
    pub(super) bytes_down: u64,
    pub(super) duration_ms: Option<u64>,
}

impl<'a> Measures<'a> {
    /// Finds them behind a few words or quoted texts.
    pub(super) fn find(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut notes: [&[u8]; 2] = [b"", b""];
        let mut rest = text;
        for place in 0..=12 {
            if let Some((measures, rest)) = Self::read(rest, notes) {
                return Some((measures, rest));
            }
            if let Some((_reason, after)) = clf_line::quoted(rest) {
                rest = after;
                continue;
            }
            let mut cursor = Cursor::new(rest);
            let word = cursor.word()?;
            if let Some(note) = notes.get_mut(place) {
                *note = word;
            }
            rest = cursor.rest();
        }
        None
    }

    /// `UP DOWN MS MS` in front of a quote.
    fn read(text: &'a [u8], notes: [&'a [u8]; 2]) -> Option<(Self, &'a [u8])> {
        let mut cursor = Cursor::new(text);
        let (up, down) = (number(cursor.word()?)?, number(cursor.word()?)?);
        let (duration, _service_time) = (cursor.word()?, cursor.word()?);
        let measures = Self {
            notes,
            bytes_up: up,
            bytes_down: down,
            duration_ms: number(duration),
        };
        let is_duration = duration == b"-" || measures.duration_ms.is_some();
        (is_duration && cursor.rest().starts_with(b"\"")).then_some((measures, cursor.rest()))
    }
}

/// The quoted fields.
pub(super) struct Headers<'a> {
    pub(super) forwarded: &'a [u8],
    pub(super) agent: &'a [u8],
    pub(super) authority: &'a [u8],
    pub(super) upstream: &'a [u8],
}

impl<'a> Headers<'a> {
    /// `"FORWARDED" "AGENT" "ID" "AUTHORITY" "UPSTREAM" …`, the last three from the end.
    pub(super) fn of(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        const BORDER: &[u8] = b"\" \"";
        let (text, tail) = split_last(text.strip_prefix(b"\"")?, b'"')?;
        let before = |text: &'a [u8]| {
            let at = memchr::memmem::rfind(text, BORDER)?;
            Some((text.get(..at)?, text.get(at + BORDER.len()..)?))
        };
        let (text, upstream) = before(text)?;
        let (text, authority) = before(text)?;
        let (text, _id) = before(text)?;
        let at = memchr::memmem::find(text, BORDER)?;
        let headers = Self {
            forwarded: text.get(..at)?,
            agent: text.get(at + BORDER.len()..)?,
            authority,
            upstream,
        };
        Some((headers, tail.trim_ascii()))
    }
}

/// What Istio appends; empty in Envoy's own format.
#[derive(Default)]
pub(super) struct Mesh<'a> {
    pub(super) cluster: &'a [u8],
    pub(super) client: &'a [u8],
    pub(super) server_name: &'a [u8],
    pub(super) route: &'a [u8],
}

impl<'a> Mesh<'a> {
    /// `CLUSTER UPSTREAM_LOCAL DOWNSTREAM_LOCAL DOWNSTREAM_REMOTE SERVER_NAME ROUTE`.
    pub(super) fn of(tail: &'a [u8]) -> Self {
        let mut cursor = Cursor::new(tail);
        let mut word = || cursor.word().unwrap_or_default();
        let cluster = word();
        let (_upstream_local, _downstream_local) = (word(), word());
        Self {
            cluster,
            client: word(),
            server_name: word(),
            route: word(),
        }
    }

    /// `chatgpt.com` of `outbound|443||chatgpt.com`.
    pub(super) fn service(&self) -> Option<&'a [u8]> {
        let rest = self.cluster.strip_prefix(b"outbound|")?;
        let (_, name) = split_last(rest, b'|')?;
        let (digits, _) = split(rest, b'|')?;
        (port(digits).is_some() && !name.is_empty()).then_some(name)
    }

    /// Where Istio sends what `REGISTRY_ONLY` does not know.
    pub(super) fn is_black_hole(&self) -> bool {
        self.cluster == b"BlackHoleCluster" || self.route == b"block_all"
    }
}
