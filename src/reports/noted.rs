//! What marks tell of an application: whose accounts, which programs, which tools, and for one in no signature why it is
//! one. Marks are sums over all that was read; those that lie wholly outside of a period are left out of its report.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::ask::Ask;
use super::tally::AppTally;
use crate::detect::OTHER;
use crate::govern::reconcile;
use crate::govern::unlisted::{self, Verdict};
use crate::model::{Archetype, CLIENT, Mark, MarkKind, Profile, Time, UNLISTED};
use crate::store::StoreError;

/// How many rows of a kind an application shows.
const MOST: usize = 20;

/// Something that was told, how often, and by how many clients at least. The text may come from a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Noted {
    pub what: String,
    pub events: u64,
    pub clients_at_least: u32,
    pub first: Time,
    pub last: Time,
}

/// An AI agent at work on a host that is no AI. Both names come from logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentAt {
    pub host: String,
    #[serde(flatten)]
    pub agent: Noted,
}

/// The marks of a report.
#[derive(Debug, Default)]
pub(super) struct Marks {
    by_subject: BTreeMap<Arc<str>, Vec<Mark>>,
    pub(super) verdicts: BTreeMap<String, Verdict>,
    /// Clients that several machines stand behind.
    pub(super) shared: Vec<Arc<str>>,
}

impl Marks {
    pub(super) fn read(ask: &Ask<'_>) -> Result<Self, StoreError> {
        let all = ask.store.marks()?;
        let verdicts = unlisted::verdicts(&all);
        let shared = reconcile::behind_one_address(&all);
        let shared = shared.into_iter().map(Arc::from).collect();
        let mut by_subject: BTreeMap<Arc<str>, Vec<Mark>> = BTreeMap::new();
        for mark in all {
            if mark.subject.starts_with(CLIENT) {
                continue;
            }
            let is_asked = ask.from.is_none_or(|from| mark.last >= from)
                && ask.until.is_none_or(|until| mark.first < until);
            if is_asked {
                let subject = Arc::clone(&mark.subject);
                by_subject.entry(subject).or_default().push(mark);
            }
        }
        Ok(Self {
            by_subject,
            verdicts,
            shared,
        })
    }

    /// The profiles without those of hosts in no signature that are hints only.
    pub(super) fn without_hints(&self, mut profiles: Vec<Profile>) -> Vec<Profile> {
        profiles.retain(|profile| unlisted::counts(&profile.service, &self.verdicts));
        profiles
    }

    /// Takes hints out of what was tallied; returns the requests at hosts past the store's cap.
    pub(super) fn drop_hints(&self, tallies: &mut BTreeMap<Arc<str>, AppTally>) -> u64 {
        let past_the_cap = format!("{UNLISTED}{OTHER}");
        let past = tallies.remove(past_the_cap.as_str());
        tallies.retain(|id, _| unlisted::counts(id, &self.verdicts));
        past.map_or(0, |tally| tally.events)
    }

    /// What kind an application in no signature is.
    pub(super) fn archetype(&self, id: &str) -> Archetype {
        let verdict = self.verdicts.get(id);
        verdict.map_or(Archetype::Api, |verdict| verdict.archetype)
    }

    /// What was told of a service, the most frequent first.
    pub(super) fn of(&self, service: &str, kind: MarkKind) -> Vec<Noted> {
        let marks = self.by_subject.get(service).into_iter().flatten();
        let mut noted: Vec<Noted> = marks
            .filter(|mark| mark.kind == kind)
            .map(Noted::of)
            .collect();
        noted.sort_by(|a, b| (b.events, &a.what).cmp(&(a.events, &b.what)));
        noted.truncate(MOST);
        noted
    }

    /// Agents at work on hosts that are no AI, the most frequent first.
    pub(super) fn agents(&self) -> Vec<AgentAt> {
        let marks = self.by_subject.values().flatten();
        let mut agents: Vec<AgentAt> = marks
            .filter(|mark| mark.kind == MarkKind::Agent)
            .map(|mark| AgentAt {
                host: mark.subject.to_string(),
                agent: Noted::of(mark),
            })
            .collect();
        agents.sort_by(|a, b| {
            let key = |one: &AgentAt| (one.host.clone(), one.agent.what.clone());
            (b.agent.events, key(a)).cmp(&(a.agent.events, key(b)))
        });
        agents
    }
}

impl Noted {
    fn of(mark: &Mark) -> Self {
        let many = mark.clients.at_least();
        let is_sessions = mark.kind == MarkKind::Mcp && &*mark.value == Mark::SESSIONS;
        let (what, clients_at_least) = if is_sessions {
            // Somebody held them.
            (format!("in {many} or more sessions"), 1)
        } else {
            (mark.value.to_string(), many)
        };
        Self {
            what,
            events: mark.events,
            clients_at_least,
            first: mark.first,
            last: mark.last,
        }
    }
}
