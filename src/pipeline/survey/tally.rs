//! Counts over the events of one source: which fields they have, who asked, and whether their times can be meant.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::model::{Event, Field, Kind, Time, Untrusted};

/// So many clients are told apart; more than that are surely not one.
const CLIENTS: usize = 1_000;
/// Clocks differ; a log that is this much ahead is not.
const AHEAD_SECS: i64 = 300;
const OLD_DAYS: i64 = 3_653;

/// Of all events, how many have a field and how many could.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Events whose record has a place for the field.
    pub told: u64,
    /// Events with a value in it.
    pub present: u64,
}

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    events: u64,
    lookups: u64,
    fields: [Count; Field::ALL.len()],
    clients: HashMap<IpAddr, u64>,
    /// Who asked most often, and how often; known at the end.
    pub(super) most: Option<(IpAddr, u64)>,
    pub(super) ahead: u64,
    pub(super) old: u64,
    /// Events whose host is an address.
    pub(super) address_hosts: u64,
}

impl Tally {
    pub(super) fn event(&mut self, event: &Event<'_>, now: Time) {
        self.events += 1;
        self.lookups += u64::from(event.kind == Kind::Dns);
        for (field, count) in Field::ALL.iter().zip(&mut self.fields) {
            let (mut told, mut present) = (event.tells.has(*field), event.has(*field));
            if *field == Field::Client && event.tells.has(Field::ClientName) {
                told = true;
                present |= event.has(Field::ClientName);
            }
            count.told += u64::from(told);
            count.present += u64::from(told && present);
        }
        if let Some(client) = event.client {
            self.client(client);
        }
        self.ahead += u64::from(event.time > now.plus_secs(AHEAD_SECS));
        self.old += u64::from(event.time < now.plus_days(-OLD_DAYS));
        let host = event.host.as_ref().map(Untrusted::lossy);
        self.address_hosts += u64::from(host.is_some_and(|host| host.parse::<IpAddr>().is_ok()));
    }

    fn client(&mut self, client: IpAddr) {
        if let Some(count) = self.clients.get_mut(&client) {
            *count += 1;
        } else if self.clients.len() < CLIENTS {
            self.clients.insert(client, 1);
        }
    }

    /// Keeps of the clients the one that asked most often.
    pub(super) fn close(&mut self) {
        let clients = std::mem::take(&mut self.clients);
        self.most = clients
            .into_iter()
            .max_by_key(|(client, count)| (*count, *client));
    }

    pub(super) fn events(&self) -> u64 {
        self.events
    }

    pub(super) fn count(&self, field: Field) -> Count {
        let mut counts = Field::ALL.iter().zip(&self.fields);
        let found = counts.find(|(known, _)| **known == field);
        found.map(|(_, count)| *count).unwrap_or_default()
    }

    pub(super) fn is_dns(&self) -> bool {
        self.events > 0 && self.lookups == self.events
    }
}
