//! What applying a policy file would change.

use super::Policy;
use crate::govern::decisions::{is_expired, newest_of_level};
use crate::model::{Decision, Enforcement, Time};

/// What becomes of one decision of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing of this scope was in force.
    New,
    /// Takes the place of this one.
    Replaces(Box<Decision>),
    /// Holds already, word for word.
    Unchanged,
}

/// The file against what holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// Every decision of the file, in its order.
    pub decisions: Vec<(Decision, Step)>,
    /// Enforcements that are not on file.
    pub enforcements: Vec<Enforcement>,
    pub enforcements_unchanged: usize,
    /// Decisions in force that the file does not mention; they go on to hold.
    pub unmentioned: Vec<Decision>,
}

impl Difference {
    /// Decisions to append.
    #[must_use]
    pub fn to_decide(&self) -> Vec<Decision> {
        self.decisions
            .iter()
            .filter(|(_, step)| *step != Step::Unchanged)
            .map(|(decision, _)| decision.clone())
            .collect()
    }

    /// Whether there is nothing to append.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.enforcements.is_empty()
            && self
                .decisions
                .iter()
                .all(|(_, step)| *step == Step::Unchanged)
    }
}

/// Compares a file with what is on file at a moment.
#[must_use]
pub fn difference(
    policy: &Policy,
    decisions: &[Decision],
    enforcements: &[Enforcement],
    now: Time,
) -> Difference {
    let in_force = |service: &str, scope: &crate::model::Scope| {
        newest_of_level(decisions, service, scope, now).filter(|newest| !is_expired(newest, now))
    };
    let mut found = Difference::default();
    for (_, wanted) in &policy.decisions {
        let step = match in_force(&wanted.service, &wanted.scope) {
            None => Step::New,
            Some(holds) if says_the_same(wanted, holds) => Step::Unchanged,
            Some(holds) => Step::Replaces(Box::new(holds.clone())),
        };
        found.decisions.push((wanted.clone(), step));
    }
    for (_, wanted) in &policy.enforcements {
        let newest = enforcements.iter().rfind(|made| {
            made.service == wanted.service && made.place == wanted.place && made.rule == wanted.rule
        });
        let known =
            newest.is_some_and(|made| made.action == wanted.action && made.ticket == wanted.ticket);
        if known {
            found.enforcements_unchanged += 1;
        } else {
            found.enforcements.push(wanted.clone());
        }
    }
    let is_mentioned = |decision: &Decision| {
        policy
            .decisions
            .iter()
            .any(|(_, wanted)| wanted.service == decision.service && wanted.scope == decision.scope)
    };
    found.unmentioned = in_force_everywhere(decisions, now)
        .into_iter()
        .filter(|decision| !is_mentioned(decision))
        .cloned()
        .collect();
    found
}

/// The decision in force of every application and scope, by application and scope.
pub(super) fn in_force_everywhere(decisions: &[Decision], now: Time) -> Vec<&Decision> {
    let mut all: Vec<&Decision> = decisions
        .iter()
        .filter(|decision| {
            !is_expired(decision, now)
                && newest_of_level(decisions, &decision.service, &decision.scope, now)
                    .is_some_and(|newest| newest.id == decision.id)
        })
        .collect();
    all.sort_by(|a, b| (&a.service, &a.scope).cmp(&(&b.service, &b.scope)));
    all
}

fn says_the_same(wanted: &Decision, holds: &Decision) -> bool {
    (wanted.state, wanted.until) == (holds.state, holds.until)
        && (&wanted.owner, &wanted.reason) == (&holds.owner, &holds.reason)
        && (&wanted.approver, &wanted.requested_by) == (&holds.approver, &holds.requested_by)
}
