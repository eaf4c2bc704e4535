//! One application of the report.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalogue::Service;
use crate::govern::decisions::{self, Effective};
use crate::govern::duties::Assessed;
use crate::govern::posture::{self, Question};
use crate::govern::reconcile::Clients;
use crate::govern::risk::{self, Behaviour};
use crate::model::{
    Archetype, Coverage, Decision, DutyRecord, Earlier, Enforcement, Field, HostRow, MarkKind,
    Profile, Symbols, Time, Transition, TransitionKind,
};

use super::alike::Alike;
use super::ask::Ask;
use super::compared;
use super::noted::Marks;
use super::observed::{self, Looked};
use super::plane;
use super::tally::{self, AppTally};
use super::{Application, DayRow, Duty, HostUse, Period, Risk, RiskLine};

/// How many hosts an application shows.
const HOSTS: usize = 40;
const BYTES_PER_MB: f64 = 1_000_000.0;

/// What is at hand while applications are built.
pub(super) struct Seen<'s> {
    pub(super) ask: &'s Ask<'s>,
    pub(super) as_of: Time,
    pub(super) period: Period,
    pub(super) coverage: &'s [Coverage],
    pub(super) profiles: &'s [Profile],
    pub(super) decisions: &'s [Decision],
    pub(super) records: &'s [DutyRecord],
    pub(super) hosts: BTreeMap<Arc<str>, Vec<HostRow>>,
    /// Services whose traffic goes against what was decided.
    pub(super) contradicted: BTreeSet<&'s str>,
    /// By service.
    pub(super) changes: BTreeMap<&'s str, Vec<&'s Transition>>,
    /// What was seen of services before their signatures were known, sorted by service.
    pub(super) earlier: &'s [Earlier],
    pub(super) clients: &'s Clients,
    pub(super) symbols: &'s Symbols,
    pub(super) segments_known: bool,
    pub(super) enforcements: &'s [Enforcement],
    pub(super) looked: Looked,
    pub(super) marks: Marks,
}

/// Builds the row of one service that is in use or was tried.
pub(super) fn build(
    service: &Service,
    tally: &AppTally,
    seen: &Seen<'_>,
    days: &[DayRow],
    alike: &mut Alike,
) -> Application {
    let profiles = of_service(seen.profiles, &service.id);
    let first_seen = profiles.iter().map(|profile| profile.first_seen).min();
    let last_seen = profiles.iter().map(|profile| profile.last_seen).max();
    let first_seen = first_seen.unwrap_or(seen.as_of);
    let last_seen = last_seen.unwrap_or(seen.as_of);
    let tier = plane::tier_of(tally);
    let decision = decisions::effective(seen.decisions, &service.id, None, seen.as_of)
        .or_inherited(seen.ask.settings.inherited(service));
    let now = observed::now(service, tally, seen, &decision, first_seen, last_seen);
    let earlier = observed::earlier(&service.id, seen);
    let enforced = compared::in_place(seen.enforcements, &service.id, seen.as_of);
    let question = Question {
        service,
        tier: tier.value,
        first_seen,
        behaviour: behaviour(service, tally, seen, first_seen),
        decision: decision.clone(),
        breached: observed::ended_exception(&service.id, seen).map(|(made, _)| made.clone()),
        observed: observed::in_force(&now, &earlier, seen.as_of),
        trigger: observed::trigger(&service.id, seen, &now),
        earlier,
        enforced: enforced.clone(),
    };
    let before_known = seen
        .earlier
        .iter()
        .find(|before| before.service == service.id && before.first < first_seen)
        .cloned();
    let posture = posture::of(
        seen.ask.duties,
        seen.ask.settings,
        question,
        seen.records,
        seen.as_of,
    );
    // By hand: collected in place they would keep the room of what they are made of.
    let mut duties = Vec::with_capacity(posture.duties.len());
    duties.extend(
        posture
            .duties
            .into_iter()
            .map(|duty| alike.one(duty_of(duty))),
    );
    let archetype = posture::archetype_in_use(service.archetype, tier.value);
    let Effective {
        state,
        decision,
        inherited,
        ..
    } = decision;
    Application {
        id: service.id.to_string(),
        name: service.name.clone(),
        vendor: service.vendor.name.clone(),
        country: service.vendor.country.clone(),
        category: service.category.clone(),
        description: service.description.clone(),
        archetype,
        model: service.model,
        aws_scope: seen
            .ask
            .duties
            .archetype(archetype)
            .map(|guide| guide.aws_scope.clone())
            .unwrap_or_default(),
        host_app: service.host_app.clone(),
        tier,
        state,
        decision,
        inherited_from: inherited.map(|from| from.host_app),
        grade: tally.grade,
        risk: risk_of(posture.risk),
        first_seen: before_known
            .as_ref()
            .map_or(first_seen, |before| before.first),
        last_seen,
        before_known,
        events: tally.events,
        attempts: tally.attempts,
        prompts: tally.prompts,
        uploads: tally.uploads,
        visits: tally.visits,
        users: tally.users.len() as u64,
        clients: tally.clients.len() as u64,
        top_clients: tally::top_clients(&tally.clients, seen.clients, seen.symbols),
        top_users: tally::top_users(&tally.users, seen.symbols),
        outliers: tally
            .recent
            .outliers(days_before_last_week(seen), seen.symbols),
        segments: tally::all(&tally.segments),
        bytes_up: tally.bytes_up,
        bytes_down: tally.bytes_down,
        uploads_told: uploads_are_told(tally, seen.coverage),
        evidence: tally
            .kinds
            .iter()
            .map(|(kind, events)| (kind.as_str(), *events))
            .collect(),
        ladder: tally.ladder.clone(),
        channels: tally
            .channels
            .iter()
            .map(|(channel, events)| (channel.as_str(), *events))
            .collect(),
        hosts: hosts_of(
            seen.hosts
                .get(&service.id)
                .map(Vec::as_slice)
                .unwrap_or_default(),
        ),
        active_days: tally.active_days(),
        daily: days
            .iter()
            .map(|row| tally.days.on(row.day).events)
            .collect(),
        enforced,
        observations: now,
        duties,
        accounts: seen.marks.of(&service.id, MarkKind::Account),
        programs: seen.marks.of(&service.id, MarkKind::Program),
        programs_as_browsers: tally.recent.programs_as_browsers(),
        mcp: seen.marks.of(&service.id, MarkKind::Mcp),
        reasons: reasons(service, seen, first_seen),
        next: if was_never_used(tally, profiles) {
            Vec::new()
        } else {
            posture.next
        },
    }
}

