//! What people said of a duty: attested, waived, taken up. Appended, never changed.

use serde::{Deserialize, Serialize};

use super::Time;
use super::words::words;
words! {
    /// A step in the life of a duty.
    DutyStep ("duty step") {
        Started = "started",
        Attested = "attested",
        Waived = "waived",
        NotApplicable = "not_applicable",
        /// The provider's evidence is on file.
        ProviderAssured = "provider_assured",
        Reopened = "reopened",
    }
}

/// One step, for one duty of one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyRecord {
    pub service: String,
    /// `GAI-03`.
    pub duty: String,
    pub step: DutyStep,
    /// What proves it, or why not.
    pub evidence: String,
    pub by: String,
    pub at: Time,
    /// When an attestation or waiver lapses.
    pub until: Option<Time>,
}
