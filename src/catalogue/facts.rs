//! Facts about a service that risk is computed from.
//!
//! A fact is never a score: it is a field of a closed list, a value in closed words or a figure with its
//! unit, and the page that says so on a given day.

use std::fmt;
use std::str::FromStr;

use crate::model::{Day, Tier, words, written_as_text};

words! {
    /// What a fact is about.
    FactField ("fact field") {
        /// Whether the vendor trains models on what customers type. `opt-out` means on by default.
        TrainsOnInput = "trains_on_input",
        /// How long content is kept: `30 days`, `indefinite`.
        Retention = "retention",
        /// Whether content need not be kept at all.
        ZeroRetention = "zero_retention",
        /// Whether people at the vendor read content.
        HumanReview = "human_review",
        /// Whether content goes to third parties beyond sub-processors.
        ThirdPartySharing = "third_party_sharing",
        Soc2 = "soc2",
        Iso27001 = "iso27001",
        Iso42001 = "iso42001",
        Hipaa = "hipaa",
        Fedramp = "fedramp",
        /// Whether a data processing agreement is offered.
        Dpa = "dpa",
        /// Whether content can be kept in the EU.
        EuResidency = "eu_residency",
        Sso = "sso",
        Mfa = "mfa",
        Scim = "scim",
        Rbac = "rbac",
        AuditLog = "audit_log",
        /// Whether a network can be held to its own tenant.
        TenantRestriction = "tenant_restriction",
        /// Whether the vendor stands in for copyright claims.
        Indemnity = "indemnity",
        /// A material security incident within the last 24 months.
        Incident = "incident",
        /// Whether files can be given to it.
        FileUpload = "file_upload",
        /// Whether it records speech or screens.
        Recording = "recording",
        /// Whether it acts on its own: tools, code, a browser.
        Agentic = "agentic",
        /// Whether it reads other systems of the enterprise.
        Connectors = "connectors",
    }
}

words! {
    /// How sure we are of a fact.
    Confidence ("confidence") {
        High = "high",
        Medium = "medium",
        Low = "low",
    }
}

/// One statement about one service in one tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub field: FactField,
    /// The tier it holds for; `None` when it holds for all.
    pub tier: Option<Tier>,
    pub value: FactValue,
    /// The page that says so.
    pub source: String,
    /// When somebody last looked.
    pub checked: Day,
    pub confidence: Confidence,
    pub line: u32,
}

/// What a fact says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactValue {
    Yes,
    No,
    OptIn,
    OptOut,
    NotApplicable,
    Unknown,
    /// Without an end, or until the user deletes it.
    Indefinite,
    /// `30 days`.
    Figure {
        amount: u64,
        unit: Box<str>,
    },
}

/// A value that is neither a word of the list nor a figure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown fact value {0:?}, expected one of: yes, no, opt-in, opt-out, n/a, unknown, indefinite, or a figure such as \"30 days\""
)]
pub struct NoFactValue(String);

impl FactValue {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("yes", Self::Yes),
        ("no", Self::No),
        ("opt-in", Self::OptIn),
        ("opt-out", Self::OptOut),
        ("n/a", Self::NotApplicable),
        ("unknown", Self::Unknown),
        ("indefinite", Self::Indefinite),
    ];

    /// The figure in days, when it is a length of time.
    #[must_use]
    pub fn days(&self) -> Option<u64> {
        let Self::Figure { amount, unit } = self else {
            return None;
        };
        let per_unit = match unit.trim_end_matches('s') {
            "hour" => return Some(amount.div_ceil(24)),
            "day" => 1,
            "week" => 7,
            "month" => 30,
            "year" => 365,
            _ => return None,
        };
        Some(amount.saturating_mul(per_unit))
    }
}

impl FromStr for FactValue {
    type Err = NoFactValue;

    fn from_str(text: &str) -> Result<Self, NoFactValue> {
        if let Some((_, value)) = Self::WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(value.clone());
        }
        let wrong = || NoFactValue(text.to_owned());
        let (amount, unit) = text.split_once(' ').ok_or_else(wrong)?;
        let amount = amount.parse().map_err(|_| wrong())?;
        if unit.is_empty() || !unit.bytes().all(|b| b.is_ascii_lowercase() || b == b' ') {
            return Err(wrong());
        }
        Ok(Self::Figure {
            amount,
            unit: unit.into(),
        })
    }
}

impl fmt::Display for FactValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Figure { amount, unit } = self {
            return f.pad(&format!("{amount} {unit}"));
        }
        let word = Self::WORDS.iter().find(|(_, value)| value == self);
        f.pad(word.map_or("unknown", |(word, _)| word))
    }
}

written_as_text!(FactValue);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_word_or_a_figure_with_its_unit() {
        for text in ["opt-out", "n/a", "30 days", "indefinite"] {
            let value: FactValue = text.parse().unwrap();
            assert_eq!(value.to_string(), text);
        }
        assert_eq!("18 months".parse::<FactValue>().unwrap().days(), Some(540));
        for wrong in ["30", "perhaps", "days 30", "30 "] {
            assert!(wrong.parse::<FactValue>().is_err(), "{wrong}");
        }
    }
}
