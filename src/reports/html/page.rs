//! The whole page: what `templates/report.html` is filled with.

use askama::Template;

use super::app::App;
use super::charts::{self, Bar, Days};
use super::overview::{self, Figure, Strip};
use crate::model::{Coverage, TransitionKind};
use crate::reports::figures::{self, bytes, count, minute, percent};
use crate::reports::headline::{self, Asked};
use crate::reports::legend::{self, Meaning};
use crate::reports::{Edition, Report};

/// How many rows a list of things that happened shows; the rest is in the JSON report.
const SHOWN: usize = 60;
const UPLOAD_BARS: usize = 12;

#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page<'r> {
    report: &'r Report,
    style: &'static str,
    policy: String,
    audience: &'static str,
    discretion: &'static str,
    shows_names: bool,
    period: String,
    as_of: String,
    sentences: Vec<String>,
    asked: Vec<Asked<'r>>,
    figures: Vec<Figure>,
    sources: Vec<Source<'r>>,
    strips: Vec<Strip>,
    apps: Vec<App<'r>>,
    heat: Vec<HeatLine<'r>>,
    uploads: Vec<Bar>,
    uploads_unknown: usize,
    days: Option<Days>,
    changes: Vec<Change<'r>>,
    changes_left: usize,
    due: Vec<Ending<'r>>,
    candidates: Vec<Found<'r>>,
    candidates_left: usize,
    visited: Vec<(&'r str, String, String)>,
    legends: [(&'static str, &'static [Meaning]); 5],
    method: &'static [&'static str],
}

/// A source with its doubts.
struct Source<'r> {
    source: &'r Coverage,
    read: String,
    events: String,
    skipped: String,
    bad: String,
    bad_share: String,
    size: String,
    seen: String,
    span: Option<(String, String)>,
    cannot_tell: String,
    reasons: Vec<(&'r str, String)>,
    samples: Vec<(String, &'r str, String)>,
}

/// A row of the heat map: figure, colour and depth of each cell.
struct HeatLine<'r> {
    layer: &'r str,
    cells: [(String, &'static str, usize); 5],
}

struct Change<'r> {
    when: String,
    what: &'static str,
    grave: bool,
    name: &'r str,
    detail: &'r str,
}

struct Ending<'r> {
    name: &'r str,
    state: &'static str,
    ends: String,
    ended: bool,
    owner: &'r str,
    reason: &'r str,
}

struct Found<'r> {
    host: &'r str,
    hits: String,
    seen: String,
    reasons: &'r [String],
}

impl<'r> Page<'r> {
    pub(super) fn new(
        report: &'r Report,
        edition: Edition,
        style: &'static str,
        policy: String,
    ) -> Self {
        let apps = &report.applications;
        Self {
            report,
            style,
            policy,
            audience: edition.audience(),
            discretion: edition.discretion(),
            shows_names: edition.shows_names(),
            period: figures::period(&report.period),
            as_of: minute(report.period.as_of),
            sentences: headline::sentences(report, edition),
            asked: headline::asked(report),
            figures: overview::key_figures(report, edition),
            sources: report
                .coverage
                .iter()
                .map(|source| self::source(source, report, edition))
                .collect(),
            strips: overview::strips(report),
            apps: apps
                .iter()
                .enumerate()
                .map(|(at, app)| App::new(app, at, edition))
                .collect(),
            heat: heat(report, edition),
            uploads: charts::uploads(apps, UPLOAD_BARS),
            uploads_unknown: apps.iter().filter(|app| !app.uploads_told).count(),
            days: charts::days(&report.days),
            changes: report
                .transitions
                .iter()
                .rev()
                .take(SHOWN)
                .map(change)
                .collect(),
            changes_left: report.transitions.len().saturating_sub(SHOWN),
            due: endings(report),
            candidates: candidates(report),
            candidates_left: report.candidates.len().saturating_sub(SHOWN),
            visited: report
                .visited_only
                .iter()
                .map(|visited| {
                    (
                        visited.name.as_str(),
                        count(visited.visits),
                        edition.group(visited.clients),
                    )
                })
                .collect(),
            legends: [
                ("Evidence, weak to strong", legend::GRADES),
                ("Residual risk, of 100", legend::BANDS),
                ("Decision", legend::STATES),
                ("Account", legend::TIERS),
                ("Duties", legend::STANDINGS),
            ],
            method: legend::METHOD,
        }
    }
}

