//! What is known of a service of the catalogue, as the score asks for it.
//!
//! The catalogue's statements are read by [`Facts::read`]; age, country and, where nothing is stated, the archetype
//! add what they say. Nothing is concluded from a missing statement: unknown has its own price in the score.

use crate::catalogue::Service;
use crate::model::{Archetype, Tier, Time};

use super::Settings;
use super::risk::{Capability, FactRow, Facts};

/// What is known of a service on a tier, at a moment.
#[must_use]
pub fn facts(service: &Service, tier: Tier, settings: &Settings, now: Time) -> Facts {
    let texts: Vec<(String, String)> = service
        .facts
        .iter()
        .map(|fact| (fact.value.to_string(), fact.checked.to_string()))
        .collect();
    let rows: Vec<FactRow<'_>> = service
        .facts
        .iter()
        .zip(&texts)
        .map(|(fact, (value, checked))| FactRow {
            field: fact.field.as_str(),
            tier: fact.tier,
            value,
            source: &fact.source,
            checked,
        })
        .collect();
    let mut facts = Facts::read(&rows, tier);
    facts.jurisdiction = settings.jurisdiction(&service.vendor.country);
    facts.vendor_age_years = age_years(service, now);
    facts.capability = facts.capability.or_else(|| usual_capability(service));
    facts
}

/// What an application of this kind can do even when nobody wrote it down.
fn usual_capability(service: &Service) -> Option<Capability> {
    match service.archetype {
        Archetype::Agent => Some(Capability::Agentic),
        Archetype::ConsumerChat | Archetype::EnterpriseChat if service.category == "chatbot" => {
            Some(Capability::Chat)
        }
        _ => None,
    }
}

fn age_years(service: &Service, now: Time) -> Option<f64> {
    let introduced = service.introduced.as_ref()?.first_day();
    let days = now.day().0.saturating_sub(introduced.0);
    Some(f64::from(days.max(0)) / 365.25)
}
