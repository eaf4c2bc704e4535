//! Keyed digests in place of names.

use std::fmt::{self, Write as _};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Shorter keys are refused.
pub const MIN_KEY_BYTES: usize = 16;

/// Bytes of the digest that are kept: enough that two of a million names do not meet.
const SHOWN_BYTES: usize = 8;

/// The secret that pseudonyms are made with; never printed.
pub struct PseudonymKey(Hmac<Sha256>);

impl PseudonymKey {
    /// A key of at least [`MIN_KEY_BYTES`] bytes; `None` for a shorter one.
    #[must_use]
    pub fn new(secret: &[u8]) -> Option<Self> {
        if secret.len() < MIN_KEY_BYTES {
            return None;
        }
        Hmac::new_from_slice(secret).ok().map(Self)
    }

    /// `user-` or `client-` and 16 hex digits: the same for the same name, on every machine with this key.
    pub(super) fn pseudonym(&self, kind: &str, name: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(kind.as_bytes());
        mac.update(b":");
        mac.update(name.to_lowercase().as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut shown = format!("{kind}-");
        for byte in digest.iter().take(SHOWN_BYTES) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "{byte:02x}");
        }
        shown
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(****)")
    }
}
