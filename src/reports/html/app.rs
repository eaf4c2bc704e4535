//! One application as the HTML report shows it: the row of the table and the block behind it.

use super::charts::{self, Spark};
use crate::reports::evidence::{self, Step};
use crate::reports::figures::{bytes, count, days};
use crate::reports::headline::{self, Action};
use crate::reports::{Application, Count, Duty, Edition, Noted, RiskLine, legend};

/// An application, worded and drawn.
pub(super) struct App<'r> {
    pub(super) app: &'r Application,
    /// Where a link in the page finds it.
    pub(super) anchor: String,
    /// The gravest are shown open.
    pub(super) open: bool,
    pub(super) kind: &'static str,
    pub(super) model: String,
    pub(super) state: &'static str,
    pub(super) grade: &'static str,
    /// For each of the five steps of the meter: whether it is reached.
    pub(super) steps: [bool; 5],
    pub(super) people: String,
    pub(super) clients: String,
    pub(super) events: String,
    pub(super) attempts: String,
    pub(super) sent: String,
    pub(super) received: String,
    pub(super) prompts: String,
    pub(super) uploads: String,
    /// Lowest and highest score, where they differ.
    pub(super) range: Option<(u32, u32)>,
    pub(super) seen: String,
    pub(super) spark: Spark,
    pub(super) actions: Vec<Action>,
    pub(super) hosts: Vec<(&'r str, &'static str, String)>,
    pub(super) channels: Vec<(&'r str, String)>,
    pub(super) accounts: Vec<(&'r str, String)>,
    pub(super) programs: Vec<(&'r str, String)>,
    pub(super) mcp: Vec<(&'r str, String)>,
    /// Clients that say they are browsers and never sleep.
    pub(super) round_the_clock: Option<String>,
    pub(super) evidence: Vec<(&'r str, String)>,
    /// The ladder of the evidence, and what is said of it.
    pub(super) ladder: Vec<Step>,
    pub(super) ladder_words: Vec<String>,
    pub(super) segments: Vec<(&'r str, String)>,
    pub(super) top_clients: Vec<(&'r str, String)>,
    pub(super) top_users: Vec<(&'r str, String)>,
    pub(super) lines: Vec<Line<'r>>,
    pub(super) duties: Vec<DutyRow<'r>>,
    pub(super) pending: usize,
    pub(super) overdue: usize,
}

/// A line of the score.
pub(super) struct Line<'r> {
    pub(super) line: &'r RiskLine,
    pub(super) value: String,
    pub(super) points: String,
    pub(super) max: String,
    /// Share of the most that it can give, in percent.
    pub(super) width: String,
}

/// A duty as it stands.
pub(super) struct DutyRow<'r> {
    pub(super) duty: &'r Duty,
    pub(super) layer: &'r str,
    pub(super) party: &'r str,
    pub(super) seed_party: &'r str,
    pub(super) status: String,
    /// Which colour the status has: as in the heat map.
    pub(super) class: &'static str,
    pub(super) due: String,
}

impl<'r> App<'r> {
    pub(super) fn new(app: &'r Application, at: usize, edition: Edition) -> Self {
        let step = legend::grade_step(app.grade);
        let duties: Vec<DutyRow<'_>> = edition.duties(app).into_iter().map(duty_row).collect();
        Self {
            app,
            anchor: format!("app-{}", at + 1),
            open: at < OPEN,
            kind: legend::archetype(app.archetype),
            model: legend::model(app.model).to_owned(),
            state: legend::state(app.state),
            grade: legend::grade(app.grade),
            steps: std::array::from_fn(|at| at < step),
            people: match app.users {
                0 => "not named".to_owned(),
                users => edition.group(users),
            },
            clients: edition.group(app.clients),
            events: count(app.events),
            attempts: count(app.attempts),
            sent: if app.uploads_told {
                bytes(app.bytes_up)
            } else {
                "unknown".to_owned()
            },
            received: bytes(app.bytes_down),
            prompts: count(app.prompts),
            uploads: count(app.uploads),
            range: app.risk.range.filter(|(low, high)| low != high),
            seen: days(Some(app.first_seen), Some(app.last_seen)),
            spark: charts::spark(app),
            actions: headline::actions(app),
            hosts: app
                .hosts
                .iter()
                .map(|host| (host.host.as_str(), host.role.as_str(), count(host.events)))
                .collect(),
            channels: app
                .channels
                .iter()
                .map(|(word, events)| (*word, count(*events)))
                .collect(),
            accounts: noted(&app.accounts),
            programs: noted(&app.programs),
            mcp: noted(&app.mcp),
            round_the_clock: (app.programs_as_browsers > 0)
                .then(|| edition.group(app.programs_as_browsers)),
            evidence: app
                .evidence
                .iter()
                .map(|(word, events)| (*word, count(*events)))
                .collect(),
            ladder: evidence::steps(&app.ladder, &|n| edition.group(n)),
            ladder_words: evidence::words(app, &|n| edition.group(n)),
            segments: groups(&app.segments, edition),
            top_clients: names(&app.top_clients, edition),
            top_users: names(&app.top_users, edition),
            lines: app
                .risk
                .lines
                .iter()
                .map(|line| risk_line(line, app, edition))
                .collect(),
            pending: duties
                .iter()
                .filter(|row| matches!(row.class, "open" | "overdue"))
                .count(),
            overdue: duties.iter().filter(|row| row.class == "overdue").count(),
            duties,
        }
    }
}

/// How many applications are shown open.
const OPEN: usize = 2;

fn noted(told: &[Noted]) -> Vec<(&str, String)> {
    told.iter()
        .map(|one| (one.what.as_str(), count(one.events)))
        .collect()
}

fn groups(counts: &[Count], edition: Edition) -> Vec<(&str, String)> {
    counts
        .iter()
        .map(|group| (group.name.as_str(), edition.group(group.events)))
        .collect()
}

fn names(counts: &[Count], edition: Edition) -> Vec<(&str, String)> {
    if !edition.shows_names() {
        return Vec::new();
    }
    counts
        .iter()
        .map(|name| (name.name.as_str(), evidence::named(name)))
        .collect()
}

fn risk_line<'r>(line: &'r RiskLine, app: &Application, edition: Edition) -> Line<'r> {
    let share = if line.max > 0.0 {
        (line.points.abs() / line.max * 100.0).clamp(0.0, 100.0)
    } else {
        0.0
    };
    Line {
        line,
        value: edition.line_value(line, app),
        points: format!("{:.1}", line.points),
        max: format!("{:.0}", line.max),
        width: format!("{share:.1}"),
    }
}

fn duty_row(duty: &Duty) -> DutyRow<'_> {
    DutyRow {
        duty,
        layer: legend::layer(duty.layer),
        party: legend::party(duty.party),
        seed_party: legend::seed_party(duty.seed_party),
        status: legend::status(duty.status),
        class: class(duty),
        due: duty.due.map(|day| day.to_string()).unwrap_or_default(),
    }
}

/// Which colour a status has.
pub(super) fn class(duty: &Duty) -> &'static str {
    match duty.status {
        _ if duty.overdue => "overdue",
        "met" => "met",
        "open" | "in_progress" | "lapsed" => "open",
        "provider_unassured" => "unassured",
        _ => "settled",
    }
}
