//! What a rule rests on: its `source`, read.
//!
//! A source names its witnesses, separated by commas: `sdk: openai-python` (the vendor's own), `vendor docs: <title>`,
//! `package: <name> <version> (pypi)` (anybody's that names the host), `list: v2fly`, `public code: …`,
//! `telemetry: …`, `knowledge`. Lists that copy from each other count as one witness
//! (`signatures/lists.toml`). That a name is popular, or lies below a domain known already, says nothing of what it is.

use std::collections::{BTreeMap, BTreeSet};

use super::CatalogueError;
use crate::model::Places;

const LISTS: (&str, &str) = (
    "signatures/lists.toml",
    include_str!("../../signatures/lists.toml"),
);

/// The published lists that rules may name.
pub(super) struct Lists(BTreeMap<String, List>);

struct List {
    family: String,
    kept: bool,
    in_use: bool,
}

/// The witnesses of one rule.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Witnesses {
    /// A document or a program of the vendor says so.
    pub(super) vendor: bool,
    /// Those who say so without having it from each other; `knowledge` is whoever wrote the rule.
    pub(super) independent: BTreeSet<String>,
    /// A list among them is kept by hand.
    pub(super) kept_list: bool,
    /// A program that calls the host is among them.
    pub(super) in_use: bool,
    /// Lists that `signatures/lists.toml` does not know.
    pub(super) unknown_lists: Vec<String>,
}

const KNOWLEDGE: &str = "knowledge";

impl Witnesses {
    /// A vendor's word, or two who do not have it from each other.
    pub(super) fn are_two(&self) -> bool {
        self.vendor || self.independent.len() >= 2
    }

    /// The same, when whoever wrote the rule does not count.
    pub(super) fn are_two_others(&self) -> bool {
        let others = self.independent.iter().filter(|who| *who != KNOWLEDGE);
        self.vendor || others.count() >= 2
    }

    /// Whether anybody beside the author of the rule says so.
    pub(super) fn has_others(&self) -> bool {
        self.vendor || self.independent.iter().any(|who| who != KNOWLEDGE)
    }

    /// Whether one list that nobody keeps by hand is all there is.
    pub(super) fn is_one_scrape(&self, lists: &Lists) -> bool {
        let is_list = |who: &str| lists.0.values().any(|list| list.family == who);
        !self.vendor
            && !self.kept_list
            && self.independent.len() == 1
            && self.independent.iter().all(|who| is_list(who))
    }

    /// Enough for `definite`: a vendor, resolvers that saw it, a program that calls it, or two witnesses.
    pub(super) fn carry_definite(&self) -> bool {
        self.are_two() || self.in_use || self.independent.contains("telemetry")
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct ListsText {
    list: Vec<ListText>,
}

/// Origin, what was read and the licence are for people; that they are there is asked here.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct ListText {
    id: String,
    family: String,
    #[serde(default)]
    kept: bool,
    #[serde(default)]
    in_use: bool,
    #[serde(rename = "origin")]
    _origin: String,
    #[serde(rename = "read")]
    _read: String,
    #[serde(rename = "licence")]
    _licence: String,
}

impl Lists {
    pub(super) fn embedded() -> Result<Self, CatalogueError> {
        let (file, text) = LISTS;
        let written: ListsText =
            toml::from_str(text).map_err(|e| Places::new(file, text).toml_error(&e))?;
        let listed = written.list.into_iter().map(|list| {
            let ListText {
                id,
                family,
                kept,
                in_use,
                ..
            } = list;
            let list = List {
                family,
                kept,
                in_use,
            };
            (id, list)
        });
        Ok(Self(listed.collect()))
    }

    /// Reads a source.
    pub(super) fn witnesses(&self, source: &str) -> Witnesses {
        let mut found = Witnesses::default();
        for part in source.split([',', ';', '+']).map(str::trim) {
            let (kind, what) = part.split_once(':').unwrap_or((part, ""));
            let what = what.trim();
            match kind.trim() {
                "vendor docs" | "http" | "https" => found.vendor = true,
                "list" | "sdk" => self.add_list_or_sdk(kind.trim(), what, &mut found),
                "package" => {
                    found.independent.insert("package".to_owned());
                    found.in_use = true;
                }
                "telemetry" | "public code" | KNOWLEDGE => {
                    found.independent.insert(kind.trim().to_owned());
                }
                // `popularity`, `domain`, and what belongs to a title with a comma in it.
                _ => {}
            }
        }
        found
    }

    /// A list as such, or the library that it was read out of; any other library is the vendor's own.
    fn add_list_or_sdk(&self, kind: &str, what: &str, found: &mut Witnesses) {
        let name = what.split([' ', '(']).next().unwrap_or_default();
        match self.0.get(name) {
            Some(list) => {
                found.independent.insert(list.family.clone());
                found.kept_list |= list.kept;
                found.in_use |= list.in_use;
            }
            None if kind == "sdk" => found.vendor = true,
            None => found.unknown_lists.push(what.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_one_family_are_one_witness() {
        let lists = Lists::embedded().unwrap();
        let two = |source: &str| lists.witnesses(source).are_two();
        assert!(!two("list: v2fly, list: vpsdance"));
        assert!(!two(
            "list: awesome-eudk, popularity: cf100k, domain: x.com"
        ));
        assert!(!two("sdk: litellm, list: models-dev"));
        assert!(two("list: v2fly, list: amansk5"));
        assert!(two("list: v2fly, knowledge"));
        assert!(!lists.witnesses("list: v2fly, knowledge").are_two_others());
        assert!(two("sdk: openai-python"));
        assert!(two("vendor docs: Networks, proxies and ports"));
        assert!(two("https://example.com/docs"));
    }

    #[test]
    fn one_scraped_list_is_known_as_such() {
        let lists = Lists::embedded().unwrap();
        let scrape = |source: &str| lists.witnesses(source).is_one_scrape(&lists);
        assert!(scrape("list: laylavish"));
        assert!(scrape(
            "list: awesome-eudk, list: awesome-mahseema, popularity: cf100k"
        ));
        assert!(!scrape("list: v2fly"));
        assert!(!scrape("list: laylavish, knowledge"));
        assert!(!scrape("knowledge"));
        assert_eq!(lists.witnesses("list: no such").unknown_lists, ["no such"]);
    }
}
