//! What is wrong with a catalogue that parses.
//!
//! One check per file, each a function from the catalogue to findings; a test runs them over the embedded data,
//! and `gnomon catalogue lint DIR` over anybody's. An error fails a release, a warning is shown. Whether a rule
//! is *true* no lint can tell: that is what sources and dates are for.

mod claims;
mod dates;
mod examples;
mod shape;
mod traps;

use std::fmt;

use super::overlay::SHARED_APEXES;
use super::service::Service;
use super::sources::Lists;
use super::{Catalogue, CatalogueError, parse};
use crate::model::Day;

/// Something to put right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub file: String,
    pub line: Option<u32>,
    pub weight: Weight,
    pub text: String,
}

/// Whether a finding fails a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    Error,
    Warning,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Error => "error",
            Weight::Warning => "warning",
        };
        match self.line {
            Some(line) => write!(f, "{}:{line}: {weight}: {}", self.file, self.text),
            None => write!(f, "{}: {weight}: {}", self.file, self.text),
        }
    }
}

/// What a lint has to be told, because it reads neither a clock nor a file.
#[derive(Debug, Clone, Copy)]
pub struct LintSettings<'s> {
    pub today: Day,
    /// Hosts and URLs that no defining rule may find.
    pub traps: &'s [&'s str],
}

impl Catalogue {
    /// Every finding, sorted by file and line.
    #[must_use]
    pub fn lint(&self, settings: LintSettings<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        shape::check(self, &mut findings);
        match Lists::embedded() {
            Ok(lists) => dates::check(self, &lists, settings.today, &mut findings),
            Err(error) => findings.push(error.into()),
        }
        match parse::shared_apexes(SHARED_APEXES.0, SHARED_APEXES.1) {
            Ok(apexes) => claims::check(self, &apexes, &mut findings),
            Err(error) => findings.push(error.into()),
        }
        examples::check(self, &mut findings);
        traps::check(self, settings.traps, &mut findings);
        findings.extend(self.check_left_out().into_iter().map(Finding::from));
        findings.sort();
        findings.dedup();
        findings
    }

    /// Lints files of services, given as (file name, text). A file that does not parse is a finding and does
    /// not hide the others.
    #[must_use]
    pub fn lint_files(files: &[(String, String)], settings: LintSettings<'_>) -> Vec<Finding> {
        let (catalogue, errors) = Self::from_readable_files(files);
        let mut findings: Vec<Finding> = errors.into_iter().map(Finding::from).collect();
        if let Some(catalogue) = catalogue {
            findings.extend(catalogue.lint(settings));
        }
        findings.sort();
        findings
    }
}

impl From<CatalogueError> for Finding {
    fn from(error: CatalogueError) -> Self {
        Self {
            file: error.file,
            line: Some(error.line),
            weight: Weight::Error,
            text: error.reason,
        }
    }
}

/// A finding about a service, at one of its lines.
fn of(service: &Service, line: u32, weight: Weight, text: String) -> Finding {
    Finding {
        file: service.file.to_string(),
        line: Some(line),
        weight,
        text: format!("{}: {text}", service.id),
    }
}

fn error(service: &Service, line: u32, text: String) -> Finding {
    of(service, line, Weight::Error, text)
}

fn warning(service: &Service, line: u32, text: String) -> Finding {
    of(service, line, Weight::Warning, text)
}
