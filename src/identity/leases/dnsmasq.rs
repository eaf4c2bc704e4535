//! `dnsmasq.leases`: `1795500000 00:00:5e:00:53:01 192.0.2.10 laptop-7 01:00:00:5e:00:53:01`.
//!
//! End of the lease in seconds since 1970 (0: it has none), hardware address (with a type and a dash before it where it
//! is no Ethernet), address, name or `*`, client identifier or `*`. IPv6 leases follow a line `duid …` and have an
//! identifier in place of the hardware address. The file holds what is leased now: where a lease began it does not
//! say, so the server's lease time is taken off its end, and one without an end counts from the file's last change.

use std::net::IpAddr;

use super::{Device, Written};
use crate::model::Time;

/// The lease time of a `dhcp-range` that names none.
pub(super) const fn usual_secs() -> u32 {
    3_600
}

pub(super) fn read(text: &str, lease_secs: u32, modified: Time) -> (Vec<Written>, u64) {
    let mut written = Vec::new();
    let mut bad = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if line.starts_with("duid ") {
            continue;
        }
        match row(line, lease_secs, modified) {
            Some(one) => written.push(one),
            None => bad += 1,
        }
    }
    (written, bad)
}

fn row(line: &str, lease_secs: u32, modified: Time) -> Option<Written> {
    let mut words = line.split_ascii_whitespace();
    let end: i64 = words.next()?.parse().ok().filter(|end| *end >= 0)?;
    let hardware = words.next()?;
    let address: IpAddr = words.next()?.parse().ok()?;
    let name = words.next().filter(|name| *name != "*").unwrap_or_default();
    let (from, until) = if end == 0 {
        (modified, Time::from_micros(i64::MAX))
    } else {
        let until = Time::from_secs(end);
        (until.plus_secs(-i64::from(lease_secs)), until)
    };
    Some(Written {
        address: address.to_canonical(),
        from,
        until,
        device: Some(Device::new(hardware, name)?),
    })
}
