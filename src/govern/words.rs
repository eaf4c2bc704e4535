//! The closed words of governance; each has one spelling in data and output.

use crate::model::words;

words! {
    /// Who carries a duty here.
    Party ("party") {
        Enterprise = "enterprise",
        Provider = "provider",
        Both = "both",
        None = "none",
    }
}

words! {
    /// Whom the article names: the user of AI services, their provider, both, expressly nobody, or it says nothing.
    SeedParty ("seed party") {
        User = "AISU",
        Provider = "AISP",
        Shared = "shared",
        None = "none",
        Silent = "silent",
    }
}

words! {
    /// Where a cell of the duty table comes from.
    Basis ("basis") {
        /// A sentence of the article says so.
        Stated = "stated",
        /// We conclude it from a sentence of the article.
        Inferred = "inferred",
        /// The article is silent; the duty is ours.
        Extension = "extension",
    }
}

words! {
    /// What it takes to close a duty.
    ClosesBy ("way to close a duty") {
        /// The logs or the register show it.
        Observed = "observed",
        /// The logs hint at it; a person must attest it beside that.
        Indicated = "indicated",
        /// Only a person can say so.
        Attested = "attested",
    }
}

words! {
    /// How soon a duty is due.
    DueClass ("due class") {
        T1 = "T1",
        T2 = "T2",
        T3 = "T3",
    }
}

impl DueClass {
    /// Days until the duty is due for an application of this risk.
    #[must_use]
    pub const fn days(self, band: Band) -> i32 {
        match (self, band) {
            (Self::T1, Band::Critical) => 1,
            (Self::T1, Band::High) => 3,
            (Self::T1, Band::Medium) | (Self::T2, Band::High) => 14,
            (Self::T1, Band::Low) | (Self::T3, Band::High) | (Self::T2, Band::Medium) => 30,
            (Self::T2, Band::Critical) => 7,
            (Self::T2, Band::Low) | (Self::T3, Band::Medium) => 90,
            (Self::T3, Band::Critical) => 14,
            (Self::T3, Band::Low) => 180,
        }
    }
}

words! {
    /// The band of a risk score.
    Band ("risk band") {
        Low = "low",
        Medium = "medium",
        High = "high",
        Critical = "critical",
    }
}

impl Band {
    /// 0–24 low, 25–49 medium, 50–74 high, 75–100 critical.
    #[must_use]
    pub const fn of(points: u32) -> Self {
        match points {
            0..=24 => Self::Low,
            25..=49 => Self::Medium,
            50..=74 => Self::High,
            _ => Self::Critical,
        }
    }
}

words! {
    /// How a duty stands for one application.
    DutyStatus ("duty status") {
        Open = "open",
        InProgress = "in_progress",
        Met = "met",
        /// Was met or decided; the evidence has run out or something changed.
        Lapsed = "lapsed",
        Waived = "waived",
        NotApplicable = "not_applicable",
        /// The provider's duty, with its evidence on file.
        ProviderAssured = "provider_assured",
        /// The provider's duty, and nothing on file: the normal state of a consumer application.
        ProviderUnassured = "provider_unassured",
    }
}

impl DutyStatus {
    /// Whether the enterprise still has something to do.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Open | Self::InProgress | Self::Lapsed)
    }
}

words! {
    /// The part of the stack, or of the organisation, that a duty belongs to.
    Layer ("layer") {
        Usage = "usage",
        People = "people",
        Identity = "identity",
        Data = "data",
        Grounding = "grounding",
        Prompt = "prompt",
        Application = "application",
        Ip = "ip",
        Model = "model",
        Infrastructure = "infrastructure",
        Assurance = "assurance",
        Compliance = "compliance",
        Lifecycle = "lifecycle",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_days_follow_the_published_table() {
        let row = |class: DueClass| {
            [Band::Critical, Band::High, Band::Medium, Band::Low].map(|band| class.days(band))
        };
        assert_eq!(row(DueClass::T1), [1, 3, 14, 30]);
        assert_eq!(row(DueClass::T2), [7, 14, 30, 90]);
        assert_eq!(row(DueClass::T3), [14, 30, 90, 180]);
    }

    #[test]
    fn bands_change_at_25_50_and_75() {
        assert_eq!(
            [24, 25, 49, 50, 74, 75, 100].map(Band::of),
            [
                Band::Low,
                Band::Medium,
                Band::Medium,
                Band::High,
                Band::High,
                Band::Critical,
                Band::Critical
            ]
        );
    }
}
