//! Sixteen bytes looked at at once.
//!
//! Glances ask small things of many short words: whether they are digits, where a dot stands. One look answers for a whole
//! word what a walk answers byte by byte. Each answer has one bit for each byte, that of the first byte is the lowest.

use std::net::Ipv4Addr;

use wide::u8x16;

/// How many bytes are looked at.
pub(super) const WIDTH: usize = 16;

/// The bytes; behind the end of a text there are noughts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look(u8x16);

impl Look {
    pub(super) const fn at(bytes: [u8; WIDTH]) -> Self {
        Self(u8x16::new(bytes))
    }

    /// Looks at the beginning of a text.
    #[inline]
    pub(super) fn at_start_of(text: &[u8]) -> Self {
        Self::at(start_of(text))
    }

    /// Where this byte is.
    pub(super) fn of(self, byte: u8) -> u32 {
        self.0.simd_eq(u8x16::splat(byte)).to_bitmask()
    }

    /// Where either of these bytes is.
    pub(super) fn either(self, one: u8, other: u8) -> u32 {
        let ones = self.0.simd_eq(u8x16::splat(one));
        (ones | self.0.simd_eq(u8x16::splat(other))).to_bitmask()
    }

    /// Where it has what the other has.
    pub(super) fn same(self, other: Self) -> u32 {
        self.0.simd_eq(other.0).to_bitmask()
    }

    /// Where digits are.
    pub(super) fn digits(self) -> u32 {
        self.between(b'0', b'9').to_bitmask()
    }

    /// Where upper-case letters, digits and underscores are.
    pub(super) fn capitals(self) -> u32 {
        let underscores = self.0.simd_eq(u8x16::splat(b'_'));
        (self.between(b'A', b'Z') | self.between(b'0', b'9') | underscores).to_bitmask()
    }

    fn between(self, first: u8, last: u8) -> u8x16 {
        let above = self.0 - u8x16::splat(first);
        let most = u8x16::splat(last - first);
        above.min(most).simd_eq(above)
    }
}

/// The first bytes of a text; behind its end there are noughts.
#[inline]
fn start_of(text: &[u8]) -> [u8; WIDTH] {
    match text.first_chunk() {
        Some(bytes) => *bytes,
        None => with_noughts(text),
    }
}

#[cold]
fn with_noughts(text: &[u8]) -> [u8; WIDTH] {
    let mut bytes = [0; WIDTH];
    for (place, byte) in bytes.iter_mut().zip(text) {
        *place = *byte;
    }
    bytes
}

/// The IPv4 address in its usual form that a word is, which more may follow.
#[inline]
pub(super) fn ipv4((text, length): (&[u8], usize)) -> Option<Ipv4Addr> {
    if length > "255.255.255.255".len() {
        return None;
    }
    let bytes = start_of(text);
    let look = Look::at(bytes);
    let all = (1 << length) - 1;
    let dots = look.of(b'.') & all;
    let (second, third) = (without_lowest(dots), without_lowest(without_lowest(dots)));
    if (dots | look.digits()) & all != all || third == 0 || without_lowest(third) != 0 {
        return None;
    }
    let octet = |from: u32, to: u32| {
        let digits = to.wrapping_sub(from);
        let near = bytes.get(from as usize..)?.first_chunk::<4>()?;
        if !(1..=3).contains(&digits) {
            return None;
        }
        // The first byte is the lowest, so the last digit becomes the highest of four bytes.
        let written = u32::from_le_bytes(*near) << (8 * (4 - digits));
        let digit = |at: u32| written >> (8 * at) & 0xf;
        let number = digit(1) * 100 + digit(2) * 10 + digit(3);
        // No number begins with a nought, but nought itself.
        let is_usual = digits == 1 || near.first() != Some(&b'0');
        (is_usual && number < 256).then_some(number)
    };
    let [a, b, c] = [dots, second, third].map(u32::trailing_zeros);
    let high = octet(0, a)? << 8 | octet(a + 1, b)?;
    let low = octet(b + 1, c)? << 8 | octet(c + 1, length as u32)?;
    Some(Ipv4Addr::from_bits(high << 16 | low))
}

const fn without_lowest(bits: u32) -> u32 {
    bits & bits.wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ipv4_addresses_are_those_of_the_standard_library(
            text in "[0-9.]{0,17}|([0-9]{1,4}\\.){3}[0-9]{1,4}|([0-2]?[0-6]?[0-6]\\.){3}[0-2]?[0-6]?[0-6]|[0-9a.]{7,15}",
            more in "[ 0-9.]{0,20}",
        ) {
            let address = text.parse::<Ipv4Addr>().ok();
            prop_assert_eq!(ipv4((text.as_bytes(), text.len())), address);
            let with_more = format!("{text}{more}");
            prop_assert_eq!(ipv4((with_more.as_bytes(), text.len())), address);
        }

        #[test]
        fn every_byte_is_seen_as_it_is(text in prop::collection::vec(any::<u8>(), 0..20), byte in any::<u8>()) {
            let look = Look::at_start_of(&text);
            for (at, seen) in text.iter().enumerate().take(WIDTH) {
                let bit = |answer: u32| answer >> at & 1 == 1;
                prop_assert_eq!(bit(look.of(byte)), *seen == byte);
                prop_assert_eq!(bit(look.either(byte, b'x')), *seen == byte || *seen == b'x');
                prop_assert_eq!(bit(look.digits()), seen.is_ascii_digit());
                let is_capital = seen.is_ascii_uppercase() || seen.is_ascii_digit() || *seen == b'_';
                prop_assert_eq!(bit(look.capitals()), is_capital);
            }
            prop_assert_eq!(look.same(look), 0xffff);
        }
    }
}
