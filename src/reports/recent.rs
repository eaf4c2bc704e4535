//! What the last thirty days show of one application beyond its sums: accounts, machines, rhythm.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::govern::duties::observe::Accounts;
use crate::model::{Channel, Day, Role, Sighting, Tier};

use super::tally::add;

/// Sums over the use (not the attempts) of one service in its last thirty days.
#[derive(Debug, Default)]
pub(super) struct Recent {
    pub(super) events: u64,
    pub(super) off_hours: u64,
    /// Events of programs that call themselves agents.
    pub(super) agents: u64,
    pub(super) accounts: Accounts,
    /// Events by segment and day.
    pub(super) segments: BTreeMap<(Arc<str>, Day), u64>,
    /// Calls of the API by anything but a browser.
    pub(super) calls: u64,
    /// Who made them: client and segment.
    pub(super) callers: BTreeSet<(Arc<str>, Arc<str>)>,
}

impl Recent {
    /// Adds one sighting of use.
    pub(super) fn add(&mut self, sighting: &Sighting, off_hours: bool) {
        let (key, events) = (&sighting.key, sighting.tally.events);
        add(&mut self.events, events);
        if off_hours {
            add(&mut self.off_hours, events);
        }
        if key.channel == Channel::Agent {
            add(&mut self.agents, events);
        }
        let account = match key.tier {
            Tier::Enterprise => &mut self.accounts.enterprise,
            Tier::Consumer => &mut self.accounts.consumer,
            Tier::Unknown => &mut self.accounts.unknown,
        };
        add(account, events);
        if !key.segment.is_empty() {
            let segment_day = (key.segment.clone(), key.hour.day());
            add(self.segments.entry(segment_day).or_default(), events);
        }
        if key.role == Role::Api && key.channel != Channel::Browser {
            add(&mut self.calls, events);
            if !key.client.is_empty() {
                let caller = (key.client.clone(), key.segment.clone());
                self.callers.insert(caller);
            }
        }
    }

    /// Events in a segment on the days after this one.
    pub(super) fn after(&self, segment: &str, day: Day) -> u64 {
        self.segments
            .iter()
            .filter(|((name, on), _)| **name == *segment && *on > day)
            .fold(0, |sum, (_, events)| sum.saturating_add(*events))
    }

    /// Callers that are in one of these segments, and those that are not.
    pub(super) fn callers_in(&self, segments: &[String]) -> (u64, u64) {
        let inside = self
            .callers
            .iter()
            .filter(|(_, segment)| segments.iter().any(|name| **name == **segment))
            .count() as u64;
        (inside, self.callers.len() as u64 - inside)
    }
}
