//! Builds the report: reads the store once, asks `govern` what it means.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::catalogue::{Catalogue, Service};
use crate::govern::duties::observe::RECENT_DAYS;
use crate::govern::{self, decisions, reconcile, transitions, volume};
use crate::model::{
    Archetype, Coverage, Day, DayUse, Decision, Earlier, Enforcement, HostRow, Profile, State,
    Time, Transition, Watched, unlisted_host,
};
use crate::store::{Filter, StoreError};

use super::alike::Alike;
use super::application::{self, Seen};
use super::ask::Ask;
use super::compared::{self, Watch};
use super::gather::{Tallies, tallies};
use super::noted::Marks;
use super::observed::{self, Looked};
use super::organisation;
use super::tally::{AppTally, add};
use super::{
    Application, CatalogueFacts, DayRow, HeatRow, KnownLate, Period, Report, SCHEMA, Told, Totals,
    Visited, blind_spots,
};

const DAYS_DUE_SOON: i64 = 30;

/// Builds a report.
///
/// # Errors
/// When the store cannot be read.
pub fn build(ask: &Ask<'_>) -> Result<Report, StoreError> {
    let filter = Filter {
        from: ask.from,
        until: ask.until,
        service: None,
    };
    let coverage = ask.store.coverage()?;
    let last = coverage.iter().filter_map(|source| source.last).max();
    let as_of = ask.as_of.or(last).unwrap_or_default();
    let marks = Marks::read(ask)?;
    let profiles = marks.without_hints(ask.store.profiles(None)?);
    let decisions = ask.store.decisions(None)?;
    let records = ask.store.duty_records(None)?;
    let watched = Watched::of(&coverage, &profiles);
    let earlier = ask.store.earlier(None)?;
    let by_day = ask.store.day_use()?;
    let mut changes = changes(
        ask,
        &reconcile::beyond_lookups(profiles.iter().collect(), Some(&watched)),
        &by_day,
        &decisions,
        as_of,
    );
    reconcile::tell_since_when(&mut changes, &earlier);
    let Tallies {
        of: mut tallies,
        clients: machines,
        symbols,
        skews,
    } = tallies(ask, &filter, as_of, &watched, &marks.shared)?;
    let unlisted_past_cap = marks.drop_hints(&mut tallies);
    let enforcements = ask.store.enforcements(None)?;
    let looked = looked(ask, &tallies, &decisions, &enforcements, as_of)?;
    let seen = Seen {
        ask,
        as_of,
        period: period(&tallies, &coverage, ask, as_of),
        coverage: &coverage,
        profiles: &profiles,
        decisions: &decisions,
        records: &records,
        hosts: hosts_by_service(ask.store.hosts(&filter)?),
        contradicted: application::contradicted(&changes),
        changes: application::by_service(&changes),
        earlier: &earlier,
        clients: &machines,
        symbols: &symbols,
        enforcements: &enforcements,
        looked,
        marks,
        segments_known: tallies.values().any(|tally| !tally.segments.is_empty()),
    };
    let days = days(&tallies, &seen.period);
    let mut clients = HashSet::new();
    let mut users = HashSet::new();
    let mut applications = Vec::with_capacity(tallies.len());
    let mut visited_only = Vec::new();
    let mut alike = Alike::default();
    // Each is let go when its application is built: both together are the most that a report holds.
    for (id, tally) in tallies {
        let archetype = seen.marks.archetype(&id);
        let Some(service) = ask.catalogue.service_or_unlisted(&id, archetype) else {
            continue;
        };
        let service = &service;
        if tally.is_registered() {
            clients.extend(tally.clients.keys().copied());
            users.extend(tally.users.keys().copied());
            applications.push(application::build(
                service, &tally, &seen, &days, &mut alike,
            ));
        } else if tally.visits > 0 {
            visited_only.push(visited(service, &tally));
        }
    }
    applications.sort_by(|a: &Application, b: &Application| {
        (b.risk.residual, b.events, &a.id).cmp(&(a.risk.residual, a.events, &b.id))
    });
    let mut totals = totals(&applications);
    totals.clients = clients.len() as u64;
    totals.users = users.len() as u64;
    Ok(Report {
        schema: SCHEMA,
        period: seen.period,
        catalogue: CatalogueFacts {
            version: ask.catalogue.version().to_owned(),
            services: ask.catalogue.services().len(),
            rules: ask.catalogue.rule_count(),
        },
        totals,
        organisation: organisation::of(&applications, &decisions, seen.period.from, as_of),
        heat_map: heat_map(&applications),
        days,
        candidates: open_candidates(ask, &applications)?,
        agents: seen.marks.agents(),
        unlisted_past_cap,
        visited_only,
        known_late: known_late(ask.catalogue, earlier.clone(), &applications),
        transitions: told(ask.catalogue, &changes, &filter),
        decisions_due: due(&decisions, as_of),
        cannot_see: blind_spots::of(&coverage, &applications, &skews, machines.shared()),
        clock_skews: skews,
        coverage,
        applications,
    })
}

