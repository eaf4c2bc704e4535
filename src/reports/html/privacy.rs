//! Rows for the privacy officer: where personal data is likely, how the legal duties stand, what is known of training,
//! retention and place, and how far an incident would reach.

use std::collections::BTreeSet;

use super::management::{Ranked, people, sent};
use crate::model::Tier;
use crate::reports::figures::{count, counted, days};
use crate::reports::{Application, Edition, Report, legend};

/// Categories whose purpose is people, their words or their circumstances.
const PERSONAL: &[(&str, &str)] = &[
    ("companion", "personal conversation"),
    ("customer-service", "conversations with customers"),
    ("education", "learners"),
    ("finance", "financial circumstances"),
    ("health", "health"),
    ("hr", "applicants and staff"),
    ("legal", "legal matters"),
    ("meetings", "recordings of meetings"),
    ("sales", "customers and leads"),
    ("speech", "voices"),
];

/// Applications whose purpose or groups make personal data likely.
pub(super) fn personal(report: &Report, edition: Edition) -> Vec<Ranked<'_>> {
    let apps = report.applications.iter();
    apps.filter_map(|app| {
        let purpose = PERSONAL
            .iter()
            .find(|(category, _)| *category == app.category)
            .map(|(_, why)| format!("its purpose: {why}"));
        let group = app
            .risk
            .lines
            .iter()
            .find(|line| line.id == "B6" && line.points > 0.0)
            .map(|line| format!("a sensitive group uses it: {}", line.value));
        let personal = (app.tier.value == Tier::Consumer).then(|| "personal accounts".to_owned());
        let why: Vec<String> = [purpose, group, personal].into_iter().flatten().collect();
        (!why.is_empty()).then(|| Ranked::of(app, report, edition, why.join("; ")))
    })
    .collect()
}

/// Duties that a processing record asks for.
pub(super) const LEGAL: [(&str, &str); 8] = [
    ("GAI-15", "Basis, DPIA"),
    ("GAI-37", "Contract"),
    ("GAI-16", "Sub-processors"),
    ("GAI-14", "Transfers"),
    ("GAI-13", "Retention"),
    ("GAI-12", "No training"),
    ("GAI-40", "Class of use"),
    ("GAI-41", "People told"),
];

/// Status and colour of each of these duties, empty where it does not apply.
pub(super) fn legal(report: &Report) -> Vec<(&str, Vec<(String, &'static str)>)> {
    let apps = report.applications.iter();
    apps.map(|app| {
        let cells = LEGAL.iter().map(|(id, _)| {
            let duty = app.duties().find(|duty| duty.id == *id);
            duty.map_or_else(Default::default, |duty| {
                (legend::status(duty.status), super::app::class(duty))
            })
        });
        (app.name.as_str(), cells.collect())
    })
    .collect()
}

/// The counts that a privacy officer reports, in a sentence.
pub(super) fn screening(report: &Report) -> String {
    let without = |id: &str| {
        let apps = report.applications.iter();
        apps.filter(|app| {
            app.duties().any(|duty| {
                duty.id == id && (duty.is_pending() || duty.status == "provider_unassured")
            })
        })
        .count() as u64
    };
    let uploads = report
        .applications
        .iter()
        .filter(|app| app.tier.value == Tier::Consumer && app.bytes_up > 0)
        .count() as u64;
    format!(
        "{} without a contract on file, {} without a screening, {} on personal accounts to which data was sent. \
         Articles 4, 5, 26 and 50 of the EU AI Act are among what GAI-07, GAI-40 and GAI-41 are mapped to; a register \
         like this is a practical precondition and is not itself what the Act asks of private deployers.",
        counted(without("GAI-37"), "application", "applications"),
        counted(without("GAI-15"), "application", "applications"),
        counted(uploads, "application", "applications")
    )
}

/// Name, training, retention, country, source.
pub(super) fn facts(report: &Report) -> Vec<(&str, String, String, String, String)> {
    let apps = report.applications.iter();
    apps.map(|app| {
        let line = |id: &str| app.risk.lines.iter().find(|line| line.id == id);
        let value = |id: &str| match line(id) {
            Some(line) if line.known => line.value.clone(),
            _ => "unknown".to_owned(),
        };
        let sources: BTreeSet<&str> = ["C1", "C2"]
            .into_iter()
            .filter_map(line)
            .map(|line| line.source.as_str())
            .filter(|source| !source.is_empty())
            .collect();
        let country = if app.country.is_empty() {
            "unknown".to_owned()
        } else {
            app.country.clone()
        };
        let sources: Vec<&str> = sources.into_iter().collect();
        (
            app.name.as_str(),
            value("C1"),
            value("C2"),
            country,
            if sources.is_empty() {
                "–".to_owned()
            } else {
                sources.join("; ")
            },
        )
    })
    .collect()
}

/// Name, people, clients, sent, first to last.
pub(super) fn lookback(
    report: &Report,
    edition: Edition,
) -> Vec<(&str, String, String, String, String)> {
    let apps = report.applications.iter();
    apps.map(|app| {
        (
            app.name.as_str(),
            people(app, edition),
            edition.group(app.clients),
            sent(app),
            days(Some(app.first_seen), Some(app.last_seen)),
        )
    })
    .collect()
}

/// How the duty to monitor lawfully stands, over all applications.
pub(super) fn monitoring(report: &Report) -> String {
    let of = |wanted: fn(&crate::reports::Duty) -> bool| {
        let duties = report.applications.iter().flat_map(Application::duties);
        duties
            .filter(|duty| duty.id == "GAI-42" && wanted(duty))
            .count() as u64
    };
    let open = of(crate::reports::Duty::is_pending);
    if open == 0 {
        return "settled for every application".to_owned();
    }
    format!(
        "open for {} of {}",
        count(open),
        counted(of(|_| true), "application", "applications")
    )
}
