//! One signature file: text in, services and their rules out.
//!
//! Everything that can be wrong in a file on its own is found here, at its place. What only the whole
//! catalogue can show (two services on one host) is `lint`'s business.

use std::ops::Range;
use std::sync::Arc;

use super::artefact::StoredFile;
use super::facts::Fact;
use super::pieces::{self, RestText};
use super::placed::Placed;
use super::proof::{Example, Proof};
use super::rules::AgentRule;
use super::schema::{AgentText, AliasText, ExampleText, FactText, FileText, ServiceText};
use super::service::{Alias, Service, Vendor};
use super::{CatalogueError, Category};
use crate::model::{Places, nearest};

/// What one file says.
#[derive(Default)]
pub(super) struct SignatureFile {
    pub(super) services: Vec<Service>,
    /// Ids that an overlay takes away, with the place that says so.
    pub(super) retired: Vec<(String, CatalogueError)>,
    pub(super) agents: Vec<AgentRule>,
    /// With the file that says so.
    pub(super) agent_examples: Vec<(String, Example)>,
}

/// Reads one file of services.
pub(super) fn services(
    file: &str,
    text: &str,
    categories: &[Category],
) -> Result<SignatureFile, CatalogueError> {
    // What is wrong with a large file is told by reading it whole.
    if let Some(read) = pieces::services(file, text, categories) {
        return Ok(read);
    }
    let places = Places::new(file, text);
    let written: FileText = toml::from_str(text).map_err(|e| places.toml_error(&e))?;
    let mut reader = Reader::new(places, file, categories);
    reader.take(written)?;
    Ok(reader.read)
}

/// Reads one file of services that the build has taken out of its TOML.
pub(super) fn stored_services(
    stored: StoredFile,
    categories: &[Category],
) -> Result<SignatureFile, CatalogueError> {
    let places = Places::of_lines(&stored.name, &stored.line_lengths.0);
    let mut reader = Reader::new(places, &stored.name, categories);
    reader.take(stored.text)?;
    for service in &mut reader.read.services {
        service.own_proof = None;
    }
    Ok(reader.read)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct CategoriesText {
    category: Vec<Category>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct SharedApexesText {
    apexes: Vec<String>,
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

/// One file while it is read.
pub(super) struct Reader<'t> {
    pub(super) places: Places<'t>,
    pub(super) file: Arc<str>,
    categories: &'t [Category],
    vendor: Option<Arc<Vendor>>,
    pub(super) read: SignatureFile,
}

impl<'t> Reader<'t> {
    pub(super) fn new(places: Places<'t>, file: &str, categories: &'t [Category]) -> Self {
        Self {
            places,
            file: file.into(),
            categories,
            vendor: None,
            read: SignatureFile::default(),
        }
    }

    /// Adds what a file, or a piece of one, says.
    pub(super) fn take(&mut self, written: FileText) -> Result<(), CatalogueError> {
        if let Some(vendor) = written.vendor {
            self.vendor = Some(Arc::new(Vendor {
                name: vendor.name,
                country: vendor.country,
                homepage: vendor.homepage,
            }));
        }
        self.free_agents(written.user_agent, written.example)?;
        for service in written.service {
            let span = service.span();
            let service = service.into_inner();
            if service.retire {
                let id = service.id.get_ref().clone();
                let reason = format!("there is no service {id:?} to retire");
                let unknown = self.places.error(service.id.span(), reason);
                self.read.retired.push((id, unknown));
                continue;
            }
            let vendor = self.vendor.clone().ok_or_else(|| {
                self.places
                    .error(span.clone(), "the key \"vendor\" is missing")
            })?;
            let service = self.service(span, service, vendor)?;
            self.read.services.push(service);
        }
        Ok(())
    }

    /// Adds what a piece says that begins within a service. Nothing is done when there is none to add it to.
    pub(super) fn go_on(&mut self, written: RestText) -> Option<Result<(), CatalogueError>> {
        let mut service = self.read.services.pop()?;
        let done = self.add_rest(&mut service, written);
        self.read.services.push(service);
        Some(done)
    }

    fn add_rest(&mut self, to: &mut Service, written: RestText) -> Result<(), CatalogueError> {
        self.free_agents(written.user_agent, written.example)?;
        let rest = written.service;
        to.domains.extend(self.each(rest.domain, Self::domain)?);
        to.urls.extend(self.each(rest.url, Self::url)?);
        let agents = self.each(rest.user_agent, Self::agent)?;
        to.user_agents.extend(agents);
        to.facts.extend(self.each(rest.fact, Self::fact)?);
        let proof = to.own_proof.get_or_insert_default();
        let examples = self.each(rest.example, Self::example)?;
        proof.examples.extend(examples);
        let near_misses = rest.near_miss.into_iter().map(|n| n.input);
        proof.near_misses.extend(near_misses);
        Ok(())
    }

    fn free_agents(
        &mut self,
        agents: Vec<Placed<AgentText>>,
        examples: Vec<Placed<ExampleText>>,
    ) -> Result<(), CatalogueError> {
        let agents = self.each(agents, Self::agent)?;
        self.read.agents.extend(agents);
        let examples = self.each(examples, Self::example)?;
        let file = self.file.to_string();
        let named = examples.into_iter().map(|example| (file.clone(), example));
        self.read.agent_examples.extend(named);
        Ok(())
    }

    fn each<T, R>(
        &self,
        written: Vec<Placed<T>>,
        read: fn(&Self, Range<usize>, T) -> Result<R, CatalogueError>,
    ) -> Result<Vec<R>, CatalogueError> {
        let mut all = Vec::with_capacity(written.len());
        for item in written {
            all.push(read(self, item.span(), item.into_inner())?);
        }
        Ok(all)
    }

    fn service(
        &self,
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
            own_proof: Some(Box::new(Proof {
                examples: self.each(written.example, Self::example)?,
                near_misses: written.near_miss.into_iter().map(|n| n.input).collect(),
            })),
            file: Arc::clone(&self.file),
        })
    }

    fn check_category(&self, category: &Placed<String>) -> Result<(), CatalogueError> {
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
