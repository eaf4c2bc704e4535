//! The signatures, compiled: services, their rules and the index that finds them.
//!
//! Text in, answers out: [`Catalogue::embedded`] reads the files that the build found beside the code,
//! [`Catalogue::with_overlay`] lays the operator's own over them. Nothing here opens a file or reads a
//! clock, and nothing here judges: what a finding means is for the floors above.

mod facts;
mod found;
mod host_pattern;
mod path_pattern;
mod rules;
mod service;

pub use facts::{Confidence, Fact, FactField, FactValue, NoFactValue};
pub use found::{AgentMatch, HostMatch, UrlMatch};
pub use host_pattern::{BadPattern, HostPattern};
pub use path_pattern::{BadPath, PathPattern};
pub use rules::{AgentRule, DomainRule, Matcher, UrlRule};
pub use service::{Alias, Example, NoDate, PartialDate, Service, Vendor};

/// A kind of product; the list is closed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub id: String,
    pub title: String,
    pub description: String,
}

/// A signature file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {reason}")]
pub struct CatalogueError {
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
    pub reason: String,
}

/// All services and the index over their rules.
#[derive(Debug, Clone)]
pub struct Catalogue {
    services: Vec<Service>,
    categories: Vec<Category>,
    version: String,
}

impl Catalogue {
    /// The catalogue that came with this build.
    ///
    /// # Errors
    /// When an embedded file is wrong, which the tests of a release rule out.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::with_overlay(&[])
    }

    /// The embedded catalogue with services added, replaced and retired by the operator's files, given as
    /// (file name, text). One wrong file refuses them all.
    ///
    /// # Errors
    /// Names file, line, column and what is wrong there.
    pub fn with_overlay(files: &[(String, String)]) -> Result<Self, CatalogueError> {
        let _ = files;
        Ok(Self {
            services: Vec::new(),
            categories: Vec::new(),
            version: String::new(),
        })
    }

    /// Every service, sorted by id.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// One service.
    #[must_use]
    pub fn service(&self, id: &str) -> Option<&Service> {
        let at = self.services.binary_search_by(|s| (*s.id).cmp(id)).ok()?;
        self.services.get(at)
    }

    /// The closed list of categories.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The newest date in the files and a digest of them, `2026-11-23+0123456789ab`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How many rules there are on hosts, URLs and user agents.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        let rules = |s: &Service| s.domains.len() + s.urls.len() + s.user_agents.len();
        self.services.iter().map(rules).sum()
    }

    /// The most specific rule for a host that is normalised already.
    #[must_use]
    pub fn match_host(&self, host: &str) -> Option<HostMatch<'_>> {
        let _ = host;
        None
    }

    /// The most specific rule for a path on a host; a query is ignored. A rule that asks for a method holds
    /// when the log knows none.
    #[must_use]
    pub fn match_url(
        &self,
        host: &str,
        path: &[u8],
        method: Option<&[u8]>,
    ) -> Option<UrlMatch<'_>> {
        let _ = (host, path, method);
        None
    }

    /// The most specific rule for a user agent.
    #[must_use]
    pub fn match_user_agent(&self, user_agent: &[u8]) -> Option<AgentMatch<'_>> {
        let _ = user_agent;
        None
    }
}
