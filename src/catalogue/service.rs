//! What the catalogue knows of one service.
//!
//! These are the nouns that the rest of the house reads; the TOML they come from is `schema`'s business. A
//! value here has been checked against the closed lists; whether it is *true* is what `source` and
//! `verified` are for.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::embedded;
use super::facts::Fact;
use super::proof::Proof;
use super::rules::{AgentRule, DomainRule, UrlRule};
use crate::model::{Archetype, Day, ServiceModel, written_as_text};

/// Who offers a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendor {
    pub name: String,
    /// Where it is seated, as ISO 3166 alpha-2; empty when we do not know.
    pub country: String,
    pub homepage: String,
}

/// One GenAI product.
#[derive(Debug, Clone)]
pub struct Service {
    /// `vendor.product`; never reused.
    pub id: Arc<str>,
    pub name: String,
    pub aliases: Vec<Alias>,
    pub vendor: Arc<Vendor>,
    /// Id of a [`super::Category`].
    pub category: String,
    pub archetype: Archetype,
    pub model: ServiceModel,
    pub introduced: Option<PartialDate>,
    /// When it was shut down; its rules stay, because old logs hold it.
    pub retired: Option<PartialDate>,
    pub description: String,
    /// The application that this service is a part of, `Microsoft 365`.
    pub host_app: Option<String>,
    /// Why nothing in a log can show this service, when nothing can.
    pub no_signature: Option<String>,
    pub domains: Vec<DomainRule>,
    pub urls: Vec<UrlRule>,
    pub user_agents: Vec<AgentRule>,
    pub facts: Vec<Fact>,
    /// `None` for the embedded proof of this id, which is read when somebody asks.
    pub(super) own_proof: Option<Box<Proof>>,
    /// The file that says so.
    pub file: Arc<str>,
    /// The line of its `[[service]]`, counted from 1.
    pub line: u32,
}

impl Service {
    /// What its rules must find and must pass over.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        match &self.own_proof {
            Some(own) => own,
            None => embedded::proof(&self.id),
        }
    }

    /// Whether models are fetched from it to be run elsewhere.
    #[must_use]
    pub fn offers_models(&self) -> bool {
        matches!(self.category.as_str(), "model-hub" | "local-runtime")
    }
}

/// Another name of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    pub name: String,
    /// Since when it is called so.
    pub from: Option<PartialDate>,
    /// Until when it was called so.
    pub until: Option<PartialDate>,
}

/// A day, a month or a year: as much of a date as is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartialDate {
    first: Day,
    text: Box<str>,
}

impl PartialDate {
    /// The first day that it can mean.
    #[must_use]
    pub const fn first_day(&self) -> Day {
        self.first
    }
}

/// A text that is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no date; write it as 2022-11-30, 2022-11 or 2022")]
pub struct NoDate(String);

impl FromStr for PartialDate {
    type Err = NoDate;

    fn from_str(text: &str) -> Result<Self, NoDate> {
        let full = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text.to_owned(),
        };
        let first = full.parse().map_err(|_| NoDate(text.to_owned()))?;
        Ok(Self {
            first,
            text: text.into(),
        })
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

written_as_text!(PartialDate);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_as_exact_as_it_is_known() {
        let month: PartialDate = "2022-11".parse().unwrap();
        assert_eq!(month.to_string(), "2022-11");
        assert_eq!(month.first_day().to_string(), "2022-11-01");
        assert!("soon".parse::<PartialDate>().is_err());
        assert!("2022-13".parse::<PartialDate>().is_err());
    }
}
