//! What follows from a change: transitions, their cases, and the alerts that are owed.
//!
//! Called inside the store's transaction with everything it may look at. While old logs are still being read, changes
//! are recorded and not announced; once caught up they are told, few of them one by one and many as one summary: a first
//! start must not send a thousand messages.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::govern::decisions::{self, Effective};
use crate::govern::notices::{self, Context};
use crate::govern::posture::{self, Question};
use crate::govern::risk::Behaviour;
use crate::govern::{self, DutyModel, reconcile, transitions, unlisted, volume};
use crate::model::{
    Alert, Archetype, Changes, Consequences, Profile, State, Tier, Transition, stable_id,
};

use super::Moment;

/// The most changes that are told one by one after catching up.
const TOLD_SINGLY: usize = 5;
/// The most messages in ten minutes, and (application, segment) pairs of one commit, before a storm is told as a whole.
const TOLD_IN_TEN_MINUTES: usize = 20;
const TOLD_AT_ONCE: usize = 10;
const BYTES_PER_MB: f64 = 1_000_000.0;

/// What changes are judged by.
#[derive(Clone)]
pub struct Policy {
    pub catalogue: Arc<Catalogue>,
    pub duties: Arc<DutyModel>,
    pub settings: govern::Settings,
}

/// Who is told of what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct News {
    /// Rules that alert.
    pub rules: Vec<String>,
    /// Channels that alerts go to; with none, nothing is queued.
    pub channels: Vec<String>,
}

/// Says what follows from a change at a moment.
#[must_use]
pub fn judge(policy: &Policy, news: &News, changes: &Changes, moment: Moment) -> Consequences {
    let name = |id: &str| policy.name_of(id);
    let watched = moment.caught_up.then_some(&changes.watched);
    let profiles = unlisted::without_hints(&changes.profiles, &changes.marks);
    let profiles = reconcile::beyond_lookups(profiles, watched);
    let mut found = transitions::derive(&profiles, &changes.decisions, moment.now, &name);
    if moment.caught_up {
        found.extend(transitions::gone(&profiles, moment.now, &name));
        found.extend(volume::rises(&changes.days, &profiles, &name));
    }
    reconcile::tell_since_when(&mut found, &changes.earlier);
    found.retain(|transition| !changes.known.contains(&transition.id));
    let mut consequences = Consequences {
        transitions: found.clone(),
        alerts: to_all(news, health(changes, moment)),
        ..Consequences::default()
    };
    if !moment.caught_up {
        return consequences;
    }
    let mut owed = changes.unannounced.clone();
    owed.extend(found);
    let telling = Telling::of(changes, &owed, moment);
    if telling == Telling::Later {
        return consequences;
    }
    consequences.announced = owed
        .iter()
        .map(|transition| transition.id.clone())
        .collect();
    let lookup = |service: &str, segment: &str| policy.context(changes, service, segment, moment);
    let summary = || notices::summary(&worth_telling(&owed, news), &lookup);
    let mut alerts = match telling {
        Telling::Singly | Telling::Later => notices::alerts(&owed, &lookup),
        Telling::Backfill => summary().into_iter().collect(),
        Telling::Storm => summary().map(of_storm).into_iter().collect(),
    };
    alerts.retain(|alert: &Alert| {
        (alert.case.is_empty() || news.rules.contains(&alert.rule))
            && !changes.silenced.contains(&alert.case)
    });
    consequences.alerts.extend(to_all(news, alerts));
    consequences
}

/// How changes are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Telling {
    Singly,
    /// One message about what old logs held.
    Backfill,
    /// One message about many changes at once.
    Storm,
    /// They wait: such a message has only just gone.
    Later,
}

impl Telling {
    fn of(changes: &Changes, owed: &[Transition], moment: Moment) -> Self {
        if owed.is_empty() {
            return Self::Singly;
        }
        if changes.told.storm {
            return Self::Later;
        }
        let groups: BTreeSet<(&str, &str)> = owed
            .iter()
            .map(|one| (&*one.service, &*one.segment))
            .collect();
        let late = moment.is_first || !changes.unannounced.is_empty();
        if late && owed.len() > TOLD_SINGLY && changes.told.lately == 0 {
            return Self::Backfill;
        }
        if changes.told.lately + groups.len() > TOLD_IN_TEN_MINUTES || groups.len() > TOLD_AT_ONCE {
            return Self::Storm;
        }
        Self::Singly
    }
}

fn of_storm(summary: Alert) -> Alert {
    Alert {
        id: stable_id(&["alert", Alert::STORM, &summary.id]),
        rule: Alert::STORM.to_owned(),
        ..summary
    }
}