/// Every change that the register shows, whatever order the lines came in.
fn changes(
    ask: &Ask<'_>,
    profiles: &[&Profile],
    days: &[DayUse],
    decisions: &[Decision],
    as_of: Time,
) -> Vec<Transition> {
    let name = |id: &str| service_name(ask.catalogue, id);
    let mut changes = transitions::derive(profiles, decisions, as_of, &name);
    changes.extend(transitions::gone(profiles, as_of, &name));
    changes.extend(volume::rises(days, profiles, &name));
    changes.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    changes
}

/// What the observation rules need beside the sums.
fn looked(
    ask: &Ask<'_>,
    tallies: &BTreeMap<Arc<str>, AppTally>,
    decisions: &[Decision],
    enforcements: &[Enforcement],
    as_of: Time,
) -> Result<Looked, StoreError> {
    let watches = Watch::list(decisions, enforcements, as_of);
    let is_sanctioned =
        |id: &str| decisions::effective(decisions, id, None, as_of).state == State::Sanctioned;
    let gateways = &ask.settings.gateways;
    let calls = gateways
        .iter()
        .filter_map(|id| tallies.get(id.as_str()))
        .fold(0_u64, |sum, tally| sum.saturating_add(tally.recent.events));
    let recent = Filter {
        from: Some(as_of.plus_days(-RECENT_DAYS)),
        until: Some(as_of),
        service: None,
    };
    Ok(Looked {
        compared: compared::compare(ask.store, &watches, &is_sanctioned)?,
        watches,
        gateway_calls: (!gateways.is_empty()).then_some(calls),
        days_watched: ask.store.days(&recent)?.len() as u64,
        earlier: observed::by_service(ask.store.observations(None)?, |noted| &noted.service),
        standings: observed::by_service(ask.store.standings(None)?, |stands| &stands.service),
    })
}

fn service_name(catalogue: &Catalogue, id: &str) -> String {
    catalogue
        .service_or_unlisted(id, Archetype::Api)
        .map_or_else(|| id.to_owned(), |service| service.name.clone())
}

/// From the first to the last event: the asked limits where there are any, else what coverage saw.
fn period(
    tallies: &BTreeMap<Arc<str>, AppTally>,
    coverage: &[Coverage],
    ask: &Ask<'_>,
    as_of: Time,
) -> Period {
    let first = coverage.iter().filter_map(|source| source.first).min();
    let last = coverage.iter().filter_map(|source| source.last).max();
    let nothing = tallies.is_empty() && first.is_none();
    Period {
        from: if nothing { None } else { ask.from.max(first) },
        until: if nothing {
            None
        } else {
            [ask.until, last].into_iter().flatten().min()
        },
        as_of,
    }
}

fn hosts_by_service(rows: Vec<HostRow>) -> BTreeMap<Arc<str>, Vec<HostRow>> {
    let mut hosts: BTreeMap<Arc<str>, Vec<HostRow>> = BTreeMap::new();
    for row in rows {
        hosts.entry(row.service.clone()).or_default().push(row);
    }
    hosts
}

/// The longest period that is shown day by day.
const MAX_DAYS: usize = 400;

fn days(tallies: &BTreeMap<Arc<str>, AppTally>, period: &Period) -> Vec<DayRow> {
    let (Some(from), Some(until)) = (period.from, period.until) else {
        return Vec::new();
    };
    let first = from.day().max(until.day().plus(1 - MAX_DAYS as i32));
    let mut rows: BTreeMap<Day, DayRow> = (first.0..=until.day().0)
        .map(|day| {
            (
                Day(day),
                DayRow {
                    day: Day(day),
                    events: 0,
                    attempts: 0,
                    bytes_up: 0,
                },
            )
        })
        .collect();
    for tally in tallies.values() {
        for (day, of_day) in tally.days.iter() {
            if let Some(row) = rows.get_mut(day) {
                add(&mut row.events, of_day.events);
                add(&mut row.attempts, of_day.attempts);
                add(&mut row.bytes_up, of_day.bytes_up);
            }
        }
    }
    rows.into_values().collect()
}

