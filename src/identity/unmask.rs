//! Which name is behind a pseudonym: found by trying the names that are known elsewhere.
//!
//! A digest cannot be turned back, and no list of real names is kept. So whoever may know one brings the key and what the names
//! stand in: lease files, directory and segments of the configuration, and the logs of the time in question. That it
//! was asked, by whom and why, is for the caller to write down before he shows the answer.

use std::net::IpAddr;

use super::Identity;
use super::basis::by_directory;

/// Addresses of a network that are tried; a /16 has as many.
const MAX_OF_NETWORK: usize = 1 << 16;

/// What is known about a pseudonym's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mask {
    Client,
    Device,
    Person,
    User,
}

impl Mask {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Device => "device",
            Self::Person => "person",
            Self::User => "user",
        }
    }

    fn of(pseudonym: &str) -> Option<Self> {
        let (kind, digest) = pseudonym.split_once('-')?;
        let is_digest = digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        let masks = [Self::Client, Self::Device, Self::Person, Self::User];
        let found = masks.into_iter().find(|mask| mask.as_str() == kind);
        found.filter(|_| is_digest)
    }
}

/// Whether a text has the form of a pseudonym.
#[must_use]
pub fn is_pseudonym(text: &str) -> bool {
    Mask::of(text).is_some()
}

impl Identity {
    /// The name behind a pseudonym, if it is among the names of the configuration or of `more`; `None` without a key too.
    #[must_use]
    pub fn unmask(&self, pseudonym: &str, more: impl Iterator<Item = String>) -> Option<String> {
        let (key, mask) = (self.key.as_ref()?, Mask::of(pseudonym)?);
        let fits = |name: &String| key.pseudonym(mask.as_str(), name) == pseudonym;
        let book = self.book();
        let users = self.segments.iter().flat_map(|segment| &segment.users);
        let networks = self.segments.iter().flat_map(|segment| &segment.networks);
        let addresses = networks
            .chain(&self.infrastructure)
            .flat_map(|network| network.hosts().take(MAX_OF_NETWORK))
            .map(|address: IpAddr| address.to_string());
        let mut names = book
            .names()
            .chain(users.cloned())
            .chain(addresses)
            .chain(more);
        if mask == Mask::Person {
            names.map(|name| by_directory(&name)).find(fits)
        } else {
            names.find(fits)
        }
    }
}
