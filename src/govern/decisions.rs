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
    for level in [segment.filter(|name| !name.is_empty()), None] {
        let Some(newest) = newest_of_level(decisions, service, level, now) else {
            continue;
        };
        if is_expired(newest, now) {
            expired.get_or_insert_with(|| newest.clone());
            if level.is_none() {
                break;
            }
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

/// The newest decision of one level that was made by `now`; of two at the same instant the later written.
pub(crate) fn newest_of_level<'d>(
    decisions: &'d [Decision],
    service: &str,
    segment: Option<&str>,
    now: Time,
) -> Option<&'d Decision> {
    decisions
        .iter()
        .filter(|decision| decision.service == service && decision.at <= now)
        .filter(|decision| match (&decision.scope, segment) {
            (Scope::Organisation, None) => true,
            (Scope::Segment(name), Some(wanted)) => name == wanted,
            _ => false,
        })
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
    /// It would be tolerated for too long.
    #[error(
        "--until {until} is too far away: nothing is tolerated for more than {LONGEST_EXCEPTION_DAYS} days, so choose {latest} or earlier"
    )]
    TooLong { until: String, latest: String },
    /// It would have ended before it began.
    #[error("--until {until} is not in the future: choose a day after {today}")]
    Past { until: String, today: String },
    /// A segment without a name would cover nobody.
    #[error(
        "the scope names no segment: write --scope segment:NAME, or leave --scope away for the whole organisation"
    )]
    NoSegment,
}

/// Checks a decision before it is written down.
///
/// # Errors
/// Names the flag that is missing or wrong, and what would be right.
pub fn check(decision: &Decision, now: Time) -> Result<(), DecisionError> {
    if decision.owner.trim().is_empty() {
        return Err(DecisionError::NoOwner);
    }
    if decision.reason.trim().is_empty() {
        return Err(DecisionError::NoReason);
    }
    if matches!(&decision.scope, Scope::Segment(name) if name.trim().is_empty()) {
        return Err(DecisionError::NoSegment);
    }
    let last = now.plus_days(LONGEST_EXCEPTION_DAYS);
    let latest = last.day().to_string();
    let Some(until) = decision.until else {
        return match decision.state {
            State::Tolerated => Err(DecisionError::NoEndDate { latest }),
            _ => Ok(()),
        };
    };
    if until <= now {
        return Err(DecisionError::Past {
            until: until.day().to_string(),
            today: now.day().to_string(),
        });
    }
    // A day is meant, not an instant: the whole of the last day is still allowed.
    if decision.state == State::Tolerated && until.day() > last.day() {
        return Err(DecisionError::TooLong {
            until: until.day().to_string(),
            latest,
        });
    }
    Ok(())
}
