//! The signature files as they are written: what serde may see, and nothing else.
//!
//! Unknown keys are refused everywhere. What the types cannot say (exactly one of host, suffix, pattern and
//! regex) is checked by `parse`, which turns these into the nouns of `service` and `rules`.

use serde::Deserialize;
use toml::Spanned;

use super::facts::{Confidence, FactField, FactValue};
use super::service::PartialDate;
use crate::model::{Activity, Archetype, Channel, Day, Evidence, Role, ServiceModel, Tier};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct FileText {
    pub(super) vendor: Option<VendorText>,
    #[serde(default)]
    pub(super) service: Vec<Spanned<ServiceText>>,
    /// Programs that talk to anybody: no service of their own.
    #[serde(default)]
    pub(super) user_agent: Vec<Spanned<AgentText>>,
    #[serde(default)]
    pub(super) example: Vec<Spanned<ExampleText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct VendorText {
    pub(super) name: String,
    #[serde(default)]
    pub(super) country: String,
    #[serde(default)]
    pub(super) homepage: String,
}

/// Everything but the id is optional here, because a retirement says nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct ServiceText {
    pub(super) id: Spanned<String>,
    #[serde(default)]
    pub(super) retire: bool,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) aliases: Vec<AliasText>,
    pub(super) category: Option<Spanned<String>>,
    pub(super) archetype: Option<Archetype>,
    pub(super) model: Option<ServiceModel>,
    pub(super) introduced: Option<PartialDate>,
    pub(super) retired: Option<PartialDate>,
    pub(super) description: Option<String>,
    pub(super) host_app: Option<String>,
    pub(super) no_signature: Option<String>,
    #[serde(default)]
    pub(super) domain: Vec<Spanned<DomainText>>,
    #[serde(default)]
    pub(super) url: Vec<Spanned<UrlText>>,
    #[serde(default)]
    pub(super) user_agent: Vec<Spanned<AgentText>>,
    #[serde(default)]
    pub(super) fact: Vec<Spanned<FactText>>,
    #[serde(default)]
    pub(super) example: Vec<Spanned<ExampleText>>,
    #[serde(default)]
    pub(super) near_miss: Vec<NearMissText>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "an alias is a text or { name = \"…\", from = \"…\", until = \"…\" }"
)]
pub(super) enum AliasText {
    Name(String),
    Dated(DatedAliasText),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct DatedAliasText {
    pub(super) name: String,
    pub(super) from: Option<PartialDate>,
    pub(super) until: Option<PartialDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct DomainText {
    pub(super) host: Option<Spanned<String>>,
    pub(super) suffix: Option<Spanned<String>>,
    pub(super) pattern: Option<Spanned<String>>,
    pub(super) regex: Option<Spanned<String>>,
    pub(super) within: Option<Spanned<String>>,
    pub(super) excuse: Option<String>,
    pub(super) role: Role,
    pub(super) evidence: Evidence,
    pub(super) source: String,
    pub(super) verified: Day,
    pub(super) tier: Option<Tier>,
    pub(super) plan: Option<String>,
    pub(super) note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct UrlText {
    pub(super) host: Spanned<String>,
    pub(super) path: Spanned<String>,
    #[serde(default)]
    pub(super) method: Vec<Spanned<String>>,
    pub(super) activity: Activity,
    pub(super) evidence: Option<Evidence>,
    /// A tier, or `account`: signed in, of whatever tier.
    pub(super) tier: Option<Spanned<String>>,
    pub(super) plan: Option<String>,
    pub(super) source: String,
    pub(super) verified: Day,
    pub(super) note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct AgentText {
    pub(super) prefix: Option<String>,
    pub(super) contains: Option<String>,
    pub(super) channel: Channel,
    #[serde(default)]
    pub(super) source: String,
    pub(super) verified: Option<Day>,
    pub(super) note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct FactText {
    pub(super) field: FactField,
    pub(super) tier: Option<Tier>,
    pub(super) value: FactValue,
    pub(super) source: String,
    pub(super) checked: Day,
    pub(super) confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct ExampleText {
    pub(super) input: String,
    pub(super) expect: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct NearMissText {
    pub(super) input: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct CategoriesText {
    pub(super) category: Vec<super::Category>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct SharedApexesText {
    pub(super) apexes: Vec<String>,
}
