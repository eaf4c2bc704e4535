//! What was seen of a service before its signature was known.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::{Sketch, Time};

/// Hits on the hosts of a service on the days before its signature came: what the digest of hosts keeps of them. It counts
/// every record that names a host, refused and failed ones too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Earlier {
    pub service: Arc<str>,
    pub first: Time,
    pub last: Time,
    /// Days with any hit.
    pub days: u64,
    pub hits: u64,
    /// About how many clients; shown as their number.
    #[serde(serialize_with = "number_of")]
    pub clients: Sketch,
    /// At most a few, the busiest first.
    pub hosts: Vec<String>,
}

impl Earlier {
    /// How many hosts are named.
    pub const HOSTS: usize = 10;

    /// Adds what was found of further hosts of the same service: days may overlap, so their number is a lower bound.
    pub fn merge(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.days = self.days.max(other.days);
        self.hits = self.hits.saturating_add(other.hits);
        self.clients.merge(other.clients);
        for host in &other.hosts {
            if !self.hosts.contains(host) {
                self.hosts.push(host.clone());
            }
        }
        self.hosts.truncate(Self::HOSTS);
    }
}

fn number_of<S: Serializer>(clients: &Sketch, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(clients.clients())
}
