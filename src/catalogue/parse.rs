//! One signature file: text in, services and their rules out.
//!
//! Everything that can be wrong in a file on its own is found here, at its place. What only the whole
//! catalogue can show (two services on one host) is `lint`'s business.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use super::facts::Fact;
use super::rules::{AgentRule, DomainRule, Matcher, UrlRule};
use super::schema::{
    AgentText, AliasText, CategoriesText, DomainText, ExampleText, FactText, FileText, ServiceText,
    SharedApexesText, UrlText,
};
use super::service::{Alias, Example, Service, Vendor};
use super::{CatalogueError, Category, HostPattern, PathPattern};
use crate::model::{Evidence, Host, Tier};
use crate::model::{Places, nearest};

/// What one file says.
pub(super) struct SignatureFile {
    pub(super) services: Vec<Service>,
    /// Ids that an overlay takes away, with the place that says so.
    pub(super) retired: Vec<(String, CatalogueError)>,
    pub(super) agents: Vec<AgentRule>,
    pub(super) agent_examples: Vec<Example>,
}

/// Reads one file of services.
pub(super) fn services(
    file: &str,
    text: &str,
    categories: &[Category],
) -> Result<SignatureFile, CatalogueError> {
    let places = Places::new(file, text);
    let written: FileText = toml::from_str(text).map_err(|e| places.toml_error(&e))?;
    let vendor = written.vendor.map(|vendor| {
        Arc::new(Vendor {
            name: vendor.name,
            country: vendor.country,
            homepage: vendor.homepage,
        })
    });
    let mut reader = Reader {
        places,
        file: file.into(),
        categories,
    };
    let mut read = SignatureFile {
        services: Vec::new(),
        retired: Vec::new(),
        agents: reader.each(written.user_agent, Reader::agent)?,
        agent_examples: reader.each(written.example, Reader::example)?,
    };
    for service in written.service {
        let span = service.span();
        let service = service.into_inner();
        if service.retire {
            let id = service.id.get_ref().clone();
            let reason = format!("there is no service {id:?} to retire");
            let unknown = reader.places.error(service.id.span(), reason);
            read.retired.push((id, unknown));
            continue;
        }
        let vendor = vendor.clone().ok_or_else(|| {
            reader
                .places
                .error(span.clone(), "the key \"vendor\" is missing")
        })?;
        read.services.push(reader.service(span, service, vendor)?);
    }
    Ok(read)
}

/// Reads the closed list of categories.
pub(super) fn categories(file: &str, text: &str) -> Result<Vec<Category>, CatalogueError> {
    let written: CategoriesText =
        toml::from_str(text).map_err(|e| Places::new(file, text).toml_error(&e))?;
    Ok(written.category)
}

/// Reads the list of domains that nobody may claim as a whole.
pub(super) fn shared_apexes(file: &str, text: &str) -> Result<Vec<String>, CatalogueError> {
    let written: SharedApexesText =
        toml::from_str(text).map_err(|e| Places::new(file, text).toml_error(&e))?;
    Ok(written.apexes)
}

struct Reader<'t> {
    places: Places<'t>,
    file: Arc<str>,
    categories: &'t [Category],
}

