//! Which decision holds for an application, and whether a new one may be written down.
//!
//! The narrowest scope wins, and inside a level the newest. A decision whose end date has passed no longer holds:
//! the next wider level applies, and where there is none the application is unreviewed again. So an expired
//! exception of one segment gives way to the block of the whole organisation instead of lifting it.
//! A decision is not its enforcement: whether traffic follows it is found in `transitions`.

use super::site::Inherited;
use crate::model::{Decision, Scope, State, Time};

/// The longest that something may be tolerated or a duty waived.
pub const LONGEST_EXCEPTION_DAYS: i64 = 180;

/// What holds for an application at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// `new` when no decision holds.
    pub state: State,
    /// The decision that holds.
    pub decision: Option<Decision>,
    /// The narrowest newest decision that has run out, if one has.
    pub expired: Option<Decision>,
    /// Where the state comes from when nobody decided about the service itself but about what it is embedded in.
    pub inherited: Option<Inherited>,
}

impl Effective {
    /// Takes over what was decided about the host application, where nobody ever decided about the service itself.
    #[must_use]
    pub fn or_inherited(mut self, from: Option<Inherited>) -> Self {
        if self.decision.is_none()
            && self.expired.is_none()
            && let Some(from) = from
        {
            self.state = from.state;
            self.inherited = Some(from);
        }
        self
    }
}

/// The decision in force for a service, seen from one segment (`None`: for the organisation as a whole).
#[must_use]
pub fn effective(
    decisions: &[Decision],
    service: &str,
    segment: Option<&str>,
    now: Time,
) -> Effective {
    let mut expired = None;
    for level in levels(segment) {
        let Some(newest) = newest_of_level(decisions, service, &level, now) else {
            continue;
        };
        if is_expired(newest, now) {
            expired.get_or_insert_with(|| newest.clone());
            continue;
        }
        return Effective {
            state: newest.state,
            decision: Some(newest.clone()),
            expired,
            inherited: None,
        };
    }
    Effective {
        state: State::New,
        decision: None,
        expired,
        inherited: None,
    }
}

/// Scopes that cover a segment, the narrowest first. A group of users is a segment made of names.
fn levels(segment: Option<&str>) -> Vec<Scope> {
    let mut levels = Vec::new();
    if let Some(name) = segment.filter(|name| !name.is_empty()) {
        levels.push(Scope::Group(name.to_owned()));
        levels.push(Scope::Segment(name.to_owned()));
    }
    levels.push(Scope::Organisation);
    levels
}

/// The newest decision of one level that was made by `now`; of two at the same instant the later written.
#[must_use]
pub fn newest_of_level<'d>(
    decisions: &'d [Decision],
    service: &str,
    scope: &Scope,
    now: Time,
) -> Option<&'d Decision> {
    decisions
        .iter()
        .filter(|decision| decision.service == service && decision.at <= now)
        .filter(|decision| decision.scope == *scope)
        .max_by_key(|decision| (decision.at, decision.id))
}

/// Whether a decision has run out.
#[must_use]
pub fn is_expired(decision: &Decision, now: Time) -> bool {
    decision.until.is_some_and(|until| until <= now)
}

/// Whether the enterprise's rules want an end date for this state.
#[must_use]
pub const fn wants_end_date(state: State) -> bool {
    matches!(state, State::Sanctioned | State::Tolerated)
}

/// Why a decision cannot be written down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// Nobody answers for it.
    #[error(
        "a decision needs an owner: add --owner with the name of who answers for the application"
    )]
    NoOwner,
    /// Nobody could later say why.
    #[error("a decision needs a reason: add --reason with one sentence")]
    NoReason,
    /// It would be tolerated for ever.
    #[error(
        "a tolerated application needs an end date: add --until with a day no later than {latest}"
    )]
    NoEndDate { latest: String },
    /// An exception would outlive its reason.
    #[error(
        "this is an exception to {from}, which holds for everyone else: add --until with a day no later than {latest}"
    )]
    EndlessException { from: State, latest: String },
    /// Nobody approves what they asked for.
    #[error("{name} asked for it and cannot approve it: name another --approver")]
    OwnRequest { name: String },
    /// It would be tolerated for too long.
    #[error(
        "--until {until} is too far away: nothing is tolerated and no exception made for more than {LONGEST_EXCEPTION_DAYS} days, so choose {latest} or earlier"
    )]
    TooLong { until: String, latest: String },
    /// It would have ended before it began.
    #[error("--until {until} is not in the future: choose a day after {today}")]
    Past { until: String, today: String },
    /// A segment without a name would cover nobody.
    #[error(
        "the scope names no one: write --scope segment:NAME or group:NAME, or leave --scope away for the whole organisation"
    )]
    NoSegment,
}

/// How much a state allows.
const fn allows(state: State) -> u8 {
    match state {
        State::Blocked => 0,
        State::Restricted => 1,
        _ => 2,
    }
}

/// What a decision is an exception to: the stricter state of a wider scope that is in force for its people.
#[must_use]
pub fn exception_to(decision: &Decision, earlier: &[Decision], now: Time) -> Option<State> {
    let name = decision.scope.segment()?;
    let wider = levels(Some(name))
        .into_iter()
        .skip_while(|scope| *scope != decision.scope)
        .skip(1)
        .find_map(|scope| {
            newest_of_level(earlier, &decision.service, &scope, now)
                .filter(|newest| !is_expired(newest, now))
        })?;
    (allows(decision.state) > allows(wider.state)).then_some(wider.state)
}

/// Checks a decision before it is written down; `earlier` are those about the same application.
///
/// # Errors
/// Names the flag that is missing or wrong, and what would be right.
pub fn check(decision: &Decision, earlier: &[Decision], now: Time) -> Result<(), DecisionError> {
    if decision.owner.trim().is_empty() {
        return Err(DecisionError::NoOwner);
    }
    if decision.reason.trim().is_empty() {
        return Err(DecisionError::NoReason);
    }
    if decision
        .scope
        .segment()
        .is_some_and(|name| name.trim().is_empty())
    {
        return Err(DecisionError::NoSegment);
    }
    let approver = decision.approver.as_ref().unwrap_or(&decision.by);
    if let Some(asking) = &decision.requested_by
        && asking.trim().eq_ignore_ascii_case(approver.trim())
    {
        return Err(DecisionError::OwnRequest {
            name: asking.trim().to_owned(),
        });
    }
    let exception = exception_to(decision, earlier, now);
    let is_bounded = decision.state == State::Tolerated || exception.is_some();
    let last = now.plus_days(LONGEST_EXCEPTION_DAYS);
    let latest = last.day().to_string();
    let Some(until) = decision.until else {
        return match exception {
            Some(from) => Err(DecisionError::EndlessException { from, latest }),
            None if is_bounded => Err(DecisionError::NoEndDate { latest }),
            None => Ok(()),
        };
    };
    if until <= now {
        return Err(DecisionError::Past {
            until: until.day().to_string(),
            today: now.day().to_string(),
        });
    }
    // A day is meant, not an instant: the whole of the last day is still allowed.
    if is_bounded && until.day() > last.day() {
        return Err(DecisionError::TooLong {
            until: until.day().to_string(),
            latest,
        });
    }
    Ok(())
}
