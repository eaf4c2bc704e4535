//! Kea's memfile: `kea-leases4.csv`, `kea-leases6.csv`, and the `.1`, `.2` that the clean-up leaves beside them.
//!
//! ```text
//! address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
//! 192.0.2.10,00:00:5e:00:53:01,01:00:00:5e:00:53:01,43200,1794517200,1,0,0,laptop-7,0,,0
//! ```
//!
//! The first line names the columns. `expire` is in seconds since 1970; a lease began `valid_lifetime` seconds before it. A row with
//! a lifetime of 0 repeats the last renewal of a lease that is deleted and does not say when that was, so it is no news: whoever
//! gets the address next has a row of his own, and its start is the end. State 1 is an address that was declined: nobody's.
//! Commas in a value are written `&#x2c`.

use std::net::IpAddr;

use super::{Device, Written};
use crate::model::Time;

/// Where the columns are.
struct Columns {
    address: usize,
    hardware: usize,
    /// IPv6 leases may have no hardware address.
    duid: Option<usize>,
    lifetime: usize,
    expire: usize,
    hostname: Option<usize>,
    state: Option<usize>,
}

pub(super) fn read(text: &str) -> (Vec<Written>, u64) {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let Some(columns) = lines.next().and_then(columns) else {
        return (Vec::new(), text.lines().count() as u64);
    };
    let mut written = Vec::new();
    let mut bad = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        match row(&cells, &columns) {
            Some(Some(one)) => written.push(one),
            Some(None) => {}
            None => bad += 1,
        }
    }
    (written, bad)
}

fn columns(header: &str) -> Option<Columns> {
    let names: Vec<&str> = header.split(',').map(str::trim).collect();
    let at = |wanted: &str| names.iter().position(|name| *name == wanted);
    Some(Columns {
        address: at("address")?,
        hardware: at("hwaddr").or_else(|| at("duid"))?,
        duid: at("duid"),
        lifetime: at("valid_lifetime")?,
        expire: at("expire")?,
        hostname: at("hostname"),
        state: at("state"),
    })
}

/// `None` for a bad row, `Some(None)` for one that says nothing.
fn row(cells: &[&str], columns: &Columns) -> Option<Option<Written>> {
    let cell = |at: usize| cells.get(at).map(|cell| cell.trim());
    let address: IpAddr = cell(columns.address)?.parse().ok()?;
    let lifetime: u32 = cell(columns.lifetime)?.parse().ok()?;
    let expire: i64 = cell(columns.expire)?.parse().ok()?;
    let hardware = cell(columns.hardware).filter(|cell| !cell.is_empty());
    let hardware = match hardware {
        Some(hardware) => hardware,
        None => columns.duid.and_then(cell).unwrap_or_default(),
    };
    let name = columns.hostname.and_then(cell).unwrap_or_default();
    let state = columns.state.and_then(cell).unwrap_or("0");
    if lifetime == 0 {
        return Some(None);
    }
    let until = if lifetime == u32::MAX {
        Time::from_micros(i64::MAX)
    } else {
        Time::from_secs(expire)
    };
    let from = Time::from_secs(expire).plus_secs(-i64::from(lifetime));
    let is_declined = state == "1";
    let device = Device::new(hardware, &name.replace("&#x2c", ","));
    if device.is_none() && !is_declined {
        return None;
    }
    Some(Some(Written {
        address: address.to_canonical(),
        from,
        // A declined address is nobody's from its start.
        until: if is_declined { from } else { until },
        device: device.filter(|_| !is_declined),
    }))
}
