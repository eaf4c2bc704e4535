//! Every rule is hit by an example of its own service, and every near miss is missed.
//!
//! Two rules that fit an example equally well are reported here too: a tie shows on a name only.

use std::collections::BTreeSet;

use super::{Finding, Weight, error};
use crate::catalogue::{Catalogue, Example, Question, RuleRef, RuleVerdict, Service};
use crate::model::{Activity, Channel, Role};

pub(super) fn check(catalogue: &Catalogue, findings: &mut Vec<Finding>) {
    for service in catalogue.services() {
        // Rules of one service never share a line.
        let mut hit: BTreeSet<u32> = BTreeSet::new();
        for example in &service.proof().examples {
            match outcome(catalogue, example) {
                Ok(outcome) => {
                    hit.extend(outcome.lines_of(service));
                    if let Err(text) = outcome.check(service, &example.expect) {
                        let text = format!("example {:?}: {text}", example.input);
                        findings.push(error(service, example.line, text));
                    }
                }
                Err(text) => findings.push(error(service, example.line, text)),
            }
        }
        check_coverage(service, &hit, findings);
        check_near_misses(catalogue, service, findings);
    }
    check_free_agents(catalogue, findings);
}

/// What the catalogue says to an example.
struct Outcome<'c> {
    /// Winning rules with their services: of the URL, of the host, or of the user agent.
    winners: Vec<(Option<&'c Service>, RuleRef<'c>)>,
    tie: Option<String>,
}

fn outcome<'c>(catalogue: &'c Catalogue, example: &Example) -> Result<Outcome<'c>, String> {
    let input = &example.input;
    let Some(question) = Question::parse(input) else {
        return Err(format!("example {input:?} is no host, URL or user agent"));
    };
    let is_word = |word: &str| {
        word == "none"
            || word.parse::<Role>().is_ok()
            || word.parse::<Activity>().is_ok()
            || word.parse::<Channel>().is_ok()
    };
    if !is_word(&example.expect) {
        let expect = &example.expect;
        return Err(format!(
            "{expect:?} is no role, activity, channel or \"none\""
        ));
    }
    let tie = match &question {
        Question::Host(host) | Question::Url { host, .. } => tie(catalogue, host.as_str()),
        Question::UserAgent(_) => None,
    };
    let considered = catalogue.considered(&question);
    let won = considered
        .into_iter()
        .filter(|c| c.verdict == RuleVerdict::Won);
    Ok(Outcome {
        winners: won.map(|c| (c.service, c.rule)).collect(),
        tie,
    })
}

/// Two rules that fit a host equally well.
fn tie(catalogue: &Catalogue, host: &str) -> Option<String> {
    let mut fitting: Vec<_> = catalogue.host_index().each(host).collect();
    fitting.sort_by_key(|(specificity, _)| std::cmp::Reverse(*specificity));
    let [(first, a), (second, b), ..] = fitting.as_slice() else {
        return None;
    };
    let (service_a, rule_a) = catalogue.domain(*a)?;
    let (service_b, rule_b) = catalogue.domain(*b)?;
    (first == second).then(|| {
        format!(
            "{} ({}) and {} ({}) fit equally well",
            rule_a.text(),
            service_a.id,
            rule_b.text(),
            service_b.id
        )
    })
}

impl Outcome<'_> {
    fn lines_of(&self, service: &Service) -> Vec<u32> {
        let own = self.winners.iter().filter(|(s, _)| is(*s, service));
        own.map(|(_, rule)| line(*rule)).collect()
    }

    fn check(&self, service: &Service, expect: &str) -> Result<(), String> {
        if let Some(tie) = &self.tie {
            return Err(tie.clone());
        }
        if expect == "none" {
            return match self.winners.first() {
                None => Ok(()),
                Some((_, rule)) => Err(format!("expected none, {rule} finds it")),
            };
        }
        // A URL rule speaks before the host does; the host's role may be what was meant.
        let own = self.winners.iter().filter(|(s, _)| is(*s, service));
        let mut words = own.map(|(_, rule)| word(*rule));
        if words.clone().any(|word| word == expect) {
            return Ok(());
        }
        match (words.next(), self.winners.first()) {
            (Some(got), _) => Err(format!("expected {expect}, got {got}")),
            (None, Some((Some(other), rule))) => Err(format!(
                "expected {expect}, {rule} gives it to {}",
                other.id
            )),
            (None, _) => Err(format!("expected {expect}, no rule finds it")),
        }
    }
}

