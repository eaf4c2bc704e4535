//! What an overlay takes from the embedded catalogue, so that nothing of it is shadowed in silence.
//!
//! Replacing a service, retiring one and ruling on a host or a URL that another service found so far are all
//! allowed, and all told of. Two rules in the same words are not: `overlay` refuses them.

use std::collections::BTreeMap;
use std::fmt;

use super::Catalogue;
use super::rules::{Matcher, UrlRule};
use super::service::Service;

/// The ids that an overlay speaks of, with file and line.
pub(super) type Said = BTreeMap<String, (String, u32)>;

/// One thing that an overlay takes over, and the place that says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Takeover {
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// What is taken over, as a sentence.
    pub text: String,
}

impl fmt::Display for Takeover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.text)
    }
}

/// One per service replaced or retired and per rule that wins where a service of the embedded catalogue won, sorted
/// by place.
pub(super) fn tell(own: &Catalogue, laid: &Catalogue, from_overlay: &Said) -> Vec<Takeover> {
    let mut told = Vec::new();
    for (id, (file, line)) in from_overlay {
        match (own.service(id), laid.service(id)) {
            (Some(before), None) => told.push(Takeover {
                file: file.clone(),
                line: *line,
                text: format!("retires {id}: {}, {}", before.name, rules(before)),
            }),
            (before, Some(service)) => {
                if let Some(before) = before {
                    let what = format!(
                        "replaces {id}: {} instead of {}",
                        rules(service),
                        rules(before)
                    );
                    told.push(at(service, service.line, what));
                }
                taken_hosts(own, laid, service, from_overlay, &mut told);
                taken_urls(own, laid, service, from_overlay, &mut told);
            }
            (None, None) => {}
        }
    }
    told.sort();
    told
}

fn at(service: &Service, line: u32, text: String) -> Takeover {
    Takeover {
        file: service.file.to_string(),
        line,
        text,
    }
}

fn taken_hosts(
    own: &Catalogue,
    laid: &Catalogue,
    service: &Service,
    from_overlay: &Said,
    told: &mut Vec<Takeover>,
) {
    for rule in &service.domains {
        let Some(host) = sample(&rule.matcher) else {
            continue;
        };
        let Some(before) = own.match_host(&host) else {
            continue;
        };
        let wins = laid
            .match_host(&host)
            .is_some_and(|now| now.service.id == service.id);
        if wins && !from_overlay.contains_key(&*before.service.id) {
            let what = format!(
                "{} now gives {} what {} found with {}",
                rule.text(),
                service.id,
                before.service.id,
                before.rule.text()
            );
            told.push(at(service, rule.line, what));
        }
    }
}

fn taken_urls(
    own: &Catalogue,
    laid: &Catalogue,
    service: &Service,
    from_overlay: &Said,
    told: &mut Vec<Takeover>,
) {
    for rule in &service.urls {
        let Some(host) = sample(&rule.host) else {
            continue;
        };
        let path = sample_path(rule);
        let method = rule.method.first().map(|method| method.as_bytes());
        let Some(before) = own.match_url(&host, path.as_bytes(), method) else {
            continue;
        };
        let wins = laid
            .match_url(&host, path.as_bytes(), method)
            .is_some_and(|now| now.service.id == service.id);
        if wins && !from_overlay.contains_key(&*before.service.id) {
            let what = format!(
                "{} now gives {} what {} found with {}",
                rule.text(),
                service.id,
                before.service.id,
                before.rule.text()
            );
            told.push(at(service, rule.line, what));
        }
    }
}

/// A host that a rule speaks of; none can be made up for a regular expression.
fn sample(matcher: &Matcher) -> Option<String> {
    match matcher {
        Matcher::Host(name) | Matcher::Suffix(name) => Some(name.to_string()),
        Matcher::Below(name) => Some(format!("x.{name}")),
        Matcher::Pattern(pattern) => Some(filled(&pattern.to_string())),
        Matcher::Regex { .. } => None,
    }
}

fn sample_path(rule: &UrlRule) -> String {
    filled(&rule.path.to_string()).replace('*', "x")
}

/// A pattern with every placeholder filled.
fn filled(pattern: &str) -> String {
    let mut pieces = pattern.split('{');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push('x');
        text.push_str(piece.split_once('}').map_or("", |(_, rest)| rest));
    }
    text
}

fn rules(service: &Service) -> String {
    match service.domains.len() + service.urls.len() + service.user_agents.len() {
        1 => "1 rule".to_owned(),
        many => format!("{many} rules"),
    }
}
