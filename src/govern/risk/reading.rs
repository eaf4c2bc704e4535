//! From the catalogue's statements (field, tier, value, source, day) to the facts that the score asks for.
//!
//! The words are those of the catalogue's closed list. A statement about the tier in use goes before one about all
//! tiers. Where the tier is not known, statements about single tiers count only if both tiers are stated and agree: we
//! do not guess the tier. Age of the vendor and jurisdiction are the caller's to add.

use super::{Capability, Controls, Facts, Origin, Retention, TierInUse, Training};
use crate::catalogue::FactValue;
use crate::model::Tier;

/// One statement of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactRow<'c> {
    /// `trains_on_input`.
    pub field: &'c str,
    /// The tier it holds for; `None` when it holds for all.
    pub tier: Option<Tier>,
    /// `yes`, `no`, `opt-in`, `opt-out`, `n/a`, `unknown`, `indefinite`, or a figure such as `30 days`.
    pub value: &'c str,
    pub source: &'c str,
    pub checked: &'c str,
}

struct Statements<'c> {
    rows: &'c [FactRow<'c>],
    tier: Tier,
}

impl<'c> Statements<'c> {
    /// The statement about a field that holds for the tier in use.
    fn row(&self, field: &str) -> Option<&'c FactRow<'c>> {
        let of_field = || {
            self.rows
                .iter()
                .filter(move |row| row.field == field && row.value != "unknown")
        };
        let own = of_field().find(|row| row.tier == Some(self.tier));
        let general = || of_field().find(|row| row.tier.is_none());
        let unanimous = || {
            let of_tier = |tier| of_field().find(move |row| row.tier == Some(tier));
            let (consumer, enterprise) = (of_tier(Tier::Consumer)?, of_tier(Tier::Enterprise)?);
            (self.tier == Tier::Unknown && consumer.value == enterprise.value).then_some(consumer)
        };
        own.or_else(general).or_else(unanimous)
    }

    fn value(&self, field: &str) -> Option<&'c str> {
        self.row(field).map(|row| row.value)
    }

    /// Yes or no; an option that must be bought or switched on is there.
    fn is(&self, field: &str) -> Option<bool> {
        match self.value(field)? {
            "yes" | "opt-in" | "opt-out" => Some(true),
            "no" | "n/a" => Some(false),
            _ => None,
        }
    }
}

impl Facts {
    /// Reads what the catalogue states about a service on one tier.
    #[must_use]
    pub fn read(rows: &[FactRow<'_>], tier: Tier) -> Self {
        let stated = Statements { rows, tier };
        let mut facts = Self {
            training: training(&stated),
            retention: retention(&stated),
            third_party_sharing: stated.is("third_party_sharing"),
            tier: match tier {
                Tier::Consumer => Some(TierInUse::AnonymousOrFree),
                Tier::Foreign => Some(TierInUse::Foreign),
                Tier::Enterprise => Some(TierInUse::EnterpriseProven),
                Tier::Unknown => None,
            },
            soc2: stated.is("soc2"),
            iso27001: stated.is("iso27001"),
            iso42001: stated.is("iso42001"),
            controls: Controls {
                sso: stated.is("sso"),
                mfa: stated.is("mfa"),
                audit_log: stated.is("audit_log"),
                rbac: stated.is("rbac"),
                tenant_restriction: stated.is("tenant_restriction"),
            },
            recent_incident: stated.is("incident"),
            capability: capability(&stated),
            ..Self::default()
        };
        for (line, fields) in ORIGINS {
            let row = fields.iter().find_map(|field| stated.row(field));
            if let Some(row) = row {
                let origin = Origin {
                    source: row.source.to_owned(),
                    checked: row.checked.to_owned(),
                };
                facts.origins.insert(line, origin);
            }
        }
        facts
    }
}

/// The fields behind each line; the source of the first one stated is printed.
const ORIGINS: &[(&str, &[&str])] = &[
    ("C1", &["trains_on_input"]),
    (
        "C2",
        &["retention", "zero_retention", "third_party_sharing"],
    ),
    ("C4", &["soc2", "iso27001", "iso42001"]),
    (
        "C6",
        &["sso", "mfa", "audit_log", "rbac", "tenant_restriction"],
    ),
    ("C7", &["incident"]),
    ("C8", &["agentic", "connectors", "file_upload", "recording"]),
];

fn training(stated: &Statements<'_>) -> Option<Training> {
    match stated.value("trains_on_input")? {
        "yes" => Some(Training::OnWithoutOptOut),
        "opt-out" => Some(Training::OnWithOptOut),
        "opt-in" => Some(Training::OffByDefault),
        // Without a contract a "no" is a statement that can change tomorrow.
        "no" if stated.is("dpa") == Some(true) => Some(Training::NeverByContract),
        "no" => Some(Training::OffByDefault),
        "n/a" => Some(Training::NeverByContract),
        _ => None,
    }
}

fn retention(stated: &Statements<'_>) -> Option<Retention> {
    if stated.value("zero_retention") == Some("yes") {
        return Some(Retention::Zero);
    }
    match stated.value("retention")? {
        "indefinite" => Some(Retention::Indefinite),
        "no" | "n/a" => Some(Retention::Zero),
        figure => days(figure).map(Retention::Days),
    }
}

fn days(figure: &str) -> Option<u32> {
    let days = figure.parse::<FactValue>().ok()?.days()?;
    Some(u32::try_from(days).unwrap_or(u32::MAX))
}

fn capability(stated: &Statements<'_>) -> Option<Capability> {
    let any = |fields: &[&str]| fields.iter().any(|field| stated.is(field) == Some(true));
    if any(&["agentic", "connectors"]) {
        return Some(Capability::Agentic);
    }
    if any(&["file_upload", "recording"]) {
        return Some(Capability::UploadOrRecording);
    }
    (stated.is("agentic") == Some(false) && stated.is("file_upload") == Some(false))
        .then_some(Capability::Chat)
}
