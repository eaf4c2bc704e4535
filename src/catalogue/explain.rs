//! Why a host, a URL or a user agent is what it is: every rule that was considered, which won, and why the
//! others did not.
//!
//! Slow and complete, where the matching is quick and brief; it asks the same index, so that the two cannot
//! disagree about who won. Nothing is printed here.

use std::fmt;

use super::compiled::{captures, url_rank, without_query};
use super::found::AgentMatch;
use super::index::Slot;
use super::rules::{AgentRule, DomainRule, UrlRule};
use super::service::Service;
use super::{Catalogue, Question};

/// All that was considered for one question, the winners first.
#[derive(Debug, Clone)]
pub struct Explanation<'c> {
    pub question: Question,
    pub considered: Vec<Considered<'c>>,
    /// Names of the catalogue that the host only resembles, each with the reason why it does not count.
    pub resembles: Vec<String>,
}

/// One rule and what became of it.
#[derive(Debug, Clone)]
pub struct Considered<'c> {
    /// `None` for a program that talks to anybody.
    pub service: Option<&'c Service>,
    pub rule: RuleRef<'c>,
    pub verdict: RuleVerdict,
    /// A clause: `the most specific rule for this host`.
    pub because: String,
    /// What the placeholders stand for.
    pub captures: Vec<(String, String)>,
}

/// A rule of any kind.
#[derive(Debug, Clone, Copy)]
pub enum RuleRef<'c> {
    Domain(&'c DomainRule),
    Url(&'c UrlRule),
    Agent(&'c AgentRule),
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleVerdict {
    /// It decides.
    Won,
    /// It fits, but another is more specific.
    Outranked,
    /// It looked likely and does not fit.
    Missed,
}

impl fmt::Display for RuleRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(rule) => f.pad(&rule.text()),
            Self::Url(rule) => f.pad(&rule.text()),
            Self::Agent(rule) => f.pad(&rule.text()),
        }
    }
}