fn source<'r>(source: &'r Coverage, report: &Report, edition: Edition) -> Source<'r> {
    let quoted = |text: String| {
        if edition.shows_names() {
            text
        } else {
            String::new()
        }
    };
    Source {
        source,
        read: count(source.read),
        events: count(source.events),
        skipped: count(source.skipped),
        bad: count(source.bad),
        bad_share: percent(source.bad, source.read),
        size: bytes(source.bytes),
        seen: figures::days(source.first, source.last),
        span: charts::span(source, &report.period),
        cannot_tell: source.cannot_tell.join(", ").replace('_', " "),
        reasons: source
            .reasons
            .iter()
            .map(|(reason, n)| (reason.as_str(), count(*n)))
            .collect(),
        samples: source
            .bad_samples
            .iter()
            .map(|sample| {
                (
                    count(sample.line),
                    sample.why.as_str(),
                    quoted(sample.text.shown()),
                )
            })
            .collect(),
    }
}

fn heat(report: &Report, edition: Edition) -> Vec<HeatLine<'_>> {
    let rows = edition.heat_map(&report.heat_map);
    let most = rows
        .iter()
        .flat_map(|row| [row.met, row.open, row.overdue, row.unassured, row.settled])
        .max();
    let most = most.unwrap_or(0).max(1);
    // Four depths; what is there at all is at least the palest.
    let depth = |n: u64| {
        if n == 0 {
            0
        } else {
            1 + (n.saturating_sub(1).saturating_mul(4) / most).min(3) as usize
        }
    };
    rows.into_iter()
        .map(|row| HeatLine {
            layer: legend::layer(&row.layer),
            cells: [
                ("met", row.met),
                ("open", row.open),
                ("overdue", row.overdue),
                ("unassured", row.unassured),
                ("settled", row.settled),
            ]
            .map(|(class, n)| (count(n), class, depth(n))),
        })
        .collect()
}

fn change(told: &crate::reports::Told) -> Change<'_> {
    let kind = told.transition.kind;
    Change {
        when: minute(told.transition.at),
        what: legend::change(kind),
        grave: matches!(
            kind,
            TransitionKind::DecisionViolated
                | TransitionKind::ExceptionExpired
                | TransitionKind::TurnedConsumer
        ),
        name: &told.name,
        detail: &told.transition.detail,
    }
}

fn endings(report: &Report) -> Vec<Ending<'_>> {
    let name = |id: &'_ str| {
        report
            .applications
            .iter()
            .find(|app| app.id == id)
            .map(|app| app.name.as_str())
    };
    report
        .decisions_due
        .iter()
        .map(|decision| Ending {
            name: name(&decision.service).unwrap_or(&decision.service),
            state: legend::state(decision.state),
            ends: decision
                .until
                .map(|until| until.day().to_string())
                .unwrap_or_default(),
            ended: decision
                .until
                .is_some_and(|until| until <= report.period.as_of),
            owner: &decision.owner,
            reason: &decision.reason,
        })
        .collect()
}

fn candidates(report: &Report) -> Vec<Found<'_>> {
    report
        .candidates
        .iter()
        .take(SHOWN)
        .map(|candidate| Found {
            host: candidate.host.as_str(),
            hits: count(candidate.hits),
            seen: figures::days(Some(candidate.first), Some(candidate.last)),
            reasons: &candidate.reasons,
        })
        .collect()
}
