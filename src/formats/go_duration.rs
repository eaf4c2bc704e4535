//! Durations as programs written in Go print them: `0.037990251s`, `1.2ms`, `184.2µs`.
//!
//! Of one unit only: what CoreDNS logs, and who builds on it, is never longer than seconds. After `time.Duration.String`.

use super::cursor::{number, split};

/// Whole milliseconds; what is finer is cut.
pub(super) fn millis(text: &[u8]) -> Option<u64> {
    let unit_at = text
        .iter()
        .position(|b| !b.is_ascii_digit() && *b != b'.')?;
    let (digits, unit) = text.split_at_checked(unit_at)?;
    let per_unit_micros: u64 = match unit {
        b"s" => 1_000_000,
        b"ms" => 1_000,
        b"us" | b"\xc2\xb5s" => 1,
        b"ns" => 0,
        _ => return None,
    };
    let (whole, fraction) = split(digits, b'.').unwrap_or((digits, b""));
    let mut micros = number(whole)?.checked_mul(per_unit_micros)?;
    let mut worth = per_unit_micros;
    for digit in fraction {
        worth /= 10;
        micros = micros.checked_add(number(&[*digit])? * worth)?;
    }
    Some(micros / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        for (text, expected) in [
            ("0.002846368s", Some(2)),
            ("1.5s", Some(1500)),
            ("12.9ms", Some(12)),
            ("1999.5µs", Some(1)),
            ("840ns", Some(0)),
            ("1m2s", None),
            ("-1s", None),
            ("s", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(millis(text.as_bytes()), expected, "{text}");
        }
    }
}
