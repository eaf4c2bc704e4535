//! What the catalogue holds, counted: for people who judge how far it can be trusted.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{DomainRule, UrlRule};
use super::sources::Lists;
use super::{Catalogue, CatalogueError};
use crate::model::{Activity, Day};

/// Counts of services, rules and facts. Maps are sorted by key.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    pub services: usize,
    pub vendors: usize,
    pub rules: usize,
    pub domain_rules: usize,
    pub url_rules: usize,
    pub agent_rules: usize,
    /// Rules that make a finding by themselves: hosts where people or programs use a service or get it from, and
    /// paths that show a prompt, an upload, a call or an installation.
    pub defining_domain_rules: usize,
    pub defining_url_rules: usize,
    pub facts: usize,
    /// Services that have a fact that is not `unknown`.
    pub services_with_facts: usize,
    pub retired: usize,
    pub without_signature: usize,
    /// Rules on hosts and URLs with an empty source, or with a date that lies in the future.
    pub without_source_or_date: usize,
    /// Rules on hosts and URLs with a document of the vendor or two independent witnesses, `knowledge` being one.
    pub two_witnesses: usize,
    /// The same, `knowledge` not being one.
    pub two_witnesses_beside_knowledge: usize,
    pub by_category: BTreeMap<String, usize>,
    pub by_archetype: BTreeMap<String, usize>,
    pub by_model: BTreeMap<String, usize>,
    pub by_country: BTreeMap<String, usize>,
    /// Rules on hosts.
    pub by_role: BTreeMap<String, usize>,
    /// Rules on hosts and URLs.
    pub by_evidence: BTreeMap<String, usize>,
    /// Rules on hosts and URLs; one with two witnesses counts in two kinds.
    pub by_source: BTreeMap<String, usize>,
    /// Rules on hosts and URLs by the days since somebody verified them.
    pub by_age: BTreeMap<&'static str, usize>,
    pub facts_by_confidence: BTreeMap<String, usize>,
}

impl Catalogue {
    /// Counts what there is; ages are told from `today`.
    ///
    /// # Errors
    /// When the embedded list of lists is wrong, which the tests of a release rule out.
    pub fn stats(&self, today: Day) -> Result<Stats, CatalogueError> {
        let lists = Lists::embedded()?;
        let mut stats = Stats {
            services: self.services().len(),
            rules: self.rule_count(),
            agent_rules: self.agents().len(),
            ..Stats::default()
        };
        let mut vendors = BTreeSet::new();
        for service in self.services() {
            vendors.insert(&service.vendor.name);
            count(&mut stats.by_category, &service.category);
            count(&mut stats.by_archetype, service.archetype.as_str());
            count(&mut stats.by_model, service.model.as_str());
            count(&mut stats.by_country, &service.vendor.country);
            stats.agent_rules += service.user_agents.len();
            stats.facts += service.facts.len();
            stats.retired += usize::from(service.retired.is_some());
            stats.without_signature += usize::from(service.no_signature.is_some());
            let mut known = service.facts.iter().map(|fact| fact.value.to_string());
            stats.services_with_facts += usize::from(known.any(|value| value != "unknown"));
            for fact in &service.facts {
                count(&mut stats.facts_by_confidence, fact.confidence.as_str());
            }
            for rule in &service.domains {
                stats.add_domain(rule, &lists, today);
            }
            for rule in &service.urls {
                stats.add_url(rule, &lists, today);
            }
        }
        stats.vendors = vendors.len();
        Ok(stats)
    }
}

impl Stats {
    fn add_domain(&mut self, rule: &DomainRule, lists: &Lists, today: Day) {
        self.domain_rules += 1;
        self.defining_domain_rules += usize::from(rule.role.is_defining());
        count(&mut self.by_role, rule.role.as_str());
        count(&mut self.by_evidence, rule.evidence.as_str());
        self.add_source(&rule.source, rule.verified, lists, today);
    }

    fn add_url(&mut self, rule: &UrlRule, lists: &Lists, today: Day) {
        self.url_rules += 1;
        let is_defining = matches!(
            rule.activity,
            Activity::Prompt | Activity::Upload | Activity::Api | Activity::Install
        );
        self.defining_url_rules += usize::from(is_defining);
        count(&mut self.by_evidence, rule.evidence.as_str());
        self.add_source(&rule.source, rule.verified, lists, today);
    }

    fn add_source(&mut self, source: &str, verified: Day, lists: &Lists, today: Day) {
        let has_both = !source.trim().is_empty() && verified <= today;
        self.without_source_or_date += usize::from(!has_both);
        *self.by_age.entry(age(verified, today)).or_default() += 1;
        let witnesses = lists.witnesses(source);
        self.two_witnesses += usize::from(witnesses.are_two());
        self.two_witnesses_beside_knowledge += usize::from(witnesses.are_two_others());
        if witnesses.vendor {
            count(&mut self.by_source, "vendor");
        }
        for witness in &witnesses.independent {
            count(&mut self.by_source, witness);
        }
    }
}

fn count(counts: &mut BTreeMap<String, usize>, key: &str) {
    *counts.entry(key.to_owned()).or_default() += 1;
}

/// Named so that the words sort as the ages do.
fn age(verified: Day, today: Day) -> &'static str {
    match today.0.saturating_sub(verified.0) {
        ..=30 => "0-30 days",
        31..=90 => "31-90 days",
        91..=180 => "91-180 days",
        _ => "older",
    }
}
