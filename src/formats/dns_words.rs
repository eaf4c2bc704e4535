//! What DNS logs have in common: what a response code and answers mean, and codes that are written as numbers.
//!
//! A name that resolves to nowhere, `0.0.0.0` or `::`, was blocked by the resolver; every other error, REFUSED
//! among them, may be an accident. Numbers and names from the IANA registry "Domain Name System (DNS) Parameters".

use crate::model::{Outcome, Untrusted};

/// What became of a look-up.
pub(super) fn outcome(rcode: &[u8], answers: &[Untrusted<'_>]) -> Outcome {
    let is_nowhere = |answer: &Untrusted<'_>| matches!(answer.bytes(), b"0.0.0.0" | b"::");
    match rcode {
        b"" | b"-" => Outcome::Unknown,
        b"NOERROR" | b"0" if !answers.is_empty() && answers.iter().all(is_nowhere) => {
            Outcome::Blocked
        }
        b"NOERROR" | b"0" => Outcome::Allowed,
        _ => Outcome::Error,
    }
}

/// The name of a record type.
pub(super) fn type_name(number: u16) -> Untrusted<'static> {
    const NAMES: [(u16, &[u8]); 28] = [
        (1, b"A"),
        (2, b"NS"),
        (5, b"CNAME"),
        (6, b"SOA"),
        (12, b"PTR"),
        (13, b"HINFO"),
        (15, b"MX"),
        (16, b"TXT"),
        (24, b"SIG"),
        (25, b"KEY"),
        (28, b"AAAA"),
        (29, b"LOC"),
        (33, b"SRV"),
        (35, b"NAPTR"),
        (39, b"DNAME"),
        (43, b"DS"),
        (44, b"SSHFP"),
        (46, b"RRSIG"),
        (47, b"NSEC"),
        (48, b"DNSKEY"),
        (50, b"NSEC3"),
        (52, b"TLSA"),
        (64, b"SVCB"),
        (65, b"HTTPS"),
        (99, b"SPF"),
        (252, b"AXFR"),
        (255, b"ANY"),
        (257, b"CAA"),
    ];
    match NAMES.iter().find(|(known, _)| *known == number) {
        Some((_, name)) => Untrusted::new(name),
        // As RFC 3597 says.
        None => Untrusted::rebuilt(format!("TYPE{number}").into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_of_nowhere_alone_is_a_block() {
        let real = Untrusted::new(b"203.0.113.7");
        let nowhere = Untrusted::new(b"0.0.0.0");
        assert_eq!(
            outcome(b"NOERROR", std::slice::from_ref(&nowhere)),
            Outcome::Blocked
        );
        assert_eq!(outcome(b"NOERROR", &[nowhere, real]), Outcome::Allowed);
        assert_eq!(outcome(b"NOERROR", &[]), Outcome::Allowed);
        assert_eq!(outcome(b"REFUSED", &[]), Outcome::Error);
        assert_eq!(outcome(b"-", &[]), Outcome::Unknown);
    }

    #[test]
    fn a_type_without_a_name_is_a_number() {
        assert_eq!(type_name(65).bytes(), b"HTTPS");
        assert_eq!(type_name(65_535).bytes(), b"TYPE65535");
    }
}
