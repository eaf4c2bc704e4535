//! What an overlay takes from the embedded catalogue, so that nothing of it is shadowed in silence.
//!
//! Replacing a service, retiring one and ruling on a host or a URL that another service found so far are all
//! allowed, and all told of. Two rules in the same words are not: `overlay` refuses them.

use std::collections::BTreeSet;

use super::Catalogue;
use super::rules::{Matcher, UrlRule};
use super::service::Service;

/// One sentence per service replaced or retired and per rule that wins where a service of the embedded catalogue
/// won, sorted by place.
pub(super) fn tell(
    own: &Catalogue,
    laid: &Catalogue,
    from_overlay: &BTreeSet<String>,
) -> Vec<String> {
    let mut told = Vec::new();
    for id in from_overlay {
        match (own.service(id), laid.service(id)) {
            (Some(before), None) => told.push((
                String::new(),
                0,
                format!("the overlay retires {id} ({})", before.name),
            )),
            (before, Some(service)) => {
                if let Some(before) = before {
                    let what = format!(
                        "replaces {id}: {} instead of {}",
                        rules(service),
                        rules(before)
                    );
                    told.push((service.file.to_string(), service.line, what));
                }
                taken_hosts(own, laid, service, from_overlay, &mut told);
                taken_urls(own, laid, service, from_overlay, &mut told);
            }
            (None, None) => {}
        }
    }
    told.sort();
    told.into_iter()
        .map(|(file, line, what)| match line {
            0 => what,
            _ => format!("{file}:{line}: {what}"),
        })
        .collect()
}

type Told = Vec<(String, u32, String)>;

fn taken_hosts(
    own: &Catalogue,
    laid: &Catalogue,
    service: &Service,
    from_overlay: &BTreeSet<String>,
    told: &mut Told,
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
        if wins && !from_overlay.contains(&*before.service.id) {
            let what = format!(
                "{} now gives {} what {} found with {}",
                rule.text(),
                service.id,
                before.service.id,
                before.rule.text()
            );
            told.push((service.file.to_string(), rule.line, what));
        }
    }
}

fn taken_urls(
    own: &Catalogue,
    laid: &Catalogue,
    service: &Service,
    from_overlay: &BTreeSet<String>,
    told: &mut Told,
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
        if wins && !from_overlay.contains(&*before.service.id) {
            let what = format!(
                "{} now gives {} what {} found with {}",
                rule.text(),
                service.id,
                before.service.id,
                before.rule.text()
            );
            told.push((service.file.to_string(), rule.line, what));
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
