//! Changes worth telling, found by comparing what the register says with what was decided.
//!
//! Everything follows from profiles and decisions alone, never from the order in which lines arrived, and each change
//! carries an id made of what makes it unique: finding it again is harmless. `grade_rose` is not derived, because a
//! profile keeps its strongest grade without saying when each was reached. `gone` stands apart from `derive`: silence
//! means something only once everything there is has been read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::decisions::{effective, is_expired, newest_of_level};
use crate::model::{Decision, Profile, State, Tier, Time, Transition, TransitionKind, stable_id};

/// Days without any traffic after which an application counts as gone.
pub const GONE_AFTER_DAYS: i64 = 30;

/// Days that an account must have been unknown before "it is a consumer account" is a change and not a first look.
/// A DNS row precedes its proxy row by moments and knows no account.
const UNKNOWN_FOR_DAYS: i64 = 1;

/// How a service is called in sentences.
pub type Name<'n> = &'n dyn Fn(&str) -> String;

/// Every change that profiles and decisions show, sorted by time, then id. `gone` is found by [`gone`].
#[must_use]
pub fn derive(
    profiles: &[&Profile],
    decisions: &[Decision],
    now: Time,
    name: Name<'_>,
) -> Vec<Transition> {
    let mut found = Vec::new();
    for (service, rows) in by_service(profiles) {
        let app = App {
            service,
            name: name(service),
            rows,
            decisions,
            now,
        };
        app.appearances(&mut found);
        app.turned_consumer(&mut found);
        app.violations(&mut found);
        app.expired_exceptions(&mut found);
    }
    sorted(found)
}

/// Applications without any traffic for thirty days before `now`. Ask only when every source is read to its end:
/// in the middle of old logs everything looks silent.
#[must_use]
pub fn gone(profiles: &[&Profile], now: Time, name: Name<'_>) -> Vec<Transition> {
    let mut found = Vec::new();
    for (service, rows) in by_service(profiles) {
        let Some(last) = rows.iter().max_by_key(|row| (row.last_seen, row.tier)) else {
            continue;
        };
        let at = last.last_seen.plus_days(GONE_AFTER_DAYS);
        if at > now {
            continue;
        }
        let day = last.last_seen.day().to_string();
        found.push(Transition {
            id: stable_id(&[TransitionKind::Gone.as_str(), service, &day]),
            kind: TransitionKind::Gone,
            service: Arc::clone(&last.service),
            segment: Arc::clone(&last.segment),
            tier: last.tier,
            at,
            detail: format!(
                "no traffic to {} for {GONE_AFTER_DAYS} days; last seen {day}",
                name(service)
            ),
        });
    }
    sorted(found)
}

fn sorted(mut found: Vec<Transition>) -> Vec<Transition> {
    found.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    found
}

fn by_service<'p>(profiles: &[&'p Profile]) -> BTreeMap<&'p str, Vec<&'p Profile>> {
    let mut services: BTreeMap<&str, Vec<&Profile>> = BTreeMap::new();
    for profile in profiles {
        if profile.events > 0 || profile.attempts > 0 {
            services.entry(&profile.service).or_default().push(profile);
        }
    }
    services
}

/// One application and everything that its changes follow from.
struct App<'a> {
    service: &'a str,
    name: String,
    rows: Vec<&'a Profile>,
    decisions: &'a [Decision],
    now: Time,
}

