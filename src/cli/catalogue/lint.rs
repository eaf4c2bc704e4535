//! `gnomon catalogue lint`: what is wrong with signature files.
//!
//! An overlay is linted as it will be used: laid over the embedded catalogue, which is not complained about. A
//! file that cannot be laid over it is told of and left out, so that it does not hide what is wrong with the others.

use std::collections::BTreeSet;
use std::path::Path;

use super::files;
use crate::catalogue::{Catalogue, CatalogueError, Finding, LintSettings, Weight};
use crate::cli::Exit;
use crate::cli::labelled::count;
use crate::cli::screen::{Screen, Style};
use crate::cli::table::shown;
use crate::cli::until;

pub(super) fn run(directory: Option<&Path>, screen: &mut Screen) -> anyhow::Result<Exit> {
    let settings = LintSettings {
        today: until::now().day(),
        traps: &[],
    };
    let findings = match directory {
        Some(directory) => overlay(&files::read(directory)?, settings)?,
        None => Catalogue::embedded()?.lint(settings),
    };
    for finding in &findings {
        let style = match finding.weight {
            Weight::Error => Style::Bad,
            Weight::Warning => Style::Careful,
        };
        let line = shown(&finding.to_string(), 1_000);
        let line = screen.styled(style, &line);
        screen.line(&line)?;
    }
    let errors = findings
        .iter()
        .filter(|finding| finding.weight == Weight::Error)
        .count();
    let warnings = findings.len() - errors;
    let summary = format!(
        "{}, {}",
        count(errors, "error", "errors"),
        count(warnings, "warning", "warnings")
    );
    screen.line(&summary)?;
    Ok(if errors > 0 { Exit::Failed } else { Exit::Fine })
}

fn overlay(
    files: &[(String, String)],
    settings: LintSettings<'_>,
) -> Result<Vec<Finding>, CatalogueError> {
    let mut findings = Vec::new();
    let catalogue = match Catalogue::with_overlay(files) {
        Ok(catalogue) => catalogue,
        Err(error) => {
            findings.push(error.into());
            without_broken(files, &mut findings)?
        }
    };
    let own: BTreeSet<&str> = files.iter().map(|(file, _)| file.as_str()).collect();
    let linted = catalogue.lint(settings);
    findings.extend(
        linted
            .into_iter()
            .filter(|finding| own.contains(finding.file.as_str())),
    );
    let taken = catalogue.takeovers().iter();
    findings.extend(taken.map(|taken| Finding {
        file: taken.file.clone(),
        line: Some(taken.line),
        weight: Weight::Warning,
        text: taken.text.clone(),
    }));
    findings.sort();
    findings.dedup();
    Ok(findings)
}

/// The overlay of those files that can be laid over the catalogue one by one; none of them when they quarrel.
fn without_broken(
    files: &[(String, String)],
    findings: &mut Vec<Finding>,
) -> Result<Catalogue, CatalogueError> {
    let mut sound = Vec::new();
    for file in files {
        match Catalogue::with_overlay(std::slice::from_ref(file)) {
            Ok(_) => sound.push(file.clone()),
            Err(error) => findings.push(error.into()),
        }
    }
    Catalogue::with_overlay(&sound).or_else(|quarrel| {
        findings.push(quarrel.into());
        Catalogue::embedded()
    })
}