impl Catalogue {
    /// Explains a question.
    #[must_use]
    pub fn explain(&self, question: Question) -> Explanation<'_> {
        // What is found needs no word about what it looks like.
        let resembles = match &question {
            Question::Host(host) | Question::Url { host, .. }
                if self.host_index().best(host.as_str()).is_none() =>
            {
                self.resembling(host.as_str())
            }
            _ => Vec::new(),
        };
        Explanation {
            considered: self.considered(&question),
            question,
            resembles,
        }
    }

    /// The rules alone, the winners first.
    pub(super) fn considered(&self, question: &Question) -> Vec<Considered<'_>> {
        let mut considered = Vec::new();
        match question {
            Question::Host(host) => self.explain_host(host.as_str(), &mut considered),
            Question::Url { method, host, path } => {
                let method = method.as_deref().map(str::as_bytes);
                self.explain_url(host.as_str(), path.as_bytes(), method, &mut considered);
                self.explain_host(host.as_str(), &mut considered);
            }
            Question::UserAgent(agent) => self.explain_agent(agent.as_bytes(), &mut considered),
        }
        considered.sort_by_key(|c| c.verdict);
        considered
    }

    fn explain_host<'c>(&'c self, host: &str, considered: &mut Vec<Considered<'c>>) {
        let winner = self.host_index().best(host);
        let mut fitting: Vec<_> = self.host_index().each(host).collect();
        fitting.sort_by_key(|(specificity, slot)| (std::cmp::Reverse(*specificity), *slot));
        let won = winner
            .and_then(|slot| self.domain(slot))
            .map(|(_, rule)| rule.text());
        for (_, slot) in fitting {
            let is_winner = Some(slot) == winner;
            let because = match &won {
                Some(text) if !is_winner => format!("fits too, but {text} is more specific"),
                _ => "the most specific rule for this host".to_owned(),
            };
            self.push_domain(slot, is_winner, because, host, considered);
        }
        for slot in self.host_index().each_missed(host) {
            if let Some((service, rule)) = self.domain(slot) {
                considered.push(Considered {
                    service: Some(service),
                    rule: RuleRef::Domain(rule),
                    verdict: RuleVerdict::Missed,
                    because: "ends like this host, but the labels before do not fit".to_owned(),
                    captures: Vec::new(),
                });
            }
        }
    }

    fn push_domain<'c>(
        &'c self,
        slot: Slot,
        is_winner: bool,
        because: String,
        host: &str,
        considered: &mut Vec<Considered<'c>>,
    ) {
        if let Some((service, rule)) = self.domain(slot) {
            considered.push(Considered {
                service: Some(service),
                rule: RuleRef::Domain(rule),
                verdict: verdict(is_winner),
                because,
                captures: captures(&rule.matcher, host),
            });
        }
    }

    fn explain_url<'c>(
        &'c self,
        host: &str,
        path: &[u8],
        method: Option<&[u8]>,
        considered: &mut Vec<Considered<'c>>,
    ) {
        let path = without_query(path);
        let won = self.match_url(host, path, method).map(|found| found.rule);
        let mut rules: Vec<_> = self
            .url_index()
            .each(host)
            .filter_map(|(specificity, slot)| {
                let (service, rule) = self.url(slot)?;
                Some((url_rank(specificity, rule), service, rule))
            })
            .collect();
        rules.sort_by_key(|(rank, _, rule)| (std::cmp::Reverse(*rank), rule.line));
        for (_, service, rule) in rules {
            let is_winner = won.is_some_and(|won| std::ptr::eq(won, rule));
            let fits = rule.path.matches(path);
            let takes = rule.takes(method);
            let because = match (&won, fits, takes) {
                (_, false, _) => "the path does not fit".to_owned(),
                (_, true, false) => "the path fits, the method does not".to_owned(),
                (Some(won), ..) if !is_winner => {
                    format!("fits too, but {} is more specific", won.text())
                }
                _ => "the most specific rule for this URL".to_owned(),
            };
            let mut captured = Vec::new();
            if fits && takes {
                captured = captures(&rule.host, host);
                captured.extend(rule.path.captures(path));
            }
            considered.push(Considered {
                service: Some(service),
                rule: RuleRef::Url(rule),
                verdict: if fits && takes {
                    verdict(is_winner)
                } else {
                    RuleVerdict::Missed
                },
                because,
                captures: captured,
            });
        }
    }

    fn explain_agent<'c>(&'c self, agent: &[u8], considered: &mut Vec<Considered<'c>>) {
        let fitting = self.all_agents().filter(|found| found.rule.fits(agent));
        for (at, AgentMatch { rule, service }) in fitting.enumerate() {
            let because = if at == 0 {
                "the longest rule for this user agent"
            } else {
                "fits too, but a longer rule does as well"
            };
            considered.push(Considered {
                service,
                rule: RuleRef::Agent(rule),
                verdict: verdict(at == 0),
                because: because.to_owned(),
                captures: Vec::new(),
            });
        }
    }

    /// What a host looks like without being it: a known name in the middle, or one glued to other letters.
    fn resembling(&self, host: &str) -> Vec<String> {
        let mut notes = Vec::new();
        for name in self.host_index().names() {
            let owner = self
                .host_index()
                .under(name)
                .find_map(|slot| self.domain(slot));
            let Some((service, rule)) = owner.filter(|(_, rule)| rule.role.is_defining()) else {
                continue;
            };
            // A pattern's literal end is no name of its service.
            let is_own = !rule.text().starts_with("pattern") && !rule.text().starts_with("regex");
            let Some(at) = host.find(name).filter(|_| is_own) else {
                continue;
            };
            let before = host.get(..at).unwrap_or_default();
            let after = host.get(at + name.len()..).unwrap_or_default();
            if after.starts_with('.') && (before.is_empty() || before.ends_with('.')) {
                let why = format!(
                    "holds {name} ({}), but ends in {}",
                    service.name,
                    after.trim_start_matches('.')
                );
                notes.push(why);
            } else if after.is_empty() && !before.is_empty() && !before.ends_with('.') {
                let why = format!(
                    "ends in the letters of {name} ({}), but not at a label",
                    service.name
                );
                notes.push(why);
            }
        }
        notes.sort();
        notes
    }
}

const fn verdict(is_winner: bool) -> RuleVerdict {
    if is_winner {
        RuleVerdict::Won
    } else {
        RuleVerdict::Outranked
    }
}