impl App<'_> {
    fn transition(
        &self,
        kind: TransitionKind,
        unique: &[&str],
        row: &Profile,
        at: Time,
        detail: String,
    ) -> Transition {
        let mut parts = vec![kind.as_str(), self.service];
        parts.extend_from_slice(unique);
        Transition {
            id: stable_id(&parts),
            kind,
            service: Arc::clone(&row.service),
            segment: Arc::clone(&row.segment),
            tier: row.tier,
            at,
            detail,
        }
    }

    /// The application's first appearance, and that in every further named segment.
    fn appearances(&self, found: &mut Vec<Transition>) {
        let mut earliest: BTreeMap<&str, &Profile> = BTreeMap::new();
        for row in &self.rows {
            let best = earliest.entry(&row.segment).or_insert(row);
            if (row.first_seen, row.tier) < (best.first_seen, best.tier) {
                *best = row;
            }
        }
        let Some(first) = earliest
            .values()
            .min_by_key(|row| (row.first_seen, &row.segment))
            .copied()
        else {
            return;
        };
        let detail = format!("{} seen for the first time{}", self.name, within(first));
        found.push(self.transition(
            TransitionKind::FirstSeen,
            &[],
            first,
            first.first_seen,
            detail,
        ));

        for (segment, row) in earliest {
            if segment.is_empty() || *segment == *first.segment {
                continue;
            }
            let detail = format!("{} seen for the first time in {segment}", self.name);
            let at = row.first_seen;
            found.push(self.transition(TransitionKind::NewSegment, &[segment], row, at, detail));
        }
    }

    /// Accounts that are not the enterprise's in a segment that used another kind of account before.
    fn turned_consumer(&self, found: &mut Vec<Transition>) {
        for row in &self.rows {
            let (Tier::Consumer | Tier::Foreign, Some(at)) = (row.tier, row.first_use) else {
                continue;
            };
            let before = self
                .rows
                .iter()
                .filter(|other| other.segment == row.segment);
            let was = before
                .filter(|other| match other.tier {
                    Tier::Enterprise => other.first_seen < at,
                    Tier::Unknown => other.first_seen.plus_days(UNKNOWN_FOR_DAYS) <= at,
                    Tier::Consumer | Tier::Foreign => false,
                })
                .map(|other| other.tier)
                .max();
            let Some(was) = was else { continue };
            let account = match was {
                Tier::Enterprise => "of the enterprise's accounts",
                _ => "of accounts that could not be told",
            };
            let segment: &str = &row.segment;
            let (whose, unique): (_, &[&str]) = match row.tier {
                Tier::Foreign => ("accounts of other organisations", &[segment, "foreign"]),
                _ => ("personal accounts", &[segment]),
            };
            let detail = format!(
                "{} is used with {whose}{}, after use {account}",
                self.name,
                within(row)
            );
            found.push(self.transition(TransitionKind::TurnedConsumer, unique, row, at, detail));
        }
    }

    /// Use after a block that was in force for it; one per segment and decision.
    fn violations(&self, found: &mut Vec<Transition>) {
        let mut told = BTreeSet::new();
        // The most telling tier first: a personal account rather than an unknown one.
        let mut rows = self.rows.clone();
        rows.sort_by_key(|row| (Arc::clone(&row.segment), std::cmp::Reverse(row.tier)));
        for row in rows {
            let (Some(first_use), Some(last_use)) = (row.first_use, row.last_unblocked()) else {
                continue;
            };
            let then = effective(self.decisions, self.service, Some(&row.segment), last_use);
            let Some(block) = then.decision.filter(|d| d.state == State::Blocked) else {
                continue;
            };
            if last_use <= block.at || !told.insert((Arc::clone(&row.segment), block.id)) {
                continue;
            }
            let detail = format!(
                "{} is blocked since {} and is still used{}",
                self.name,
                block.at.day(),
                within(row)
            );
            // The first moment at which the block can have been broken: a profile keeps no more.
            let at = first_use.max(block.at);
            let unique = [&*row.segment, &block.id.to_string()];
            found.push(self.transition(TransitionKind::DecisionViolated, &unique, row, at, detail));
        }
    }

    /// Permissions whose end has passed without a newer decision, while the application is in use.
    fn expired_exceptions(&self, found: &mut Vec<Transition>) {
        for decision in self.decisions {
            let (true, Some(end)) = (is_permission(decision.state), decision.until) else {
                continue;
            };
            if decision.service != self.service || !is_expired(decision, self.now) {
                continue;
            }
            let scope = decision.scope.segment();
            let newest = newest_of_level(self.decisions, self.service, &decision.scope, self.now);
            if newest.is_none_or(|newest| newest.id != decision.id) {
                continue;
            }
            let in_scope = self
                .rows
                .iter()
                .filter(|row| scope.is_none_or(|name| name == &*row.segment))
                .filter_map(|row| row.last_use.map(|used| (used, row.tier, *row)));
            let Some((used, _, row)) =
                in_scope.max_by_key(|(used, tier, row)| (*used, *tier, Arc::clone(&row.segment)))
            else {
                continue;
            };
            if used.plus_days(GONE_AFTER_DAYS) < end {
                continue;
            }
            let detail = format!(
                "{} was {} until {} and is in use without a decision",
                self.name,
                decision.state,
                end.day()
            );
            let unique = [decision.id.to_string()];
            let mut transition = self.transition(
                TransitionKind::ExceptionExpired,
                &[&unique[0]],
                row,
                end,
                detail,
            );
            // The case is that of the scope, not of whoever used it last.
            transition.segment = Arc::from(scope.unwrap_or_default());
            found.push(transition);
        }
    }
}

const fn is_permission(state: State) -> bool {
    matches!(
        state,
        State::Sanctioned | State::Tolerated | State::Restricted
    )
}

fn within(row: &Profile) -> String {
    if row.segment.is_empty() {
        String::new()
    } else {
        format!(" in {}", row.segment)
    }
}
