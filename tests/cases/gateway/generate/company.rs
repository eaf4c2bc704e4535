//! Who is there: 40 clients in 192.0.2.0/24. The people are invented.

/// Addresses that ask on behalf of others.
pub(super) const PROXY: u8 = 3;
pub(super) const BIND: &str = "192.0.2.53";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A Windows computer in the office, behind the proxy.
    Office,
    /// A telephone or a speaker that ignores the proxy.
    Device,
    /// A Linux computer in the inspected network.
    Workstation,
    Server,
}

pub(super) struct Client {
    /// The last byte of its address.
    pub(super) number: u8,
    pub(super) kind: Kind,
    /// As the proxy logs it; empty where nobody logs in.
    pub(super) user: &'static str,
}

const fn office(number: u8, user: &'static str) -> Client {
    Client {
        number,
        kind: Kind::Office,
        user,
    }
}

const fn nobody(number: u8, kind: Kind) -> Client {
    Client {
        number,
        kind,
        user: "",
    }
}

pub(super) static CLIENTS: [Client; 40] = [
    // finance, 192.0.2.16/28
    office(17, "m.rossi"),
    office(18, "a.keller"),
    office(19, "j.novak"),
    office(20, "p.lindqvist"),
    office(21, "s.okafor"),
    office(22, "h.tanaka"),
    office(23, "c.moreau"),
    office(24, "e.brandt"),
    // legal, 192.0.2.32/28
    office(33, "i.castellan"),
    office(34, "r.vance"),
    office(35, "n.abadi"),
    office(36, "t.holm"),
    office(37, "l.marchetti"),
    // hr, 192.0.2.48/28
    office(49, "d.fischer"),
    office(50, "k.osei"),
    office(51, "b.laurent"),
    office(52, "w.jansen"),
    // sales, 192.0.2.64/28
    office(65, "g.romero"),
    office(66, "f.dubois"),
    office(67, "o.petrova"),
    office(68, "v.nakamura"),
    office(69, "u.schmid"),
    office(70, "q.adeyemi"),
    nobody(72, Kind::Device),
    nobody(73, Kind::Device),
    // meeting rooms, 192.0.2.88/29
    nobody(90, Kind::Device),
    // engineering, 192.0.2.96/27
    nobody(97, Kind::Workstation),
    nobody(98, Kind::Workstation),
    nobody(99, Kind::Workstation),
    nobody(100, Kind::Workstation),
    nobody(101, Kind::Workstation),
    nobody(102, Kind::Workstation),
    nobody(103, Kind::Workstation),
    nobody(104, Kind::Workstation),
    nobody(105, Kind::Workstation),
    nobody(106, Kind::Workstation),
    // servers, 192.0.2.128/28
    nobody(129, Kind::Server),
    nobody(130, Kind::Server),
    nobody(131, Kind::Server),
    nobody(132, Kind::Server),
];

pub(super) fn client(number: u8) -> &'static Client {
    CLIENTS
        .iter()
        .find(|client| client.number == number)
        .unwrap_or_else(|| panic!("nobody has 192.0.2.{number}"))
}

pub(super) fn of_kind(kind: Kind) -> impl Iterator<Item = &'static Client> {
    CLIENTS.iter().filter(move |client| client.kind == kind)
}

/// Midnight of Monday, 2026-11-09, UTC.
const MONDAY_SECS: u64 = 1_794_182_400;
pub(super) const DAYS: u64 = 7;
pub(super) const MS_PER_DAY: u64 = 86_400_000;

/// Milliseconds since 1970 of a moment of the week, counted from Monday.
pub(super) fn epoch_ms(moment: u64) -> u64 {
    MONDAY_SECS * 1000 + moment
}

pub(super) fn clock(day: u64, hour: u64, minute: u64) -> u64 {
    day * MS_PER_DAY + hour * 3_600_000 + minute * 60_000
}
