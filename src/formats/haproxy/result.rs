//! What became of a session, from HAProxy's termination state and the status.
//!
//! The first letter says who ended it: `C` client, `S` server, `P` HAProxy by a rule or because the request was
//! invalid, `L` HAProxy's own answer, `R` and `I` lack of resources, small letters timeouts, `D` `U` `K` an
//! administrator. The second says in which phase, `D` being that of data. After the manual's section 8.5.

use crate::formats::wire_http;
use crate::model::Outcome;

/// Of an HTTP request.
pub(super) fn http(
    state: &[u8],
    status: Option<u16>,
    method: Option<&[u8]>,
    to_proxy: bool,
) -> Outcome {
    let (who, phase) = parts(state);
    match (who, status) {
        // A login is wanted, the request was unreadable, or it did not come in time.
        (b'P' | b'L', Some(400 | 401 | 407 | 408 | 511)) => Outcome::Error,
        (b'P', _) if phase == b'T' => Outcome::Blocked,
        // Its own fault, or an answer that it could not understand.
        (b'P', Some(500 | 502 | 503)) => Outcome::Error,
        (b'P', _) if matches!(phase, b'R' | b'H' | b'-') => Outcome::Blocked,
        (b'L', Some(403 | 451)) => Outcome::Blocked,
        (b'L', Some(400..)) => Outcome::Error,
        (b'L', _) => Outcome::Allowed,
        // Data was flowing already: the request had been answered.
        (_, Some(100..=399)) if matches!(phase, b'D' | b'L') => Outcome::Allowed,
        (b'-', _) => wire_http::outcome(method, to_proxy, status),
        _ => Outcome::Error,
    }
}

/// Of a connection.
pub(super) fn tcp(state: &[u8]) -> Outcome {
    let (who, phase) = parts(state);
    match (who, phase) {
        (b'P', b'R' | b'T') => Outcome::Blocked,
        (b'-', _) | (_, b'D' | b'L') => Outcome::Allowed,
        _ => Outcome::Error,
    }
}

/// `--`, `SC`, `PR--`, `cD` and the like; 2 letters in TCP mode, 4 in HTTP mode.
pub(super) fn is_state(word: &[u8]) -> bool {
    matches!(word.len(), 2 | 4) && word.iter().all(|b| b.is_ascii_alphabetic() || *b == b'-')
}

fn parts(state: &[u8]) -> (u8, u8) {
    let letter = |at: usize| state.get(at).copied().unwrap_or(b'-');
    (letter(0), letter(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rule_blocks() {
        let http = |state: &str, status| http(state.as_bytes(), Some(status), Some(b"GET"), false);
        assert_eq!(http("PR--", 403), Outcome::Blocked);
        assert_eq!(http("PT--", 500), Outcome::Blocked);
        assert_eq!(http("PR--", 400), Outcome::Error);
        assert_eq!(http("PH--", 502), Outcome::Error);
        assert_eq!(http("LR--", 401), Outcome::Error);
        assert_eq!(http("LR--", 302), Outcome::Allowed);
        assert_eq!(http("SC--", 503), Outcome::Error);
        assert_eq!(http("----", 403), Outcome::Allowed);
        assert_eq!(http("----", 504), Outcome::Allowed);
        assert_eq!(http("cD--", 200), Outcome::Allowed);
        assert_eq!(http("cR--", 408), Outcome::Error);
        assert_eq!(tcp(b"PR"), Outcome::Blocked);
        assert_eq!(tcp(b"cD"), Outcome::Allowed);
        assert_eq!(tcp(b"SC"), Outcome::Error);
    }
}
