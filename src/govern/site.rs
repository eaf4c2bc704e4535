//! What a site says of itself that changes who owes what: cells it gives to somebody else, services it runs itself,
//! applications it has approved, and which of its machines are servers or gateways.
//!
//! Only people say these things, in the configuration; nothing here is concluded from traffic.

use serde::{Deserialize, Serialize};

use super::duty_model::Cell;
use super::lint;
use super::words::Party;
use crate::catalogue::Service;
use crate::model::{ServiceModel, State};

/// One cell of the duty table that this site gives to somebody else: `[[govern.overrides]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellOverride {
    /// `GAI-19`.
    pub duty: String,
    /// Under which service model.
    pub model: ServiceModel,
    /// Who carries it here.
    pub party: Party,
    pub reason: String,
    pub author: String,
}

impl CellOverride {
    pub(super) fn is_for_the_cell_of(&self, other: &Self) -> bool {
        self.duty == other.duty && self.model == other.model
    }

    /// What is wrong with it, seen from the cell that it replaces.
    pub(super) fn complaints(&self, cell: &Cell) -> Vec<String> {
        let mut found = Vec::new();
        if self.reason.trim().is_empty() {
            found.push("an override needs its reason, in one sentence".to_owned());
        }
        if self.author.trim().is_empty() {
            found.push("an override needs its author, the name of who answers for it".to_owned());
        }
        if cell.party == self.party {
            found.push(format!(
                "the model gives it to {} already, so remove the override",
                self.party
            ));
        }
        if let Some(claim) = lint::claim_in(&self.reason) {
            found.push(format!(
                "the reason says {claim:?}; a mapping is all that can be said"
            ));
        }
        found
    }
}

/// An application without generative AI of its own that the enterprise has decided about outside of this program:
/// `[[govern.host_applications]]`. AI that appears inside it inherits the state and asks for a review of the feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostApplication {
    /// As the catalogue writes `host_app`: `Microsoft 365`.
    pub name: String,
    pub state: State,
}

/// What an embedded service inherits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inherited {
    pub host_app: String,
    pub state: State,
}

impl super::Settings {
    /// What a service inherits from the application that it is embedded in, where that was decided about.
    #[must_use]
    pub fn inherited(&self, service: &Service) -> Option<Inherited> {
        let name = service.host_app.as_ref()?;
        let host = self
            .host_applications
            .iter()
            .find(|host| host.name.eq_ignore_ascii_case(name))?;
        Some(Inherited {
            host_app: host.name.clone(),
            state: host.state,
        })
    }

    /// Whether the enterprise runs this service itself, so that there is no provider to share duties with.
    #[must_use]
    pub fn is_own(&self, service: &str) -> bool {
        self.own_services.iter().any(|own| own == service)
    }
}
