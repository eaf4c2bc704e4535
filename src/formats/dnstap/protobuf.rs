//! As much of Protocol Buffers as dnstap needs: tags, varints, fixed numbers and lengths.
//!
//! A reader over borrowed bytes that stops at the first thing it does not understand, with the rest still
//! in hand: whoever wants a whole message asks whether nothing is left. Groups, which dnstap never had, are not read.
//! From "Encoding" on protobuf.dev.

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of one message, and what has not been read of it.
pub(super) struct Pairs<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Pairs<'a> {
    type Item = (u64, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = varint(self.0)?;
        let (value, rest) = match tag & 7 {
            0 => {
                let (number, rest) = varint(rest)?;
                (Value::Number(number), rest)
            }
            1 => {
                let (number, rest) = rest.split_first_chunk::<8>()?;
                (Value::Number(u64::from_le_bytes(*number)), rest)
            }
            2 => {
                let (length, rest) = varint(rest)?;
                let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                (Value::Bytes(bytes), rest)
            }
            5 => {
                let (number, rest) = rest.split_first_chunk::<4>()?;
                (Value::Number(u32::from_le_bytes(*number).into()), rest)
            }
            _ => return None,
        };
        self.0 = rest;
        Some((tag >> 3, value))
    }
}

/// Seven bits a byte, the least first; ten bytes at most.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_read() {
        let bytes = b"\x08\x96\x01\x12\x02hi\x1d\x01\0\0\0\x21\x02\0\0\0\0\0\0\0";
        let pairs: Vec<_> = Pairs(bytes).collect();
        assert_eq!(
            pairs,
            [
                (1, Value::Number(150)),
                (2, Value::Bytes(b"hi")),
                (3, Value::Number(1)),
                (4, Value::Number(2)),
            ]
        );
    }

    #[test]
    fn what_breaks_off_stays_in_hand() {
        for bytes in [
            &b"\x12\xff\xff\xff\xff\x0fhi"[..],
            b"\x12\x03hi",
            b"\x08",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"\x0b",
        ] {
            let mut pairs = Pairs(bytes);
            assert_eq!(pairs.next(), None);
            assert_eq!(pairs.0, bytes);
        }
    }
}
