//! About how many clients, in eight bytes.
//!
//! Each client falls on one of 64 places by a hash; how many places are taken tells how many there were, without telling who.
//! Two sketches merge in any order, and a client that comes again changes nothing.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Event;

/// The taken places, a bit each.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sketch(pub u64);

/// Spreads what differs in a few bits. Part of what is stored: another one makes a client two.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Sketch {
    /// Nobody.
    pub const EMPTY: Self = Self(0);

    /// More clients than this cannot be told apart.
    pub const MOST: u64 = 250;

    /// One client by address.
    #[must_use]
    pub fn of_address(client: IpAddr) -> Self {
        match client.to_canonical() {
            IpAddr::V4(address) => Self::at(u64::from(address.to_bits())),
            IpAddr::V6(address) => {
                let bits = address.to_bits();
                Self::at((bits as u64).wrapping_mul(SPREAD) ^ (bits >> 64) as u64)
            }
        }
    }

    /// One client by name; nobody where there is none.
    #[must_use]
    pub fn of_name(name: &[u8]) -> Self {
        if name.is_empty() {
            return Self::EMPTY;
        }
        let spread = |sum: u64, byte: &u8| {
            (sum ^ u64::from(*byte))
                .wrapping_mul(SPREAD)
                .rotate_left(29)
        };
        Self::at(name.iter().fold(SPREAD, spread))
    }

    /// Whoever an event is of: its client, or its user where the log has no clients.
    #[must_use]
    pub fn of(event: &Event<'_>) -> Self {
        match (event.client, &event.client_name, &event.user) {
            (Some(address), ..) => Self::of_address(address),
            (None, Some(name), _) | (None, None, Some(name)) => Self::of_name(name.bytes()),
            (None, None, None) => Self::EMPTY,
        }
    }

    const fn at(client: u64) -> Self {
        // Twice: one round alone keeps neighbours so far apart that they never meet, and their number is overrated.
        let mixed = client.wrapping_mul(SPREAD);
        let mixed = (mixed ^ mixed >> 32).wrapping_mul(SPREAD);
        Self(1 << (mixed >> 58))
    }

    /// Adds those of another sketch.
    pub const fn merge(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// The least number of clients that it can hold.
    #[must_use]
    pub const fn at_least(self) -> u32 {
        self.0.count_ones()
    }

    /// The same in words; `None` when there is nobody.
    #[must_use]
    pub fn shown(self) -> Option<String> {
        match self.clients() {
            0 => None,
            1 => Some("one client".to_owned()),
            Self::MOST.. => Some(format!("{} clients or more", Self::MOST)),
            about => Some(format!("about {about} clients")),
        }
    }

    /// About how many there are: nearly exact up to ten, within a fifth up to a hundred. [`Self::MOST`] means that or more.
    #[must_use]
    pub fn clients(self) -> u64 {
        let free = f64::from(self.0.count_zeros());
        if free == 0.0 {
            return Self::MOST;
        }
        (-64.0 * (free / 64.0).ln()).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn office(clients: u32) -> Sketch {
        let mut sketch = Sketch::EMPTY;
        for client in 0..clients {
            let address = Ipv4Addr::from_bits(0xc612_0000 + client * 3);
            sketch.merge(Sketch::of_address(address.into()));
            sketch.merge(Sketch::of_address(address.into()));
        }
        sketch
    }

    #[test]
    fn a_few_clients_are_counted_and_many_are_estimated() {
        assert_eq!(Sketch::EMPTY.clients(), 0);
        for clients in [1, 2, 3, 5, 10] {
            assert!(
                office(clients).clients().abs_diff(u64::from(clients)) <= 1,
                "{clients}"
            );
        }
        for clients in [30, 60, 100] {
            let told = office(clients).clients();
            assert!(
                told.abs_diff(u64::from(clients)) <= u64::from(clients) / 3,
                "{clients}: {told}"
            );
        }
        assert_eq!(office(5_000).clients(), Sketch::MOST);
    }

    #[test]
    fn there_are_never_fewer_than_it_says() {
        for clients in 0..200 {
            assert!(office(clients).at_least() <= clients);
        }
        assert!(office(200).at_least() > 50);
    }

    #[test]
    fn an_address_is_one_client_however_it_is_written() {
        let plain = Ipv4Addr::new(192, 0, 2, 7);
        let mapped: Ipv6Addr = plain.to_ipv6_mapped();
        assert_eq!(
            Sketch::of_address(plain.into()),
            Sketch::of_address(mapped.into())
        );
        assert_ne!(Sketch::of_name(b"desk-1"), Sketch::of_name(b"desk-2"));
    }
}
