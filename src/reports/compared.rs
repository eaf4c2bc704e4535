//! The traffic before and after something was enforced: two stretches of fourteen days, read once more for the
//! applications that were blocked or restricted. Reports without such decisions read nothing twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::govern::decisions;
use crate::govern::duties::observe::{Compared, Strictness, WINDOW_DAYS, Window};
use crate::model::{Day, Decision, Enforcement, EnforcementAction, Outcome, Sighting, State, Time};
use crate::store::{Filter, Store, StoreError};

use super::tally::add;

/// An application whose traffic is compared.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    pub(super) service: String,
    pub(super) strictness: Strictness,
    before: Window,
    after: Window,
}

impl Watch {
    /// What is watched: everything blocked or restricted for everyone, and the day since when. A rule on file says when it
    /// took effect; without one the decision does. The days after count from then, the days judged are the latest.
    pub(super) fn list(
        decisions: &[Decision],
        enforcements: &[Enforcement],
        as_of: Time,
    ) -> Vec<Self> {
        let services: BTreeSet<&str> = decisions.iter().map(|d| d.service.as_str()).collect();
        services
            .into_iter()
            .filter_map(|service| {
                let made = decisions::effective(decisions, service, None, as_of).decision?;
                let strictness = match made.state {
                    State::Blocked => Strictness::Stops,
                    State::Restricted => Strictness::Warns,
                    _ => return None,
                };
                let rule = first_rule(enforcements, service, strictness, &made, as_of);
                let since = rule.map_or(made.at, |rule| rule.at);
                Self::over(service, strictness, since, as_of)
            })
            .collect()
    }

    /// `None` until fourteen full days have passed.
    fn over(service: &str, strictness: Strictness, since: Time, as_of: Time) -> Option<Self> {
        // Whole days: the one on which the rule was pushed belongs to neither side.
        let first = since.day().plus(1).start();
        let until = as_of.day().start();
        let from = until.plus_days(-WINDOW_DAYS);
        (from >= first).then(|| Self {
            service: service.to_owned(),
            strictness,
            before: Window {
                from: since.day().start().plus_days(-WINDOW_DAYS),
                until: since.day().start(),
            },
            after: Window { from, until },
        })
    }
}

/// The first rule that was pushed for a decision, or for the one of the same strictness before it.
fn first_rule<'e>(
    enforcements: &'e [Enforcement],
    service: &str,
    strictness: Strictness,
    made: &Decision,
    as_of: Time,
) -> Option<&'e Enforcement> {
    let fits = |made: &Enforcement| match strictness {
        Strictness::Stops => made.action == EnforcementAction::Block,
        Strictness::Warns => matches!(
            made.action,
            EnforcementAction::Coach | EnforcementAction::Block
        ),
    };
    enforcements
        .iter()
        .filter(|rule| {
            rule.service == service && rule.at <= as_of && rule.at >= made.at && fits(rule)
        })
        .min_by_key(|rule| rule.at)
}

/// The newest rule for a service that is still there.
pub(super) fn in_place(
    enforcements: &[Enforcement],
    service: &str,
    as_of: Time,
) -> Option<Enforcement> {
    enforcements
        .iter()
        .filter(|rule| rule.service == service && rule.at <= as_of)
        .max_by_key(|rule| (rule.at, rule.id))
        .filter(|rule| rule.action != EnforcementAction::Lifted)
        .cloned()
}

type Name = Arc<str>;
/// Person, day and service of every use.
type UserDays = BTreeSet<(Name, Day, Name)>;

/// What one watch collects while sightings pass.
#[derive(Default)]
struct Gathered {
    allowed: (u64, u64),
    blocked_after: u64,
    bytes: (u64, u64),
    people_before: BTreeSet<Name>,
    seen_after: BTreeSet<Name>,
    /// Before and after.
    days: (UserDays, UserDays),
}

