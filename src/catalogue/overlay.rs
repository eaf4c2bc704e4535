//! The embedded files, and the operator's laid over them.
//!
//! A service of an overlay replaces the one with its id, or is new; `retire = true` takes one away. Any
//! error refuses the whole overlay, so that a gateway never runs on half of what was meant.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::parse::{self, SignatureFile};
use super::proof::Example;
use super::rules::AgentRule;
use super::service::Service;
use super::takeover::Said;
use super::{Catalogue, CatalogueError, Category, embedded, takeover};
use crate::model::{Day, nearest};

const CATEGORIES: (&str, &str) = (
    "signatures/categories.toml",
    include_str!("../../signatures/categories.toml"),
);
pub(super) const SHARED_APEXES: (&str, &str) = (
    "signatures/shared-apexes.toml",
    include_str!("../../signatures/shared-apexes.toml"),
);

/// Services and rules as they pile up, file by file.
#[derive(Clone)]
struct Pile {
    categories: Vec<Category>,
    services: BTreeMap<Arc<str>, Service>,
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
        let mut pile = Pile::embedded()?;
        if files.is_empty() {
            return Ok(pile.compile());
        }
        let own = pile.clone().compile();
        let from_overlay = pile.overlay(files)?;
        let mut laid = pile.compile();
        laid.takeovers = takeover::tell(&own, &laid, &from_overlay);
        Ok(laid)
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

    /// What the binary carries. It was a set of files that the tests of a release had read.
    fn embedded() -> Result<Self, CatalogueError> {
        let mut pile = Self::new()?;
        let artefact = embedded::files()?;
        pile.digest.update(&artefact.digest);
        for file in artefact.files {
            let read = parse::stored_services(file, &pile.categories)?;
            pile.take(read)?;
        }
        Ok(pile)
    }

    fn add(&mut self, file: &str, text: &str) -> Result<(), CatalogueError> {
        let read = parse::services(file, text, &self.categories)?;
        self.digest_file(file, text);
        self.take(read)
    }

    fn take(&mut self, read: SignatureFile) -> Result<(), CatalogueError> {
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
            self.services.insert(Arc::clone(&service.id), service);
        }
        self.agents.extend(read.agents);
        self.agent_examples.extend(read.agent_examples);
        Ok(())
    }

    /// Lays files over what there is; gives the ids that they speak of.
    fn overlay(&mut self, files: &[(String, String)]) -> Result<Said, CatalogueError> {
        let mut said = Said::new();
        for (file, text) in files {
            let read = parse::services(file, text, &self.categories)?;
            self.digest_file(file, text);
            for (id, mut unknown) in read.retired {
                if self.services.remove(&*id).is_none() {
                    if let Some(near) = nearest(&id, self.services.keys().map(|known| &**known)) {
                        unknown.reason = format!("{}, did you mean {near:?}?", unknown.reason);
                    }
                    return Err(unknown);
                }
                said.insert(id, (unknown.file, unknown.line));
            }
            for service in read.services {
                let place = (service.file.to_string(), service.line);
                if said.insert(service.id.to_string(), place).is_some() {
                    let reason = format!("{:?} stands in the overlay twice", service.id);
                    return Err(at(&service, service.line, reason));
                }
                self.services.insert(Arc::clone(&service.id), service);
            }
            self.agents.extend(read.agents);
            self.agent_examples.extend(read.agent_examples);
        }
        self.check_claims(&said)?;
        Ok(said)
    }

    /// A rule of an overlay that another service has word for word would make the answer a matter of chance.
    fn check_claims(&self, from_overlay: &Said) -> Result<(), CatalogueError> {
        let mut claims: BTreeMap<String, &str> = BTreeMap::new();
        if from_overlay.is_empty() {
            return Ok(());
        }
        // The embedded rules first, so that the overlay's line is the one that is blamed.
        let is_new = |service: &&Service| from_overlay.contains_key(&*service.id);
        let embedded = self.services.values().filter(|s| !is_new(s));
        for service in embedded.chain(self.services.values().filter(is_new)) {
            let hosts = service.domains.iter().map(|rule| (rule.text(), rule.line));
            let urls = service.urls.iter().map(|rule| (rule.text(), rule.line));
            let agents = service.user_agents.iter();
            let agents = agents.map(|rule| (rule.text(), rule.line));
            for (text, line) in hosts.chain(urls).chain(agents) {
                let holder = *claims.entry(text.clone()).or_insert(&service.id);
                if holder != &*service.id && is_new(&service) {
                    let reason = format!(
                        "{text} belongs to {holder:?} already; replace or retire that service, or write a narrower rule"
                    );
                    return Err(at(service, line, reason));
                }
            }
        }
        Ok(())
    }

    fn digest_file(&mut self, file: &str, text: &str) {
        for part in [file, "\0", text, "\0"] {
            self.digest.update(part);
        }
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
    }
}
