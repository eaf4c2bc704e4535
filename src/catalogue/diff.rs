//! What changed between two catalogues, in words.
//!
//! For release notes and for people who lay their own files over ours. An id that vanished is named first:
//! registers and decisions hold on to ids.

use std::collections::BTreeSet;

use super::Catalogue;
use super::service::Service;

impl Catalogue {
    /// Sentences about what a newer catalogue does otherwise; empty when nothing.
    #[must_use]
    pub fn diff(&self, newer: &Self) -> Vec<String> {
        let gone = self
            .services()
            .iter()
            .filter(|s| newer.service(&s.id).is_none());
        let mut told: Vec<String> = gone.map(|s| format!("{} is gone", s.id)).collect();
        for service in newer.services() {
            match self.service(&service.id) {
                None => told.push(format!("{} is new: {}", service.id, service.name)),
                Some(older) => changes(older, service, &mut told),
            }
        }
        told
    }
}

fn changes(older: &Service, newer: &Service, told: &mut Vec<String>) {
    let id = &newer.id;
    let words = [
        ("name", older.name.as_str(), newer.name.as_str()),
        ("category", &older.category, &newer.category),
        (
            "archetype",
            older.archetype.as_str(),
            newer.archetype.as_str(),
        ),
        ("model", older.model.as_str(), newer.model.as_str()),
        ("vendor", &older.vendor.name, &newer.vendor.name),
    ];
    for (what, before, after) in words {
        if before != after {
            told.push(format!("{id}: {what} was {before:?}, is {after:?}"));
        }
    }
    let (before, after) = (rules(older), rules(newer));
    told.extend(
        before
            .difference(&after)
            .map(|rule| format!("{id}: no longer {rule}")),
    );
    told.extend(
        after
            .difference(&before)
            .map(|rule| format!("{id}: now {rule}")),
    );
}

fn rules(service: &Service) -> BTreeSet<String> {
    let domains = service.domains.iter();
    let domains = domains.map(|rule| format!("{} ({}, {})", rule.text(), rule.role, rule.evidence));
    let urls = service.urls.iter();
    let urls = urls.map(|rule| format!("{} ({})", rule.text(), rule.activity));
    let agents = service.user_agents.iter();
    let agents = agents.map(|rule| format!("{} ({})", rule.text(), rule.channel));
    domains.chain(urls).chain(agents).collect()
}
