//! A part of the organisation: a department, a site, a network.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// One segment, found by client address or by user name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    pub name: String,
    #[serde(default)]
    pub networks: Vec<IpNet>,
    /// User names as the logs write them; upper and lower case are the same.
    #[serde(default)]
    pub users: Vec<String>,
}

impl Segment {
    /// Whether this client or this user belongs to the segment.
    pub(super) fn holds(&self, client: Option<IpAddr>, user: &str) -> bool {
        client.is_some_and(|address| self.networks.iter().any(|net| net.contains(&address)))
            || (!user.is_empty()
                && self
                    .users
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(user)))
    }
}
