//! What clients did, and what a report says they did: both in one shape, so that they can be compared.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde_json::Value;

use crate::gateway::{DENIED, HOSTS};

/// Counts of one service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Use {
    pub(crate) proxy: u64,
    pub(crate) dns: u64,
    pub(crate) events: u64,
    pub(crate) attempts: u64,
    pub(crate) clients: BTreeMap<String, u64>,
}

/// Which log a request shows up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Used {
    Proxy,
    Dns,
}

/// Service id → counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Ledger(pub(crate) BTreeMap<String, Use>);

impl Ledger {
    /// Writes down one request; one to a host that is in no signature leaves no trace here.
    pub(crate) fn add(&mut self, from: Ipv4Addr, host: &str, used: Used) {
        let Some(service) = service_of(host) else {
            return;
        };
        let entry = self.0.entry(service.to_owned()).or_default();
        match used {
            Used::Proxy => entry.proxy += 1,
            Used::Dns => entry.dns += 1,
        }
        if host == DENIED {
            entry.attempts += 1;
        } else {
            entry.events += 1;
        }
        *entry.clients.entry(from.to_string()).or_default() += 1;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (service, theirs) in &other.0 {
            let mine = self.0.entry(service.clone()).or_default();
            mine.proxy += theirs.proxy;
            mine.dns += theirs.dns;
            mine.events += theirs.events;
            mine.attempts += theirs.attempts;
            for (client, count) in &theirs.clients {
                *mine.clients.entry(client.clone()).or_default() += count;
            }
        }
    }

    /// What a report in JSON says.
    pub(crate) fn of_report(report: &Value) -> Self {
        let of_application = |app: &Value| {
            let clients = app["top_clients"].as_array().unwrap().iter();
            let clients = clients.map(|one| (text(&one["name"]), number(&one["events"])));
            let used = Use {
                proxy: number(&app["evidence"]["proxy"]),
                dns: number(&app["evidence"]["dns"]),
                events: number(&app["events"]),
                attempts: number(&app["attempts"]),
                clients: clients.collect(),
            };
            (text(&app["id"]), used)
        };
        let applications = report["applications"].as_array().unwrap();
        Self(applications.iter().map(of_application).collect())
    }
}

pub(crate) fn service_of(host: &str) -> Option<&'static str> {
    let found = HOSTS.iter().find(|(name, _)| *name == host);
    found.map(|(_, service)| *service)
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
