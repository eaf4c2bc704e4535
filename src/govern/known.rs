//! From the catalogue's facts to the facts that the score asks for.
//!
//! A fact of the tier in use wins over one that holds for all tiers. Nothing is concluded from a missing fact: it
//! stays unknown, and unknown has its own price in the score.

use crate::catalogue::{Fact, FactField, FactValue, Service};
use crate::model::{Archetype, Tier, Time};

use super::Settings;
use super::risk::{Capability, Controls, Facts, Origin, Retention, TierInUse, Training};

/// What is known of a service on a tier, at a moment.
#[must_use]
pub fn facts(service: &Service, tier: Tier, settings: &Settings, now: Time) -> Facts {
    let known = Known { service, tier };
    let mut facts = Facts {
        training: known.value(FactField::TrainsOnInput).and_then(training),
        retention: known.value(FactField::Retention).and_then(retention),
        third_party_sharing: known.yes_or_no(FactField::ThirdPartySharing),
        tier: tier_in_use(tier),
        soc2: known.yes_or_no(FactField::Soc2),
        iso27001: known.yes_or_no(FactField::Iso27001),
        iso42001: known.yes_or_no(FactField::Iso42001),
        jurisdiction: settings.jurisdiction(&service.vendor.country),
        controls: Controls {
            sso: known.yes_or_no(FactField::Sso),
            mfa: known.yes_or_no(FactField::Mfa),
            audit_log: known.yes_or_no(FactField::AuditLog),
            rbac: known.yes_or_no(FactField::Rbac),
            tenant_restriction: known.yes_or_no(FactField::TenantRestriction),
        },
        vendor_age_years: age_years(service, now),
        recent_incident: known.yes_or_no(FactField::Incident),
        capability: known.capability(),
        origins: super::risk::Origins::new(),
    };
    for (line, field) in LINES {
        if let Some(fact) = known.fact(*field) {
            facts.origins.entry(line).or_insert_with(|| Origin {
                source: fact.source.clone(),
                checked: fact.checked.to_string(),
            });
        }
    }
    facts
}

/// Which fact stands behind which line of the score.
const LINES: &[(&str, FactField)] = &[
    ("C1", FactField::TrainsOnInput),
    ("C2", FactField::Retention),
    ("C4", FactField::Soc2),
    ("C4", FactField::Iso27001),
    ("C4", FactField::Iso42001),
    ("C6", FactField::Sso),
    ("C6", FactField::AuditLog),
    ("C7", FactField::Incident),
    ("C8", FactField::Agentic),
    ("C8", FactField::FileUpload),
];

struct Known<'s> {
    service: &'s Service,
    tier: Tier,
}

impl Known<'_> {
    fn fact(&self, field: FactField) -> Option<&Fact> {
        let of = |tier: Option<Tier>| {
            self.service
                .facts
                .iter()
                .find(|fact| fact.field == field && fact.tier == tier)
        };
        of(Some(self.tier))
            .or_else(|| of(None))
            .filter(|fact| fact.value != FactValue::Unknown)
    }

    fn value(&self, field: FactField) -> Option<&FactValue> {
        self.fact(field).map(|fact| &fact.value)
    }

    fn yes_or_no(&self, field: FactField) -> Option<bool> {
        match self.value(field)? {
            FactValue::Yes | FactValue::OptIn | FactValue::OptOut => Some(true),
            FactValue::No => Some(false),
            _ => None,
        }
    }

    /// The farthest-reaching thing known of it; its archetype says the rest.
    fn capability(&self) -> Option<Capability> {
        let can = |field| self.yes_or_no(field) == Some(true);
        if can(FactField::Agentic)
            || can(FactField::Connectors)
            || self.service.archetype == Archetype::Agent
        {
            return Some(Capability::Agentic);
        }
        if can(FactField::FileUpload) || can(FactField::Recording) {
            return Some(Capability::UploadOrRecording);
        }
        match self.service.archetype {
            Archetype::ConsumerChat | Archetype::EnterpriseChat
                if self.service.category == "chatbot" =>
            {
                Some(Capability::Chat)
            }
            _ => None,
        }
    }
}

fn training(value: &FactValue) -> Option<Training> {
    match value {
        FactValue::Yes => Some(Training::OnWithoutOptOut),
        FactValue::OptOut => Some(Training::OnWithOptOut),
        FactValue::OptIn => Some(Training::OffByDefault),
        FactValue::No => Some(Training::NeverByContract),
        _ => None,
    }
}

fn retention(value: &FactValue) -> Option<Retention> {
    match value {
        FactValue::Indefinite => Some(Retention::Indefinite),
        FactValue::No => Some(Retention::Zero),
        figure => figure
            .days()
            .map(|days| Retention::Days(u32::try_from(days).unwrap_or(u32::MAX))),
    }
}

/// A log that shows a personal account does not show whether it is paid for: the free one is assumed, as it is the
/// usual one.
const fn tier_in_use(tier: Tier) -> Option<TierInUse> {
    match tier {
        Tier::Unknown => None,
        Tier::Consumer => Some(TierInUse::AnonymousOrFree),
        Tier::Enterprise => Some(TierInUse::EnterpriseProven),
    }
}

fn age_years(service: &Service, now: Time) -> Option<f64> {
    let introduced = service.introduced.as_ref()?.first_day();
    let days = now.day().0.saturating_sub(introduced.0);
    Some(f64::from(days) / 365.25)
}
