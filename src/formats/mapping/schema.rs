//! What a mapping file may hold; the words are explained in `docs/MAPPINGS.md`.
//!
//! Shapes only: whether keys fit together is asked by [`super::plan`], so that an error names its place and its way out.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::model::Kind;

/// The most values of a field that are told to people.
const VALUES_TOLD: usize = 6;

/// One mapping file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) title: String,
    #[serde(default)]
    pub(super) documentation: String,
    pub(super) layout: Spanned<LayoutName>,
    pub(super) kind: Kind,
    #[serde(default)]
    pub(super) null: Vec<String>,
    // How records are cut.
    pub(super) separator: Option<Spanned<String>>,
    pub(super) assign: Option<Spanned<String>>,
    pub(super) begin: Option<OneOrMore>,
    pub(super) end: Option<String>,
    pub(super) inside: Option<OneOrMore>,
    pub(super) escape: Option<bool>,
    pub(super) quotes: Option<bool>,
    pub(super) blanks: Option<bool>,
    pub(super) twice: Option<Twice>,
    pub(super) plus: Option<bool>,
    pub(super) columns: Option<Vec<String>>,
    pub(super) header: Option<bool>,
    /// The least and the most columns of a row.
    pub(super) least: Option<usize>,
    pub(super) most: Option<usize>,
    pub(super) pattern: Option<Spanned<String>>,
    pub(super) patterns: Option<Vec<Spanned<String>>>,
    // What they mean.
    #[serde(default)]
    pub(super) recognise: Recognise,
    #[serde(default)]
    pub(super) fields: BTreeMap<Spanned<String>, Place>,
    #[serde(default)]
    pub(super) outcome: Vec<OutcomeRule>,
    #[serde(default)]
    pub(super) skip: Vec<Skip>,
    #[serde(default)]
    pub(super) time: TimeOptions,
    #[serde(default)]
    pub(super) records: Vec<Records>,
    #[serde(default)]
    pub(super) advice: BTreeMap<Spanned<String>, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LayoutName {
    Json,
    Csv,
    W3c,
    Kv,
    Cef,
    Leef,
    Template,
    Regex,
}

impl LayoutName {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::W3c => "w3c",
            Self::Kv => "kv",
            Self::Cef => "cef",
            Self::Leef => "leef",
            Self::Template => "template",
            Self::Regex => "regex",
        }
    }
}

/// When a record is of this format: all of it must hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Recognise {
    pub(super) keys: Vec<String>,
    pub(super) values: BTreeMap<String, OneOrMore>,
    pub(super) shapes: BTreeMap<Spanned<String>, Shape>,
    /// Texts that occur somewhere in the record.
    pub(super) text: Vec<String>,
    pub(super) sureness: Option<u8>,
}

impl Recognise {
    /// The same in words.
    pub(super) fn told(&self) -> String {
        let mut parts = Vec::new();
        if !self.text.is_empty() {
            parts.push(format!("the text {}", self.text.join(", ")));
        }
        if !self.keys.is_empty() {
            parts.push(format!("the fields {}", self.keys.join(", ")));
        }
        for (key, values) in &self.values {
            let values = values.list().iter().take(VALUES_TOLD);
            let values: Vec<&str> = values.map(String::as_str).collect();
            parts.push(format!("{key} = {}", values.join(" or ")));
        }
        for (key, shape) in &self.shapes {
            let shape = format!("{shape:?}").to_lowercase();
            parts.push(format!("{} that is a {shape}", key.get_ref()));
        }
        parts.join("; ")
    }
}

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Shape {
    Address,
    Host,
    Number,
    Time,
    Url,
}

/// Where a value is found.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Place {
    Key(String),
    Keys(Vec<String>),
    Part(Part),
}

/// A value that holds more than one thing, or is encoded.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) from: OneOrMore,
    pub(super) cut: Option<String>,
    pub(super) part: Option<i32>,
    #[serde(default)]
    pub(super) decode: Decodes,
    #[serde(default)]
    pub(super) words: BTreeMap<String, String>,
}

/// What a key that occurs twice means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Twice {
    First,
    Bad,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Decode {
    Percent,
    Plus,
    /// Both, as in a form.
    Form,
    Backslash,
    Hex,
    /// `%5b` and `\\\\`, as Squid writes users.
    Squid,
    /// An address with a port behind its last colon, IPv6 without brackets too.
    Port,
    /// A URL put together of parts that may be `-`.
    Parts,
}

impl Decode {
    /// Whether a quote behind a backslash belongs to the value.
    pub(super) const fn keeps_quotes(self) -> bool {
        matches!(self, Self::Backslash | Self::Hex | Self::Squid)
    }
}

/// One after the other.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Decodes {
    One(Decode),
    More(Vec<Decode>),
}

impl Default for Decodes {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl Decodes {
    pub(super) fn list(&self) -> &[Decode] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub(super) fn list(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OutcomeRule {
    pub(super) field: String,
    pub(super) allowed: Vec<String>,
    pub(super) blocked: Vec<String>,
    pub(super) error: Vec<String>,
    pub(super) unknown: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Skip {
    pub(super) field: String,
    pub(super) values: OneOrMore,
    pub(super) why: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TimeOptions {
    pub(super) format: Option<OneOrMore>,
    pub(super) zone: Option<Zone>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Zone {
    Utc,
    Source,
}

/// One kind of record among several.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Records {
    #[serde(rename = "where")]
    pub(super) conditions: BTreeMap<String, OneOrMore>,
    pub(super) kind: Option<Kind>,
    pub(super) fields: BTreeMap<Spanned<String>, Place>,
    pub(super) outcome: Vec<OutcomeRule>,
    pub(super) skip: Vec<Skip>,
}
