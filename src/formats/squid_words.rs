//! What Squid's layouts have in common: result codes, statuses, users.
//!
//! Seen in Squid 5.7; the words of 2.x to 4.x (`NONE/`, `TAG_NONE/`, `DIRECT/`) are told apart by shape, not by list.

use std::net::IpAddr;

use crate::model::{Event, Field, Outcome, Parsed, Untrusted};

use super::cursor::{ip, number, present};
use super::envelope::Envelope;

/// What a record is that holds no access row: an empty line, another program's, Squid's own chatter, or broken.
pub(super) fn unreadable(envelope: &Envelope<'_>, bad: &'static str) -> Parsed<'static> {
    if envelope.body.trim_ascii().is_empty() {
        return Parsed::Skip("empty line");
    }
    let is_row = envelope.body.first().is_some_and(u8::is_ascii_digit);
    if envelope.is_foreign_to(&[b"squid", b""]) {
        Parsed::Skip("another program's line")
    } else if envelope.program == b"squid" && !is_row {
        Parsed::Skip("not an access record")
    } else {
        Parsed::Bad(bad)
    }
}

/// Squid's result and hierarchy codes are upper-case words: `TCP_MISS`, `NONE_NONE`, `HIER_DIRECT`.
pub(super) fn is_code(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_uppercase)
        && word
            .iter()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
}

/// Three digits; `000` or `0` when nothing was answered.
pub(super) fn status(word: &[u8]) -> Option<u16> {
    matches!(word.len(), 1 | 3)
        .then(|| number(word))?
        .and_then(|n| u16::try_from(n).ok())
}

/// What became of a request, from result code, status and hierarchy code.
///
/// A denial that asks for a password is no policy. An answer of the far server is a use, also when it says 403;
/// one that Squid wrote itself (`NONE`) is not.
pub(super) fn outcome(code: &[u8], status: u16, peer_code: &[u8]) -> Outcome {
    // Traffic Server, which writes the same layout, says `ERR_PROXY_DENIED`.
    let denied = code.starts_with(b"TCP_DENIED") || code == b"ERR_PROXY_DENIED";
    let by_squid = code.starts_with(b"NONE") || code.starts_with(b"TAG_NONE");
    match status {
        0 | 407 => Outcome::Error,
        401 | 511 if denied => Outcome::Error,
        _ if denied => Outcome::Blocked,
        // What a rewriting program (squidGuard, ufdbGuard) sends elsewhere: nobody asked the site.
        300..400 if code.starts_with(b"TCP_REDIRECT") && is_none(peer_code) => Outcome::Blocked,
        403 if by_squid => Outcome::Blocked,
        400.. if by_squid => Outcome::Error,
        400.. if is_none(peer_code) && !is_from_cache(code) => Outcome::Error,
        500.. => Outcome::Error,
        _ => Outcome::Allowed,
    }
}

fn is_none(peer_code: &[u8]) -> bool {
    peer_code == b"HIER_NONE" || peer_code == b"NONE"
}

fn is_from_cache(code: &[u8]) -> bool {
    memchr::memmem::find(code, b"HIT").is_some()
}

/// Notes the client, which is a name where `log_fqdn` was on.
pub(super) fn set_client<'a>(event: &mut Event<'a>, word: &'a [u8]) {
    let address: Option<IpAddr> = ip(word);
    event.client = address;
    if address.is_none() {
        event.client_name = present(word).map(Untrusted::new);
        event.tells = event.tells.with(Field::ClientName);
    }
}

/// A user with Squid's escapes undone: `%20` and `\\`. Squid writes `-` for nobody; we keep `None`.
pub(super) fn user(word: &[u8]) -> Option<Untrusted<'_>> {
    let word = present(word)?;
    if memchr::memchr2(b'%', b'\\', word).is_none() {
        return Some(Untrusted::new(word));
    }
    let mut plain = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some((byte, after)) = rest.split_first() {
        let escaped = match byte {
            b'%' => after
                .split_at_checked(2)
                .and_then(|(hex, after)| Some((hex_byte(hex)?, after))),
            b'\\' => after.strip_prefix(b"\\").map(|after| (b'\\', after)),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*byte, after));
        plain.push(byte);
        rest = after;
    }
    Some(Untrusted::rebuilt(plain))
}

fn hex_byte(hex: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(hex).ok()?;
    let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex.then(|| u8::from_str_radix(text, 16).ok())?
}

/// A method; Squid writes `-`, before version 4 `NONE`, where it read none.
pub(super) fn method(word: &[u8]) -> Option<Untrusted<'_>> {
    present(word)
        .filter(|word| *word != b"NONE")
        .map(Untrusted::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_in_a_user_are_undone() {
        assert_eq!(user(b"corp\\\\alice%20b%"), Some("corp\\alice b%".into()));
        assert_eq!(user(b"-"), None);
    }
}