impl Reader<'_> {
    fn each<T, R>(
        &mut self,
        written: Vec<Spanned<T>>,
        read: fn(&Self, Range<usize>, T) -> Result<R, CatalogueError>,
    ) -> Result<Vec<R>, CatalogueError> {
        written
            .into_iter()
            .map(|item| read(self, item.span(), item.into_inner()))
            .collect()
    }

    fn service(
        &mut self,
        span: Range<usize>,
        written: ServiceText,
        vendor: Arc<Vendor>,
    ) -> Result<Service, CatalogueError> {
        let id = written.id.get_ref().clone();
        if !is_id(&id) {
            let reason = format!("{id:?} is no id; write vendor.product in lower case");
            return Err(self.places.error(written.id.span(), reason));
        }
        let missing = |key: &str| {
            let reason = format!("the key {key:?} is missing in service {id:?}");
            self.places.error(span.clone(), reason)
        };
        let name = written.name.ok_or_else(|| missing("name"))?;
        let category = written.category.ok_or_else(|| missing("category"))?;
        let archetype = written.archetype.ok_or_else(|| missing("archetype"))?;
        let model = written.model.ok_or_else(|| missing("model"))?;
        let description = written.description.ok_or_else(|| missing("description"))?;
        self.check_category(&category)?;
        Ok(Service {
            id: id.into(),
            name,
            aliases: written.aliases.into_iter().map(alias).collect(),
            vendor,
            category: category.into_inner(),
            archetype,
            model,
            introduced: written.introduced,
            retired: written.retired,
            description,
            host_app: written.host_app,
            no_signature: written.no_signature,
            line: self.places.line(span.start),
            domains: self.each(written.domain, Self::domain)?,
            urls: self.each(written.url, Self::url)?,
            user_agents: self.each(written.user_agent, Self::agent)?,
            facts: self.each(written.fact, Self::fact)?,
            examples: self.each(written.example, Self::example)?,
            near_misses: written.near_miss.into_iter().map(|n| n.input).collect(),
            file: Arc::clone(&self.file),
        })
    }

    fn check_category(&self, category: &Spanned<String>) -> Result<(), CatalogueError> {
        let given = category.get_ref();
        let known = || self.categories.iter().map(|c| c.id.as_str());
        if known().any(|id| id == given) {
            return Ok(());
        }
        let hint = match nearest(given, known()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => "see signatures/categories.toml".to_owned(),
        };
        let reason = format!("unknown category {given:?}, {hint}");
        Err(self.places.error(category.span(), reason))
    }

    fn domain(
        &self,
        span: Range<usize>,
        written: DomainText,
    ) -> Result<DomainRule, CatalogueError> {
        let line = self.places.line(span.start);
        Ok(DomainRule {
            matcher: self.domain_matcher(span, &written)?,
            role: written.role,
            evidence: written.evidence,
            source: written.source,
            verified: written.verified,
            tier: written.tier,
            plan: written.plan,
            excuse: written.excuse,
            note: written.note,
            line,
        })
    }

    fn domain_matcher(
        &self,
        span: Range<usize>,
        written: &DomainText,
    ) -> Result<Matcher, CatalogueError> {
        let wrong = |reason: &str| Err(self.places.error(span.clone(), reason));
        if written.regex.is_none() && written.within.is_some() {
            return wrong("the key \"within\" belongs to a regex");
        }
        match (
            &written.host,
            &written.suffix,
            &written.pattern,
            &written.regex,
        ) {
            (Some(host), None, None, None) => Ok(Matcher::Host(self.name(host)?)),
            (None, Some(suffix), None, None) => {
                let name = self.name(suffix)?;
                if is_public_suffix(&name) {
                    let reason = format!("{name:?} is a public suffix: everybody's names end so");
                    return Err(self.places.error(suffix.span(), reason));
                }
                Ok(Matcher::Suffix(name))
            }
            (None, None, Some(pattern), None) => self.pattern(pattern),
            (None, None, None, Some(regex)) => {
                let Some(within) = &written.within else {
                    return wrong("a regex needs \"within\", the suffix below which it is tried");
                };
                if written.excuse.is_none() {
                    return wrong(
                        "a regex needs an \"excuse\": a sentence why nothing simpler does",
                    );
                }
                let within = self.name(within)?;
                let whole = format!("^(?:{})$", regex.get_ref());
                regex::Regex::new(&whole)
                    .map(|regex| Matcher::Regex { regex, within })
                    .map_err(|_| {
                        let reason = format!("{:?} is no regular expression", regex.get_ref());
                        self.places.error(regex.span(), reason)
                    })
            }
            _ => wrong("a domain rule needs exactly one of: host, suffix, pattern, regex"),
        }
    }

    fn url(&self, span: Range<usize>, written: UrlText) -> Result<UrlRule, CatalogueError> {
        let path = PathPattern::parse(written.path.get_ref())
            .map_err(|e| self.places.error(written.path.span(), e.to_string()))?;
        let host = if written.host.get_ref().contains('{') {
            self.pattern(&written.host)?
        } else if let Some(below) = written.host.get_ref().strip_prefix("*.") {
            let name = Host::parse(below.as_bytes()).ok_or_else(|| self.no_host(&written.host))?;
            Matcher::Below(name.as_str().into())
        } else {
            Matcher::Host(self.name(&written.host)?)
        };
        let mut method: Vec<Box<str>> = Vec::new();
        for word in &written.method {
            if word.get_ref().is_empty() || !word.get_ref().bytes().all(|b| b.is_ascii_uppercase())
            {
                let reason = format!("{:?} is no method; write it in capitals", word.get_ref());
                return Err(self.places.error(word.span(), reason));
            }
            method.push(word.get_ref().as_str().into());
        }
        let (tier, signed_in) = self.account(written.tier.as_ref())?;
        Ok(UrlRule {
            host,
            path,
            method,
            activity: written.activity,
            evidence: written.evidence.unwrap_or(Evidence::Definite),
            tier,
            signed_in,
            plan: written.plan,
            source: written.source,
            verified: written.verified,
            note: written.note,
            line: self.places.line(span.start),
        })
    }

    /// A tier, or `account`, which says "signed in" and leaves the tier open.
    fn account(
        &self,
        tier: Option<&Spanned<String>>,
    ) -> Result<(Option<Tier>, bool), CatalogueError> {
        let Some(tier) = tier else {
            return Ok((None, false));
        };
        if tier.get_ref() == "account" {
            return Ok((None, true));
        }
        match tier.get_ref().parse() {
            Ok(word) => Ok((Some(word), false)),
            Err(e) => {
                let reason = format!("{e}, account");
                Err(self.places.error(tier.span(), reason))
            }
        }
    }

    fn agent(&self, span: Range<usize>, written: AgentText) -> Result<AgentRule, CatalogueError> {
        let prefix = written.prefix.unwrap_or_default();
        let contains = written.contains.filter(|part| !part.is_empty());
        if prefix.is_empty() && contains.is_none() {
            let reason = "a user agent rule needs a prefix, contains or both";
            return Err(self.places.error(span, reason));
        }
        Ok(AgentRule {
            prefix: prefix.into(),
            contains: contains.map(Into::into),
            channel: written.channel,
            source: written.source,
            verified: written.verified,
            note: written.note,
            line: self.places.line(span.start),
        })
    }

    fn fact(&self, span: Range<usize>, written: FactText) -> Result<Fact, CatalogueError> {
        Ok(Fact {
            field: written.field,
            tier: written.tier,
            value: written.value,
            source: written.source,
            checked: written.checked,
            confidence: written.confidence,
            line: self.places.line(span.start),
        })
    }

    fn example(&self, span: Range<usize>, written: ExampleText) -> Result<Example, CatalogueError> {
        Ok(Example {
            input: written.input,
            expect: written.expect,
            line: self.places.line(span.start),
        })
    }

    fn name(&self, written: &Spanned<String>) -> Result<Box<str>, CatalogueError> {
        let host = Host::parse(written.get_ref().as_bytes());
        host.map(|host| host.as_str().into())
            .ok_or_else(|| self.no_host(written))
    }

    fn no_host(&self, written: &Spanned<String>) -> CatalogueError {
        let reason = format!("{:?} is no host name", written.get_ref());
        self.places.error(written.span(), reason)
    }

    fn pattern(&self, written: &Spanned<String>) -> Result<Matcher, CatalogueError> {
        HostPattern::parse(written.get_ref())
            .map(Matcher::Pattern)
            .map_err(|e| self.places.error(written.span(), e.to_string()))
    }
}

fn alias(written: AliasText) -> Alias {
    match written {
        AliasText::Name(name) => Alias {
            name,
            from: None,
            until: None,
        },
        AliasText::Dated(dated) => Alias {
            name: dated.name,
            from: dated.from,
            until: dated.until,
        },
    }
}

/// `vendor.product`, both of lower-case letters, digits and inner hyphens.
fn is_id(id: &str) -> bool {
    let is_slug = |slug: &str| {
        !slug.is_empty()
            && !slug.starts_with('-')
            && !slug.ends_with('-')
            && slug
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    id.split_once('.')
        .is_some_and(|(vendor, product)| is_slug(vendor) && is_slug(product))
}

/// Whether registries hand out names below it. Private entries of the list (`hf.space`) are platforms,
/// and a platform is a service.
fn is_public_suffix(name: &str) -> bool {
    psl::suffix(name.as_bytes()).is_some_and(|suffix| {
        suffix.as_bytes() == name.as_bytes() && suffix.typ() != Some(psl::Type::Private)
    })
}
