//! Asks the ten observation rules about one application, lays what was seen earlier beside it, and finds the newest
//! change after which evidence has to be renewed.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::catalogue::Service;
use crate::govern::Band;
use crate::govern::decisions::{self, Effective};
use crate::govern::duties::Trigger;
use crate::govern::duties::observe::{self, Compared, RECENT_DAYS, Window};
use crate::model::{
    Archetype, Decision, Finding, Observation, Standing, State, Time, Transition, TransitionKind,
};

use super::application::{Seen, of_service};
use super::compared::Watch;
use super::tally::AppTally;

/// Days after which what was observed no longer counts, unless it is seen again.
const EVIDENCE_DAYS: i64 = 90;

/// What is known about observations when applications are built.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) watches: Vec<Watch>,
    pub(super) compared: BTreeMap<String, Compared>,
    /// Calls to the own gateway; `None` when none is configured.
    pub(super) gateway_calls: Option<u64>,
    /// Days of the last thirty of which anything was read.
    pub(super) days_watched: u64,
    /// What was noted of each service at earlier looks, oldest first.
    pub(super) earlier: HashMap<String, Vec<Observation>>,
    pub(super) standings: HashMap<String, Vec<Standing>>,
}

/// Rows by the service that they speak of, each in the order in which they came.
pub(super) fn by_service<T>(rows: Vec<T>, service: impl Fn(&T) -> &str) -> HashMap<String, Vec<T>> {
    let mut grouped: HashMap<String, Vec<T>> = HashMap::new();
    for row in rows {
        grouped.entry_ref(service(&row)).or_default().push(row);
    }
    grouped
}

/// What the traffic shows now, by rule.
pub(super) fn now(
    service: &Service,
    tally: &AppTally,
    seen: &Seen<'_>,
    decision: &Effective,
    first_seen: Time,
    last_seen: Time,
) -> Vec<Observation> {
    let (id, settings) = (&*service.id, seen.ask.settings);
    let window = Window {
        from: seen
            .period
            .from
            .unwrap_or(first_seen)
            .max(seen.as_of.plus_days(-RECENT_DAYS)),
        until: seen.as_of,
    };
    let recent = &tally.recent;
    let is_api = service.archetype == Archetype::Api;
    let is_gateway = settings.gateways.iter().any(|own| own == id);
    let mut found = compared(id, seen);
    found.extend(observe::tenant_share(id, window, recent.accounts));
    if is_api && !is_gateway {
        let (servers, people) = recent.callers_in(&settings.server_segments);
        let known = !settings.server_segments.is_empty();
        found.extend(observe::gateway_share(
            id,
            window,
            seen.looked.gateway_calls,
            recent.calls,
        ));
        found.extend(observe::key_sprawl(id, window, people, servers, known));
    }
    if let Some((exception, end)) = ended_exception(id, seen) {
        let segment = exception.scope.segment().unwrap_or_default();
        let after = recent.after(segment, end.day());
        let breach = observe::expiry_breach(id, end, seen.as_of, after, recent.events);
        found.push(breach);
    } else if let Some(ended) = decision.expired.as_ref().and_then(|old| old.until)
        && decision.decision.is_none()
    {
        let after = tally
            .days
            .iter()
            .filter(|(day, _)| *day > ended.day())
            .fold(0_u64, |sum, (_, of_day)| sum.saturating_add(of_day.events));
        let breach = observe::expiry_breach(id, ended, seen.as_of, after, tally.events);
        found.push(breach);
    }
    if let Some(host) = decision
        .inherited
        .as_ref()
        .filter(|host| host.state != State::Blocked)
    {
        let window = Window {
            from: seen.period.from.unwrap_or(first_seen).min(first_seen),
            until: first_seen,
        };
        let hosts = seen.hosts.get(&service.id).map_or(0, |rows| {
            let mut names: Vec<&str> = rows.iter().map(|row| &*row.host).collect();
            names.sort_unstable();
            names.dedup();
            names.len()
        });
        let known = service.domains.len().max(hosts) as u64;
        let hosts = hosts as u64;
        found.push(observe::feature_switched_on(
            id,
            &host.host_app,
            window,
            hosts,
            known,
        ));
    }
    if matches!(
        service.archetype,
        Archetype::Api | Archetype::Agent | Archetype::SelfHosted
    ) {
        found.extend(observe::agent_cadence(
            id,
            window,
            recent.off_hours,
            recent.agents,
            recent.events,
        ));
    }
    found.extend(observe::gone(
        id,
        last_seen,
        seen.as_of,
        seen.looked.days_watched,
    ));
    found.sort_by_key(|seen| seen.rule);
    found
}

