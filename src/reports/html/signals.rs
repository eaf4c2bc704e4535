//! Rows for whoever watches: what the observation rules say, who sent more than usual, queries to paste.

use crate::model::{Finding, Observation, Rule};
use crate::reports::figures::{bytes, days};
use crate::reports::{Application, Edition, Report};

/// Applications that get a query.
const QUERIES: usize = 20;

/// What a rule says of an application.
pub(super) struct Said<'r> {
    pub(super) name: &'r str,
    pub(super) rule: &'static str,
    pub(super) question: &'static str,
    pub(super) answer: &'static str,
    pub(super) class: &'static str,
    pub(super) detail: &'r str,
    pub(super) window: String,
    pub(super) coverage: String,
    pub(super) technique: &'static str,
}

impl<'r> Said<'r> {
    fn of(app: &'r Application, seen: &'r Observation) -> Self {
        let (answer, class) = match seen.finding {
            Finding::Holds => ("yes", "met"),
            Finding::Fails => ("no", "overdue"),
            Finding::Unclear => ("cannot tell", "unclear"),
        };
        Self {
            name: &app.name,
            rule: seen.rule.as_str(),
            question: question(seen.rule),
            answer,
            class,
            detail: &seen.detail,
            window: days(Some(seen.from), Some(seen.until)),
            coverage: seen
                .coverage
                .map_or_else(|| "–".to_owned(), |percent| format!("{percent} %")),
            technique: technique(seen.rule),
        }
    }
}

/// Worded so that "yes" is what the enterprise wants.
const fn question(rule: Rule) -> &'static str {
    match rule {
        Rule::BlockEffective => "does the block hold?",
        Rule::Displacement => "do people move to what is sanctioned?",
        Rule::UploadsFall => "is less sent than before?",
        Rule::TenantShare => "is the work done in the tenant?",
        Rule::GatewayShare => "do calls take the own gateway?",
        Rule::KeySprawl => "are keys on servers alone?",
        Rule::ExpiryBreach => "did use end with its permission?",
        Rule::FeatureSwitchedOn => "is the host application without new AI?",
        Rule::AgentCadence => "is the rhythm that of people?",
        Rule::Gone => "is it gone?",
    }
}

/// A technique of MITRE ATLAS that such traffic belongs to.
const fn technique(rule: Rule) -> &'static str {
    match rule {
        Rule::BlockEffective | Rule::UploadsFall | Rule::ExpiryBreach | Rule::TenantShare => {
            "AML.T0057"
        }
        Rule::GatewayShare | Rule::KeySprawl => "AML.T0096",
        Rule::AgentCadence => "AML.T0112.000",
        Rule::Displacement | Rule::FeatureSwitchedOn | Rule::Gone => "–",
    }
}

pub(super) fn said<'r>(report: &'r Report, wanted: &[Rule]) -> Vec<Said<'r>> {
    let apps = report.applications.iter();
    let mut said: Vec<(&Application, &Observation)> = apps
        .flat_map(|app| app.observations.iter().map(move |seen| (app, seen)))
        .filter(|(_, seen)| wanted.contains(&seen.rule))
        .collect();
    // What failed first: a short list must not leave it out.
    said.sort_by_key(|(_, seen)| seen.finding != Finding::Fails);
    said.into_iter()
        .map(|(app, seen)| Said::of(app, seen))
        .collect()
}

/// Name, application, bytes in seven days, bytes a day before that.
pub(super) fn outliers(report: &Report, edition: Edition) -> Vec<(&str, &str, String, String)> {
    if !edition.shows_names() {
        return Vec::new();
    }
    let apps = report.applications.iter();
    apps.flat_map(|app| app.outliers.iter().map(move |one| (app, one)))
        .map(|(app, one)| {
            (
                one.who.as_str(),
                app.name.as_str(),
                bytes(one.bytes_7d),
                bytes(one.bytes_a_day_before),
            )
        })
        .collect()
}

pub(super) fn queries(report: &Report) -> Vec<(&str, String)> {
    let apps = report
        .applications
        .iter()
        .filter(|app| !app.hosts.is_empty());
    apps.take(QUERIES)
        .map(|app| {
            let hosts: Vec<String> = app
                .hosts
                .iter()
                .map(|host| format!("\"{}\"", host.host))
                .collect();
            (app.name.as_str(), format!("IN ({})", hosts.join(", ")))
        })
        .collect()
}
