//! What the register of this place knows of a service: seen or not, decided or not. Never a reason to fail.

use serde::Serialize;

use crate::cli::until;
use crate::config::Config;
use crate::govern::decisions::{self, Effective};
use crate::model::{Decision, Earlier, Grade, Profile, State, Time};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store as _, StoreError};

/// A service here.
#[derive(Debug, Serialize)]
pub(super) struct Register {
    pub(super) store: String,
    pub(super) state: State,
    /// The decision that holds for the whole organisation.
    pub(super) decision: Option<Decision>,
    /// The decision that has run out, where one has.
    pub(super) expired: Option<Decision>,
    /// Segments for which something else holds.
    pub(super) segments: Vec<SegmentState>,
    pub(super) seen: Option<Seen>,
    /// What was seen before the signature was known here.
    pub(super) before_known: Option<Earlier>,
    /// Why the store could not be asked.
    pub(super) trouble: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct SegmentState {
    pub(super) segment: String,
    pub(super) state: State,
    pub(super) until: Option<Time>,
}

/// Sums over every segment and tier.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    pub(super) first: Time,
    pub(super) last: Time,
    pub(super) events: u64,
    pub(super) attempts: u64,
    pub(super) grade: Option<Grade>,
}

/// What the store says of a service; `None` when there is no store.
pub(super) fn of(config: &Config, service: &str) -> Option<Register> {
    let path = config.store_path();
    if !path.exists() {
        return None;
    }
    let mut register = Register {
        store: path.display().to_string(),
        state: State::New,
        decision: None,
        expired: None,
        segments: Vec::new(),
        seen: None,
        before_known: None,
        trouble: None,
    };
    let asked =
        SqliteStore::open_read_only(&path).and_then(|store| fill(&mut register, &store, service));
    if let Err(error) = asked {
        register.trouble = Some(error.to_string());
    }
    Some(register)
}

fn fill(register: &mut Register, store: &SqliteStore, service: &str) -> Result<(), StoreError> {
    let now = until::now();
    let decided = store.decisions(Some(service))?;
    let Effective {
        state,
        decision,
        expired,
        inherited: _,
    } = decisions::effective(&decided, service, None, now);
    register.state = state;
    register.decision = decision;
    register.expired = expired;
    register.segments = segments(&decided)
        .into_iter()
        .map(|segment| {
            let holds = decisions::effective(&decided, service, Some(&segment), now);
            SegmentState {
                segment,
                state: holds.state,
                until: holds.decision.and_then(|decision| decision.until),
            }
        })
        .collect();
    register.seen = seen(&store.profiles(Some(service))?);
    register.before_known = store.earlier(Some(service))?.pop();
    Ok(())
}

fn segments(decided: &[Decision]) -> Vec<String> {
    let mut names: Vec<String> = decided
        .iter()
        .filter_map(|decision| decision.scope.segment().map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn seen(profiles: &[Profile]) -> Option<Seen> {
    let sum = |of: fn(&Profile) -> u64| profiles.iter().map(of).fold(0, u64::saturating_add);
    Some(Seen {
        first: profiles.iter().map(|profile| profile.first_seen).min()?,
        last: profiles.iter().map(|profile| profile.last_seen).max()?,
        events: sum(|profile| profile.events),
        attempts: sum(|profile| profile.attempts),
        grade: profiles.iter().filter_map(|profile| profile.grade).max(),
    })
}
