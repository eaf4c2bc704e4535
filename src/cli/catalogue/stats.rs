//! `gnomon catalogue stats`: what there is, counted.

use std::collections::BTreeMap;

use crate::catalogue::{Catalogue, Stats};
use crate::cli::Exit;
use crate::cli::output::{Output, json};
use crate::cli::screen::{Screen, Style};
use crate::cli::sheet::row;
use crate::cli::table::grouped;
use crate::cli::until;

pub(super) fn run(
    catalogue: &Catalogue,
    output: Option<Output>,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let stats = catalogue.stats(until::now().day())?;
    if output.is_some() {
        let mut counts = serde_json::to_value(&stats)?;
        counts["version"] = catalogue.version().into();
        json("gnomon.stats/2", &counts, screen)?;
        return Ok(Exit::Fine);
    }
    let title = format!(
        "{} services of {} vendors, {} defining rules",
        count(stats.services),
        count(stats.vendors),
        count(stats.defining_domain_rules + stats.defining_url_rules)
    );
    let title = screen.styled(Style::Strong, &title);
    screen.line(&title)?;
    row(screen, "version", catalogue.version())?;
    for (label, text) in [
        ("rules", rules(&stats)),
        ("defining", defining(&stats)),
        ("witnesses", witnesses(&stats)),
        (
            "knowledge",
            format!(
                "{} services rest on what their author knew and on nothing else",
                count(stats.services_on_knowledge_alone)
            ),
        ),
        (
            "unsourced",
            format!(
                "{} rules have no source or no date",
                count(stats.without_source_or_date)
            ),
        ),
        (
            "facts",
            format!(
                "{} on {} services; confidence {}",
                count(stats.facts),
                count(stats.services_with_facts),
                most_first(&stats.facts_by_confidence)
            ),
        ),
        ("retired", format!("{} services", count(stats.retired))),
        (
            "no signature",
            format!("{} services, which say why", count(stats.without_signature)),
        ),
    ] {
        row(screen, label, &text)?;
    }
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
    let ages: Vec<String> = stats
        .by_age
        .iter()
        .map(|(age, number)| format!("{age} {}", count(*number)))
        .collect();
    row(screen, "verified", &ages.join(", "))?;
    Ok(Exit::Fine)
}

fn rules(stats: &Stats) -> String {
    format!(
        "{}: {} on hosts, {} on URLs, {} on user agents",
        count(stats.rules),
        count(stats.domain_rules),
        count(stats.url_rules),
        count(stats.agent_rules)
    )
}

fn defining(stats: &Stats) -> String {
    format!(
        "{} on hosts, {} on URLs: each makes a finding by itself",
        count(stats.defining_domain_rules),
        count(stats.defining_url_rules)
    )
}

fn witnesses(stats: &Stats) -> String {
    let all = stats.domain_rules + stats.url_rules;
    format!(
        "{} of the rules on hosts and URLs rest on a vendor's document or two independent sources, {} when what the author knew does not count as one",
        percent(stats.two_witnesses, all),
        percent(stats.two_witnesses_beside_knowledge, all)
    )
}

/// `71 %`, rounded down: a goal is not reached by rounding.
fn percent(part: usize, whole: usize) -> String {
    format!("{} %", (part * 100).checked_div(whole).unwrap_or(0))
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
