//! Finding a service by what people call it, and counting what there is.

use std::collections::BTreeMap;

use super::Catalogue;
use super::rules::Matcher;
use super::service::Service;

/// A service that a text finds, and where the text stood.
#[derive(Debug, Clone)]
pub struct Hit<'c> {
    pub service: &'c Service,
    /// What matched, `alias "Chat GPT"`.
    pub found: String,
}

/// What the catalogue holds, counted. Sorted by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    pub services: usize,
    pub vendors: usize,
    pub rules: usize,
    pub domain_rules: usize,
    pub url_rules: usize,
    pub agent_rules: usize,
    pub facts: usize,
    pub without_signature: usize,
    pub by_category: BTreeMap<String, usize>,
    pub by_archetype: BTreeMap<String, usize>,
    pub by_model: BTreeMap<String, usize>,
    pub by_country: BTreeMap<String, usize>,
    /// Domain rules.
    pub by_role: BTreeMap<String, usize>,
    /// Domain rules.
    pub by_evidence: BTreeMap<String, usize>,
    /// Domain and URL rules, by what stands before the colon of their source.
    pub by_source: BTreeMap<String, usize>,
}

impl Catalogue {
    /// Services whose id, name, alias, vendor, category or host holds the text, the closest first.
    #[must_use]
    pub fn search(&self, text: &str) -> Vec<Hit<'_>> {
        let wanted = text.trim().to_lowercase();
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut hits: Vec<(u8, Hit<'_>)> = self
            .services()
            .iter()
            .filter_map(|service| {
                let (rank, found) = closest(service, &wanted)?;
                Some((rank, Hit { service, found }))
            })
            .collect();
        // Stable: services of one rank stay in the order of their ids.
        hits.sort_by_key(|(rank, _)| *rank);
        hits.into_iter().map(|(_, hit)| hit).collect()
    }

    /// Counts what there is.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = Stats {
            services: self.services().len(),
            rules: self.rule_count(),
            agent_rules: self.agents().len(),
            ..Stats::default()
        };
        let mut vendors: Vec<&str> = Vec::new();
        for service in self.services() {
            vendors.push(&service.vendor.name);
            count(&mut stats.by_category, &service.category);
            count(&mut stats.by_archetype, service.archetype.as_str());
            count(&mut stats.by_model, service.model.as_str());
            count(&mut stats.by_country, &service.vendor.country);
            stats.domain_rules += service.domains.len();
            stats.url_rules += service.urls.len();
            stats.agent_rules += service.user_agents.len();
            stats.facts += service.facts.len();
            stats.without_signature += usize::from(service.no_signature.is_some());
            for rule in &service.domains {
                count(&mut stats.by_role, rule.role.as_str());
                count(&mut stats.by_evidence, rule.evidence.as_str());
                count(&mut stats.by_source, source_kind(&rule.source));
            }
            for rule in &service.urls {
                count(&mut stats.by_source, source_kind(&rule.source));
            }
        }
        vendors.sort_unstable();
        vendors.dedup();
        stats.vendors = vendors.len();
        stats
    }
}

fn count(counts: &mut BTreeMap<String, usize>, key: &str) {
    *counts.entry(key.to_owned()).or_default() += 1;
}

/// `list`, `sdk`, `vendor docs`, `knowledge`.
fn source_kind(source: &str) -> &str {
    if source.starts_with("http") {
        return "vendor page";
    }
    source.split(':').next().unwrap_or(source).trim()
}

/// The closest way in which a service answers to a text; smaller ranks are closer.
fn closest(service: &Service, wanted: &str) -> Option<(u8, String)> {
    let named = std::iter::once(("name", service.name.as_str()))
        .chain(service.aliases.iter().map(|a| ("alias", a.name.as_str())));
    let mut best: Option<(u8, String)> = None;
    let mut offer = |rank: u8, found: String| {
        if best.as_ref().is_none_or(|(held, _)| rank < *held) {
            best = Some((rank, found));
        }
    };
    if *service.id == *wanted {
        offer(0, format!("id {}", service.id));
    }
    for (kind, name) in named {
        let lower = name.to_lowercase();
        if lower == wanted {
            offer(1, format!("{kind} {name:?}"));
        } else if lower.starts_with(wanted) {
            offer(2, format!("{kind} {name:?}"));
        } else if lower.contains(wanted) {
            offer(4, format!("{kind} {name:?}"));
        }
    }
    if service.id.contains(wanted) {
        offer(3, format!("id {}", service.id));
    }
    if service.vendor.name.to_lowercase().contains(wanted) {
        offer(5, format!("vendor {:?}", service.vendor.name));
    }
    if service.category == wanted {
        offer(6, format!("category {}", service.category));
    }
    let hosts = service.domains.iter().map(|rule| &rule.matcher);
    for matcher in hosts.chain(service.urls.iter().map(|rule| &rule.host)) {
        let text = matcher.to_string();
        let is_below = match matcher {
            Matcher::Suffix(name) | Matcher::Below(name) => wanted
                .strip_suffix(&**name)
                .is_some_and(|rest| rest.ends_with('.')),
            Matcher::Host(_) | Matcher::Pattern(_) | Matcher::Regex { .. } => false,
        };
        if is_below || text.contains(wanted) {
            offer(7, text);
        }
    }
    best
}
