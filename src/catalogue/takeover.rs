//! What an overlay takes from the embedded catalogue, so that nothing of it is shadowed in silence.
//!
//! Replacing a service, retiring one and ruling on a host, a URL or a user agent that another service found so far are
//! all allowed, and all told of. Two rules in the same words are not: `overlay` refuses them.

use std::collections::BTreeMap;
use std::fmt;

use super::rules::Matcher;
use super::service::Service;
use super::{Catalogue, Question};
use crate::model::Host;

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
                for (line, rule, question) in questions(service) {
                    told.extend(taken(own, laid, service, from_overlay, &question).map(
                        |(from, with)| {
                            let text =
                                format!("{rule} now gives {id} what {from} found with {with}");
                            at(service, line, text)
                        },
                    ));
                }
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

/// What each rule of a service answers: its line, its words and something that it fits. Nothing can be made up for a
/// regular expression.
fn questions(service: &Service) -> impl Iterator<Item = (u32, String, Question)> + '_ {
    let domains = service.domains.iter().filter_map(|rule| {
        let host = sample(&rule.matcher)?;
        Some((rule.line, rule.text(), Question::Host(host)))
    });
    let urls = service.urls.iter().filter_map(|rule| {
        let question = Question::Url {
            method: rule.method.first().map(ToString::to_string),
            host: sample(&rule.host)?,
            path: filled(&rule.path.to_string()).replace('*', "x"),
        };
        Some((rule.line, rule.text(), question))
    });
    let agents = service.user_agents.iter().map(|rule| {
        let contained = rule.contains.as_deref().unwrap_or_default();
        let question = Question::UserAgent(format!("{}{contained}", rule.prefix));
        (rule.line, rule.text(), question)
    });
    domains.chain(urls).chain(agents)
}

/// The service that a rule takes something from, and with what it found that so far. Services that the overlay speaks
/// of itself are told of as a whole.
fn taken(
    own: &Catalogue,
    laid: &Catalogue,
    service: &Service,
    from_overlay: &Said,
    question: &Question,
) -> Option<(String, String)> {
    let (before, with) = winner(own, question)?;
    let (now, _) = winner(laid, question)?;
    let takes = now == &*service.id && !from_overlay.contains_key(before);
    takes.then(|| (before.to_owned(), with))
}

/// The id of the service that answers, and its rule. A program that talks to anybody belongs to no service.
fn winner<'c>(catalogue: &'c Catalogue, question: &Question) -> Option<(&'c str, String)> {
    match question {
        Question::Host(host) => {
            let found = catalogue.match_host(host.as_str())?;
            Some((&found.service.id, found.rule.text()))
        }
        Question::Url { method, host, path } => {
            let method = method.as_deref().map(str::as_bytes);
            let found = catalogue.match_url(host.as_str(), path.as_bytes(), method)?;
            Some((&found.service.id, found.rule.text()))
        }
        Question::UserAgent(agent) => {
            let found = catalogue.match_user_agent(agent.as_bytes())?;
            let whose = found.service.map_or("no service", |service| &*service.id);
            Some((whose, found.rule.text()))
        }
    }
}

fn sample(matcher: &Matcher) -> Option<Host> {
    let name = match matcher {
        Matcher::Host(name) | Matcher::Suffix(name) => name.to_string(),
        Matcher::Below(name) => format!("x.{name}"),
        Matcher::Pattern(pattern) => filled(&pattern.to_string()),
        Matcher::Regex { .. } => return None,
    };
    Host::parse(name.as_bytes())
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
