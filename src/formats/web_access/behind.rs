//! What stands behind the size of a row: referrer and user agent, and measures behind them.
//!
//! Administrators add what they like, without names. Only what its place and shape leave no doubt of is taken: after the
//! documentation of mod_logio and of ingress-nginx.

use crate::formats::clf_line;
use crate::formats::cursor::{Cursor, number, split};
use crate::model::{Event, Field};

/// Two texts that stand together.
pub(super) type Pair<'a> = (&'a [u8], &'a [u8]);

/// `"REFERER" "AGENT"` and what follows; bare words such as a duration may stand in front.
pub(super) fn headers(rest: &[u8]) -> (Option<Pair<'_>>, &[u8]) {
    let at = memchr::memchr(b'"', rest).unwrap_or(rest.len());
    let (words, quotes) = rest.split_at_checked(at).unwrap_or((rest, b""));
    let is_measure = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b' ' | b'-');
    let both = || {
        let (referer, rest) = clf_line::quoted(quotes)?;
        let (agent, rest) = clf_line::quoted(rest)?;
        Some(((referer, agent), rest))
    };
    match both() {
        Some((headers, rest)) if words.iter().all(is_measure) => (Some(headers), rest),
        _ => (None, rest),
    }
}

/// Measures behind the user agent, where their layout leaves no doubt.
#[derive(Default)]
pub(super) struct Extra {
    bytes_up: Option<u64>,
    bytes_down: Option<u64>,
    duration_ms: Option<u64>,
}

impl Extra {
    pub(super) fn of(rest: &[u8]) -> Self {
        let mut cursor = Cursor::new(rest);
        let (Some(first), Some(second)) = (cursor.word(), cursor.word()) else {
            return Self::default();
        };
        let rest = cursor.rest().trim_ascii();
        match (number(first), number(second)) {
            // Apache's combinedio: %I %O, both with headers.
            (Some(up), Some(down)) if rest.is_empty() => Self {
                bytes_up: Some(up),
                bytes_down: Some(down),
                duration_ms: None,
            },
            // ingress-nginx: $request_length $request_time [$proxy_upstream_name] …
            (Some(up), None) if rest.starts_with(b"[") => Self {
                bytes_up: Some(up),
                bytes_down: None,
                duration_ms: secs(second),
            },
            _ => Self::default(),
        }
    }

    pub(super) fn set(&self, event: &mut Event<'_>) {
        if self.bytes_up.is_some() {
            event.tells = event.tells.with(Field::BytesUp);
            event.bytes_up = self.bytes_up;
        }
        if self.duration_ms.is_some() {
            event.tells = event.tells.with(Field::DurationMs);
            event.duration_ms = self.duration_ms;
        }
        event.bytes_down = self.bytes_down.or(event.bytes_down);
    }
}

/// `0.003`, seconds with three digits, as milliseconds.
fn secs(word: &[u8]) -> Option<u64> {
    let (secs, millis) = split(word, b'.')?;
    let millis = (millis.len() == 3).then(|| number(millis))??;
    number(secs)?.checked_mul(1000)?.checked_add(millis)
}
