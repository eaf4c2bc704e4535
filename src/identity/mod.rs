//! Who was it: from client address and user name to client, user and segment.
//!
//! Mapping from settings, without look-ups; only [`reverse_names`] asks DNS, when told to. When pseudonyms are switched
//! on, names leave this room only as keyed digests (HMAC-SHA-256), so that nothing above ever holds the real ones: a
//! plain hash of an address or a user name can be reversed by trying them all.

mod pseudonym;
mod reverse;
mod segment;

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::model::Untrusted;

pub use pseudonym::{MIN_KEY_BYTES, PseudonymKey};
pub use reverse::{NoResolver, reverse_names};
pub use segment::Segment;

/// What configuration says of clients and users.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Parts of the organisation, by network and by user name. The first that fits wins.
    pub segments: Vec<Segment>,
    /// Proxies, resolvers and other machines that ask on behalf of others: their own DNS look-ups are not
    /// anybody's use.
    pub infrastructure: Vec<IpNet>,
    /// Store and show digests instead of addresses and user names.
    pub pseudonyms: bool,
    /// File with the secret that the digests are keyed with.
    pub pseudonym_key_file: Option<std::path::PathBuf>,
    /// Ask DNS for the names of clients that a report lists by address.
    pub resolve_names: bool,
    /// The resolver to ask; the system's when `None`.
    pub resolver: Option<std::net::SocketAddr>,
}

/// Client, user and segment of one event; empty where the log does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    pub client: Arc<str>,
    pub user: Arc<str>,
    pub segment: Arc<str>,
    /// Whether the client asks on behalf of others.
    pub infrastructure: bool,
}

/// The compiled settings.
#[derive(Debug)]
pub struct Identity {
    segments: Vec<Segment>,
    infrastructure: Vec<IpNet>,
    key: Option<PseudonymKey>,
}

impl Identity {
    /// Compiles settings. With a key, names become pseudonyms.
    #[must_use]
    pub fn new(settings: &Settings, key: Option<PseudonymKey>) -> Self {
        Self {
            segments: settings.segments.clone(),
            infrastructure: settings.infrastructure.clone(),
            key,
        }
    }

    /// Whether names are replaced by pseudonyms.
    #[must_use]
    pub const fn hides_names(&self) -> bool {
        self.key.is_some()
    }

    /// Names of the configured segments, in order.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map(|segment| segment.name.as_str())
    }

    /// Says who an event is of.
    #[must_use]
    pub fn who(
        &self,
        client: Option<IpAddr>,
        client_name: Option<&Untrusted<'_>>,
        user: Option<&Untrusted<'_>>,
    ) -> Who {
        let client = client.map(|address| address.to_canonical());
        let user = user.map(Untrusted::lossy).unwrap_or_default();
        let segment = self
            .segments
            .iter()
            .find(|segment| segment.holds(client, &user))
            .map_or("", |segment| segment.name.as_str());
        let infrastructure = client
            .is_some_and(|address| self.infrastructure.iter().any(|net| net.contains(&address)));
        let client = match (client, client_name) {
            (Some(address), _) => address.to_string(),
            (None, Some(name)) => name.lossy().into_owned(),
            (None, None) => String::new(),
        };
        Who {
            client: self.named("client", &client),
            user: self.named("user", &user),
            segment: segment.into(),
            infrastructure,
        }
    }

    fn named(&self, kind: &str, name: &str) -> Arc<str> {
        match &self.key {
            Some(key) if !name.is_empty() => key.pseudonym(kind, name).into(),
            _ => name.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        toml::from_str(
            r#"
            infrastructure = ["192.0.2.2/32"]
            [[segments]]
            name = "legal"
            users = ["m.rossi", "EXAMPLE\\j.doe"]
            [[segments]]
            name = "finance"
            networks = ["192.0.2.0/25", "2001:db8:1::/48"]
            "#,
        )
        .unwrap()
    }

    #[test]
    fn the_first_fitting_segment_wins_and_users_ignore_case() {
        let identity = Identity::new(&settings(), None);
        let who = |ip: &str, user: &str| {
            identity
                .who(ip.parse().ok(), None, Some(&Untrusted::from(user)))
                .segment
                .to_string()
        };
        assert_eq!(who("192.0.2.7", "M.Rossi"), "legal");
        assert_eq!(who("192.0.2.7", "a.b"), "finance");
        assert_eq!(who("::ffff:192.0.2.7", "a.b"), "finance");
        assert_eq!(who("192.0.2.200", "a.b"), "");
    }

    #[test]
    fn pseudonyms_hide_names_and_keep_segments() {
        let key = PseudonymKey::new(&[7; 32]).unwrap();
        let identity = Identity::new(&settings(), Some(key));
        let who = identity.who(
            "192.0.2.7".parse().ok(),
            None,
            Some(&Untrusted::from("a.b")),
        );
        assert_eq!(&*who.segment, "finance");
        assert!(who.client.starts_with("client-") && who.user.starts_with("user-"));
        assert!(!who.client.contains("192") && !who.user.contains("a.b"));
        let again = identity.who(
            "192.0.2.7".parse().ok(),
            None,
            Some(&Untrusted::from("a.b")),
        );
        assert_eq!(who, again);
    }

    #[test]
    fn a_proxy_that_asks_for_others_is_marked() {
        let identity = Identity::new(&settings(), None);
        assert!(
            identity
                .who("192.0.2.2".parse().ok(), None, None)
                .infrastructure
        );
        assert!(
            !identity
                .who("192.0.2.3".parse().ok(), None, None)
                .infrastructure
        );
    }
}
