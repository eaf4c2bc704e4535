//! What traffic shows of a duty, with the figures that it rests on, and how an application stood at a moment.
//!
//! Kept in the store beside decisions and duties, appended and never changed, so that a later look can say what was
//! seen then although the traffic itself is long forgotten.

use serde::{Deserialize, Serialize};

use super::words::words;
use super::{State, Tier, Time};

words! {
    /// A test of the register, by its id.
    Rule ("observation rule") {
        /// Nothing passes after a block.
        BlockEffective = "OBS-1",
        /// People move to what is sanctioned and not to the next application.
        Displacement = "OBS-2",
        /// Less is sent than before.
        UploadsFall = "OBS-3",
        /// Work is done in the enterprise's tenant.
        TenantShare = "OBS-4",
        /// Calls go through the enterprise's gateway.
        GatewayShare = "OBS-5",
        /// Model APIs are called from people's machines.
        KeySprawl = "OBS-6",
        /// Use goes on after the end of its decision.
        ExpiryBreach = "OBS-7",
        /// AI appeared inside an application that was approved without it.
        FeatureSwitchedOn = "OBS-8",
        /// The rhythm is that of a machine.
        AgentCadence = "OBS-9",
        /// Nothing was seen for a long time, and everything was watched.
        Gone = "OBS-10",
    }
}

impl Rule {
    /// What the rule asks, in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::BlockEffective => "block effective",
            Self::Displacement => "displacement",
            Self::UploadsFall => "uploads fall",
            Self::TenantShare => "tenant share",
            Self::GatewayShare => "gateway share",
            Self::KeySprawl => "key sprawl",
            Self::ExpiryBreach => "expiry breach",
            Self::FeatureSwitchedOn => "feature switched on",
            Self::AgentCadence => "agent cadence",
            Self::Gone => "gone",
        }
    }

    /// Whether what it shows makes an older attestation lapse. The rhythm of a machine only says that there is one.
    #[must_use]
    pub const fn outweighs_people(self) -> bool {
        !matches!(self, Self::AgentCadence)
    }

    /// The duties that it speaks of.
    #[must_use]
    pub const fn duties(self) -> &'static [&'static str] {
        match self {
            Self::BlockEffective => &["GAI-04"],
            Self::Displacement => &["GAI-05"],
            Self::UploadsFall => &["GAI-11", "GAI-27"],
            Self::TenantShare => &["GAI-08"],
            Self::GatewayShare => &["GAI-19", "GAI-25"],
            Self::KeySprawl => &["GAI-25"],
            Self::ExpiryBreach => &["GAI-03", "GAI-44"],
            Self::FeatureSwitchedOn => &["GAI-38", "GAI-17"],
            Self::AgentCadence => &["GAI-24"],
            Self::Gone => &["GAI-44"],
        }
    }
}

words! {
    /// What came out of a test.
    Finding ("finding") {
        /// What the duty wants is what the traffic shows.
        Holds = "holds",
        /// The traffic speaks against it.
        Fails = "fails",
        /// The traffic does not tell; silence is never evidence.
        Unclear = "unclear",
    }
}

/// One test of one application over one stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    pub service: String,
    pub rule: Rule,
    pub finding: Finding,
    /// The figures in words.
    pub detail: String,
    /// The stretch of time that was looked at.
    pub from: Time,
    pub until: Time,
    /// Percent of those who should have been seen that were; `None` where the rule has no such measure.
    pub coverage: Option<u32>,
    /// What the rule counts, and out of how many.
    pub numerator: u64,
    pub denominator: u64,
}

impl Observation {
    /// Whether it is worth keeping after an earlier one of its rule: the answer changed, or the figures did and a week has
    /// passed. Shares move a little every day.
    #[must_use]
    pub fn is_news_after(&self, earlier: &Self) -> bool {
        let figures = |of: &Self| (of.numerator, of.denominator, of.coverage);
        self.finding != earlier.finding
            || (figures(self) != figures(earlier) && self.until >= earlier.until.plus_days(7))
    }
}

/// How an application stood at a moment; the next one is written when it differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub service: String,
    pub at: Time,
    pub state: State,
    pub tier: Tier,
    /// Residual risk of 100, and its band as the score calls it.
    pub residual: u32,
    pub band: String,
}

impl Standing {
    /// Whether anything that people act on differs from an earlier standing.
    #[must_use]
    pub fn differs_from(&self, earlier: &Self) -> bool {
        (self.state, self.tier, &self.band) != (earlier.state, earlier.tier, &earlier.band)
    }
}