fn is(found: Option<&Service>, service: &Service) -> bool {
    found.is_some_and(|found| found.id == service.id)
}

fn line(rule: RuleRef<'_>) -> u32 {
    match rule {
        RuleRef::Domain(rule) => rule.line,
        RuleRef::Url(rule) => rule.line,
        RuleRef::Agent(rule) => rule.line,
    }
}

fn word(rule: RuleRef<'_>) -> &'static str {
    match rule {
        RuleRef::Domain(rule) => rule.role.as_str(),
        RuleRef::Url(rule) => rule.activity.as_str(),
        RuleRef::Agent(rule) => rule.channel.as_str(),
    }
}

fn check_coverage(service: &Service, hit: &BTreeSet<u32>, findings: &mut Vec<Finding>) {
    let domains = service.domains.iter().map(RuleRef::Domain);
    let urls = service.urls.iter().map(RuleRef::Url);
    let agents = service.user_agents.iter().map(RuleRef::Agent);
    for rule in domains.chain(urls).chain(agents) {
        if !hit.contains(&line(rule)) {
            findings.push(error(
                service,
                line(rule),
                format!("no example hits {rule}"),
            ));
        }
    }
}

/// A near miss is no finding of this service: a bare host is not its at all, a URL neither shows an
/// activity nor stands on a defining host.
fn check_near_misses(catalogue: &Catalogue, service: &Service, findings: &mut Vec<Finding>) {
    for input in &service.proof().near_misses {
        let found = match Question::parse(input) {
            Some(question) => near_miss_hit(catalogue, service, question),
            None => Some("is no host, URL or user agent".to_owned()),
        };
        if let Some(text) = found {
            let text = format!("near miss {input:?} {text}");
            findings.push(error(service, service.line, text));
        }
    }
}

fn near_miss_hit(catalogue: &Catalogue, service: &Service, question: Question) -> Option<String> {
    let is_url = matches!(question, Question::Url { .. });
    let considered = catalogue.considered(&question);
    let own = considered
        .iter()
        .filter(|c| c.verdict == RuleVerdict::Won && is(c.service, service));
    let mut hits = own.filter(|c| match c.rule {
        RuleRef::Domain(rule) => !is_url || rule.role.is_defining(),
        RuleRef::Url(_) | RuleRef::Agent(_) => true,
    });
    hits.next().map(|hit| format!("is hit by {}", hit.rule))
}

fn check_free_agents(catalogue: &Catalogue, findings: &mut Vec<Finding>) {
    let mut hit: Vec<String> = Vec::new();
    for (file, example) in catalogue.agent_examples() {
        let mut say = |text: String| {
            findings.push(Finding {
                file: file.clone(),
                line: Some(example.line),
                weight: Weight::Error,
                text: format!("example {:?}: {text}", example.input),
            });
        };
        match outcome(catalogue, example) {
            Err(text) => say(text),
            Ok(outcome) => match outcome.winners.first() {
                Some((None, rule)) if word(*rule) == example.expect => hit.push(rule.to_string()),
                Some((_, rule)) => say(format!("expected {}, {rule} finds it", example.expect)),
                None if example.expect == "none" => {}
                None => say(format!("expected {}, no rule finds it", example.expect)),
            },
        }
    }
    for rule in catalogue.agents() {
        if !hit.contains(&rule.text()) {
            findings.push(Finding {
                file: rule.file.to_string(),
                line: Some(rule.line),
                weight: Weight::Error,
                text: format!("no example hits {}", rule.text()),
            });
        }
    }
}
