//! What the catalogue holds, counted: for people who judge how far it can be trusted.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{DomainRule, Matcher, UrlRule};
use super::service::Service;
use super::sources::{Lists, Witnesses};
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
    /// Rules on hosts and URLs with a document of the vendor or two independent witnesses, `knowledge` being one. Those
    /// for the service's own domain stand for what lies below it too: nobody else can hand out names there.
    pub two_witnesses: usize,
    /// The same, `knowledge` not being one.
    pub two_witnesses_beside_knowledge: usize,
    /// Services with rules of which nobody but their author is a witness.
    pub services_on_knowledge_alone: usize,
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
            let domains = own_domains(service, &lists);
            stats.services_on_knowledge_alone += usize::from(is_knowledge_alone(service, &lists));
            for rule in &service.domains {
                stats.add_domain(rule);
                let witnesses = lists.witnesses(&rule.source);
                stats.add_witnesses(witnesses, &rule.matcher, &domains);
                stats.add_date(&rule.source, rule.verified, today);
            }
            for rule in &service.urls {
                stats.add_url(rule);
                let witnesses = lists.witnesses(&rule.source);
                stats.add_witnesses(witnesses, &rule.host, &domains);
                stats.add_date(&rule.source, rule.verified, today);
            }
        }
        stats.vendors = vendors.len();
        Ok(stats)
    }
}

fn is_knowledge_alone(service: &Service, lists: &Lists) -> bool {
    let domains = service.domains.iter().map(|rule| &*rule.source);
    let urls = service.urls.iter().map(|rule| &*rule.source);
    let mut sources = domains.chain(urls).peekable();
    sources.peek().is_some() && sources.all(|source| !lists.witnesses(source).has_others())
}

/// The domains that a service claims whole, each with who says so.
fn own_domains<'s>(service: &'s Service, lists: &Lists) -> Vec<(&'s str, Witnesses)> {
    let rules = service.domains.iter();
    rules
        .filter_map(|rule| match &rule.matcher {
            Matcher::Suffix(name) => Some((&**name, lists.witnesses(&rule.source))),
            _ => None,
        })
        .collect()
}

impl Stats {
    fn add_domain(&mut self, rule: &DomainRule) {
        self.domain_rules += 1;
        self.defining_domain_rules += usize::from(rule.role.is_defining());
        count(&mut self.by_role, rule.role.as_str());
        count(&mut self.by_evidence, rule.evidence.as_str());
    }

    fn add_url(&mut self, rule: &UrlRule) {
        self.url_rules += 1;
        let is_defining = matches!(
            rule.activity,
            Activity::Prompt | Activity::Upload | Activity::Api | Activity::Install
        );
        self.defining_url_rules += usize::from(is_defining);
        count(&mut self.by_evidence, rule.evidence.as_str());
    }

    fn add_date(&mut self, source: &str, verified: Day, today: Day) {
        let has_both = !source.trim().is_empty() && verified <= today;
        self.without_source_or_date += usize::from(!has_both);
        *self.by_age.entry(age(verified, today)).or_default() += 1;
    }

    fn add_witnesses(
        &mut self,
        mut witnesses: Witnesses,
        matcher: &Matcher,
        domains: &[(&str, Witnesses)],
    ) {
        if witnesses.vendor {
            count(&mut self.by_source, "vendor");
        }
        for witness in &witnesses.independent {
            count(&mut self.by_source, witness);
        }
        let (Matcher::Host(name) | Matcher::Suffix(name) | Matcher::Below(name)) = matcher else {
            self.count_two(&witnesses);
            return;
        };
        for (domain, of_domain) in domains {
            let is_below = name
                .strip_suffix(domain)
                .is_some_and(|rest| rest.ends_with('.'));
            if is_below {
                witnesses.vendor |= of_domain.vendor;
                let independent = of_domain.independent.iter().cloned();
                witnesses.independent.extend(independent);
            }
        }
        self.count_two(&witnesses);
    }

    fn count_two(&mut self, witnesses: &Witnesses) {
        self.two_witnesses += usize::from(witnesses.are_two());
        self.two_witnesses_beside_knowledge += usize::from(witnesses.are_two_others());
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