/// Compares the traffic of every watched application; `is_sanctioned` says what people may move to.
pub(super) fn compare(
    store: &dyn Store,
    watches: &[Watch],
    is_sanctioned: &dyn Fn(&str) -> bool,
) -> Result<BTreeMap<String, Compared>, StoreError> {
    let mut gathered: Vec<Gathered> = watches.iter().map(|_| Gathered::default()).collect();
    for window in windows(watches) {
        let filter = Filter {
            from: Some(window.from),
            until: Some(window.until),
            service: None,
        };
        store.sightings(&filter, &mut |sighting| {
            let at = sighting.key.hour.start();
            for (watch, gathered) in watches.iter().zip(&mut gathered) {
                if holds(watch.before, at) {
                    gathered.add(watch, sighting, false);
                } else if holds(watch.after, at) {
                    gathered.add(watch, sighting, true);
                }
            }
        })?;
    }
    Ok(watches
        .iter()
        .zip(&gathered)
        .map(|(watch, gathered)| (watch.service.clone(), gathered.sum(watch, is_sanctioned)))
        .collect())
}

fn holds(window: Window, at: Time) -> bool {
    window.from <= at && at < window.until
}

/// The stretches to read, laid together where they overlap.
fn windows(watches: &[Watch]) -> Vec<Window> {
    let mut all: Vec<Window> = watches
        .iter()
        .flat_map(|watch| [watch.before, watch.after])
        .collect();
    all.sort_by_key(|window| window.from);
    let mut apart: Vec<Window> = Vec::new();
    for window in all {
        match apart.last_mut() {
            Some(last) if window.from <= last.until => last.until = last.until.max(window.until),
            _ => apart.push(window),
        }
    }
    apart
}

impl Gathered {
    fn add(&mut self, watch: &Watch, sighting: &Sighting, after: bool) {
        let (key, tally) = (&sighting.key, &sighting.tally);
        let person = if key.user.is_empty() {
            &key.client
        } else {
            &key.user
        };
        if after && !person.is_empty() {
            self.seen_after.insert(person.clone());
        }
        if !key.role.is_defining() {
            return;
        }
        let own = *key.service == *watch.service;
        if key.outcome == Outcome::Blocked {
            if own && after {
                add(&mut self.blocked_after, tally.events);
            }
            return;
        }
        if !matches!(key.outcome, Outcome::Allowed | Outcome::Unknown) {
            return;
        }
        let pick = |pair: &mut (u64, u64), more| {
            add(if after { &mut pair.1 } else { &mut pair.0 }, more);
        };
        if own {
            pick(&mut self.allowed, tally.events);
            pick(&mut self.bytes, tally.bytes_up);
            if !after && !person.is_empty() {
                self.people_before.insert(person.clone());
            }
        } else if !person.is_empty() {
            let day = (person.clone(), key.hour.day(), key.service.clone());
            if after {
                self.days.1.insert(day);
            } else {
                self.days.0.insert(day);
            }
        }
    }

    fn sum(&self, watch: &Watch, is_sanctioned: &dyn Fn(&str) -> bool) -> Compared {
        let count = |days: &UserDays, former: bool, sanctioned: Option<bool>| {
            days.iter()
                .filter(|(person, _, service)| {
                    self.people_before.contains(person) == former
                        && sanctioned.is_none_or(|wanted| is_sanctioned(service) == wanted)
                })
                .count() as u64
        };
        let (before, after) = (&self.days.0, &self.days.1);
        let both = |former, sanctioned| {
            (
                count(before, former, sanctioned),
                count(after, former, sanctioned),
            )
        };
        let has_alternative = self
            .days
            .0
            .iter()
            .chain(&self.days.1)
            .any(|(_, _, service)| is_sanctioned(service));
        let sanctioned_days = both(true, Some(true));
        Compared {
            now: watch.after,
            allowed_before: self.allowed.0,
            allowed_after: self.allowed.1,
            blocked_after: self.blocked_after,
            bytes_before: self.bytes.0,
            bytes_after: self.bytes.1,
            people_before: self.people_before.len() as u64,
            people_still_seen: self.people_before.intersection(&self.seen_after).count() as u64,
            sanctioned_days,
            other_days: both(true, Some(false)),
            control_days: both(false, None),
            has_alternative,
            counts_bytes: self.bytes.0 > 0,
        }
    }
}
