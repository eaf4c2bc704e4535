//! Secrets: read from files, never from the configuration itself.

use crate::identity::{MIN_KEY_BYTES, PseudonymKey};

use super::{Config, ConfigError};

/// The key of pseudonyms, when pseudonyms are on.
///
/// # Errors
/// When the file is missing, unreadable or too short; says how to make one.
pub fn pseudonym_key(config: &Config) -> Result<Option<PseudonymKey>, ConfigError> {
    if !config.identity.pseudonyms {
        return Ok(None);
    }
    let how = "make one with: head -c 32 /dev/urandom > /etc/gnomon/pseudonym.key";
    let Some(path) = &config.identity.pseudonym_key_file else {
        return Err(ConfigError(format!(
            "identity.pseudonyms = true needs identity.pseudonym_key_file; {how}"
        )));
    };
    let secret = std::fs::read(path).map_err(|error| {
        ConfigError(format!(
            "identity.pseudonym_key_file: {}: {error}; {how}",
            path.display()
        ))
    })?;
    PseudonymKey::new(&secret).map(Some).ok_or_else(|| {
        ConfigError(format!(
            "identity.pseudonym_key_file: {} holds fewer than {MIN_KEY_BYTES} bytes; {how}",
            path.display()
        ))
    })
}