/// Troubles of our own, at once and whatever rules are on.
fn health(changes: &Changes, moment: Moment) -> Vec<Alert> {
    let alert = |trouble| govern::health::alert(trouble, moment.now);
    changes.health.iter().map(alert).collect()
}

/// With no channel, nothing is queued.
fn to_all(news: &News, alerts: Vec<Alert>) -> Vec<(Alert, Vec<String>)> {
    if news.channels.is_empty() {
        return Vec::new();
    }
    let channels = || news.channels.clone();
    alerts
        .into_iter()
        .map(|alert| (alert, channels()))
        .collect()
}

/// A summary tells of the changes whose rules are on.
fn worth_telling(owed: &[Transition], news: &News) -> Vec<Transition> {
    let wanted: BTreeSet<&str> = news
        .rules
        .iter()
        .map(|rule| rule.strip_prefix("application_").unwrap_or(rule))
        .collect();
    owed.iter()
        .filter(|transition| wanted.contains(transition.kind.as_str()))
        .cloned()
        .collect()
}

impl Policy {
    fn name_of(&self, id: &str) -> String {
        // The kind of an application in no signature has no part in its name.
        self.catalogue
            .service_or_unlisted(id, Archetype::Api)
            .map_or_else(|| id.to_owned(), |service| service.name.clone())
    }

    /// What a message says of an application beside the change. Inside a commit only sums are at hand, so the risk is
    /// that of the sums; the report knows more.
    fn context(&self, changes: &Changes, id: &str, segment: &str, moment: Moment) -> Context {
        let profiles: Vec<&Profile> = changes
            .profiles
            .iter()
            .filter(|profile| &*profile.service == id)
            .collect();
        let segment = Some(segment).filter(|name| !name.is_empty());
        let decision = decisions::effective(&changes.decisions, id, segment, moment.now);
        let state = decision.state;
        let grade = profiles.iter().filter_map(|profile| profile.grade).max();
        let verdict = unlisted::verdicts(&changes.marks).remove(id);
        let archetype = verdict.map_or(Archetype::Api, |verdict| verdict.archetype);
        let Some(service) = self.catalogue.service_or_unlisted(id, archetype) else {
            return Context {
                service_name: id.to_owned(),
                archetype: Archetype::ConsumerChat,
                archetype_title: "no longer in the catalogue".to_owned(),
                state,
                band: govern::Band::Medium,
                grade,
                facts: Vec::new(),
                next: Vec::new(),
            };
        };
        let tier = profiles
            .iter()
            .map(|profile| profile.tier)
            .max()
            .unwrap_or(Tier::Unknown);
        let archetype = posture::archetype_in_use(service.archetype, tier);
        let question = Question {
            service: &service,
            tier,
            first_seen: profiles
                .iter()
                .map(|profile| profile.first_seen)
                .min()
                .unwrap_or(moment.now),
            behaviour: behaviour(&profiles, &decision),
            decision,
            breached: None,
            observed: Vec::new(),
            earlier: Vec::new(),
            enforced: None,
            trigger: None,
        };
        let posture = posture::of(&self.duties, &self.settings, question, &[], moment.now);
        Context {
            service_name: service.name.clone(),
            archetype,
            archetype_title: self
                .duties
                .archetype(archetype)
                .map_or_else(|| archetype.to_string(), |guide| guide.title.clone()),
            state,
            band: posture.risk.band,
            grade,
            facts: facts(&profiles),
            next: posture.next,
        }
    }
}

fn behaviour(profiles: &[&Profile], decision: &Effective) -> Behaviour {
    let blocked_at = decision
        .decision
        .as_ref()
        .filter(|made| made.state == State::Blocked)
        .map(|made| made.at);
    let bytes_up: u64 = profiles.iter().map(|profile| profile.bytes_up).sum();
    Behaviour {
        mb_30d: (bytes_up > 0).then_some(bytes_up as f64 / BYTES_PER_MB),
        contradicts_decision: blocked_at.is_some_and(|at| {
            profiles
                .iter()
                .any(|profile| profile.last_unblocked() > Some(at))
        }),
        ..Behaviour::default()
    }
}

fn facts(profiles: &[&Profile]) -> Vec<String> {
    let events: u64 = profiles.iter().map(|profile| profile.events).sum();
    let attempts: u64 = profiles.iter().map(|profile| profile.attempts).sum();
    let bytes_up: u64 = profiles.iter().map(|profile| profile.bytes_up).sum();
    let mut facts = vec![format!(
        "{events} events so far, {attempts} blocked attempts"
    )];
    if bytes_up > 0 {
        facts.push(format!("{:.1} MB sent", bytes_up as f64 / BYTES_PER_MB));
    }
    facts
}
