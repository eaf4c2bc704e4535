//! When counts from the logs say that a duty is met or broken, and when they say nothing.
//!
//! `None` means that nothing can be concluded: too short a time, too little seen, or silence that may as well be a
//! lost source. Each observation carries its window, numerator and denominator in its detail.

use super::Observation;
use crate::model::Time;

/// Days before and after a block that are compared.
pub const BLOCK_WINDOW_DAYS: i64 = 14;

const ALLOWED_SHARE: f64 = 0.01;
const COVERAGE: f64 = 0.90;
const TENANT_SHARE: f64 = 0.95;

/// Traffic of one application in the 14 days before a block and the 14 full days after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockTraffic {
    pub blocked_at: Time,
    pub allowed_before: u64,
    pub allowed_after: u64,
    pub blocked_after: u64,
    /// Clients that used it before.
    pub clients_before: u64,
    /// How many of these were seen at all afterwards, on whatever host.
    pub clients_still_seen: u64,
}

/// GAI-04: does the block work? Needs 14 days, at least one blocked attempt, and nine tenths of the earlier clients.
#[must_use]
pub fn block_effective(traffic: &BlockTraffic, now: Time) -> Option<Observation> {
    let at = traffic.blocked_at.plus_days(BLOCK_WINDOW_DAYS);
    if now < at {
        return None;
    }
    let BlockTraffic {
        allowed_before,
        allowed_after,
        blocked_after,
        clients_before,
        clients_still_seen,
        ..
    } = *traffic;
    let detail = format!(
        "{allowed_after} requests passed in the {BLOCK_WINDOW_DAYS} days after the block and {allowed_before} in those before; \
         {blocked_after} were stopped; {clients_still_seen} of {clients_before} earlier clients were seen"
    );
    let observation = |holds| {
        Some(Observation {
            duty: "GAI-04".to_owned(),
            holds,
            detail: detail.clone(),
            at,
        })
    };
    // Counts from logs stay far below 2⁵³, where f64 is exact.
    if allowed_after as f64 > ALLOWED_SHARE * allowed_before as f64 {
        return observation(false);
    }
    let covered =
        clients_before > 0 && clients_still_seen as f64 >= COVERAGE * clients_before as f64;
    if blocked_after == 0 || !covered {
        return None;
    }
    observation(true)
}

/// GAI-08: is the work done in the enterprise's tenant? Use whose account cannot be told counts against neither side,
/// but hides the answer while it could still change it.
#[must_use]
pub fn tenant_share(enterprise: u64, consumer: u64, unknown: u64, at: Time) -> Option<Observation> {
    let all = enterprise.saturating_add(consumer).saturating_add(unknown);
    if all == 0 {
        return None;
    }
    let proven = enterprise as f64 / all as f64;
    let possible = enterprise.saturating_add(unknown) as f64 / all as f64;
    let holds = match (proven >= TENANT_SHARE, possible < TENANT_SHARE) {
        (true, _) => true,
        (_, true) => false,
        _ => return None,
    };
    Some(Observation {
        duty: "GAI-08".to_owned(),
        holds,
        detail: format!(
            "{enterprise} of {all} requests in the tenant, {consumer} on personal accounts, {unknown} unknown"
        ),
        at,
    })
}
