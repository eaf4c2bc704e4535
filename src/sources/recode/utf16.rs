//! UTF-16 in steps, as Windows programs write it, to UTF-8.
//!
//! What a step cuts in two waits for the next. Half a surrogate pair without the other half becomes U+FFFD and costs
//! no more than itself.

/// UTF-16 as it comes in, with what a step cut in two.
pub(super) struct Utf16 {
    unit: fn([u8; 2]) -> u16,
    /// The first half of a letter.
    pub(super) odd: Option<u8>,
    /// The first half of a pair.
    high: Option<u16>,
    begun: bool,
}

impl Utf16 {
    pub(super) fn new(unit: fn([u8; 2]) -> u16) -> Self {
        Self {
            unit,
            odd: None,
            high: None,
            begun: false,
        }
    }

    /// Appends these bytes as UTF-8; half a pair without the other becomes U+FFFD.
    pub(super) fn push(&mut self, bytes: &[u8], text: &mut Vec<u8>) {
        let mut units: Vec<u16> = self.high.take().into_iter().collect();
        let mut bytes = bytes;
        if let (Some(odd), Some((first, rest))) = (self.odd, bytes.split_first()) {
            units.push((self.unit)([odd, *first]));
            self.odd = None;
            bytes = rest;
        }
        let (pairs, odd) = bytes.as_chunks::<2>();
        self.odd = odd.first().copied().or(self.odd);
        units.extend(pairs.iter().map(|pair| (self.unit)(*pair)));
        if units.last().is_some_and(|unit| unit & 0xfc00 == 0xd800) {
            self.high = units.pop();
        }
        let mut from = 0;
        if !self.begun && units.first() == Some(&0xfeff) {
            from = 1;
        }
        self.begun = true;
        let units = units.get(from..).unwrap_or_default().iter().copied();
        for decoded in char::decode_utf16(units) {
            let letter = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
            text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    /// The half of a pair that nothing follows.
    pub(super) fn end(&mut self, text: &mut Vec<u8>) {
        if self.high.take().is_some() {
            text.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}
