//! What changed between two catalogues, in words for whoever reviews a release or lays files over ours.
//!
//! An id that vanished comes first: registers and decisions hold on to ids. A rule is known again by what it
//! matches; when its role or evidence changed, that is one change and not two.

use std::collections::BTreeMap;

use serde::Serialize;

use super::service::Service;
use super::{Catalogue, RuleRef};

/// What a newer catalogue does otherwise than an older one. Sorted by id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    pub gone: Vec<Entry>,
    pub new: Vec<Entry>,
    pub changed: Vec<Changed>,
    /// Hosts and paths that belong to another service than before.
    pub moved: Vec<String>,
}

/// A service that one of the two does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub id: String,
    pub name: String,
    /// `chatbot, consumer-chat, 3 rules`.
    pub what: String,
}

/// A service that both have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    pub id: String,
    pub name: String,
    /// What changed, a sentence each.
    pub sentences: Vec<String>,
}

impl Diff {
    /// Whether nothing changed that a reader would notice.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Catalogue {
    /// What a newer catalogue does otherwise.
    #[must_use]
    pub fn diff(&self, newer: &Self) -> Diff {
        let gone = self.services().iter();
        let gone = gone.filter(|service| newer.service(&service.id).is_none());
        let mut diff = Diff {
            gone: gone.map(entry).collect(),
            ..Diff::default()
        };
        for service in newer.services() {
            let Some(older) = self.service(&service.id) else {
                diff.new.push(entry(service));
                continue;
            };
            let sentences = changes(older, service);
            if !sentences.is_empty() {
                diff.changed.push(Changed {
                    id: service.id.to_string(),
                    name: service.name.clone(),
                    sentences,
                });
            }
        }
        diff.moved = moved(self, newer);
        diff
    }
}

fn entry(service: &Service) -> Entry {
    let what = format!(
        "{}, {}, {}",
        service.category,
        service.archetype,
        counted(rules(service).len(), "rule")
    );
    Entry {
        id: service.id.to_string(),
        name: service.name.clone(),
        what,
    }
}

fn changes(older: &Service, newer: &Service) -> Vec<String> {
    let mut told = Vec::new();
    let date = |date: &Option<super::PartialDate>| {
        date.as_ref()
            .map_or_else(String::new, std::string::ToString::to_string)
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let plain = |service: &Service| -> [(&'static str, String); 12] {
        [
            ("name", service.name.clone()),
            ("category", service.category.clone()),
            ("archetype", service.archetype.to_string()),
            ("model", service.model.to_string()),
            ("vendor", service.vendor.name.clone()),
            ("country", service.vendor.country.clone()),
            ("introduced", date(&service.introduced)),
            ("retired", date(&service.retired)),
            ("part of", text(&service.host_app)),
            ("without signature", text(&service.no_signature)),
            ("description", service.description.clone()),
            ("aliases", aliases(service)),
        ]
    };
    for ((what, before), (_, after)) in plain(older).into_iter().zip(plain(newer)) {
        told.extend(change(what, &before, &after));
    }
    compare("", &rules(older), &rules(newer), &mut told);
    compare("fact ", &facts(older), &facts(newer), &mut told);
    told
}

/// `archetype: was consumer-chat; now agent`.
fn change(what: &str, before: &str, after: &str) -> Option<String> {
    match (before, after) {
        _ if before == after => None,
        ("", after) => Some(format!("{what}: now {after}")),
        (before, "") => Some(format!("{what}: no longer {before}")),
        (before, after) => Some(format!("{what}: was {before}; now {after}")),
    }
}

fn compare(
    kind: &str,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    told: &mut Vec<String>,
) {
    for (key, was) in before {
        match after.get(key) {
            None => told.push(format!("no longer {kind}{key} ({was})")),
            Some(is) => told.extend(change(&format!("{kind}{key}"), was, is)),
        }
    }
    for (key, is) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        told.push(format!("new {kind}{key} ({is})"));
    }
}

fn aliases(service: &Service) -> String {
    let names: Vec<&str> = service.aliases.iter().map(|a| a.name.as_str()).collect();
    names.join(", ")
}

/// What is matched → what is made of it.
fn rules(service: &Service) -> BTreeMap<String, String> {
    let mut rules = BTreeMap::new();
    for rule in &service.domains {
        let made = account(rule.role.as_str(), rule.tier, rule.plan.as_deref());
        rules.insert(rule.text(), format!("{made}, {}", rule.evidence));
    }
    for rule in &service.urls {
        let made = account(rule.activity.as_str(), rule.tier, rule.plan.as_deref());
        rules.insert(rule.text(), format!("{made}, {}", rule.evidence));
    }
    for rule in &service.user_agents {
        rules.insert(rule.text(), rule.channel.to_string());
    }
    rules
}

fn account(word: &str, tier: Option<crate::model::Tier>, plan: Option<&str>) -> String {
    let tier = tier.map(|tier| format!(" {tier}")).unwrap_or_default();
    let plan = plan.map(|plan| format!(" {plan}")).unwrap_or_default();
    format!("{word}{tier}{plan}")
}

/// Field and tier → value; who says so and when changes without any effect.
fn facts(service: &Service) -> BTreeMap<String, String> {
    let facts = service.facts.iter().map(|fact| {
        let tier = fact
            .tier
            .map(|tier| format!(" ({tier})"))
            .unwrap_or_default();
        (format!("{}{tier}", fact.field), fact.value.to_string())
    });
    facts.collect()
}

/// Rules in the same words that another service has now: what was found with them goes elsewhere.
fn moved(older: &Catalogue, newer: &Catalogue) -> Vec<String> {
    let owners = |catalogue: &Catalogue| -> BTreeMap<String, String> {
        let each = catalogue.services().iter().flat_map(|service| {
            let domains = service.domains.iter().map(RuleRef::Domain);
            let urls = service.urls.iter().map(RuleRef::Url);
            let id = service.id.to_string();
            domains
                .chain(urls)
                .map(move |rule| (rule.to_string(), id.clone()))
        });
        each.collect()
    };
    let now = owners(newer);
    owners(older)
        .into_iter()
        .filter_map(|(rule, before)| {
            let after = now.get(&rule).filter(|after| **after != before)?;
            Some(format!("{rule} goes from {before} to {after}"))
        })
        .collect()
}

fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        many => format!("{many} {what}s"),
    }
}
