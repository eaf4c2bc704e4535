//! The embedded files, and the operator's laid over them.
//!
//! A service of an overlay replaces the one with its id, or is new; `retire = true` takes one away. Any
//! error refuses the whole overlay, so that a gateway never runs on half of what was meant.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::parse;
use super::rules::AgentRule;
use super::service::{Example, Service};
use super::{Catalogue, CatalogueError, Category};
use crate::model::Day;
use crate::model::nearest;

/// Every file under `signatures/services`, sorted by name.
const SERVICES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/signatures.rs"));
const CATEGORIES: (&str, &str) = (
    "signatures/categories.toml",
    include_str!("../../signatures/categories.toml"),
);
pub(super) const SHARED_APEXES: (&str, &str) = (
    "signatures/shared-apexes.toml",
    include_str!("../../signatures/shared-apexes.toml"),
);

/// Services and rules as they pile up, file by file.
struct Pile {
    categories: Vec<Category>,
    services: BTreeMap<String, Service>,
    agents: Vec<AgentRule>,
    agent_examples: Vec<(String, Example)>,
    digest: Sha256,
}

impl Catalogue {
    /// The embedded catalogue with services added, replaced and retired by the operator's files, given as
    /// (file name, text). One wrong file refuses them all.
    ///
    /// # Errors
    /// Names file, line, column and what is wrong there.
    pub fn with_overlay(files: &[(String, String)]) -> Result<Self, CatalogueError> {
        let mut pile = Pile::new()?;
        for (file, text) in SERVICES {
            pile.add(file, text)?;
        }
        pile.overlay(files)?;
        Ok(pile.compile())
    }

    /// A catalogue of these files alone, given as (file name, text).
    ///
    /// # Errors
    /// Names file, line, column and what is wrong there.
    pub fn from_files(files: &[(String, String)]) -> Result<Self, CatalogueError> {
        let mut pile = Pile::new()?;
        for (file, text) in files {
            pile.add(file, text)?;
        }
        Ok(pile.compile())
    }

    /// The catalogue of those files that can be read, and what is wrong with the others.
    pub(super) fn from_readable_files(
        files: &[(String, String)],
    ) -> (Option<Self>, Vec<CatalogueError>) {
        let mut pile = match Pile::new() {
            Ok(pile) => pile,
            Err(error) => return (None, vec![error]),
        };
        let added = files.iter().map(|(file, text)| pile.add(file, text));
        let errors = added.filter_map(Result::err).collect();
        (Some(pile.compile()), errors)
    }
}

impl Pile {
    fn new() -> Result<Self, CatalogueError> {
        let mut digest = Sha256::new();
        digest.update(CATEGORIES.1);
        Ok(Self {
            categories: parse::categories(CATEGORIES.0, CATEGORIES.1)?,
            services: BTreeMap::new(),
            agents: Vec::new(),
            agent_examples: Vec::new(),
            digest,
        })
    }

    fn add(&mut self, file: &str, text: &str) -> Result<(), CatalogueError> {
        let read = parse::services(file, text, &self.categories)?;
        if let Some((id, mut place)) = read.retired.into_iter().next() {
            place.reason =
                format!("only an overlay can retire {id:?}; write `retired = \"<date>\"`");
            return Err(place);
        }
        for service in read.services {
            if let Some(held) = self.services.get(&*service.id) {
                let reason = format!(
                    "{:?} stands in {}:{} already",
                    service.id, held.file, held.line
                );
                return Err(at(&service, service.line, reason));
            }
            self.services.insert(service.id.to_string(), service);
        }
        self.take_agents(file, text, read.agents, read.agent_examples);
        Ok(())
    }

    fn overlay(&mut self, files: &[(String, String)]) -> Result<(), CatalogueError> {
        let mut said: BTreeSet<String> = BTreeSet::new();
        for (file, text) in files {
            let read = parse::services(file, text, &self.categories)?;
            for (id, mut unknown) in read.retired {
                if self.services.remove(&id).is_none() {
                    if let Some(near) = nearest(&id, self.services.keys().map(String::as_str)) {
                        unknown.reason = format!("{}, did you mean {near:?}?", unknown.reason);
                    }
                    return Err(unknown);
                }
                said.insert(id);
            }
            for service in read.services {
                if !said.insert(service.id.to_string()) {
                    let reason = format!("{:?} stands in the overlay twice", service.id);
                    return Err(at(&service, service.line, reason));
                }
                self.services.insert(service.id.to_string(), service);
            }
            self.take_agents(file, text, read.agents, read.agent_examples);
        }
        self.check_claims(&said)
    }

    /// A rule of an overlay that another service has word for word would make the answer a matter of chance.
    fn check_claims(&self, from_overlay: &BTreeSet<String>) -> Result<(), CatalogueError> {
        let mut claims: BTreeMap<String, &str> = BTreeMap::new();
        if from_overlay.is_empty() {
            return Ok(());
        }
        // The embedded rules first, so that the overlay's line is the one that is blamed.
        let is_new = |service: &&Service| from_overlay.contains(&*service.id);
        let embedded = self.services.values().filter(|s| !is_new(s));
        for service in embedded.chain(self.services.values().filter(is_new)) {
            for rule in &service.domains {
                let holder = *claims.entry(rule.text()).or_insert(&service.id);
                if holder != &*service.id && is_new(&service) {
                    let reason = format!("{} belongs to {holder:?} already", rule.text());
                    return Err(at(service, rule.line, reason));
                }
            }
        }
        Ok(())
    }

    fn take_agents(
        &mut self,
        file: &str,
        text: &str,
        agents: Vec<AgentRule>,
        examples: Vec<Example>,
    ) {
        self.agents.extend(agents);
        let named = examples.into_iter().map(|e| (file.to_owned(), e));
        self.agent_examples.extend(named);
        self.digest.update(file);
        self.digest.update([0]);
        self.digest.update(text);
        self.digest.update([0]);
    }

    fn compile(self) -> Catalogue {
        let services: Vec<Service> = self.services.into_values().collect();
        let newest = newest_date(&services).map_or_else(|| "undated".to_owned(), |d| d.to_string());
        let digest = self.digest.finalize();
        let short: String = digest.iter().take(6).map(|b| format!("{b:02x}")).collect();
        let version = format!("{newest}+{short}");
        Catalogue::compile(
            services,
            self.agents,
            self.agent_examples,
            self.categories,
            version,
        )
    }
}

fn at(service: &Service, line: u32, reason: String) -> CatalogueError {
    CatalogueError {
        file: service.file.to_string(),
        line,
        column: 1,
        reason,
    }
}

fn newest_date(services: &[Service]) -> Option<Day> {
    let domains = services
        .iter()
        .flat_map(|s| s.domains.iter().map(|r| r.verified));
    let urls = services
        .iter()
        .flat_map(|s| s.urls.iter().map(|r| r.verified));
    let facts = services
        .iter()
        .flat_map(|s| s.facts.iter().map(|f| f.checked));
    domains.chain(urls).chain(facts).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_beside_the_services_are_sorted() {
        let categories = parse::categories(CATEGORIES.0, CATEGORIES.1).unwrap();
        assert!(categories.is_sorted_by(|a, b| a.id < b.id));
        let apexes = parse::shared_apexes(SHARED_APEXES.0, SHARED_APEXES.1).unwrap();
        assert!(apexes.is_sorted_by(|a, b| a < b));
        assert!(SERVICES.is_sorted());
    }
}
