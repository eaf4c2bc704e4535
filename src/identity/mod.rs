//! Who was it: from client address and user name to client, user and segment.
//!
//! Mapping from settings and from the files that they name (leases of DHCP servers, a directory of persons), each with its
//! interval; only [`reverse_names`] asks DNS, when told to. When pseudonyms are switched
//! on, names leave this room only as keyed digests (HMAC-SHA-256), so that nothing above ever holds the real ones: a
//! plain hash of an address or a user name can be reversed by trying them all.

mod basis;
mod book;
mod directory;
mod files;
mod leases;
mod pseudonym;
mod reverse;
mod segment;
mod unmask;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::model::{Time, Untrusted};

use basis::by_directory;
use book::{Book, Said};
use files::Files;
use unmask::Mask;

pub use basis::Basis;
pub use book::Holds;
pub use files::BadFile;
pub use leases::{LeaseFile, LeaseFormat};
pub use pseudonym::{MIN_KEY_BYTES, PseudonymKey};
pub use reverse::{NoResolver, reverse_names};
pub use segment::Segment;
pub use unmask::is_pseudonym;

/// What configuration says of clients and users.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Parts of the organisation, by network and by user name. The first that fits wins.
    pub segments: Vec<Segment>,
    /// Proxies, resolvers and other machines that ask on behalf of others: their own DNS look-ups are not
    /// anybody's use.
    pub infrastructure: Vec<IpNet>,
    /// Files of DHCP servers: which device had which address, and when.
    pub leases: Vec<LeaseFile>,
    /// A list of persons and departments by address, device or user.
    pub directory: Option<PathBuf>,
    /// Addresses that many people share: never named after one.
    pub shared: Vec<IpNet>,
    /// Store and show digests instead of addresses and user names.
    pub pseudonyms: bool,
    /// File with the secret that the digests are keyed with.
    pub pseudonym_key_file: Option<PathBuf>,
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
    shared: Vec<IpNet>,
    key: Option<PseudonymKey>,
    files: Mutex<Files>,
    book: Mutex<Arc<Book>>,
    /// Counts the books there were.
    version: AtomicU64,
}

impl Identity {
    /// Compiles settings and opens no file. With a key, names become pseudonyms.
    #[must_use]
    pub fn new(settings: &Settings, key: Option<PseudonymKey>) -> Self {
        Self::with(settings, key, Files::default())
    }

    /// Compiles settings and reads the files that they name.
    ///
    /// # Errors
    /// When a file cannot be read at all; bad lines in it are no error.
    pub fn open(settings: &Settings, key: Option<PseudonymKey>) -> Result<Self, BadFile> {
        Ok(Self::with(settings, key, Files::open(settings)?))
    }

    fn with(settings: &Settings, key: Option<PseudonymKey>, mut files: Files) -> Self {
        Self {
            segments: settings.segments.clone(),
            infrastructure: settings.infrastructure.clone(),
            shared: settings.shared.clone(),
            key,
            book: Mutex::new(Arc::new(files.book())),
            files: Mutex::new(files),
            version: AtomicU64::new(0),
        }
    }

    /// Reads files again that changed; whether any did. One that cannot be read keeps what it said.
    pub fn refresh(&self) -> bool {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if !files.refresh() {
            return false;
        }
        *self.book.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(files.book());
        self.version.fetch_add(1, Ordering::Release);
        true
    }

    /// Changes when files were read again: what was said before may be out of date.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Lines that could not be understood, by file.
    #[must_use]
    pub fn bad_lines(&self) -> Vec<(PathBuf, u64)> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.bad.clone()
    }

    fn book(&self) -> Arc<Book> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&book)
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

    /// Says who an event is of, and how long that holds: the user as the log names him, else the person of the directory; the
    /// device of a lease, else the address. Nobody is named after an address that many share.
    #[must_use]
    pub fn who(
        &self,
        client: Option<IpAddr>,
        client_name: Option<&Untrusted<'_>>,
        user: Option<&Untrusted<'_>>,
        time: Time,
    ) -> (Who, Holds) {
        let client = client.map(|address| address.to_canonical());
        let user = user.map(Untrusted::lossy).unwrap_or_default();
        let name = client_name.map(Untrusted::lossy);
        let within = |nets: &[IpNet]| {
            client.is_some_and(|address| nets.iter().any(|net| net.contains(&address)))
        };
        let book = self.book();
        let Said {
            device,
            entry,
            holds,
        } = if within(&self.shared) {
            book.at(None, None, &user, time)
        } else {
            book.at(client, name.as_deref(), &user, time)
        };
        let configured = self
            .segments
            .iter()
            .find(|segment| segment.holds(client, &user));
        let segment = match (configured, entry) {
            (Some(segment), _) => segment.name.as_str().into(),
            (None, Some(entry)) => entry.department.clone(),
            (None, None) => "".into(),
        };
        let client = match (device, client, name) {
            (Some(device), _, _) => self.named(Mask::Device, &device.label()),
            (None, Some(address), _) => self.named(Mask::Client, &address.to_string()),
            (None, None, Some(name)) => self.named(Mask::Client, &name),
            (None, None, None) => "".into(),
        };
        let person = entry.map_or("", |entry| &*entry.person);
        let user = if user.is_empty() && !person.is_empty() {
            self.named(Mask::Person, &by_directory(person))
        } else {
            self.named(Mask::User, &user)
        };
        let who = Who {
            client,
            user,
            segment,
            infrastructure: within(&self.infrastructure),
        };
        (who, holds)
    }

    /// What the machine at this address is called as a client, for whoever joins what it serves with what it asks for.
    /// `None` where the address is not one machine's, and with pseudonyms: beside its address as a server the name would
    /// tell whose pseudonym it is.
    #[must_use]
    pub fn machine(&self, address: IpAddr, time: Time) -> Option<Arc<str>> {
        let address = address.to_canonical();
        let is_within = |nets: &[IpNet]| nets.iter().any(|net| net.contains(&address));
        if self.hides_names() || is_within(&self.shared) || is_within(&self.infrastructure) {
            return None;
        }
        Some(self.who(Some(address), None, None, time).0.client)
    }

    fn named(&self, mask: Mask, name: &str) -> Arc<str> {
        match &self.key {
            Some(key) if !name.is_empty() => key.pseudonym(mask.as_str(), name).into(),
            _ => name.into(),
        }
    }
}

#[cfg(test)]
mod tests;
