//! The signature files as they are written: what serde may see, and nothing else.
//!
//! The build script reads this file too: it turns the signatures into what the binary carries, with each word of a
//! closed list left as text. Hence the derived `Serialize`, and no use of anything but names.
//!
//! Unknown keys are refused everywhere. What the types cannot say (exactly one of host, suffix, pattern and
//! regex) is checked by `parse`, which turns these into the nouns of `service` and `rules`.

use serde::{Deserialize, Serialize};

use super::facts::{Confidence, FactField, FactValue};
use super::placed::Placed;
use super::service::PartialDate;
use crate::model::{Activity, Archetype, Channel, Day, Evidence, Role, ServiceModel, Tier};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct FileText {
    pub(super) vendor: Option<VendorText>,
    #[serde(default)]
    pub(super) service: Vec<Placed<ServiceText>>,
    /// Programs that talk to anybody: no service of their own.
    #[serde(default)]
    pub(super) user_agent: Vec<Placed<AgentText>>,
    #[serde(default)]
    pub(super) example: Vec<Placed<ExampleText>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct VendorText {
    pub(super) name: String,
    #[serde(default)]
    pub(super) country: String,
    #[serde(default)]
    pub(super) homepage: String,
}

/// Everything but the id is optional here, because a retirement says nothing else.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct ServiceText {
    pub(super) id: Placed<String>,
    #[serde(default)]
    pub(super) retire: bool,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) aliases: Vec<AliasText>,
    pub(super) category: Option<Placed<String>>,
    pub(super) archetype: Option<Archetype>,
    pub(super) model: Option<ServiceModel>,
    pub(super) introduced: Option<PartialDate>,
    pub(super) retired: Option<PartialDate>,
    pub(super) description: Option<String>,
    pub(super) host_app: Option<String>,
    pub(super) no_signature: Option<String>,
    #[serde(default)]
    pub(super) domain: Vec<Placed<DomainText>>,
    #[serde(default)]
    pub(super) url: Vec<Placed<UrlText>>,
    #[serde(default)]
    pub(super) user_agent: Vec<Placed<AgentText>>,
    #[serde(default)]
    pub(super) fact: Vec<Placed<FactText>>,
    // The binary carries the proof apart. These two stay the last: without names, a list that ends early lacks its end.
    #[serde(default, skip_serializing)]
    pub(super) example: Vec<Placed<ExampleText>>,
    #[serde(default, skip_serializing)]
    pub(super) near_miss: Vec<NearMissText>,
}

#[derive(Deserialize, Serialize)]
#[serde(
    untagged,
    expecting = "an alias is a text or { name = \"…\", from = \"…\", until = \"…\" }"
)]
pub(super) enum AliasText {
    Name(String),
    Dated(DatedAliasText),
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct DatedAliasText {
    pub(super) name: String,
    pub(super) from: Option<PartialDate>,
    pub(super) until: Option<PartialDate>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct DomainText {
    pub(super) host: Option<Placed<String>>,
    pub(super) suffix: Option<Placed<String>>,
    pub(super) pattern: Option<Placed<String>>,
    pub(super) regex: Option<Placed<String>>,
    pub(super) within: Option<Placed<String>>,
    pub(super) excuse: Option<Box<str>>,
    pub(super) role: Role,
    pub(super) evidence: Evidence,
    pub(super) source: Box<str>,
    pub(super) verified: Day,
    pub(super) tier: Option<Tier>,
    pub(super) plan: Option<Box<str>>,
    pub(super) note: Option<Box<str>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct UrlText {
    pub(super) host: Placed<String>,
    pub(super) path: Placed<String>,
    #[serde(default)]
    pub(super) method: Vec<Placed<String>>,
    pub(super) activity: Activity,
    pub(super) evidence: Option<Evidence>,
    /// A tier, or `account`: signed in, of whatever tier.
    pub(super) tier: Option<Placed<String>>,
    pub(super) plan: Option<Box<str>>,
    pub(super) source: Box<str>,
    pub(super) verified: Day,
    pub(super) note: Option<Box<str>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct AgentText {
    pub(super) prefix: Option<String>,
    pub(super) contains: Option<String>,
    pub(super) channel: Channel,
    #[serde(default)]
    pub(super) source: String,
    pub(super) verified: Option<Day>,
    pub(super) note: Option<Box<str>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct FactText {
    pub(super) field: FactField,
    pub(super) tier: Option<Tier>,
    pub(super) value: FactValue,
    pub(super) source: String,
    pub(super) checked: Day,
    pub(super) confidence: Confidence,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct ExampleText {
    pub(super) input: String,
    pub(super) expect: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct NearMissText {
    pub(super) input: String,
}
