//! The two ends of a connection as Cisco's firewalls write them, and which of them is the client.
//!
//! `outside:203.0.113.5/443 (203.0.113.5/443)(CORP\alice, 10:Staff)`: interface, address or name, port, translated
//! address, user or domain name of the identity firewall, security group. Only a user has a backslash.

use std::net::IpAddr;

use super::cursor::{ip, port, split, split_last};

/// Ports below are services; above, clients.
const FIRST_CLIENT_PORT: u16 = 1024;
/// Services of the web beyond.
const WEB_PORTS: [u16; 4] = [3128, 8080, 8443, 8888];

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct End<'a> {
    pub(super) interface: &'a [u8],
    pub(super) address: Option<IpAddr>,
    /// Where the device shows a name instead of the address, or beside it.
    pub(super) name: Option<&'a [u8]>,
    pub(super) port: Option<u16>,
    pub(super) user: Option<&'a [u8]>,
}

impl<'a> End<'a> {
    /// `interface:address/port`, with what may follow.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let (interface, rest) = split(text, b':')?;
        let end = Self::without_interface(rest)?;
        Some(Self { interface, ..end })
    }

    /// `address/port`, with what may follow.
    pub(super) fn without_interface(text: &'a [u8]) -> Option<Self> {
        let (place, notes) = split_notes(text);
        let (host, digits) = split_last(place, b'/').unwrap_or((place, b""));
        Self {
            port: port(digits),
            ..Self::default()
        }
        .at(host, notes)
    }

    /// `interface/address(port)`, as hits of an access list have it.
    pub(super) fn of_list(text: &'a [u8]) -> Option<Self> {
        let (interface, rest) = split(text, b'/')?;
        let (host, rest) = split(rest, b'(')?;
        let (digits, notes) = split(rest, b')')?;
        Self {
            interface,
            port: port(digits),
            ..Self::default()
        }
        .at(host, notes)
    }

    /// `user@address`, without interface and port.
    pub(super) fn of_host(text: &'a [u8]) -> Option<Self> {
        let (place, notes) = split_notes(text);
        let (user, host) = match split_last(place, b'@') {
            Some((user, host)) => (Some(user).filter(|user| !user.is_empty()), host),
            None => (None, place),
        };
        let end = Self::default().at(host, notes)?;
        Some(Self {
            user: end.user.or(user),
            ..end
        })
    }

    fn at(self, host: &'a [u8], notes: &'a [u8]) -> Option<Self> {
        let host = host.trim_ascii();
        let address = ip(host);
        let shown = (address.is_none() && !host.is_empty()).then_some(host);
        if address.is_none() && (shown.is_none() || host.contains(&b' ')) {
            return None;
        }
        let (user, name) = note(notes);
        Some(Self {
            address,
            name: name.or(shown),
            user,
            ..self
        })
    }
}

/// Who talked to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Connection<'a> {
    pub(super) client: End<'a>,
    pub(super) server: End<'a>,
}

impl<'a> Connection<'a> {
    /// Unless the first is said to be the client, ports tell: one of a service is the server's. The device itself
    /// (`NP Identity Ifc`) is asked for its management; a private address asks a public one. Else the first, which
    /// is the one behind the less trusted interface, is the server.
    pub(super) fn of(first: End<'a>, second: End<'a>, first_is_client: bool) -> Self {
        let asked_by_first = Self {
            client: first,
            server: second,
        };
        let asked_by_second = Self {
            client: second,
            server: first,
        };
        if first_is_client {
            return asked_by_first;
        }
        match (is_service(first.port), is_service(second.port)) {
            (false, true) => return asked_by_first,
            (true, false) => return asked_by_second,
            _ => {}
        }
        let is_device = |end: &End<'_>| {
            end.interface.starts_with(b"NP Identity") || end.interface == b"identity"
        };
        match (is_private(first.address), is_private(second.address)) {
            _ if is_device(&second) => asked_by_first,
            (true, false) => asked_by_first,
            _ => asked_by_second,
        }
    }
}

fn is_service(port: Option<u16>) -> bool {
    port.is_some_and(|port| port < FIRST_CLIENT_PORT || WEB_PORTS.contains(&port))
}

fn is_private(address: Option<IpAddr>) -> bool {
    match address {
        Some(IpAddr::V4(address)) => address.is_private(),
        Some(IpAddr::V6(address)) => address.is_unique_local(),
        None => false,
    }
}

/// What stands in front of the first bracket or blank, and the rest.
fn split_notes(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|b| matches!(b, b'(' | b' '))
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, b""))
}

/// User and domain name out of `(203.0.113.5/443)(CORP\alice, 10:Staff)`.
fn note(mut notes: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    let (mut user, mut name) = (None, None);
    while let Some((_, rest)) = split(notes, b'(') {
        let (note, rest) = split(rest, b')').unwrap_or((rest, b""));
        let note = split(note, b',')
            .map_or(note, |(first, _group)| first)
            .trim_ascii();
        if note.contains(&b'\\') {
            user = user.or(Some(note));
        } else if is_domain(note) {
            name = name.or(Some(note));
        }
        notes = rest;
    }
    (user, name)
}

fn is_domain(note: &[u8]) -> bool {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    note.contains(&b'.') && ip(note).is_none() && note.iter().all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &'static str) -> End<'static> {
        End::read(text.as_bytes()).expect(text)
    }

    #[test]
    fn an_end_is_read_with_whatever_follows() {
        let plain = end("outside:203.0.113.5/443");
        assert_eq!((plain.address, plain.port), (ip(b"203.0.113.5"), Some(443)));
        let full = end("inside:10.1.1.7/5555 (198.51.100.7/5555)(CORP\\v rossi, 10:Staff)");
        assert_eq!(full.user, Some(&b"CORP\\v rossi"[..]));
        assert_eq!((full.address, full.name), (ip(b"10.1.1.7"), None));
        let named = end("outside:203.0.113.5/443(api.openai.com)");
        assert_eq!(named.name, Some(&b"api.openai.com"[..]));
        assert_eq!(end("outside:2001:db8::5/443").address, ip(b"2001:db8::5"));
        assert_eq!(end("dmz:proxy-a/3128").name, Some(&b"proxy-a"[..]));
        assert_eq!(End::read(b"outside:"), None);
    }

    #[test]
    fn the_device_is_asked_and_private_asks_public() {
        let client = |first, second| {
            Connection::of(end(first), end(second), false)
                .client
                .address
        };
        assert_eq!(
            client("inside:10.1.1.7/5555", "NP Identity Ifc:10.1.1.1/22"),
            ip(b"10.1.1.7")
        );
        assert_eq!(
            client("outside:203.0.113.5/7000", "inside:10.1.1.7/5555"),
            ip(b"10.1.1.7")
        );
        assert_eq!(
            client("inside:10.1.1.7/5555", "outside:203.0.113.5/7000"),
            ip(b"10.1.1.7")
        );
        assert_eq!(
            client("outside:203.0.113.5/50000", "inside:10.1.1.7/443"),
            ip(b"203.0.113.5")
        );
    }
}
