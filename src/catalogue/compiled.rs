//! The compiled catalogue and its three questions: whose host, what URL, which program.
//!
//! Answers borrow from the catalogue; nothing is allocated unless a placeholder captured something.

use super::found::{AgentMatch, HostMatch, UrlMatch};
use super::index::{HostIndex, Slot, Specificity};
use super::proof::Example;
use super::rules::{AgentRule, DomainRule, Matcher, UrlRule};
use super::service::Service;
use super::takeover::Takeover;
use super::{CatalogueError, Category};

/// All services and the index over their rules.
#[derive(Debug, Clone)]
pub struct Catalogue {
    services: Vec<Service>,
    agents: Vec<AgentRule>,
    agent_examples: Vec<(String, Example)>,
    categories: Vec<Category>,
    version: String,
    hosts: HostIndex,
    urls: HostIndex,
    /// The most specific first.
    agent_order: Vec<AgentPlace>,
    /// What an overlay took over.
    pub(super) takeovers: Vec<Takeover>,
}

/// Where a rule on user agents stands.
#[derive(Debug, Clone, Copy)]
struct AgentPlace {
    /// What the user agent has to begin with: most rules are passed over by this byte alone.
    first: Option<u8>,
    /// `None` means one of the catalogue's own `agents`.
    service: Option<u32>,
    rule: u32,
}

