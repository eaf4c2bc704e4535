//! Whose event it is: by its URL, else by its host, or that of an agent of the same vendor.

use std::sync::Arc;

use crate::catalogue::{Catalogue, HostMatch};
use crate::model::{Activity, Archetype, Channel, Event, Evidence, Role, Tier, Untrusted};

use super::channel::Spoken;
use super::hosts::Known;
use super::{Found, Settings, account, grade};

/// The rule that a host hit, independent of the catalogue's lifetime.
#[derive(Debug)]
pub(super) struct HostRule {
    pub(super) service: Arc<str>,
    pub(super) role: Role,
    tier: Option<Tier>,
    plan: Option<Box<str>>,
    /// What the placeholders of the rule stand for in this host.
    captures: Vec<(String, String)>,
    pub(super) evidence: Evidence,
}

impl HostRule {
    pub(super) fn of(hit: &HostMatch<'_>) -> Self {
        Self {
            service: hit.service.id.clone(),
            role: hit.rule.role,
            tier: hit.rule.tier,
            plan: hit.rule.plan.clone(),
            captures: hit.captures.clone(),
            evidence: hit.rule.evidence,
        }
    }
}

/// Finds service, role, tier, channel and grade of an event whose host is known.
///
/// A vendor's agent that calls its vendor's API is credited to the agent: Claude Code speaks to the host of Claude's
/// API, and it is the agent that the enterprise has to bound.
pub(super) fn find(
    catalogue: &Catalogue,
    settings: &Settings,
    event: &Event<'_>,
    place: (&Known, &str),
    spoken: &Spoken<'_>,
) -> Option<Found> {
    let mut found = find_by_target(catalogue, settings, event, place, spoken.channel)?;
    found.program = spoken.program().map(str::to_owned);
    let agent = spoken.agent.as_ref().and_then(|agent| agent.service);
    if let Some(agent) = agent.filter(|agent| agent.archetype == Archetype::Agent)
        && found.role.is_defining()
        && catalogue
            .service(&found.service)
            .is_some_and(|of_host| of_host.vendor.name == agent.vendor.name)
    {
        found.service = agent.id.clone();
    }
    Some(found)
}

fn find_by_target(
    catalogue: &Catalogue,
    settings: &Settings,
    event: &Event<'_>,
    (known, host): (&Known, &str),
    channel: Channel,
) -> Option<Found> {
    let url = event.path.as_ref().and_then(|path| {
        let method = event.method.as_ref().map(Untrusted::bytes);
        catalogue.match_url(host, path.bytes(), method)
    });
    if let Some(url) = url {
        let same = known.rule().filter(|rule| *rule.service == *url.service.id);
        let role = url_role(url.rule.activity, same.map(|rule| rule.role));
        let mut told = match (url.rule.tier, same) {
            (None, Some(rule)) => by_host(rule),
            (tier, _) => account::Told {
                tier,
                plan: url.rule.plan.as_deref(),
                place: "path",
                signed_in: false,
            },
        };
        told.signed_in = url.rule.signed_in;
        let of_host = same.map_or(&[][..], |rule| &rule.captures);
        let captures = [url.captures.as_slice(), of_host];
        let (tier, account) = account::of(&settings.accounts, &url.service.id, &told, &captures);
        return Some(Found {
            service: url.service.id.clone(),
            role,
            tier,
            account,
            channel,
            program: None,
            grade: grade::of(event, Some(url.rule.activity), settings),
            activity: Some(url.rule.activity),
        });
    }
    let rule = known.rule()?;
    if rule.evidence == Evidence::Weak || (rule.role == Role::Shared && !settings.shared_hosts) {
        return None;
    }
    let captures = [rule.captures.as_slice()];
    let (tier, account) = account::of(&settings.accounts, &rule.service, &by_host(rule), &captures);
    Some(Found {
        service: rule.service.clone(),
        role: rule.role,
        tier,
        account,
        channel,
        program: None,
        grade: grade::of(event, None, settings),
        activity: None,
    })
}

fn by_host(rule: &HostRule) -> account::Told<'_> {
    account::Told {
        tier: rule.tier,
        plan: rule.plan.as_deref(),
        place: "host",
        signed_in: false,
    }
}

/// A URL says more of the role than its host does: a prompt on a shared host is use, a visit is not.
fn url_role(activity: Activity, host_role: Option<Role>) -> Role {
    let established = host_role.filter(|role| !matches!(role, Role::Shared | Role::Site));
    match activity {
        Activity::Prompt | Activity::Upload => established
            .filter(|role| role.is_defining())
            .unwrap_or(Role::Ui),
        Activity::Api => established
            .filter(|role| role.is_defining())
            .unwrap_or(Role::Api),
        Activity::Auth => Role::Auth,
        Activity::Install => Role::Download,
        Activity::Telemetry => Role::Telemetry,
        Activity::Visit => established.unwrap_or(Role::Site),
    }
}
