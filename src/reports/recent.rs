//! What the last thirty days show of one application beyond its sums: accounts, machines, rhythm.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::govern::duties::observe::Accounts;
use crate::govern::rhythm::Rhythm;
use crate::model::{Channel, Day, Role, Sighting, Symbol, Symbols, Tier};

use super::Outlier;
use super::tally::{OfHour, Who, add};

/// From how many bytes in seven days on, and from how many times the usual, more was sent than usual; how many are told.
const LEAST_BYTES: u64 = 10_000_000;
const TIMES: u64 = 3;
const MOST: usize = 10;

/// Sums over the use (not the attempts) of one service in its last thirty days.
#[derive(Debug, Default)]
pub(super) struct Recent {
    pub(super) events: u64,
    pub(super) off_hours: u64,
    /// When the clients that say they are browsers asked something of a model.
    rhythms: HashMap<Symbol, Rhythm>,
    /// Events of programs that call themselves agents.
    pub(super) agents: u64,
    pub(super) accounts: Accounts,
    /// Events by segment, then by day in the order in which they came.
    segments: HashMap<Arc<str>, Vec<(Day, u64)>>,
    /// Bytes sent by a person (user, else client): on the days before the last seven, and on those.
    sent: HashMap<Symbol, (u64, u64)>,
    /// Calls of the API by anything but a browser.
    pub(super) calls: u64,
    /// Who made them: client and its segments.
    callers: HashMap<Symbol, Vec<Arc<str>>>,
}

impl Recent {
    /// Adds one sighting of use. Names are cloned only when they are new.
    pub(super) fn add(&mut self, sighting: &Sighting, who: Who, of_hour: OfHour) {
        let (key, events) = (&sighting.key, sighting.tally.events);
        add(&mut self.events, events);
        if of_hour.is_off {
            add(&mut self.off_hours, events);
        }
        if key.channel == Channel::Agent {
            add(&mut self.agents, events);
        }
        if key.channel == Channel::Browser
            && sighting.tally.prompts > 0
            && who.client != Symbol::EMPTY
        {
            let rhythm = self.rhythms.entry(who.client).or_default();
            rhythm.add(of_hour.hour);
        }
        let account = match key.tier {
            Tier::Enterprise => &mut self.accounts.enterprise,
            Tier::Foreign => &mut self.accounts.foreign,
            Tier::Consumer => &mut self.accounts.consumer,
            Tier::Unknown => &mut self.accounts.unknown,
        };
        add(account, events);
        if !key.segment.is_empty() {
            let (day, days) = (
                of_hour.hour.day(),
                self.segments.entry_ref(&key.segment).or_default(),
            );
            match days.last_mut() {
                Some((last, sum)) if *last == day => add(sum, events),
                _ => days.push((day, events)),
            }
        }
        let person = if who.user == Symbol::EMPTY {
            who.client
        } else {
            who.user
        };
        if sighting.tally.bytes_up > 0 && person != Symbol::EMPTY {
            let sent = self.sent.entry(person).or_default();
            add(
                if of_hour.is_last_week {
                    &mut sent.1
                } else {
                    &mut sent.0
                },
                sighting.tally.bytes_up,
            );
        }
        if key.role == Role::Api && key.channel != Channel::Browser {
            add(&mut self.calls, events);
            if who.client != Symbol::EMPTY {
                let segments = self.callers.entry(who.client).or_default();
                if !segments.contains(&key.segment) {
                    segments.push(key.segment.clone());
                }
            }
        }
    }

    /// Events in a segment on the days after this one.
    pub(super) fn after(&self, segment: &str, day: Day) -> u64 {
        self.segments
            .get(segment)
            .into_iter()
            .flatten()
            .filter(|(on, _)| *on > day)
            .fold(0, |sum, (_, events)| sum.saturating_add(*events))
    }

    /// People who sent far more in the last seven days than in those before, the most first. `earlier_days` is how many
    /// days lie before; without a week of them nothing is usual yet.
    pub(super) fn outliers(&self, earlier_days: u32, symbols: &Symbols) -> Vec<Outlier> {
        if earlier_days < 7 {
            return Vec::new();
        }
        let mut found: Vec<Outlier> = self
            .sent
            .iter()
            .map(|(who, (before, last))| Outlier {
                who: symbols.text(*who).to_owned(),
                bytes_7d: *last,
                bytes_a_day_before: before / u64::from(earlier_days),
            })
            .filter(|one| {
                one.bytes_7d >= LEAST_BYTES
                    && one.bytes_7d / 7 >= one.bytes_a_day_before.saturating_mul(TIMES)
            })
            .collect();
        found.sort_by(|a, b| (b.bytes_7d, &a.who).cmp(&(a.bytes_7d, &b.who)));
        found.truncate(MOST);
        found
    }

    /// Clients that say they are browsers and never sleep.
    pub(super) fn programs_as_browsers(&self) -> u64 {
        let programs = self.rhythms.values();
        programs.filter(|rhythm| rhythm.is_program()).count() as u64
    }

    /// Callers that are in these segments alone, and those that are not.
    pub(super) fn callers_in(&self, segments: &[String]) -> (u64, u64) {
        let inside = self
            .callers
            .values()
            .filter(|own| {
                own.iter()
                    .all(|own| segments.iter().any(|name| **name == **own))
            })
            .count() as u64;
        (inside, self.callers.len() as u64 - inside)
    }
}
