//! The ten tests that the register answers by itself. Each is a pure function of figures that the report gathers; what
//! it says keeps the window, the coverage, the numerator and the denominator, so that anybody can check it.
//!
//! A test answers `None` where it has no subject: no block, no gateway, nothing embedded. `unclear` means that there is
//! a subject and the traffic does not tell. Silence is never evidence. Thresholds are constants of this file.

mod before_after;

pub use before_after::{Compared, Strictness, block_effective, displacement, uploads_fall};

use crate::model::{Finding, Observation, Rule, Time};

/// Days before and after a block that are compared.
pub const WINDOW_DAYS: i64 = 14;
/// Days that shares are taken over, and of silence after which an application is gone.
pub const RECENT_DAYS: i64 = 30;

const LEAST_COVERAGE_PERCENT: u32 = 90;
const LEAST_SHARE_PERCENT: u64 = 95;
const MOST_OFF_HOURS_PERCENT: u64 = 30;

/// A stretch of time, its end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from: Time,
    pub until: Time,
}

struct Test<'a> {
    service: &'a str,
    rule: Rule,
    window: Window,
    coverage: Option<u32>,
    counts: (u64, u64),
}

impl Test<'_> {
    fn says(self, finding: Finding, detail: String) -> Observation {
        Observation {
            service: self.service.to_owned(),
            rule: self.rule,
            finding,
            detail,
            from: self.window.from,
            until: self.window.until,
            coverage: self.coverage,
            numerator: self.counts.0,
            denominator: self.counts.1,
        }
    }
}

/// `part` of `whole` in percent, rounded down; 100 of nothing.
fn percent(part: u64, whole: u64) -> u32 {
    let share = u128::from(part) * 100 / u128::from(whole.max(1));
    u32::try_from(share).unwrap_or(u32::MAX).min(100)
}

fn is_at_least(part: u64, whole: u64, percent: u64) -> bool {
    u128::from(part) * 100 >= u128::from(whole) * u128::from(percent)
}

/// Requests by the account that they show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accounts {
    pub enterprise: u64,
    /// In tenants of others.
    pub foreign: u64,
    pub consumer: u64,
    pub unknown: u64,
}

/// OBS-4: is the work done in the enterprise's tenant? Use whose account cannot be told counts against neither side,
/// but hides the answer while it could still change it.
#[must_use]
pub fn tenant_share(service: &str, window: Window, seen: Accounts) -> Option<Observation> {
    let Accounts {
        enterprise,
        foreign,
        consumer,
        unknown,
    } = seen;
    let told = enterprise.saturating_add(foreign).saturating_add(consumer);
    let all = told.saturating_add(unknown);
    if told == 0 {
        return None;
    }
    let test = Test {
        service,
        rule: Rule::TenantShare,
        window,
        coverage: Some(percent(told, all)),
        counts: (enterprise, all),
    };
    let possible = enterprise.saturating_add(unknown);
    let finding = if is_at_least(enterprise, all, LEAST_SHARE_PERCENT) {
        Finding::Holds
    } else if is_at_least(possible, all, LEAST_SHARE_PERCENT) {
        Finding::Unclear
    } else {
        Finding::Fails
    };
    let others = match foreign {
        0 => String::new(),
        foreign => format!("{foreign} in tenants of others, "),
    };
    let detail = format!(
        "{enterprise} of {all} requests in the tenant, {others}{consumer} on personal accounts, {unknown} unknown"
    );
    Some(test.says(finding, detail))
}

/// OBS-5: do calls to models go through the enterprise's own gateway? `gateway` counts calls to it, `direct` those that
/// went to this provider past it. `None` without a configured gateway.
#[must_use]
pub fn gateway_share(
    service: &str,
    window: Window,
    gateway: Option<u64>,
    direct: u64,
) -> Option<Observation> {
    let gateway = gateway?;
    let all = gateway.saturating_add(direct);
    if all == 0 {
        return None;
    }
    let test = Test {
        service,
        rule: Rule::GatewayShare,
        window,
        coverage: None,
        counts: (gateway, all),
    };
    let finding = if is_at_least(gateway, all, LEAST_SHARE_PERCENT) {
        Finding::Holds
    } else {
        Finding::Fails
    };
    let detail = format!("{gateway} calls to the own gateway, {direct} to the provider past it");
    Some(test.says(finding, detail))
}

