//! Order, names and completeness: what a reader of the files relies on.

use super::{Finding, error, warning};
use crate::catalogue::{Catalogue, Service};
use crate::model::Archetype;

pub(super) fn check(catalogue: &Catalogue, findings: &mut Vec<Finding>) {
    for service in catalogue.services() {
        check_names(service, findings);
        check_content(service, findings);
    }
    check_order(catalogue, findings);
}

/// A file is named after the vendor that the ids in it begin with.
fn check_names(service: &Service, findings: &mut Vec<Finding>) {
    let file = service.file.rsplit('/').next().unwrap_or_default();
    let stem = file.strip_suffix(".toml").unwrap_or(file);
    let vendor = service.id.split('.').next().unwrap_or_default();
    if vendor != stem {
        let text = format!("stands in {file}, belongs in {vendor}.toml");
        findings.push(error(service, service.line, text));
    }
    let country = &service.vendor.country;
    if country.is_empty() {
        let text = "the vendor's country is missing".to_owned();
        findings.push(warning(service, service.line, text));
    } else if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
        let text = format!("country {country:?} is no ISO 3166 code of two letters");
        findings.push(error(service, service.line, text));
    }
}

/// A service can be found, or says why not.
fn check_content(service: &Service, findings: &mut Vec<Finding>) {
    let has_rules =
        !(service.domains.is_empty() && service.urls.is_empty() && service.user_agents.is_empty());
    let mut say = |text: &str| findings.push(error(service, service.line, text.to_owned()));
    if service.name.trim().is_empty() || service.description.trim().is_empty() {
        say("name and description must say something");
    }
    if service.archetype == Archetype::Embedded && service.host_app.is_none() {
        say("is embedded, but no `host_app` says in what");
    }
    match (&service.no_signature, has_rules) {
        (None, false) if service.retired.is_some() => say("a retired service keeps its rules"),
        (None, false) => say("has neither a rule nor a `no_signature` that says why"),
        (Some(_), true) => say("has rules and a `no_signature`; one of them is wrong"),
        _ => {}
    }
    if has_rules && service.proof().near_misses.is_empty() {
        say("has no near miss");
    }
}

fn check_order(catalogue: &Catalogue, findings: &mut Vec<Finding>) {
    let mut by_place: Vec<&Service> = catalogue.services().iter().collect();
    by_place.sort_by_key(|s| (&s.file, s.line));
    for pair in by_place.windows(2) {
        let [before, after] = pair else { continue };
        if before.file == after.file && before.id > after.id {
            let text = format!("stands after {}; services are sorted by id", before.id);
            findings.push(error(after, after.line, text));
        }
    }
}