/// The exception of a segment that ended last and was not renewed, when people of it used the application afterwards.
pub(super) fn ended_exception<'s>(id: &str, seen: &Seen<'s>) -> Option<(&'s Decision, Time)> {
    seen.decisions
        .iter()
        .filter(|made| made.service == id)
        .filter_map(|made| {
            let segment = made.scope.segment()?;
            let end = made.until.filter(|end| *end <= seen.as_of)?;
            let newest = decisions::newest_of_level(seen.decisions, id, &made.scope, seen.as_of)?;
            let used = seen.profiles.iter().any(|row| {
                *row.service == *id && *row.segment == *segment && row.last_use > Some(end)
            });
            (newest.id == made.id && used).then_some((made, end))
        })
        .max_by_key(|(_, end)| *end)
}

/// OBS-1 to OBS-3, where the traffic was compared.
fn compared(id: &str, seen: &Seen<'_>) -> Vec<Observation> {
    let Some(traffic) = seen.looked.compared.get(id) else {
        return Vec::new();
    };
    let Some(watch) = seen.looked.watches.iter().find(|watch| watch.service == id) else {
        return Vec::new();
    };
    let stops = watch.strictness == observe::Strictness::Stops;
    let block = stops.then(|| observe::block_effective(id, traffic));
    [
        block,
        observe::displacement(id, traffic),
        observe::uploads_fall(id, traffic, watch.strictness),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What was noted of a service before `as_of`.
pub(super) fn earlier(id: &str, seen: &Seen<'_>) -> Vec<Observation> {
    seen.looked
        .earlier
        .get(id)
        .into_iter()
        .flatten()
        .filter(|noted| noted.until <= seen.as_of)
        .cloned()
        .collect()
}

/// What counts: what is seen now, and what was seen not too long ago of rules that have no answer any more, because the
/// traffic that they compare is no longer kept.
pub(super) fn in_force(
    now: &[Observation],
    earlier: &[Observation],
    as_of: Time,
) -> Vec<Observation> {
    let mut all = now.to_vec();
    for noted in earlier.iter().rev() {
        let is_current = noted.until.plus_days(EVIDENCE_DAYS) > as_of;
        let is_answered = all
            .iter()
            .any(|seen| seen.rule == noted.rule && seen.finding != Finding::Unclear);
        if noted.finding == Finding::Holds && is_current && !is_answered {
            all.retain(|seen| seen.rule != noted.rule);
            all.push(noted.clone());
        }
    }
    all.sort_by_key(|seen| seen.rule);
    all
}

/// The newest change after which evidence has to be renewed.
pub(super) fn trigger(id: &str, seen: &Seen<'_>, now: &[Observation]) -> Option<Trigger> {
    let own = seen.changes.get(id).into_iter().flatten();
    let changes = own
        .filter(|change| change.at <= seen.as_of)
        .filter_map(|change| of_change(change, seen));
    let feature = now
        .iter()
        .filter(|seen| seen.rule == crate::model::Rule::FeatureSwitchedOn)
        .map(|seen| Trigger {
            at: seen.until,
            why: seen.detail.clone(),
        });
    changes
        .chain(feature)
        .chain(band_up(id, seen))
        .max_by_key(|trigger| trigger.at)
}

fn of_change(change: &Transition, seen: &Seen<'_>) -> Option<Trigger> {
    let at = match change.kind {
        TransitionKind::TurnedConsumer => change.at,
        // The change is told once, with the first moment at which it can have been; every later use counts here.
        TransitionKind::DecisionViolated => of_service(seen.profiles, &change.service)
            .iter()
            .filter(|row| row.segment == change.segment)
            .filter_map(crate::model::Profile::last_unblocked)
            .max()?,
        _ => return None,
    };
    Some(Trigger {
        at,
        why: change.detail.clone(),
    })
}

/// The last time that the band of the residual risk was noted to have risen.
fn band_up(id: &str, seen: &Seen<'_>) -> Option<Trigger> {
    let own: Vec<&Standing> = seen
        .looked
        .standings
        .get(id)
        .into_iter()
        .flatten()
        .filter(|stands| stands.at <= seen.as_of)
        .collect();
    own.windows(2).rev().find_map(|pair| match pair {
        [before, after] => {
            let band = |stands: &Standing| stands.band.parse::<Band>().ok();
            (band(after)? > band(before)?).then(|| Trigger {
                at: after.at,
                why: format!(
                    "the risk rose from {} to {} on {}",
                    before.band,
                    after.band,
                    after.at.day()
                ),
            })
        }
        _ => None,
    })
}
