//! The whole page: what `templates/report.html` is filled with.

use std::collections::BTreeMap;

use askama::Template;

use super::app::App;
use super::charts::{self, Bar, Days, Part};
use crate::model::{Coverage, State, TransitionKind};
use crate::reports::figures::{self, bytes, count, minute, percent};
use crate::reports::headline::{self, Asked};
use crate::reports::legend::{self, Meaning};
use crate::reports::{Duty, Edition, Report};

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
    dictionary: Vec<(&'r Duty, &'r str)>,
    legends: [(&'static str, &'static [Meaning]); 5],
    method: &'static [&'static str],
}

/// A key figure.
struct Figure {
    label: &'static str,
    value: String,
    note: String,
    /// Whether it asks for attention.
    urgent: bool,
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

/// All applications, divided in one way.
struct Strip {
    title: &'static str,
    parts: Vec<Part>,
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
            figures: key_figures(report, edition),
            sources: report
                .coverage
                .iter()
                .map(|source| self::source(source, report, edition))
                .collect(),
            strips: strips(report),
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
            dictionary: dictionary(report),
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

fn key_figures(report: &Report, edition: Edition) -> Vec<Figure> {
    let totals = &report.totals;
    let unreviewed = headline::unreviewed(report);
    let told = report.applications.iter().any(|app| app.uploads_told);
    let upload_events = report
        .applications
        .iter()
        .fold(0_u64, |sum, app| sum.saturating_add(app.uploads));
    let figure = |label, value, note, urgent| Figure {
        label,
        value,
        note,
        urgent,
    };
    vec![
        figure(
            "Applications",
            count(totals.applications),
            format!(
                "{} events, {} blocked",
                count(totals.events),
                count(totals.attempts)
            ),
            false,
        ),
        figure(
            "Unreviewed",
            count(unreviewed),
            "nobody has decided".to_owned(),
            unreviewed > 0,
        ),
        match totals.users {
            0 => figure(
                "Clients",
                edition.group(totals.clients),
                "no source names users".to_owned(),
                false,
            ),
            users => figure(
                "Users",
                edition.group(users),
                format!("on {} clients", edition.group(totals.clients)),
                false,
            ),
        },
        if told {
            figure(
                "Sent to them",
                bytes(totals.bytes_up),
                match upload_events {
                    0 => "no upload was recognised".to_owned(),
                    n => figures::counted(n, "recognised upload", "recognised uploads"),
                },
                false,
            )
        } else {
            figure(
                "Sent to them",
                "unknown".to_owned(),
                "no source counts bytes".to_owned(),
                false,
            )
        },
        figure(
            "Duties open",
            count(totals.duties_open),
            "still to be done by you".to_owned(),
            false,
        ),
        figure(
            "Overdue",
            count(totals.duties_overdue),
            format!(
                "{} of the open ones",
                percent(totals.duties_overdue, totals.duties_open)
            ),
            totals.duties_overdue > 0,
        ),
    ]
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

fn strips(report: &Report) -> Vec<Strip> {
    let totals = &report.totals;
    let states = State::ALL.iter().map(|state| {
        let n = totals.by_state.get(state.as_str()).copied().unwrap_or(0);
        (
            legend::state(*state),
            format!("state-{}", state.as_str()),
            n,
        )
    });
    let models = crate::model::ServiceModel::ALL.iter().map(|model| {
        let n = totals.by_model.get(model.as_str()).copied().unwrap_or(0);
        (
            legend::model(*model),
            format!("model-{}", model.as_str()),
            n,
        )
    });
    // The gravest first.
    let bands = legend::BANDS.iter().rev().map(|band| {
        let n = totals.by_band.get(band.word).copied().unwrap_or(0);
        (band.word, format!("band-{}", band.word), n)
    });
    vec![
        Strip {
            title: "By decision",
            parts: charts::strip(states),
        },
        Strip {
            title: "By residual risk",
            parts: charts::strip(bands),
        },
        Strip {
            title: "By service model",
            parts: charts::strip(models),
        },
    ]
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

/// Every duty that occurs, once: what it means is the same for every application.
fn dictionary(report: &Report) -> Vec<(&Duty, &str)> {
    let mut seen: BTreeMap<&str, &Duty> = BTreeMap::new();
    for duty in report.applications.iter().flat_map(|app| &app.duties) {
        seen.entry(&duty.id).or_insert(duty);
    }
    seen.into_values()
        .map(|duty| (duty, legend::layer(&duty.layer)))
        .collect()
}
