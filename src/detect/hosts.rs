//! Caches that answer nearly every line: host → rule or none, client and user → who.
//!
//! Both are emptied when full: log text decides their keys.

use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::catalogue::{Catalogue, left_out};
use crate::identity::{Identity, Who};
use crate::model::{Event, Evidence, Role, Tier};

use super::candidates::host_reasons;

const MAX_HOSTS: usize = 1 << 16;
const MAX_WHOS: usize = 1 << 16;

/// What is known of a host whatever the event.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) host: Arc<str>,
    pub(super) rule: Option<HostRule>,
    /// Why it looks like GenAI although no rule says so.
    pub(super) reasons: Vec<String>,
}

/// The rule that a host hit, independent of the catalogue's lifetime.
#[derive(Debug)]
pub(super) struct HostRule {
    pub(super) service: Arc<str>,
    pub(super) role: Role,
    pub(super) tier: Option<Tier>,
    pub(super) evidence: Evidence,
}

/// Host → what is known.
#[derive(Debug, Default)]
pub(super) struct HostCache(HashMap<Arc<str>, Known>);

impl HostCache {
    pub(super) fn look_up(&mut self, catalogue: &Catalogue, name: &str) -> &Known {
        if self.0.len() >= MAX_HOSTS && !self.0.contains_key(name) {
            self.0.clear();
        }
        let (_, known) = self
            .0
            .raw_entry_mut()
            .from_key(name)
            .or_insert_with(|| (name.into(), know(catalogue, name)));
        known
    }
}

fn know(catalogue: &Catalogue, name: &str) -> Known {
    let hit = catalogue.match_host(name);
    let rule = hit.as_ref().map(|hit| HostRule {
        service: hit.service.id.clone(),
        role: hit.rule.role,
        tier: hit.rule.tier,
        evidence: hit.rule.evidence,
    });
    let reasons = match &hit {
        Some(hit) if hit.rule.evidence == Evidence::Weak => {
            vec![format!("one list names it for {}", hit.service.name)]
        }
        Some(_) => Vec::new(),
        None => unknown_reasons(catalogue, name),
    };
    Known {
        host: name.into(),
        rule,
        reasons,
    }
}

/// Address, name of the machine and user, as logged.
type Logged = (Option<IpAddr>, Vec<u8>, Vec<u8>);

/// A known host followed by other labels is one reason, not a sign of a new service.
fn unknown_reasons(catalogue: &Catalogue, name: &str) -> Vec<String> {
    let reasons = host_reasons(name);
    // Somebody looked at it already: its name says nothing new.
    if !reasons.is_empty() && left_out(name).is_some() {
        return Vec::new();
    }
    let known = || {
        let cuts = name.match_indices('.').map(|(at, _)| at).skip(1);
        cuts.filter_map(|at| name.get(..at))
            .find(|start| catalogue.match_host(start).is_some())
    };
    match if reasons.is_empty() { None } else { known() } {
        Some(start) => vec![format!(
            "it begins like {start} and ends elsewhere: a search domain or an imitation"
        )],
        None => reasons,
    }
}

/// Client and user as logged → who.
#[derive(Debug, Default)]
pub(super) struct WhoCache(HashMap<Logged, Who>);

impl WhoCache {
    pub(super) fn who(&mut self, identity: &Identity, event: &Event<'_>) -> &Who {
        let bytes = |text: Option<&crate::model::Untrusted<'_>>| {
            text.map(|text| text.bytes().to_vec()).unwrap_or_default()
        };
        let key = (
            event.client,
            bytes(event.client_name.as_ref()),
            bytes(event.user.as_ref()),
        );
        if self.0.len() >= MAX_WHOS && !self.0.contains_key(&key) {
            self.0.clear();
        }
        self.0.entry(key).or_insert_with(|| {
            identity.who(
                event.client,
                event.client_name.as_ref(),
                event.user.as_ref(),
            )
        })
    }
}
