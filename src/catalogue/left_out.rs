//! Names that were looked at and are no GenAI service, and why; and popular names that look like a mistake and are none.
//!
//! `signatures/not-genai.tsv` keeps the judgement, so that nobody has to make it twice: whoever looks such a name up is
//! told, and the lint holds the rules to it. A name stands for itself, not for what lies below it: a service may have
//! its own host on somebody's large domain.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Catalogue, CatalogueError};
use crate::model::{Evidence, words};

const FILE: &str = "signatures/not-genai.tsv";
const TEXT: &str = include_str!("../../signatures/not-genai.tsv");

words! {
    /// Why a name is left out of the catalogue.
    LeftOutReason ("reason") {
        /// Writing about it: a blog, a paper, a course.
        Article = "article",
        /// A firm's own site.
        Company = "company",
        /// The product is gone and leaves nothing to match.
        Dead = "dead",
        /// A list of tools.
        Directory = "directory",
        /// AI inside something larger: narrower rules exist, or nothing can be told apart.
        Embedded = "embedded",
        /// Not left out at all: a true service, although a list of popular names has it as something else.
        Found = "found",
        /// Pictures and texts that a machine made, and no tool to make them.
        Gallery = "gallery",
        /// Software for something else, with AI features at most.
        GeneralSaas = "general-saas",
        Hardware = "hardware",
        /// What many services rest on: delivery, sign-in, telemetry, whole clouds.
        Infrastructure = "infrastructure",
        /// Predicts, sorts or cuts out; makes nothing.
        MlNotGenerative = "ml-not-generative",
        News = "news",
        /// A project to install; nothing is sent to it.
        OpenSource = "open-source",
        /// An artist's or author's own site.
        Person = "person",
        /// A laboratory, a project page, a data set.
        Research = "research",
        Shop = "shop",
        Social = "social",
        Unrelated = "unrelated",
    }
}

/// A name with the reason why it makes no finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct LeftOut {
    pub name: &'static str,
    pub reason: LeftOutReason,
    /// What it is, in a few words.
    pub words: &'static str,
    /// Its line in the file, counted from 1.
    pub line: u32,
}

/// What was judged of a name; `None` when nobody looked at it.
#[must_use]
pub fn left_out(host: &str) -> Option<LeftOut> {
    static BY_NAME: LazyLock<HashMap<&str, LeftOut>> = LazyLock::new(|| {
        let rows = rows().filter_map(Result::ok);
        rows.map(|row| (row.name, row)).collect()
    });
    let name = host.strip_prefix("www.").unwrap_or(host);
    BY_NAME.get(name).or_else(|| BY_NAME.get(host)).copied()
}

fn rows() -> impl Iterator<Item = Result<LeftOut, CatalogueError>> {
    let lines = TEXT.lines().zip(1..);
    lines
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, at)| row(line, at))
}

fn row(line: &'static str, at: u32) -> Result<LeftOut, CatalogueError> {
    let wrong = |reason: String| CatalogueError {
        file: FILE.to_owned(),
        line: at,
        column: 1,
        reason,
    };
    let mut cells = line.split('\t');
    let (Some(name), Some(reason), Some(words), None) =
        (cells.next(), cells.next(), cells.next(), cells.next())
    else {
        return Err(wrong(
            "a row is name, reason and words, between tabs".to_owned(),
        ));
    };
    Ok(LeftOut {
        name,
        reason: reason
            .parse()
            .map_err(|e: crate::model::UnknownWord| wrong(e.to_string()))?,
        words,
        line: at,
    })
}

impl Catalogue {
    /// What is wrong with the file itself, and which rules find what it leaves out.
    pub(super) fn check_left_out(&self) -> Vec<CatalogueError> {
        let mut wrong = Vec::new();
        let mut before = "";
        for row in rows() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    wrong.push(error);
                    continue;
                }
            };
            let mut say = |reason: String| {
                wrong.push(CatalogueError {
                    file: FILE.to_owned(),
                    line: row.line,
                    column: 1,
                    reason,
                });
            };
            if crate::model::Host::parse(row.name.as_bytes()).is_none_or(|h| h.as_str() != row.name)
            {
                say(format!("{:?} is no host name in its plain form", row.name));
            }
            if row.name <= before {
                say(format!(
                    "{} stands after {before}; rows are sorted",
                    row.name
                ));
            }
            if row.words.trim().is_empty() {
                say(format!("{}: say in a few words what it is", row.name));
            }
            let found = self.match_host(row.name).filter(|found| {
                found.rule.role.is_defining() && found.rule.evidence != Evidence::Weak
            });
            if let Some(found) = found.filter(|_| row.reason != LeftOutReason::Found) {
                say(format!(
                    "{} is left out as {}, but {} of {} finds it",
                    row.name,
                    row.reason,
                    found.rule.text(),
                    found.service.id
                ));
            }
            before = row.name;
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_judged_is_told_and_its_neighbours_are_not() {
        let judged = rows().next().unwrap().unwrap();
        assert_eq!(left_out(judged.name), Some(judged));
        assert_eq!(left_out(&format!("www.{}", judged.name)), Some(judged));
        assert_eq!(left_out(&format!("not-{}", judged.name)), None);
        assert_eq!(left_out(&format!("chat.{}", judged.name)), None);
    }

    #[test]
    fn what_is_kept_as_a_finding_is_found() {
        let catalogue = Catalogue::embedded().unwrap();
        let kept = rows().map(Result::unwrap);
        for row in kept.filter(|row| row.reason == LeftOutReason::Found) {
            let found = catalogue.match_host(row.name).map(|found| found.rule.role);
            assert!(found.is_some_and(|role| role.is_defining()), "{}", row.name);
        }
    }

    #[test]
    fn a_row_that_is_none_is_refused_at_its_line() {
        assert_eq!(
            row("example.com\tnew\tx", 7).unwrap_err().to_string(),
            "signatures/not-genai.tsv:7:1: unknown reason \"new\", expected one of: article, company, dead, directory, embedded, found, gallery, general-saas, hardware, infrastructure, ml-not-generative, news, open-source, person, research, shop, social, unrelated"
        );
        assert!(row("example.com\tnews", 1).is_err());
    }
}
