//! Which device had an address, and when: the lease files of DHCP servers.
//!
//! A lease names a device from its start to its end and at no other moment. What a server writes later about an address
//! ends what it wrote before. Bad lines are counted; a file that is none of a server's holds nothing but bad lines. The
//! server's own words are in each file: dnsmasq (`lease.c`), ISC dhcpd (`dhcpd.leases(5)`), Kea (memfile of
//! `kea-dhcp4` and `kea-dhcp6`).

mod dnsmasq;
mod isc;
mod kea;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::Time;

/// A lease file, as configuration names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaseFile {
    pub path: PathBuf,
    pub format: LeaseFormat,
    /// How long the server's leases are, in seconds: dnsmasq writes when one ends and not when it began.
    #[serde(default = "dnsmasq::usual_secs")]
    pub lease_secs: u32,
}

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LeaseFormat {
    Dnsmasq,
    Isc,
    Kea,
}

/// A device had an address for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) address: IpAddr,
    /// The first moment of it, and the first one after it.
    pub(super) from: Time,
    pub(super) until: Time,
    pub(super) device: Arc<Device>,
}

/// A device as its lease names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Device {
    /// Hardware address, lower case with colons, or another identifier where there is none.
    pub(super) hardware: String,
    /// What the device called itself; anybody can call himself anything. Empty when it did not.
    pub(super) name: String,
}

impl Device {
    fn new(hardware: &str, name: &str) -> Option<Self> {
        let hardware = hardware.trim().to_ascii_lowercase();
        (!hardware.is_empty()).then(|| Self {
            hardware,
            name: name.trim().trim_end_matches('.').to_owned(),
        })
    }

    /// `laptop-7/00:00:5e:00:53:01`: the name alone could be anybody's.
    pub(super) fn label(&self) -> String {
        if self.name.is_empty() {
            return self.hardware.clone();
        }
        format!("{}/{}", self.name, self.hardware)
    }
}

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) leases: Vec<Lease>,
    pub(super) bad: u64,
}

/// What a server wrote of a lease, in the order of its file.
struct Written {
    address: IpAddr,
    from: Time,
    until: Time,
    /// `None` where the address was given up or refused.
    device: Option<Device>,
}

/// Reads a lease file. `modified` is when it was written last.
pub(super) fn read(text: &[u8], of: &LeaseFile, modified: Time) -> Read {
    let text = String::from_utf8_lossy(text);
    let (written, bad) = match of.format {
        LeaseFormat::Dnsmasq => dnsmasq::read(&text, of.lease_secs, modified),
        LeaseFormat::Isc => isc::read(&text),
        LeaseFormat::Kea => kea::read(&text),
    };
    Read {
        leases: settled(written),
        bad,
    }
}

/// What is written later about an address ends what was written before; renewals of one device are one lease.
fn settled(written: Vec<Written>) -> Vec<Lease> {
    let mut by_address: std::collections::BTreeMap<IpAddr, Vec<Lease>> =
        std::collections::BTreeMap::new();
    for one in written {
        let leases = by_address.entry(one.address).or_default();
        if let Some(last) = leases.last_mut() {
            let same = one
                .device
                .as_ref()
                .is_some_and(|device| device.hardware == last.device.hardware);
            if same && one.from <= last.until {
                last.from = last.from.min(one.from);
                last.until = last.until.max(one.until);
                continue;
            }
            // Given up: it ended when the later row says, if that is before it would have ended by itself.
            last.until = last.until.min(match one.device {
                None => one.until,
                Some(_) => one.from,
            });
        }
        if let Some(device) = one.device {
            leases.push(Lease {
                address: one.address,
                from: one.from,
                until: one.until,
                device: Arc::new(device),
            });
        }
    }
    let leases = by_address.into_values().flatten();
    leases.filter(|lease| lease.from < lease.until).collect()
}

#[cfg(test)]
mod tests;