/// Why it is an application although no signature knows it. A model that is served was fetched before.
fn reasons(service: &Service, seen: &Seen<'_>, first_seen: Time) -> Vec<String> {
    let Some(verdict) = seen.marks.verdicts.get(&*service.id) else {
        return Vec::new();
    };
    let mut reasons = verdict.reasons.clone();
    if verdict.archetype == Archetype::SelfHosted {
        let earlier = seen
            .profiles
            .iter()
            .filter(|profile| profile.first_use.is_some_and(|first| first <= first_seen));
        let hubs: BTreeSet<&str> = earlier
            .filter_map(|profile| seen.ask.catalogue.service(&profile.service))
            .filter(|hub| hub.offers_models() && !verdict.fetched_from.contains(&hub.name))
            .map(|hub| hub.name.as_str())
            .collect();
        reasons.extend(hubs.iter().map(|hub| format!("{hub} was used before")));
    }
    reasons
}

/// Whether nobody ever came further than a look-up, in this period and before: there is nothing to do about it then.
fn was_never_used(tally: &AppTally, profiles: &[Profile]) -> bool {
    tally.ladder.is_prefetch_only() && profiles.iter().all(|row| row.last_contact.is_none())
}

/// The services whose traffic goes against what was decided.
pub(super) fn contradicted(changes: &[Transition]) -> BTreeSet<&str> {
    let contradict = |change: &&Transition| {
        matches!(
            change.kind,
            TransitionKind::DecisionViolated | TransitionKind::ExceptionExpired
        )
    };
    let services = changes.iter().filter(contradict);
    services.map(|change| &*change.service).collect()
}

/// The changes of each service, in their order.
pub(super) fn by_service(changes: &[Transition]) -> BTreeMap<&str, Vec<&Transition>> {
    let mut of: BTreeMap<&str, Vec<&Transition>> = BTreeMap::new();
    for change in changes {
        of.entry(&change.service).or_default().push(change);
    }
    of
}

/// The profiles of one service among all, which are sorted by service.
pub(super) fn of_service<'p>(profiles: &'p [Profile], service: &str) -> &'p [Profile] {
    let from = profiles.partition_point(|profile| &*profile.service < service);
    let rest = profiles.get(from..).unwrap_or_default();
    let count = rest.partition_point(|profile| &*profile.service == service);
    rest.get(..count).unwrap_or_default()
}

