//! What the catalogue answers.

use super::rules::{AgentRule, DomainRule, UrlRule};
use super::service::Service;

/// A host that belongs to a service.
#[derive(Debug, Clone)]
pub struct HostMatch<'c> {
    pub service: &'c Service,
    pub rule: &'c DomainRule,
    /// What the placeholders of a pattern stand for; empty for other rules.
    pub captures: Vec<(String, String)>,
}

/// A URL that shows what somebody did.
#[derive(Debug, Clone)]
pub struct UrlMatch<'c> {
    pub service: &'c Service,
    pub rule: &'c UrlRule,
    /// What the placeholders of host and path stand for.
    pub captures: Vec<(String, String)>,
}

/// A program that names itself.
#[derive(Debug, Clone)]
pub struct AgentMatch<'c> {
    pub rule: &'c AgentRule,
    /// The service that the program belongs to; `None` for a library that talks to anybody.
    pub service: Option<&'c Service>,
}
