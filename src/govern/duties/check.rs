//! Whether a step of a duty may be written down.

use super::super::decisions::LONGEST_EXCEPTION_DAYS;
use super::super::duty_model::DutyModel;
use super::super::words::Party;
use crate::model::{Archetype, DutyRecord, DutyStep, ServiceModel, Time};

/// Why a step cannot be written down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DutyError {
    #[error("there is no duty {0:?}; they run from GAI-01 to GAI-44, see `gnomon duties`")]
    Unknown(String),
    #[error(
        "{duty} does not apply to a service of the kind {archetype}; see `gnomon duties ID` for those that do"
    )]
    NotThisKind { duty: String, archetype: Archetype },
    #[error(
        "{0} follows from the register and the decisions and cannot be attested; use `gnomon decide`"
    )]
    Derived(String),
    #[error(
        "{0} is no duty of the provider under this service model; attest what you did yourselves"
    )]
    NotProviders(String),
    #[error(
        "an attestation needs its proof: add --evidence with a document, a setting or a ticket"
    )]
    NoEvidence,
    #[error("a waiver or exclusion needs its reason: add --reason with one sentence")]
    NoReason,
    #[error("a waiver needs an end date: add --until with a day no later than {latest}")]
    NoEndDate { latest: String },
    #[error(
        "--until {until} is too far away: nothing is waived for more than {LONGEST_EXCEPTION_DAYS} days, so choose {latest} or earlier"
    )]
    TooLong { until: String, latest: String },
    #[error("--until {until} is not in the future: choose a day after {today}")]
    Past { until: String, today: String },
}

/// Checks a step before it is written down.
///
/// # Errors
/// Names the flag that is missing or wrong, and what would be right.
pub fn check(
    model: &DutyModel,
    record: &DutyRecord,
    archetype: Archetype,
    service_model: ServiceModel,
    now: Time,
) -> Result<(), DutyError> {
    let Some(duty) = model.duty(&record.duty) else {
        return Err(DutyError::Unknown(record.duty.clone()));
    };
    if !duty.applies.covers(archetype) {
        return Err(DutyError::NotThisKind {
            duty: duty.id.to_string(),
            archetype,
        });
    }
    if matches!(duty.id.as_str(), "GAI-01" | "GAI-03") {
        return Err(DutyError::Derived(duty.id.to_string()));
    }
    let party = duty.cell(service_model).party;
    if record.step == DutyStep::ProviderAssured && !matches!(party, Party::Provider | Party::Both) {
        return Err(DutyError::NotProviders(duty.id.to_string()));
    }
    if record.evidence.trim().is_empty() {
        match record.step {
            DutyStep::Attested | DutyStep::ProviderAssured => return Err(DutyError::NoEvidence),
            DutyStep::Waived | DutyStep::NotApplicable => return Err(DutyError::NoReason),
            DutyStep::Started | DutyStep::Reopened => {}
        }
    }
    let last = now.plus_days(LONGEST_EXCEPTION_DAYS).day();
    match record.until {
        Some(until) if until <= now => Err(DutyError::Past {
            until: until.day().to_string(),
            today: now.day().to_string(),
        }),
        Some(until) if record.step == DutyStep::Waived && until.day() > last => {
            Err(DutyError::TooLong {
                until: until.day().to_string(),
                latest: last.to_string(),
            })
        }
        None if record.step == DutyStep::Waived => Err(DutyError::NoEndDate {
            latest: last.to_string(),
        }),
        _ => Ok(()),
    }
}