impl Catalogue {
    /// The catalogue that came with this build.
    ///
    /// # Errors
    /// When an embedded file is wrong, which the tests of a release rule out.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::with_overlay(&[])
    }

    /// Builds the index. Services are sorted by id already.
    pub(super) fn compile(
        services: Vec<Service>,
        agents: Vec<AgentRule>,
        agent_examples: Vec<(String, Example)>,
        categories: Vec<Category>,
        version: String,
    ) -> Self {
        let mut hosts = HostIndex::default();
        let mut urls = HostIndex::default();
        for (at, service) in services.iter().enumerate() {
            for (rule, domain) in service.domains.iter().enumerate() {
                hosts.insert(&domain.matcher, slot(at, rule));
            }
            for (rule, url) in service.urls.iter().enumerate() {
                urls.insert(&url.host, slot(at, rule));
            }
        }
        let mut catalogue = Self {
            services,
            agents,
            agent_examples,
            categories,
            version,
            hosts,
            urls,
            agent_order: Vec::new(),
            takeovers: Vec::new(),
        };
        catalogue.agent_order = catalogue.ordered_agents();
        catalogue
    }

    fn ordered_agents(&self) -> Vec<AgentPlace> {
        let place = |service: Option<u32>, rule: usize, agent: &AgentRule| AgentPlace {
            first: agent.prefix.as_bytes().first().copied(),
            service,
            rule: slot(0, rule).rule,
        };
        let owned = self.services.iter().enumerate().flat_map(|(at, service)| {
            let rules = service.user_agents.iter().enumerate();
            rules.map(move |(rule, agent)| place(Some(slot(at, rule).service), rule, agent))
        });
        let free = self.agents.iter().enumerate();
        let free = free.map(|(rule, agent)| place(None, rule, agent));
        let mut order: Vec<_> = owned.chain(free).collect();
        order.sort_by_key(|place| {
            let fixed = self.agent(*place).map_or(0, |found| found.rule.fixed_len());
            std::cmp::Reverse(fixed)
        });
        order
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

    /// Rules on programs that talk to anybody.
    #[must_use]
    pub fn agents(&self) -> &[AgentRule] {
        &self.agents
    }

    /// What those rules must find, with the file that says so.
    pub(super) fn agent_examples(&self) -> &[(String, Example)] {
        &self.agent_examples
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

    /// What the overlay replaced, retired or took from services of the embedded catalogue. Empty without an overlay, and when it only added.
    #[must_use]
    pub fn takeovers(&self) -> &[Takeover] {
        &self.takeovers
    }

    /// How many rules there are on hosts, URLs and user agents.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        let rules = |s: &Service| s.domains.len() + s.urls.len() + s.user_agents.len();
        self.services.iter().map(rules).sum::<usize>() + self.agents.len()
    }

    /// The most specific rule for a host that is normalised already.
    #[must_use]
    pub fn match_host(&self, host: &str) -> Option<HostMatch<'_>> {
        let (service, rule) = self.domain(self.hosts.best(host)?)?;
        Some(HostMatch {
            service,
            rule,
            captures: captures(&rule.matcher, host),
        })
    }

    /// Whether a rule on URLs may fit some path on a host.
    #[must_use]
    pub fn has_urls(&self, host: &str) -> bool {
        self.urls.each(host).next().is_some()
    }

    /// Whether [`Self::match_url`] would find a rule.
    #[must_use]
    pub fn has_url(&self, host: &str, path: &[u8], method: Option<&[u8]>) -> bool {
        self.best_url(host, path, method).is_some()
    }

    /// The most specific rule for a path on a host: the narrower host first, then the longer path, then a
    /// rule on the method. A query is ignored. A rule that asks for a method holds when the log knows none.
    #[must_use]
    pub fn match_url(
        &self,
        host: &str,
        path: &[u8],
        method: Option<&[u8]>,
    ) -> Option<UrlMatch<'_>> {
        let path = without_query(path);
        let (service, rule) = self.url(self.best_url(host, path, method)?)?;
        let mut captures = captures(&rule.host, host);
        captures.extend(rule.path.captures(path));
        Some(UrlMatch {
            service,
            rule,
            captures,
        })
    }

    fn best_url(&self, host: &str, path: &[u8], method: Option<&[u8]>) -> Option<Slot> {
        let path = without_query(path);
        let mut best: Option<(UrlRank, Slot)> = None;
        for (specificity, slot) in self.urls.each(host) {
            let Some((_, rule)) = self.url(slot) else {
                continue;
            };
            let rank = url_rank(specificity, rule);
            if best.is_none_or(|(held, _)| rank > held)
                && rule.takes(method)
                && rule.path.matches(path)
            {
                best = Some((rank, slot));
            }
        }
        best.map(|(_, slot)| slot)
    }

    /// The most specific rule for a user agent.
    #[must_use]
    pub fn match_user_agent(&self, user_agent: &[u8]) -> Option<AgentMatch<'_>> {
        let first = user_agent.first().copied();
        let may_fit = |place: &&AgentPlace| place.first.is_none() || place.first == first;
        let likely = self.agent_order.iter().filter(may_fit);
        likely
            .filter_map(|place| self.agent(*place))
            .find(|found| found.rule.fits(user_agent))
    }

    pub(super) fn domain(&self, slot: Slot) -> Option<(&Service, &DomainRule)> {
        let service = self.services.get(slot.service as usize)?;
        Some((service, service.domains.get(slot.rule as usize)?))
    }

    pub(super) fn url(&self, slot: Slot) -> Option<(&Service, &UrlRule)> {
        let service = self.services.get(slot.service as usize)?;
        Some((service, service.urls.get(slot.rule as usize)?))
    }

    fn agent(&self, place: AgentPlace) -> Option<AgentMatch<'_>> {
        let service = match place.service {
            Some(at) => Some(self.services.get(at as usize)?),
            None => None,
        };
        let rules = service.map_or(&self.agents, |s| &s.user_agents);
        Some(AgentMatch {
            rule: rules.get(place.rule as usize)?,
            service,
        })
    }

    pub(super) fn all_agents(&self) -> impl Iterator<Item = AgentMatch<'_>> {
        self.agent_order.iter().filter_map(|at| self.agent(*at))
    }

    pub(super) const fn host_index(&self) -> &HostIndex {
        &self.hosts
    }

    pub(super) const fn url_index(&self) -> &HostIndex {
        &self.urls
    }
}

/// How narrowly a rule speaks of a URL.
pub(super) type UrlRank = (Specificity, usize, bool);

pub(super) fn url_rank(host: Specificity, rule: &UrlRule) -> UrlRank {
    (host, rule.path.literal_len(), !rule.method.is_empty())
}

/// A path without query and fragment.
pub(super) fn without_query(path: &[u8]) -> &[u8] {
    let end = memchr::memchr2(b'?', b'#', path).unwrap_or(path.len());
    path.get(..end).unwrap_or(path)
}

pub(super) fn captures(matcher: &Matcher, host: &str) -> Vec<(String, String)> {
    match matcher {
        Matcher::Pattern(pattern) => pattern.captures(host),
        Matcher::Regex { regex, .. } => {
            let Some(found) = regex.captures(host) else {
                return Vec::new();
            };
            let names = regex.capture_names().flatten();
            names
                .filter_map(|name| Some((name.to_owned(), found.name(name)?.as_str().to_owned())))
                .collect()
        }
        Matcher::Host(_) | Matcher::Suffix(_) | Matcher::Below(_) => Vec::new(),
    }
}

fn slot(service: usize, rule: usize) -> Slot {
    // Nobody writes four billion rules; one that did would only hide the rest.
    let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Slot {
        service: index(service),
        rule: index(rule),
    }
}
