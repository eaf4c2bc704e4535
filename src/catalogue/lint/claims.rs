//! Who may claim what: no service takes a name that much else shares, and no two take the same.

use std::collections::BTreeMap;

use super::{Finding, error};
use crate::catalogue::{Catalogue, Matcher, Service};
use crate::model::Role;

pub(super) fn check(catalogue: &Catalogue, shared_apexes: &[String], findings: &mut Vec<Finding>) {
    for service in catalogue.services() {
        check_apexes(service, shared_apexes, findings);
    }
    check_doubles(catalogue, findings);
}

fn check_apexes(service: &Service, shared_apexes: &[String], findings: &mut Vec<Finding>) {
    for rule in &service.domains {
        let name = match &rule.matcher {
            Matcher::Suffix(name) => name,
            Matcher::Host(name) if rule.role.is_defining() => name,
            _ => continue,
        };
        // `shared` says just that: AI-capable software is present, and much else.
        if rule.role != Role::Shared && shared_apexes.iter().any(|apex| **apex == **name) {
            let text = format!("{name} carries much that is no AI; name the host or the path");
            findings.push(error(service, rule.line, text));
        }
    }
}

/// The same words twice are a tie, and a tie is decided by chance.
fn check_doubles(catalogue: &Catalogue, findings: &mut Vec<Finding>) {
    let mut claims: BTreeMap<String, &Service> = BTreeMap::new();
    for service in catalogue.services() {
        let hosts = service.domains.iter().map(|rule| (rule.text(), rule.line));
        let urls = service.urls.iter().flat_map(|rule| {
            let methods: Vec<&str> = match rule.method.as_slice() {
                [] => vec!["any method"],
                some => some.iter().map(|m| &**m).collect(),
            };
            let line = rule.line;
            methods
                .into_iter()
                .map(move |method| (format!("{} {}{}", method, rule.host, rule.path), line))
                .collect::<Vec<_>>()
        });
        let agents = service
            .user_agents
            .iter()
            .map(|rule| (rule.text(), rule.line));
        for (text, line) in hosts.chain(urls).chain(agents) {
            if let Some(holder) = claims.insert(text.clone(), service) {
                let text = format!("{text} is claimed by {} too", holder.id);
                findings.push(error(service, line, text));
            }
        }
    }
}