/// Days of the last thirty that the period has before the last seven.
fn days_before_last_week(seen: &Seen<'_>) -> u32 {
    let from = seen
        .period
        .from
        .unwrap_or(seen.as_of)
        .max(seen.as_of.plus_days(-30));
    let days = seen.as_of.plus_days(-7).day().0 - from.day().0;
    u32::try_from(days).unwrap_or(0)
}

fn behaviour(service: &Service, tally: &AppTally, seen: &Seen<'_>, first_seen: Time) -> Behaviour {
    let settings = seen.ask.settings;
    // Who was stopped every time sent nothing.
    let stopped = tally.events == 0;
    let people = if stopped {
        0
    } else if tally.users.is_empty() {
        tally.clients.len()
    } else {
        tally.users.len()
    };
    let days = |from: Time, until: Time| u32::try_from(until.day().0 - from.day().0).unwrap_or(0);
    let from = seen.period.from.unwrap_or(first_seen);
    // What is there on the first day of the logs may have been there for years.
    let new_for = (days(from, first_seen) > 0).then(|| days(first_seen, seen.as_of));
    let sensitive = || {
        tally
            .segments
            .keys()
            .find(|segment| settings.is_sensitive(segment))
            .map(|name| name.to_string())
    };
    Behaviour {
        mb_30d: (stopped || uploads_are_told(tally, seen.coverage))
            .then(|| tally.bytes_up_30d as f64 / BYTES_PER_MB),
        uploads: tally.uploads,
        users: (stopped || people > 0).then_some(people as u64),
        population: settings.population,
        active_days: tally.active_days(),
        period_days: days(from, seen.period.until.unwrap_or(seen.as_of)) + 1,
        first_seen_days_ago: new_for,
        growth: None,
        departments: seen
            .segments_known
            .then(|| u32::try_from(tally.segments.len()).unwrap_or(u32::MAX)),
        sensitive_group: (!settings.sensitive_groups.is_empty()).then(sensitive),
        off_hours_share: (tally.events > 0).then(|| tally.off_hours as f64 / tally.events as f64),
        contradicts_decision: seen.contradicted.contains(&*service.id),
    }
}

/// Whether a log that saw the application counts the bytes that were sent.
fn uploads_are_told(tally: &AppTally, coverage: &[Coverage]) -> bool {
    tally.bytes_up > 0
        || coverage.iter().any(|source| {
            tally.sources.contains(source.source.as_str())
                && !source
                    .cannot_tell
                    .iter()
                    .any(|field| field == Field::BytesUp.as_str())
        })
}

fn hosts_of(rows: &[HostRow]) -> Vec<HostUse> {
    let mut sums: BTreeMap<(&str, crate::model::Role), u64> = BTreeMap::new();
    for row in rows {
        tally::add(sums.entry((&row.host, row.role)).or_default(), row.events);
    }
    let mut hosts: Vec<HostUse> = sums
        .into_iter()
        .map(|((host, role), events)| HostUse {
            host: host.to_owned(),
            role,
            events,
        })
        .collect();
    hosts.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.host.cmp(&b.host)));
    hosts.truncate(HOSTS);
    hosts
}

fn risk_of(risk: risk::Risk) -> Risk {
    Risk {
        gross: risk.gross,
        residual: risk.residual,
        band: risk.band.as_str(),
        // Between 0 and 100: the cast is exact.
        confidence: (risk.confidence * 100.0).round().clamp(0.0, 100.0) as u32,
        range: risk.range,
        lines: risk
            .lines
            .into_iter()
            .map(|line| RiskLine {
                id: line.id,
                label: line.label,
                value: line.raw,
                points: line.points,
                max: line.max,
                known: line.known,
                source: match (line.source, line.checked) {
                    (Some(source), Some(checked)) => format!("{source} ({checked})"),
                    (source, _) => source.unwrap_or_default(),
                },
            })
            .collect(),
    }
}

fn duty_of(duty: Assessed) -> Duty {
    Duty {
        id: duty.id,
        layer: duty.layer.as_str(),
        title: duty.title,
        statement: duty.statement,
        party: duty.party.as_str(),
        seed_party: duty.seed_party.as_str(),
        reason: duty.reason,
        disputed: duty.disputed,
        overridden_by: duty.overridden_by,
        basis: duty.basis.as_str(),
        keys: duty.keys,
        status: duty.status.as_str(),
        why: duty.why,
        closes_by: duty.closes_by.as_str(),
        owner: duty.owner,
        due: duty.due,
        overdue: duty.overdue,
        action: duty.action,
        evidence_wanted: duty.evidence_wanted,
        logs_show: duty.logs_show,
        refs: duty.refs,
    }
}
