//! Who had an address at a moment: leases and the directory, put together, and when what was said stops to hold.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::directory::{Directory, Entry};
use super::leases::{Device, Lease};
use crate::model::Time;

/// What lease files and the directory say.
#[derive(Debug, Default)]
pub(super) struct Book {
    leases: BTreeMap<IpAddr, Vec<Lease>>,
    directory: Directory,
}

/// While nothing that was said changes: from the first moment on, before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    from: Time,
    until: Time,
}

impl Holds {
    pub(super) const ALWAYS: Self = Self {
        from: Time::from_micros(i64::MIN),
        until: Time::from_micros(i64::MAX),
    };

    /// Whether a moment is in it.
    #[must_use]
    pub fn at(self, time: Time) -> bool {
        self.from <= time && time < self.until
    }

    /// Cuts it where something begins or ends.
    fn cut(&mut self, at: Time, edges: [Time; 2]) {
        for edge in edges {
            if edge <= at {
                self.from = self.from.max(edge);
            } else {
                self.until = self.until.min(edge);
            }
        }
    }
}

/// What the book says of an address at a moment.
#[derive(Debug)]
pub(super) struct Said<'b> {
    pub(super) device: Option<&'b Arc<Device>>,
    pub(super) entry: Option<&'b Entry>,
    pub(super) holds: Holds,
}

impl Book {
    /// Puts a book together; the leases of one file after the other.
    pub(super) fn of(leases: impl Iterator<Item = Lease>, directory: Directory) -> Self {
        let mut book = Self {
            directory,
            ..Self::default()
        };
        for lease in leases {
            book.leases.entry(lease.address).or_default().push(lease);
        }
        book
    }

    /// What is known of an address, a device by name, or a user at a moment: the device of the lease; the directory's row
    /// about the user, else about the device, else about the address. Leases that contradict one another name nobody.
    pub(super) fn at(
        &self,
        address: Option<IpAddr>,
        name: Option<&str>,
        user: &str,
        time: Time,
    ) -> Said<'_> {
        let mut holds = Holds::ALWAYS;
        let mut device: Option<&Arc<Device>> = None;
        let mut contradicted = false;
        let leases = address.and_then(|address| self.leases.get(&address));
        for lease in leases.into_iter().flatten() {
            holds.cut(time, [lease.from, lease.until]);
            if lease.from <= time && time < lease.until {
                contradicted |= device.is_some_and(|other| other.hardware != lease.device.hardware);
                device = Some(&lease.device);
            }
        }
        let device = device.filter(|_| !contradicted);
        let mut rows: Vec<&[Entry]> = vec![self.directory.of_user(user)];
        if let Some(device) = device {
            rows.push(self.directory.of_device(&device.hardware));
            rows.push(self.directory.of_device(&device.name));
        }
        rows.extend(name.map(|name| self.directory.of_device(name)));
        // An address that is leased is its device's: a row about the address speaks of another time or another plan.
        if let (Some(address), None) = (address, leases) {
            rows.push(self.directory.of_address(address));
        }
        let mut entry = None;
        for row in rows.into_iter().flatten() {
            holds.cut(time, [row.from, row.until]);
            if entry.is_none() && row.from <= time && time < row.until {
                entry = Some(row);
            }
        }
        Said {
            device,
            entry,
            holds,
        }
    }

    /// Every device and address of a lease, and whatever the directory names.
    pub(super) fn names(&self) -> impl Iterator<Item = String> + '_ {
        let leases = self.leases.values().flatten();
        let leased = leases.flat_map(|lease| [lease.device.label(), lease.address.to_string()]);
        leased.chain(self.directory.names())
    }
}
