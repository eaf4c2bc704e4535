//! The cache of who is who: client and user as logged → client, user and segment, for as long as that holds.
//!
//! Emptied when full, because log text decides its keys, and when the files that say who is who were read again.

use std::net::IpAddr;

use hashbrown::HashMap;

use crate::identity::{Holds, Identity, Who};
use crate::model::{Event, Untrusted};

const MAX_WHOS: usize = 1 << 16;

/// Address, name of the machine and user, as logged.
type Logged = (Option<IpAddr>, Vec<u8>, Vec<u8>);

/// Client and user as logged → who.
#[derive(Debug, Default)]
pub(super) struct WhoCache {
    known: HashMap<Logged, (Who, Holds)>,
    version: u64,
}

impl WhoCache {
    pub(super) fn who(&mut self, identity: &Identity, event: &Event<'_>) -> &Who {
        let bytes = |text: Option<&Untrusted<'_>>| {
            text.map(|text| text.bytes().to_vec()).unwrap_or_default()
        };
        let key = (
            event.client,
            bytes(event.client_name.as_ref()),
            bytes(event.user.as_ref()),
        );
        let version = identity.version();
        let is_full = self.known.len() >= MAX_WHOS && !self.known.contains_key(&key);
        if version != self.version || is_full {
            self.known.clear();
            self.version = version;
        }
        let ask = || {
            let (name, user) = (event.client_name.as_ref(), event.user.as_ref());
            identity.who(event.client, name, user, event.time)
        };
        let found = self.known.entry(key).or_insert_with(ask);
        if !found.1.at(event.time) {
            *found = ask();
        }
        &found.0
    }
}
