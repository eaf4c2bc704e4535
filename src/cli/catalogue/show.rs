//! `gnomon catalogue show`: everything that the signature files say of one service.

use std::io;

use serde::Serialize;

use super::naming;
use super::view::{self, FactView, RuleView, ServiceView};
use crate::catalogue::{Catalogue, RuleRef, Service};
use crate::cli::Exit;
use crate::cli::labelled::heading;
use crate::cli::output::{Output, json};
use crate::cli::screen::{Screen, Style};
use crate::cli::sheet::{self, paragraph, row, row_if};
use crate::cli::table::shown;

#[derive(Debug, Serialize)]
struct Shown<'c> {
    #[serde(flatten)]
    service: ServiceView<'c>,
    rules: Vec<RuleView<'c>>,
    facts: Vec<FactView<'c>>,
    examples: Vec<ExampleView<'c>>,
    near_misses: &'c [String],
}

#[derive(Debug, Serialize)]
struct ExampleView<'c> {
    input: &'c str,
    expect: &'c str,
}

pub(super) fn run(
    catalogue: &Catalogue,
    id: &str,
    output: Option<Output>,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let service = one(catalogue, id)?;
    let shown = Shown {
        service: ServiceView::of(service),
        rules: rules(service),
        facts: FactView::all(&service.facts),
        examples: service
            .examples
            .iter()
            .map(|example| ExampleView {
                input: &example.input,
                expect: &example.expect,
            })
            .collect(),
        near_misses: &service.near_misses,
    };
    if output.is_some() {
        json("gnomon.service/1", &shown, screen)?;
    } else {
        write(&shown, screen)?;
    }
    Ok(Exit::Fine)
}

/// The one service that is meant, or an error that says which it could be.
fn one<'c>(catalogue: &'c Catalogue, id: &str) -> anyhow::Result<&'c Service> {
    let ids = |services: &[&Service]| -> String {
        let ids: Vec<&str> = services.iter().map(|service| &*service.id).collect();
        ids.join(", ")
    };
    let found = naming::named(catalogue, id);
    let given = shown(id, 60);
    match found.as_slice() {
        [service] => Ok(service),
        [] => {
            let near = naming::similar(catalogue, id);
            if near.is_empty() {
                anyhow::bail!(
                    "there is no service \"{given}\"; look for it with `gnomon catalogue search`"
                );
            }
            anyhow::bail!(
                "there is no service \"{given}\", did you mean {}?",
                ids(&near)
            );
        }
        several => anyhow::bail!(
            "\"{given}\" is the name of several services, write one of: {}",
            ids(several)
        ),
    }
}

fn rules(service: &Service) -> Vec<RuleView<'_>> {
    let domains = service.domains.iter().map(RuleRef::Domain);
    let urls = service.urls.iter().map(RuleRef::Url);
    let agents = service.user_agents.iter().map(RuleRef::Agent);
    domains
        .chain(urls)
        .chain(agents)
        .map(|rule| RuleView::of(rule, &service.file))
        .collect()
}

fn write(shown: &Shown<'_>, screen: &mut Screen) -> io::Result<()> {
    shown.service.write(screen)?;
    if !shown.rules.is_empty() {
        heading(screen, "Rules")?;
    }
    for rule in &shown.rules {
        sheet::styled_row(screen, rule.kind, Some(Style::Strong), &rule.rule)?;
        row(screen, "", &rule.claim())?;
        row(screen, "", &rule.origin())?;
        row_if(screen, "", rule.remarks().as_deref())?;
    }
    if !shown.facts.is_empty() {
        heading(screen, "Facts")?;
        view::facts(screen, &shown.facts)?;
    }
    if !shown.examples.is_empty() {
        heading(screen, "It must find")?;
    }
    for example in &shown.examples {
        paragraph(
            screen,
            2,
            &format!("{} as {}", example.input, example.expect),
        )?;
    }
    if !shown.near_misses.is_empty() {
        heading(screen, "It must not find")?;
    }
    for near_miss in shown.near_misses {
        paragraph(screen, 2, near_miss)?;
    }
    Ok(())
}
