//! Rows about the enterprise as a whole: what to decide, what weighs most, who owes what, what was decided.

use super::charts::{self, Part};
use crate::model::{Decision, Scope, Tier};
use crate::reports::figures::{bytes, capitalised, count};
use crate::reports::organisation::{Wanted, because};
use crate::reports::{Application, Edition, Report, legend};

/// How many decisions stand on the first page, how many risks are ranked, how many decisions made are listed.
const CHOICES: usize = 3;
const RISKS: usize = 10;
pub(super) const MADE: usize = 8;

/// A decision that is asked for.
pub(super) struct Choice<'r> {
    pub(super) title: &'r str,
    pub(super) residual: u32,
    pub(super) band: &'static str,
    pub(super) owner: String,
    /// `by`, `overdue since`, and the day.
    pub(super) when: (&'static str, String),
    pub(super) proposed: Option<&'static str>,
    pub(super) overdue: bool,
    pub(super) why: String,
    pub(super) stands: &'r str,
    pub(super) command: &'r str,
}

impl<'r> Choice<'r> {
    fn of(wanted: &'r Wanted) -> Self {
        Self {
            title: &wanted.name,
            residual: wanted.residual,
            band: wanted.band,
            owner: capitalised(&wanted.owner),
            when: match (wanted.due, wanted.overdue) {
                (Some(day), true) => ("overdue since", day.to_string()),
                (Some(day), false) => ("by", day.to_string()),
                (None, _) => ("", String::new()),
            },
            proposed: wanted.proposed.map(legend::state),
            overdue: wanted.overdue,
            why: format!(
                "{}. What weighs most: {}.",
                capitalised(&wanted.why),
                wanted.because
            ),
            stands: &wanted.why,
            command: &wanted.command,
        }
    }
}

pub(super) fn wanted(report: &Report) -> Vec<Choice<'_>> {
    let wanted = report.organisation.decisions_wanted.iter();
    wanted.map(Choice::of).collect()
}

/// What the first page asks management to decide.
pub(super) fn choices(report: &Report, edition: Edition) -> Vec<Choice<'_>> {
    if edition != Edition::Ciso {
        return Vec::new();
    }
    let mut choices = wanted(report);
    choices.truncate(CHOICES);
    choices
}

/// Which period the changes are measured against.
pub(super) fn before(report: &Report) -> Option<String> {
    let before = report.organisation.previous.as_ref()?;
    Some(format!(
        "Changes are against {} to {}, a period of the same length.",
        before.from.day(),
        before.until.day()
    ))
}

/// A state by its word, and how many applications of it are in each band.
pub(super) type Standing = (&'static str, [(String, &'static str); 4]);

pub(super) fn standing(report: &Report) -> Vec<Standing> {
    let rows = report.organisation.standing.iter();
    rows.map(|row| {
        (
            legend::state(row.state),
            [
                (count(row.critical), "critical"),
                (count(row.high), "high"),
                (count(row.medium), "medium"),
                (count(row.low), "low"),
            ],
        )
    })
    .collect()
}

/// Names of applications that came and went since the period before.
pub(super) fn came_and_went(report: &Report) -> (String, String) {
    let before = report.organisation.previous.as_ref();
    before.map_or_else(Default::default, |before| {
        (before.came.join(", "), before.went.join(", "))
    })
}

/// A line of the ranking.
pub(super) struct Ranked<'r> {
    pub(super) name: &'r str,
    pub(super) residual: u32,
    pub(super) gross: u32,
    pub(super) band: &'static str,
    pub(super) known: u32,
    pub(super) before: String,
    pub(super) state: &'static str,
    pub(super) state_word: &'static str,
    pub(super) people: String,
    pub(super) sent: String,
    pub(super) account: &'static str,
    pub(super) because: String,
}

impl<'r> Ranked<'r> {
    pub(super) fn of(
        app: &'r Application,
        report: &Report,
        edition: Edition,
        because: String,
    ) -> Self {
        let earlier = report.organisation.previous.as_ref();
        Self {
            name: &app.name,
            residual: app.risk.residual,
            gross: app.risk.gross,
            band: app.risk.band,
            known: app.risk.confidence,
            before: earlier
                .and_then(|before| before.residual.get(&app.id))
                .map_or_else(|| "–".to_owned(), u32::to_string),
            state: legend::state(app.state),
            state_word: app.state.as_str(),
            people: people(app, edition),
            sent: sent(app),
            account: app.tier.value.as_str(),
            because,
        }
    }
}

pub(super) fn risks(report: &Report, edition: Edition) -> Vec<Ranked<'_>> {
    let apps = report.applications.iter().take(RISKS);
    apps.map(|app| {
        let lines = if edition == Edition::Privacy {
            String::new()
        } else {
            because(app)
        };
        Ranked::of(app, report, edition, lines)
    })
    .collect()
}

pub(super) fn people(app: &Application, edition: Edition) -> String {
    edition.group(if app.users > 0 {
        app.users
    } else {
        app.clients
    })
}

pub(super) fn sent(app: &Application) -> String {
    if app.uploads_told {
        bytes(app.bytes_up)
    } else {
        "unknown".to_owned()
    }
}

pub(super) fn accounts(report: &Report) -> Vec<Part> {
    let words = [
        (Tier::Consumer, "personal", "band-high"),
        (Tier::Foreign, "of others", "band-medium"),
        (Tier::Enterprise, "contracted", "band-low"),
        (Tier::Unknown, "unknown", "state-retired"),
    ];
    charts::strip(words.into_iter().map(|(tier, word, class)| {
        let of = report.organisation.accounts.get(tier.as_str());
        (word, class.to_owned(), of.copied().unwrap_or(0))
    }))
}

/// Role, overdue, open, first due, and whether anything is overdue.
pub(super) type Owed = (String, String, String, String, bool);

pub(super) fn owed(report: &Report) -> Vec<Owed> {
    let roles = report.organisation.owed_by.iter();
    roles
        .map(|role| {
            (
                capitalised(&role.owner),
                count(role.overdue),
                count(role.open),
                role.first_due
                    .map(|day| day.to_string())
                    .unwrap_or_default(),
                role.overdue > 0,
            )
        })
        .collect()
}

/// A decision that was made.
pub(super) struct Made<'r> {
    pub(super) day: String,
    pub(super) name: &'r str,
    pub(super) state: &'static str,
    pub(super) state_word: &'static str,
    pub(super) scope: String,
    pub(super) until: String,
    pub(super) owner: &'r str,
    pub(super) reason: &'r str,
}

pub(super) fn made(report: &Report) -> Vec<Made<'_>> {
    let name = |made: &'_ Decision| {
        let apps = report.applications.iter();
        apps.clone()
            .find(|app| app.id == made.service)
            .map(|app| app.name.as_str())
    };
    let decisions = report.organisation.decisions_made.iter().take(MADE);
    decisions
        .map(|made| Made {
            day: made.at.day().to_string(),
            name: name(made).unwrap_or(&made.service),
            state: legend::state(made.state),
            state_word: made.state.as_str(),
            scope: match &made.scope {
                Scope::Organisation => "everyone".to_owned(),
                scope => scope.to_string(),
            },
            until: made
                .until
                .map_or_else(|| "no end".to_owned(), |until| until.day().to_string()),
            owner: &made.owner,
            reason: &made.reason,
        })
        .collect()
}
