//! An application in no signature, in the form in which the rest of the house knows services.
//!
//! All that is known of it is its host and what kind of interface it has; every fact is unknown, and the vendor too.

use std::borrow::Cow;
use std::sync::Arc;

use super::Catalogue;
use super::service::{Service, Vendor};
use crate::model::{Archetype, ServiceModel, UNLISTED_MCP, unlisted_host};

impl Catalogue {
    /// One service of the catalogue, or what an application in no signature, of this kind, is known as; `None` when the
    /// id is neither.
    #[must_use]
    pub fn service_or_unlisted(&self, id: &str, archetype: Archetype) -> Option<Cow<'_, Service>> {
        let known = self.service(id).map(Cow::Borrowed);
        known.or_else(|| unlisted(id, archetype).map(Cow::Owned))
    }
}

fn unlisted(id: &str, archetype: Archetype) -> Option<Service> {
    let host = unlisted_host(id)?;
    let is_mcp = id.starts_with(UNLISTED_MCP);
    let (name, description) = if is_mcp {
        (
            format!("MCP server at {host}"),
            "A server of the Model Context Protocol that no signature knows, told by the shape of its requests.",
        )
    } else {
        (
            format!("Model API at {host}"),
            "A host that answers requests for models and that no signature knows, told by their shape.",
        )
    };
    Some(Service {
        id: Arc::from(id),
        name,
        aliases: Vec::new(),
        vendor: Arc::new(Vendor {
            name: "unknown".to_owned(),
            country: String::new(),
            homepage: String::new(),
        }),
        category: (if is_mcp { "agent" } else { "model-api" }).to_owned(),
        archetype,
        model: match archetype {
            Archetype::SelfHosted => ServiceModel::Iaas,
            Archetype::Agent => ServiceModel::Saas,
            _ => ServiceModel::Paas,
        },
        introduced: None,
        retired: None,
        description: description.to_owned(),
        host_app: None,
        no_signature: None,
        domains: Vec::new(),
        urls: Vec::new(),
        user_agents: Vec::new(),
        facts: Vec::new(),
        own_proof: Some(Box::default()),
        file: Arc::from(""),
        line: 0,
    })
}
