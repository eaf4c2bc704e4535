//! Host names, normalised once.
//!
//! A [`Host`] is lower-case ASCII without a trailing dot; names in other scripts are in their `xn--` form.
//! What is no host name (an IP address, a space, an empty label) has no `Host`, so that a log writer
//! cannot make one up: `chatgpt.com@evil.example` is refused, not cut.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest name that DNS carries, in text form.
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// A normalised host name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Host(Box<str>);

impl Host {
    /// Normalises a name; `None` when it is no host name.
    #[must_use]
    pub fn parse(raw: &[u8]) -> Option<Self> {
        let mut buf = HostBuf::default();
        buf.parse(raw).map(|name| Self(name.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Hash for Host {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl std::borrow::Borrow<str> for Host {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Host {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Host {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(text.as_bytes())
            .ok_or_else(|| serde::de::Error::custom(format!("{text:?} is no host name")))
    }
}

/// Room for one normalised name, so that a million names need no allocation.
#[derive(Debug, Clone)]
pub struct HostBuf {
    ascii: [u8; MAX_NAME],
    idna: String,
}

impl Default for HostBuf {
    fn default() -> Self {
        Self {
            ascii: [0; MAX_NAME],
            idna: String::new(),
        }
    }
}

impl HostBuf {
    /// Normalises a name into this buffer; `None` when it is no host name.
    ///
    /// Underscores are kept: DNS logs hold them (`_dmarc.example.org`). Ports and brackets are the caller's.
    pub fn parse(&mut self, raw: &[u8]) -> Option<&str> {
        let raw = raw.strip_suffix(b".").unwrap_or(raw);
        if raw.is_empty() {
            return None;
        }
        if !raw.is_ascii() {
            return self.parse_unicode(raw);
        }
        let slot = self.ascii.get_mut(..raw.len())?;
        slot.copy_from_slice(raw);
        slot.make_ascii_lowercase();
        let name = std::str::from_utf8(slot).ok()?;
        is_host_name(name).then_some(name)
    }

    fn parse_unicode(&mut self, raw: &[u8]) -> Option<&str> {
        let text = std::str::from_utf8(raw).ok()?;
        self.idna = idna::domain_to_ascii(text).ok()?;
        let name = self.idna.strip_suffix('.').unwrap_or(&self.idna);
        (name.len() <= MAX_NAME && is_host_name(name)).then_some(name)
    }
}

/// Whether this is letters, digits, dots, dashes and underscores, with no dot at the end: what needs no second look to be the
/// host that a record is about.
#[must_use]
pub fn is_plain_name(host: &[u8]) -> bool {
    let is_plain = |b: &u8| {
        // Not `||`: without branches, many bytes are looked at at once.
        b.is_ascii_alphanumeric() | (*b == b'.') | (*b == b'-') | (*b == b'_')
    };
    host.last().is_some_and(|last| *last != b'.')
        && host.iter().fold(true, |plain, b| plain & is_plain(b))
}

/// Letters, digits, hyphens and underscores in labels of 1–63, the last of which is no number.
fn is_host_name(name: &str) -> bool {
    let mut length = 0;
    let mut has_letter = false;
    for byte in name.bytes() {
        match byte {
            b'.' if length == 0 => return false,
            b'.' => (length, has_letter) = (0, false),
            b'a'..=b'z' => (length, has_letter) = (length + 1, true),
            b'0'..=b'9' | b'-' | b'_' => length += 1,
            _ => return false,
        }
        if length > MAX_LABEL {
            return false;
        }
    }
    has_letter
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(raw: &str) -> Option<String> {
        Host::parse(raw.as_bytes()).map(|h| h.to_string())
    }

    #[test]
    fn case_and_the_trailing_dot_are_gone() {
        assert_eq!(host("ChatGPT.com.").as_deref(), Some("chatgpt.com"));
        assert_eq!(
            host("_dmarc.example.org").as_deref(),
            Some("_dmarc.example.org")
        );
        assert_eq!(
            host("bücher.example").as_deref(),
            Some("xn--bcher-kva.example")
        );
    }

    #[test]
    fn what_is_no_host_name_is_refused() {
        for raw in [
            "",
            ".",
            "a..b",
            ".a",
            "192.0.2.7",
            "chatgpt.com@evil.example",
            "we ird.example",
            "chatgpt.com/",
            "a:443",
            "[::1]",
            "1.2.3",
            "a.b\u{0}c",
        ] {
            assert_eq!(host(raw), None, "{raw:?}");
        }
        assert_eq!(host(&"a".repeat(64)), None);
        assert_eq!(host(&["a"; 200].join(".")), None);
    }
}
