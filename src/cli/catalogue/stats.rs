//! `gnomon catalogue stats`: what there is, counted.

use std::collections::BTreeMap;

use crate::catalogue::{Catalogue, Stats};
use crate::cli::Exit;
use crate::cli::output::{Output, json};
use crate::cli::screen::{Screen, Style};
use crate::cli::sheet::row;
use crate::cli::table::grouped;

pub(super) fn run(
    catalogue: &Catalogue,
    output: Option<Output>,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let stats = catalogue.stats();
    if output.is_some() {
        json("gnomon.stats/1", &counts(catalogue, &stats), screen)?;
        return Ok(Exit::Fine);
    }
    let title = format!(
        "{} services of {} vendors, {} rules",
        count(stats.services),
        count(stats.vendors),
        count(stats.rules)
    );
    let title = screen.styled(Style::Strong, &title);
    screen.line(&title)?;
    row(screen, "version", catalogue.version())?;
    let rules = format!(
        "{} on hosts, {} on URLs, {} on user agents",
        count(stats.domain_rules),
        count(stats.url_rules),
        count(stats.agent_rules)
    );
    row(screen, "rules", &rules)?;
    row(screen, "facts", &count(stats.facts))?;
    let invisible = format!("{} services, which say why", count(stats.without_signature));
    row(screen, "no signature", &invisible)?;
    for (label, counts) in [
        ("category", &stats.by_category),
        ("archetype", &stats.by_archetype),
        ("model", &stats.by_model),
        ("country", &stats.by_country),
        ("role", &stats.by_role),
        ("evidence", &stats.by_evidence),
        ("source", &stats.by_source),
    ] {
        row(screen, label, &most_first(counts))?;
    }
    Ok(Exit::Fine)
}

fn count(number: usize) -> String {
    grouped(number as u64)
}

/// `chatbot 120, coding 90`.
fn most_first(counts: &BTreeMap<String, usize>) -> String {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let said: Vec<String> = counts
        .into_iter()
        .map(|(key, number)| match key.as_str() {
            "" => format!("unknown {}", count(*number)),
            key => format!("{key} {}", count(*number)),
        })
        .collect();
    said.join(", ")
}

fn counts(catalogue: &Catalogue, stats: &Stats) -> serde_json::Value {
    serde_json::json!({
        "version": catalogue.version(),
        "services": stats.services,
        "vendors": stats.vendors,
        "rules": stats.rules,
        "domain_rules": stats.domain_rules,
        "url_rules": stats.url_rules,
        "agent_rules": stats.agent_rules,
        "facts": stats.facts,
        "without_signature": stats.without_signature,
        "by_category": stats.by_category,
        "by_archetype": stats.by_archetype,
        "by_model": stats.by_model,
        "by_country": stats.by_country,
        "by_role": stats.by_role,
        "by_evidence": stats.by_evidence,
        "by_source": stats.by_source,
    })
}
