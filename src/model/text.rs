//! Text that came out of a log.
//!
//! Whoever can send a request can write such text, so it has no `Display`: a sink takes [`Untrusted::shown`]
//! (nothing in it can steer a terminal or reorder a line) and adds its own encoder, or takes the raw bytes
//! knowingly.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes from a log, borrowed where they can be.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Untrusted<'a>(Cow<'a, [u8]>);

impl<'a> Untrusted<'a> {
    /// Borrows bytes out of a record.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }

    /// Takes bytes that had to be rebuilt, because the record held them escaped.
    #[must_use]
    pub const fn rebuilt(bytes: Vec<u8>) -> Self {
        Self(Cow::Owned(bytes))
    }

    /// The bytes as logged.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are no bytes at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As text, invalid UTF-8 replaced. Still hostile: for keys and for encoders, not for people.
    #[must_use]
    pub fn lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// As text that people may see: control, bidirectional and invisible characters are shown as `\u{..}`.
    #[must_use]
    pub fn shown(&self) -> String {
        let text = self.lossy();
        let mut shown = String::with_capacity(text.len());
        for c in text.chars() {
            if is_steering(c) {
                // Writing to a String cannot fail.
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            } else {
                shown.push(c);
            }
        }
        shown
    }

    /// The same text, independent of the record.
    #[must_use]
    pub fn into_owned(self) -> Untrusted<'static> {
        Untrusted(Cow::Owned(self.0.into_owned()))
    }
}

/// Characters that move a cursor, reorder a line or cannot be seen.
fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl<'a> From<Cow<'a, [u8]>> for Untrusted<'a> {
    fn from(bytes: Cow<'a, [u8]>) -> Self {
        Self(bytes)
    }
}

impl<'a> From<&'a str> for Untrusted<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(text.as_bytes())
    }
}

impl From<String> for Untrusted<'static> {
    fn from(text: String) -> Self {
        Self::rebuilt(text.into_bytes())
    }
}

impl fmt::Debug for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untrusted({:?})", self.lossy())
    }
}

impl Serialize for Untrusted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.lossy())
    }
}

impl<'de> Deserialize<'de> for Untrusted<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_text_cannot_steer_a_terminal() {
        let hostile = Untrusted::new(b"\x1b[2Jalice\r\n\xff\xe2\x80\xaetxt");
        let shown = hostile.shown();
        assert!(shown.starts_with("\\u{1b}[2Jalice\\u{d}\\u{a}"));
        assert!(!shown.contains('\u{202e}') && !shown.contains('\u{1b}'));
    }
}
