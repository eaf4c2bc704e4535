//! The account plane of an application: which kind of account its use is judged by.

use crate::govern::duties::observe::Accounts;
use crate::model::{Kind, Tier};

use super::TierSeen;
use super::tally::AppTally;

/// Percent of the requests from which on the tenant counts as proven.
const PROVEN_PERCENT: u64 = 95;

/// The account plane of the last thirty days, where they show any use, else of the whole period. Personal accounts weigh
/// more than contracted ones, unless the tenant is proven, and both more than not knowing.
pub(super) fn tier_of(tally: &AppTally) -> TierSeen {
    let of = |tier| tally.tiers.get(&tier).copied().unwrap_or(0);
    let accounts = if tally.recent.events > 0 {
        tally.recent.accounts
    } else {
        Accounts {
            enterprise: of(Tier::Enterprise),
            foreign: of(Tier::Foreign),
            consumer: of(Tier::Consumer),
            unknown: of(Tier::Unknown),
        }
    };
    let all = accounts
        .enterprise
        .saturating_add(accounts.foreign)
        .saturating_add(accounts.consumer)
        .saturating_add(accounts.unknown);
    let is_proven = accounts.enterprise > 0
        && accounts.enterprise.saturating_mul(100) >= all.saturating_mul(PROVEN_PERCENT);
    let dns_only = tally.kinds.keys().all(|kind| *kind == Kind::Dns);
    let not_own = accounts.consumer.max(accounts.foreign);
    let (value, basis) = if not_own > 0 && is_proven {
        (
            Tier::Enterprise,
            "nearly all requests go to hosts or paths of a contracted plan",
        )
    } else if accounts.consumer > 0 {
        (
            Tier::Consumer,
            "hosts or paths that only personal accounts use",
        )
    } else if accounts.foreign > 0 {
        (
            Tier::Foreign,
            "ids of tenants in hosts or paths that are none of yours",
        )
    } else if accounts.enterprise > 0 {
        (
            Tier::Enterprise,
            "hosts or paths of a contracted plan, or of a tenant of yours",
        )
    } else if dns_only {
        (Tier::Unknown, "DNS alone cannot tell accounts apart")
    } else {
        (Tier::Unknown, "the logs show no sign of the account")
    };
    TierSeen {
        value,
        basis: basis.to_owned(),
        events: tally
            .tiers
            .iter()
            .map(|(tier, events)| (tier.as_str(), *events))
            .collect(),
    }
}
