//! The words of Cisco's web appliance: users, decisions, verdicts, user agents, and what they mean.
//!
//! Tags and result codes from the tables "ACL Decision Tags" and "Transaction Result Codes" of the AsyncOS user guides
//! 7.5 to 15; new tags are told apart by how they begin, not by list.

use memchr::memmem;

use crate::model::Outcome;

use super::cursor::{Cursor, split, split_last};
use super::squid_words::is_code;

/// Policy, identity and four more groups are joined to the decision.
const MIN_TAG_DASHES: usize = 4;

/// `"CORP\alice@realm" DIRECT/…`, `- NONE/-`: the user, and from the hierarchy on. Quotes in a name are not
/// escaped, so the name ends where a hierarchy follows.
pub(super) fn user_and_rest(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start();
    let Some(quoted) = text.strip_prefix(b"\"") else {
        return split(text, b' ');
    };
    memmem::find_iter(quoted, b"\" ").find_map(|at| {
        let rest = quoted.get(at + 2..)?;
        let (code, _) = split(rest, b'/')?;
        is_code(code).then_some((quoted.get(..at)?, rest))
    })
}

/// `BLOCK_WEBCAT_12` of `BLOCK_WEBCAT_12-policy-identity-NONE-NONE-NONE-NONE`; numbers of filters (`DCF:200020`)
/// may stand in front, and names of policies may hold blanks.
pub(super) fn decision(tags: &[u8]) -> Option<&[u8]> {
    let mut cursor = Cursor::new(tags);
    loop {
        cursor.blanks();
        let rest = cursor.rest();
        let (decision, _) = split(cursor.word()?, b'-').unwrap_or((b"", b""));
        let dashes = rest.iter().filter(|b| **b == b'-').count();
        if is_code(decision) && dashes >= MIN_TAG_DASHES {
            return Some(decision);
        }
    }
}

/// The category, which is the first verdict: `IW_comp`, or `"C_Cust"` since AsyncOS 11.8.
pub(super) fn first_verdict(verdicts: &[u8]) -> &[u8] {
    let end = verdicts.iter().position(|b| matches!(b, b',' | b'>'));
    let first = verdicts.get(..end.unwrap_or(0)).unwrap_or_default();
    first
        .strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""))
        .unwrap_or(first)
}

pub(super) fn behind_verdicts(verdicts: &[u8]) -> &[u8] {
    memmem::find(verdicts, b"> ")
        .and_then(|at| verdicts.get(at + 2..))
        .unwrap_or_default()
}

/// What stands in quotes that begin and end at blanks.
pub(super) fn quoted(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text.trim_ascii();
    std::iter::from_fn(move || {
        loop {
            let Some(inside) = rest.strip_prefix(b"\"") else {
                let (_, next) = split(rest, b' ')?;
                rest = next.trim_ascii_start();
                continue;
            };
            let (text, next) = match memmem::find(inside, b"\" ") {
                Some(at) => (inside.get(..at)?, inside.get(at + 2..)?),
                None => (inside.strip_suffix(b"\"")?, &b""[..]),
            };
            rest = next.trim_ascii_start();
            return Some(text);
        }
    })
}

/// `product/1.0 …`, `Microsoft BITS/7.8`: neither a time, a URL nor a content type begins like that.
pub(super) fn is_user_agent(text: &[u8]) -> bool {
    let is_word = |word: &[u8]| {
        word.iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let begins = |word: &[u8]| {
        split(word, b'/').is_some_and(|(product, version)| {
            let version = version.strip_prefix(b"v").unwrap_or(version);
            product.first().is_some_and(u8::is_ascii_alphabetic)
                && is_word(product)
                && version.first().is_some_and(u8::is_ascii_digit)
        })
    };
    let mut words = text.split(|b| *b == b' ').take(3);
    words.find(|word| !is_word(word)).is_some_and(begins)
}

/// What became of a request: what the policy decided, and where it let go on, how it went.
pub(super) fn outcome(decision: &[u8], code: &[u8], status: u16) -> Outcome {
    const REFUSING: [&[u8]; 3] = [b"BLOCK", b"DROP", b"REDIRECT"];
    const LOGIN: [&[u8]; 2] = [b"NO_PASSWORD", b"SAAS_AUTH"];
    let begins = |with: &&[u8]| decision.starts_with(with);
    let denied = split_last(code, b'_').is_some_and(|_| memmem::find(code, b"_DENIED").is_some());
    match status {
        407 => Outcome::Error,
        401 if denied => Outcome::Error,
        _ if REFUSING.iter().any(begins) => Outcome::Blocked,
        _ if LOGIN.iter().any(begins) => Outcome::Error,
        // Transparent authentication sends the browser to the appliance and back.
        300..=399 if denied => Outcome::Error,
        403 if denied => Outcome::Blocked,
        400.. if denied => Outcome::Error,
        _ if denied => Outcome::Blocked,
        0 | 500.. => Outcome::Error,
        400.. if code.starts_with(b"NONE") => Outcome::Error,
        _ => Outcome::Allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_user_agent_is_one() {
        for (text, expected) in [
            ("Mozilla/5.0 (X11)", true),
            ("Microsoft BITS/7.8", true),
            ("python-requests/2.31.0", true),
            ("text/html", false),
            ("application/vnd.ms-excel", false),
            ("24/Nov/2026:10:00:17 +0000", false),
            ("http://a.example/1", false),
            ("-", false),
        ] {
            assert_eq!(is_user_agent(text.as_bytes()), expected, "{text}");
        }
    }
}
