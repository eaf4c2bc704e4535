//! Sources and dates: who said so, and when somebody last looked.

use super::{Finding, Weight, error, of, warning};
use crate::catalogue::sources::Lists;
use crate::catalogue::{AgentRule, Catalogue, Service};
use crate::model::{Day, Evidence};

/// Where the embedded files lie.
const OURS: &str = "signatures/services/";

/// A fact that nobody looked at for longer is stale: shown, not failed.
const STALE_DAYS: i32 = 180;

impl Catalogue {
    /// How many facts nobody looked at for so long that they are stale.
    #[must_use]
    pub fn stale_facts(&self, today: Day) -> usize {
        self.services()
            .iter()
            .flat_map(|service| &service.facts)
            .filter(|fact| fact.checked.plus(STALE_DAYS) < today)
            .count()
    }
}

pub(super) fn check(catalogue: &Catalogue, lists: &Lists, today: Day, findings: &mut Vec<Finding>) {
    for service in catalogue.services() {
        let domains = service.domains.iter();
        let domains = domains.map(|r| (r.line, &*r.source, r.evidence, r.verified));
        let urls = service.urls.iter();
        let urls = urls.map(|r| (r.line, &*r.source, r.evidence, r.verified));
        for (line, source, evidence, verified) in domains.chain(urls) {
            check_source(service, line, source, evidence, lists, findings);
            check_day(service, line, "verified", verified, today, findings);
        }
        for rule in &service.user_agents {
            if let Some(text) = agent_gap(rule, today) {
                findings.push(error(service, rule.line, text));
            }
        }
        check_facts(service, today, findings);
    }
    for rule in catalogue.agents() {
        if let Some(text) = agent_gap(rule, today) {
            findings.push(Finding {
                file: rule.file.to_string(),
                line: Some(rule.line),
                weight: Weight::Error,
                text,
            });
        }
    }
}

fn check_source(
    service: &Service,
    line: u32,
    source: &str,
    evidence: Evidence,
    lists: &Lists,
    findings: &mut Vec<Finding>,
) {
    let mut say = |text: String| findings.push(error(service, line, text));
    if source.trim().is_empty() {
        say("the source is empty".to_owned());
        return;
    }
    let witnesses = lists.witnesses(source);
    for list in &witnesses.unknown_lists {
        say(format!("signatures/lists.toml knows no list {list:?}"));
    }
    if evidence != Evidence::Weak && witnesses.is_one_scrape(lists) {
        say(format!("{source:?} alone carries weak evidence only"));
    } else if evidence == Evidence::Definite && !witnesses.carry_definite() {
        let text = format!(
            "{source:?} does not carry definite evidence: name a document of the vendor or a second witness, or write probable"
        );
        // What is sure in an operator's own house is theirs to say.
        let is_ours = service.file.starts_with(OURS);
        let weight = if is_ours {
            Weight::Error
        } else {
            Weight::Warning
        };
        findings.push(of(service, line, weight, text));
    }
}

fn check_day(
    service: &Service,
    line: u32,
    key: &str,
    day: Day,
    today: Day,
    findings: &mut Vec<Finding>,
) {
    if day > today {
        findings.push(error(
            service,
            line,
            format!("{key} {day} lies in the future"),
        ));
    }
}

fn agent_gap(rule: &AgentRule, today: Day) -> Option<String> {
    if rule.source.trim().is_empty() {
        return Some(format!("{} has no source", rule.text()));
    }
    match rule.verified {
        None => Some(format!("{} has no `verified` date", rule.text())),
        Some(day) if day > today => Some(format!("verified {day} lies in the future")),
        Some(_) => None,
    }
}

fn check_facts(service: &Service, today: Day, findings: &mut Vec<Finding>) {
    for (at, fact) in service.facts.iter().enumerate() {
        let field = fact.field;
        if fact.source.trim().is_empty() {
            let text = format!("the fact {field} has no source");
            findings.push(error(service, fact.line, text));
        }
        check_day(service, fact.line, "checked", fact.checked, today, findings);
        if fact.checked.plus(STALE_DAYS) < today {
            let text = format!("the fact {field} is stale: checked {}", fact.checked);
            findings.push(warning(service, fact.line, text));
        }
        let mut earlier = service.facts.iter().take(at);
        if earlier.any(|other| (other.field, other.tier) == (field, fact.tier)) {
            let text = format!("the fact {field} stands here twice for one tier");
            findings.push(error(service, fact.line, text));
        }
    }
}
