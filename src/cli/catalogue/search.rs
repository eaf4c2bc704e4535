//! `gnomon catalogue search`.

use serde::Serialize;

use super::naming;
use crate::catalogue::Catalogue;
use crate::cli::Exit;
use crate::cli::output::{Output, json};
use crate::cli::screen::Screen;
use crate::cli::table::{shown, table};

#[derive(Debug, Serialize)]
struct Found<'c> {
    id: &'c str,
    name: &'c str,
    vendor: &'c str,
    category: &'c str,
    archetype: &'static str,
    found: String,
}

pub(super) fn run(
    catalogue: &Catalogue,
    text: &str,
    output: Option<Output>,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let hits: Vec<Found<'_>> = catalogue
        .search(text)
        .into_iter()
        .map(|hit| Found {
            id: &hit.service.id,
            name: &hit.service.name,
            vendor: &hit.service.vendor.name,
            category: &hit.service.category,
            archetype: hit.service.archetype.as_str(),
            found: hit.found,
        })
        .collect();
    if output.is_some() {
        let value = serde_json::json!({"services": hits});
        json("gnomon.search/1", &value, screen)?;
        return Ok(Exit::Fine);
    }
    if hits.is_empty() {
        let hint = match naming::similar(catalogue, text).first() {
            Some(near) => format!("did you mean {}?", naming::title(near)),
            None => "try a shorter text, or `gnomon explain` with a host".to_owned(),
        };
        let given = shown(text, 60);
        anyhow::bail!("nothing in the catalogue holds \"{given}\"; {hint}");
    }
    let rows = hits
        .iter()
        .map(|hit| {
            vec![
                hit.id.to_owned(),
                shown(hit.name, 40),
                hit.archetype.to_owned(),
                shown(&hit.found, 50),
            ]
        })
        .collect();
    let headings = ["id", "name", "kind", "found by"];
    screen.line(&table(screen.width(), &headings, rows))?;
    Ok(Exit::Fine)
}