fn visited(service: &Service, tally: &AppTally) -> Visited {
    Visited {
        id: service.id.to_string(),
        name: service.name.clone(),
        visits: tally.visits,
        clients: tally.visitors.len() as u64,
    }
}

/// Services that are no application of the report, for want of a sighting, and were seen before they were known.
fn known_late(
    catalogue: &Catalogue,
    earlier: Vec<Earlier>,
    applications: &[Application],
) -> Vec<KnownLate> {
    let late = earlier.into_iter().filter(|before| {
        let id = &*before.service;
        catalogue.service(id).is_some() && applications.iter().all(|app| app.id != id)
    });
    late.map(|before| KnownLate {
        name: service_name(catalogue, &before.service),
        before,
    })
    .collect()
}

fn totals(applications: &[Application]) -> Totals {
    let mut totals = Totals {
        applications: applications.len() as u64,
        ..Totals::default()
    };
    for app in applications {
        *totals.by_state.entry(app.state.as_str()).or_default() += 1;
        *totals.by_model.entry(app.model.as_str()).or_default() += 1;
        *totals.by_band.entry(app.risk.band).or_default() += 1;
        add(&mut totals.events, app.events);
        add(&mut totals.attempts, app.attempts);
        add(&mut totals.bytes_up, app.bytes_up);
        add(&mut totals.bytes_down, app.bytes_down);
        for duty in app.duties() {
            totals.duties_open += u64::from(duty.is_pending());
            totals.duties_overdue += u64::from(duty.overdue);
        }
    }
    totals
}

fn heat_map(applications: &[Application]) -> Vec<HeatRow> {
    govern::Layer::ALL
        .iter()
        .map(|layer| {
            let mut row = HeatRow {
                layer: layer.to_string(),
                met: 0,
                open: 0,
                overdue: 0,
                unassured: 0,
                settled: 0,
            };
            for duty in applications
                .iter()
                .flat_map(Application::duties)
                .filter(|duty| duty.layer == row.layer)
            {
                let cell = match duty.status {
                    "met" => &mut row.met,
                    "provider_unassured" => &mut row.unassured,
                    _ if duty.overdue => &mut row.overdue,
                    _ if duty.is_pending() => &mut row.open,
                    _ => &mut row.settled,
                };
                *cell += 1;
            }
            row
        })
        .collect()
}

fn open_candidates(
    ask: &Ask<'_>,
    applications: &[Application],
) -> Result<Vec<crate::model::Candidate>, StoreError> {
    let dismissed: BTreeSet<_> = ask
        .store
        .verdicts()?
        .into_iter()
        .map(|verdict| verdict.host)
        .collect();
    let in_use: BTreeSet<&str> = applications
        .iter()
        .filter_map(|app| unlisted_host(&app.id))
        .collect();
    let mut candidates = ask.store.candidates()?;
    candidates.retain(|candidate| {
        // A newer catalogue may know by now what was a candidate then.
        !dismissed.contains(&candidate.host)
            && !in_use.contains(candidate.host.as_str())
            && ask.from.is_none_or(|from| candidate.last >= from)
            && ask.until.is_none_or(|until| candidate.first < until)
    });
    candidates.sort_by(|a, b| b.hits.cmp(&a.hits).then_with(|| a.host.cmp(&b.host)));
    Ok(candidates)
}

fn told(catalogue: &Catalogue, changes: &[Transition], filter: &Filter) -> Vec<Told> {
    changes
        .iter()
        .filter(|change| filter.from.is_none_or(|from| change.at >= from))
        .filter(|change| filter.until.is_none_or(|until| change.at < until))
        .map(|change| Told {
            name: service_name(catalogue, &change.service),
            transition: change.clone(),
        })
        .collect()
}

/// Decisions in force that end within thirty days, and those that have ended and were not renewed.
fn due(all: &[Decision], as_of: Time) -> Vec<Decision> {
    let services: BTreeSet<&str> = all
        .iter()
        .map(|decision| decision.service.as_str())
        .collect();
    let mut due: Vec<Decision> = services
        .into_iter()
        .filter_map(|service| {
            let effective = decisions::effective(all, service, None, as_of);
            effective.decision.or(effective.expired)
        })
        .filter(|decision| {
            decision
                .until
                .is_some_and(|until| until <= as_of.plus_days(DAYS_DUE_SOON))
        })
        .collect();
    due.sort_by_key(|decision| (decision.until, decision.id));
    due
}
