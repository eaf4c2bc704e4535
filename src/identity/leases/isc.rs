//! `dhcpd.leases` of ISC dhcpd: blocks, the later of an address in place of the earlier (`dhcpd.leases(5)`).
//!
//! ```text
//! lease 192.0.2.10 {
//!   starts 4 2026/11/12 09:00:00;
//!   ends 4 2026/11/12 21:00:00;
//!   binding state active;
//!   hardware ethernet 00:00:5e:00:53:01;
//!   client-hostname "laptop-7";
//! }
//! ```
//!
//! Times are UTC, or `epoch SECONDS;`, or `never;`. A block in another state than `active` says that the lease is over, when
//! it ended, and mostly whose it was. IPv6 leases (`ia-na`) are written otherwise and are counted as bad lines.

use std::net::IpAddr;

use super::{Device, Written};
use crate::model::Time;

pub(super) fn read(text: &str) -> (Vec<Written>, u64) {
    let mut written = Vec::new();
    let mut bad = 0;
    let mut open: Option<Block> = None;
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(rest) = line.strip_prefix("lease ") {
            // A block that was never closed: the server died while it wrote.
            bad += u64::from(open.is_some());
            let address = rest.trim_end_matches('{').trim().parse().ok();
            bad += u64::from(address.is_none());
            open = address.map(Block::of);
        } else if line == "}" {
            match open.take().map(Block::close) {
                Some(Some(block)) => written.push(block),
                Some(None) => bad += 1,
                None => {}
            }
        } else if let Some(block) = &mut open {
            bad += u64::from(!block.statement(line.trim_end_matches(';')));
        } else if line.ends_with('{') {
            bad += 1;
        }
    }
    bad += u64::from(open.is_some());
    (written, bad)
}

/// A block as far as it was read.
struct Block {
    address: IpAddr,
    from: Option<Time>,
    until: Option<Time>,
    is_active: bool,
    hardware: String,
    name: String,
}

impl Block {
    const fn of(address: IpAddr) -> Self {
        Self {
            address,
            from: None,
            until: None,
            is_active: true,
            hardware: String::new(),
            name: String::new(),
        }
    }

    /// Takes a statement; `false` if it is one that is read and cannot be.
    fn statement(&mut self, text: &str) -> bool {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            "starts" => {
                self.from = moment(rest);
                self.from.is_some()
            }
            "ends" => {
                self.until = moment(rest);
                self.until.is_some()
            }
            "binding" => {
                self.is_active = rest == "state active";
                true
            }
            "hardware" => match rest.rsplit_once(' ') {
                Some((_, address)) => {
                    address.clone_into(&mut self.hardware);
                    true
                }
                None => false,
            },
            "client-hostname" => {
                rest.trim_matches('"').clone_into(&mut self.name);
                true
            }
            _ => true,
        }
    }

    fn close(self) -> Option<Written> {
        let (from, until) = (self.from?, self.until?);
        if from > until {
            return None;
        }
        let device = Device::new(&self.hardware, &self.name);
        if self.is_active && device.is_none() {
            return None;
        }
        Some(Written {
            address: self.address.to_canonical(),
            from,
            until,
            device: device.filter(|_| self.is_active),
        })
    }
}

/// `4 2026/11/12 09:00:00`, `epoch 1794474000`, `never`.
fn moment(text: &str) -> Option<Time> {
    // What follows is a comment in local time.
    let text = text.split('#').next()?.trim().trim_end_matches(';');
    if text == "never" {
        return Some(Time::from_micros(i64::MAX));
    }
    if let Some(secs) = text.strip_prefix("epoch ") {
        return secs.trim().parse().ok().map(Time::from_secs);
    }
    let (_weekday, date) = text.split_once(' ')?;
    let (day, clock) = date.split_once(' ')?;
    format!("{}T{clock}Z", day.replace('/', "-")).parse().ok()
}
