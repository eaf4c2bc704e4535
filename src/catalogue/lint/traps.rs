//! Names and URLs that look like GenAI and are not: nothing sure may find them.

use super::{Finding, Weight, error};
use crate::catalogue::{Catalogue, Question};
use crate::model::Evidence;

pub(super) fn check(catalogue: &Catalogue, traps: &[&str], findings: &mut Vec<Finding>) {
    for trap in traps {
        match Question::parse(trap) {
            Some(question) => spring(catalogue, trap, &question, findings),
            None => findings.push(Finding {
                file: "traps".to_owned(),
                line: None,
                weight: Weight::Error,
                text: format!("{trap:?} is no host, URL or user agent"),
            }),
        }
    }
}

fn spring(catalogue: &Catalogue, trap: &str, question: &Question, findings: &mut Vec<Finding>) {
    let host = match question {
        Question::Host(host) | Question::Url { host, .. } => host.as_str(),
        Question::UserAgent(_) => return,
    };
    if let Some(found) = catalogue.match_host(host)
        && found.rule.role.is_defining()
        && found.rule.evidence != Evidence::Weak
    {
        let text = format!("{} finds the trap {trap}", found.rule.text());
        findings.push(error(found.service, found.rule.line, text));
    }
    let Question::Url { method, path, .. } = question else {
        return;
    };
    let method = method.as_deref().map(str::as_bytes);
    if let Some(found) = catalogue.match_url(host, path.as_bytes(), method)
        && found.rule.evidence != Evidence::Weak
    {
        let text = format!("{} finds the trap {trap}", found.rule.text());
        findings.push(error(found.service, found.rule.line, text));
    }
}
