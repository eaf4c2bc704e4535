//! The whole page: what `templates/report.html` is filled with.

use askama::Template;

use super::app::App;
use super::charts::{self, Bar, Days, Part};
use super::management::{self, Choice, Made, Owed, Ranked, Standing};
use super::overview::{self, Figure, Strip};
use super::signals::{self, Said};
use super::{privacy, sections};
use crate::model::{Coverage, Rule, TransitionKind};
use crate::reports::evidence;
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
    edition: &'static str,
    audience: &'static str,
    contents: &'static [(&'static str, &'static str)],
    discretion: &'static str,
    shows_names: bool,
    period: String,
    as_of: String,
    sentences: Vec<String>,
    before: Option<String>,
    choices_title: &'static str,
    choices: Vec<Choice<'r>>,
    wanted: Vec<Choice<'r>>,
    standing: Vec<Standing>,
    came: String,
    went: String,
    risks: Vec<Ranked<'r>>,
    accounts: Vec<Part>,
    owed: Vec<Owed>,
    made: Vec<Made<'r>>,
    made_left: usize,
    effects: Vec<Said<'r>>,
    signals: Vec<Said<'r>>,
    outliers: Vec<(&'r str, &'r str, String, String)>,
    queries: Vec<(&'r str, String)>,
    personal: Vec<Ranked<'r>>,
    legal_titles: [(&'static str, &'static str); 8],
    legal: Vec<LegalRow<'r>>,
    screening: String,
    facts: Vec<FactRow<'r>>,
    lookback: Vec<FactRow<'r>>,
    monitoring: String,
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
    due_left: usize,
    sources_left: usize,
    effects_left: usize,
    candidates: Vec<Found<'r>>,
    candidates_left: usize,
    past_cap: Option<String>,
    agents: Vec<(&'r str, &'r str, String)>,
    known_late: Vec<String>,
    visited: Vec<(&'r str, String, String)>,
    legends: [(&'static str, &'static [Meaning]); 6],
    method: &'static [&'static str],
}

/// An application and the cells of a table about it.
type LegalRow<'r> = (&'r str, Vec<(String, &'static str)>);
type FactRow<'r> = (&'r str, String, String, String, String);

/// What management asks of its decisions, and what an analyst asks of the traffic.
const EFFECTS: &[Rule] = &[
    Rule::BlockEffective,
    Rule::Displacement,
    Rule::UploadsFall,
    Rule::TenantShare,
    Rule::ExpiryBreach,
];

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
            edition: edition.as_str(),
            audience: edition.audience(),
            contents: sections::contents(edition),
            discretion: edition.discretion(),
            shows_names: edition.shows_names(),
            period: figures::period(&report.period),
            as_of: minute(report.period.as_of),
            sentences: headline::sentences(report, edition),
            before: management::before(report),
            choices_title: "Decide today",
            choices: management::choices(report, edition),
            wanted: management::wanted(report),
            standing: management::standing(report),
            came: management::came_and_went(report).0,
            went: management::came_and_went(report).1,
            risks: management::risks(report, edition),
            accounts: management::accounts(report),
            owed: management::owed(report),
            made: management::made(report),
            made_left: report
                .organisation
                .decisions_made
                .len()
                .saturating_sub(management::MADE),
            effects_left: sections::left(signals::said(report, EFFECTS).len(), edition),
            effects: sections::first(signals::said(report, EFFECTS), edition),
            signals: signals::said(report, Rule::ALL),
            outliers: signals::outliers(report, edition),
            queries: signals::queries(report),
            personal: privacy::personal(report, edition),
            legal_titles: privacy::LEGAL,
            legal: privacy::legal(report),
            screening: privacy::screening(report),
            facts: privacy::facts(report),
            lookback: privacy::lookback(report, edition),
            monitoring: privacy::monitoring(report),
            asked: headline::asked(report),
            figures: overview::key_figures(report, edition),
            sources: sections::greatest(report, edition)
                .into_iter()
                .map(|source| self::source(source, report, edition))
                .collect(),
            sources_left: sections::left(report.coverage.len(), edition),
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
            due: sections::first(endings(report), edition),
            due_left: sections::left(report.decisions_due.len(), edition),
            candidates: candidates(report),
            candidates_left: report.candidates.len().saturating_sub(SHOWN),
            past_cap: (report.unlisted_past_cap > 0).then(|| figures::past_the_cap(report)),
            agents: report
                .agents
                .iter()
                .take(SHOWN)
                .map(|at| {
                    (
                        at.host.as_str(),
                        at.agent.what.as_str(),
                        count(at.agent.events),
                    )
                })
                .collect(),
            known_late: report
                .known_late
                .iter()
                .map(evidence::of_known_late)
                .collect(),
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
                ("Counts on the ladder of evidence", legend::COUNTS),
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