/// OBS-6: is the API called from people's machines, so that keys lie there? `None` where no segment is named as servers.
#[must_use]
pub fn key_sprawl(
    service: &str,
    window: Window,
    people: u64,
    servers: u64,
    servers_are_known: bool,
) -> Option<Observation> {
    let all = people.saturating_add(servers);
    if !servers_are_known || all == 0 {
        return None;
    }
    let test = Test {
        service,
        rule: Rule::KeySprawl,
        window,
        coverage: None,
        counts: (people, all),
    };
    let finding = if people > 0 {
        Finding::Fails
    } else {
        Finding::Holds
    };
    let detail = format!("{people} of {all} machines that call the API are no servers");
    Some(test.says(finding, detail))
}

/// OBS-7: does use go on after the end of its decision?
#[must_use]
pub fn expiry_breach(service: &str, ended: Time, now: Time, after: u64, all: u64) -> Observation {
    let test = Test {
        service,
        rule: Rule::ExpiryBreach,
        window: Window {
            from: ended,
            until: now,
        },
        coverage: None,
        counts: (after, all),
    };
    let day = ended.day();
    if after > 0 {
        return test.says(
            Finding::Fails,
            format!("{after} requests on the days after {day}, when the decision had ended"),
        );
    }
    test.says(
        Finding::Unclear,
        format!("no use was seen after the decision ended on {day}"),
    )
}

/// OBS-8: AI appeared inside an application that was approved without it.
#[must_use]
pub fn feature_switched_on(
    service: &str,
    host_app: &str,
    window: Window,
    hosts: u64,
    known_hosts: u64,
) -> Observation {
    let test = Test {
        service,
        rule: Rule::FeatureSwitchedOn,
        window,
        coverage: None,
        counts: (hosts, known_hosts),
    };
    let day = window.until.day();
    test.says(
        Finding::Fails,
        format!("AI inside {host_app} was first seen on {day}, on {hosts} hosts"),
    )
}

/// OBS-9: is the rhythm that of a machine? Either a third of the requests outside office hours, or programs that call
/// themselves agents. Telemetry and keep-alives are not among the requests: they have roles of their own.
#[must_use]
pub fn agent_cadence(
    service: &str,
    window: Window,
    off_hours: u64,
    agents: u64,
    all: u64,
) -> Option<Observation> {
    if all == 0 {
        return None;
    }
    let test = Test {
        service,
        rule: Rule::AgentCadence,
        window,
        coverage: None,
        counts: (off_hours, all),
    };
    let machine = is_at_least(off_hours, all, MOST_OFF_HOURS_PERCENT) || agents > 0;
    // People at work are no proof that an agent is bounded.
    let finding = if machine {
        Finding::Fails
    } else {
        Finding::Unclear
    };
    let detail = format!(
        "{off_hours} of {all} requests outside office hours, {agents} by programs that call themselves agents"
    );
    Some(test.says(finding, detail))
}

/// OBS-10: thirty days without traffic, while nine tenths of these days were watched.
#[must_use]
pub fn gone(service: &str, last_seen: Time, now: Time, days_watched: u64) -> Option<Observation> {
    if last_seen.plus_days(RECENT_DAYS) > now {
        return None;
    }
    let days = RECENT_DAYS.cast_unsigned();
    let coverage = percent(days_watched, days);
    let test = Test {
        service,
        rule: Rule::Gone,
        window: Window {
            from: now.plus_days(-RECENT_DAYS),
            until: now,
        },
        coverage: Some(coverage),
        counts: (days_watched.min(days), days),
    };
    let finding = if coverage >= LEAST_COVERAGE_PERCENT {
        Finding::Holds
    } else {
        Finding::Unclear
    };
    let detail = format!(
        "nothing since {}; {days_watched} of the last {days} days were watched",
        last_seen.day()
    );
    Some(test.says(finding, detail))
}

/// What the observations say of one duty: what speaks against it counts first, what is unclear not at all.
#[must_use]
pub fn of_duty<'o>(duty: &str, observed: &'o [Observation]) -> Option<&'o Observation> {
    let about = |finding: Finding| {
        observed
            .iter()
            .find(move |seen| seen.finding == finding && seen.rule.duties().contains(&duty))
    };
    about(Finding::Fails).or_else(|| about(Finding::Holds))
}
