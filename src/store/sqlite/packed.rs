//! Numbers and times in as few bytes as they need: seven bits to a byte, the lowest first; the eighth says that more
//! follow. What is taken back may be anything, so each answer may be missing.

/// What a time counts in, by its lowest two bits; the fourth value says that the microseconds follow as they are.
const UNITS: [i64; 3] = [1, 1_000, 1_000_000];
const AS_IT_IS: u64 = 3;

pub(super) fn put(packed: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        packed.push(value as u8 | 0x80);
        value >>= 7;
    }
    packed.push(value as u8);
}

/// Small numbers of either sign stay small.
pub(super) fn put_signed(packed: &mut Vec<u8>, value: i64) {
    put(packed, zigzag(value));
}

/// A time or the length of one, near nought, in microseconds.
pub(super) fn put_micros(packed: &mut Vec<u8>, micros: i64) {
    let unit = match micros {
        _ if micros % UNITS[2] == 0 => 2,
        _ if micros % UNITS[1] == 0 => 1,
        _ => 0,
    };
    let value = zigzag(micros / UNITS[unit]);
    if value >> 62 == 0 {
        put(packed, value << 2 | unit as u64);
    } else {
        put(packed, AS_IT_IS);
        put_signed(packed, micros);
    }
}

pub(super) fn take(rest: &mut &[u8]) -> Option<u64> {
    let (byte, after) = rest.split_first()?;
    if *byte < 0x80 {
        *rest = after;
        return Some(u64::from(*byte));
    }
    take_long(rest)
}

fn take_long(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

pub(super) fn take_signed(rest: &mut &[u8]) -> Option<i64> {
    take(rest).map(unzigzag)
}

pub(super) fn take_micros(rest: &mut &[u8]) -> Option<i64> {
    let value = take(rest)?;
    match UNITS.get((value & 3) as usize) {
        Some(unit) => unzigzag(value >> 2).checked_mul(*unit),
        None => take_signed(rest),
    }
}

const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn numbers_and_times_come_back(
            number in any::<u64>(), signed in any::<i64>(), small in -5_000_i64..5_000, shift in 0..64
        ) {
            let number = number >> shift;
            let times = [signed, signed >> shift, small, small * 1_000, small * 1_000_000, i64::MIN, i64::MAX];
            let mut packed = Vec::new();
            put(&mut packed, number);
            put_signed(&mut packed, signed);
            for time in times {
                put_micros(&mut packed, time);
            }
            let mut rest = &*packed;
            prop_assert_eq!(take(&mut rest), Some(number));
            prop_assert_eq!(take_signed(&mut rest), Some(signed));
            for time in times {
                prop_assert_eq!(take_micros(&mut rest), Some(time));
            }
            prop_assert_eq!(take(&mut rest), None);
        }

        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut rest = &*bytes;
            while take_micros(&mut rest).is_some() {}
        }
    }
}
