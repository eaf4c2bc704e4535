//! `gnomon catalogue show`: everything that the signature files say of one service, and what the hosts of the days before
//! said of it when its signature came: the store is asked where there is one, and never a reason to fail.

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
use crate::config::Config;
use crate::govern::reconcile::seen_before;
use crate::model::Earlier;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store as _, StoreError};

#[derive(Debug, Serialize)]
struct Shown<'c> {
    #[serde(flatten)]
    service: ServiceView<'c>,
    rules: Vec<RuleView<'c>>,
    facts: Vec<FactView<'c>>,
    examples: Vec<ExampleView<'c>>,
    near_misses: &'c [String],
    /// What was seen here before the signature was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    before_known: Option<Earlier>,
}

#[derive(Debug, Serialize)]
struct ExampleView<'c> {
    input: &'c str,
    expect: &'c str,
}

pub(super) fn run(
    catalogue: &Catalogue,
    config: &Config,
    id: &str,
    output: Option<Output>,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let service = one(catalogue, id)?;
    let before_known = before_known(config, &service.id);
    let shown = Shown {
        service: ServiceView::of(service),
        rules: rules(service),
        facts: FactView::all(&service.facts),
        examples: service
            .proof()
            .examples
            .iter()
            .map(|example| ExampleView {
                input: &example.input,
                expect: &example.expect,
            })
            .collect(),
        near_misses: &service.proof().near_misses,
        before_known: before_known.as_ref().ok().cloned().flatten(),
    };
    if output.is_some() {
        json("gnomon.service/1", &shown, screen)?;
        return Ok(Exit::Fine);
    }
    write(&shown, screen)?;
    if let Err(trouble) = before_known {
        heading(screen, "Here")?;
        sheet::styled_row(
            screen,
            "register",
            Some(Style::Careful),
            &trouble.to_string(),
        )?;
    }
    Ok(Exit::Fine)
}

/// What the store found of a service when its signature came; nothing where there is no store.
fn before_known(config: &Config, id: &str) -> Result<Option<Earlier>, StoreError> {
    let path = config.store_path();
    if !path.exists() {
        return Ok(None);
    }
    let found = SqliteStore::open_read_only(&path)?.earlier(Some(id))?;
    Ok(found.into_iter().next())
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
    if let Some(before) = &shown.before_known {
        heading(screen, "Here")?;
        row(screen, "before", &seen_before(before))?;
        row(screen, "hosts", &before.hosts.join(", "))?;
    }
    Ok(())
}
