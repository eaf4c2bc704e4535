//! What was found and what to do, in three sentences and a handful of actions.
//!
//! Chooses and words; every figure in it stands in the report already.

use crate::govern::duties::RECORD_IT;

use super::figures::{bytes, count, counted, percent, period};
use super::{Application, Duty, Edition, Report};

/// How many different actions are asked for at the top, and for how many applications.
const ASKED: usize = 3;
const ASKED_APPS: usize = 8;
/// How many applications a sentence names.
const NAMED: usize = 3;

/// One thing to do, and the command that records it.
pub(super) struct Action {
    pub(super) text: String,
    /// Empty when there is nothing to record.
    pub(super) command: String,
}

/// One thing to do for several applications.
pub(super) struct Asked<'r> {
    pub(super) title: &'r str,
    pub(super) what: &'r str,
    /// The role that owns it.
    pub(super) owner: &'r str,
    /// In the order of residual risk.
    pub(super) of: Vec<AskedOf<'r>>,
}

/// An application that something is asked for.
pub(super) struct AskedOf<'r> {
    pub(super) app: &'r Application,
    /// `by 2026-11-30`, `overdue since …`, or nothing.
    pub(super) when: String,
    pub(super) overdue: bool,
    pub(super) command: String,
}

/// What was found, how grave it is, what is owed.
pub(super) fn sentences(report: &Report, edition: Edition) -> Vec<String> {
    vec![found(report, edition), gravity(report), owed(report)]
}

/// The first action of each of the gravest applications; the same action is asked for once.
pub(super) fn asked(report: &Report) -> Vec<Asked<'_>> {
    let mut all: Vec<Asked<'_>> = Vec::new();
    let firsts = report
        .applications
        .iter()
        .filter_map(|app| Some((app, first_duty(app)?)));
    for (app, duty) in firsts.take(ASKED_APPS) {
        let of = AskedOf {
            app,
            when: when(duty),
            overdue: duty.overdue,
            command: app
                .next
                .first()
                .map_or_else(String::new, |next| action(next).command),
        };
        match all.iter_mut().find(|asked| asked.title == duty.title) {
            Some(asked) => asked.of.push(of),
            None => all.push(Asked {
                title: &duty.title,
                what: &duty.action,
                owner: &duty.owner,
                of: vec![of],
            }),
        }
    }
    all.truncate(ASKED);
    all
}

/// The duty that an application's first sentence of advice begins with.
fn first_duty(app: &Application) -> Option<&Duty> {
    let id = app.next.first()?.split_whitespace().next()?;
    app.duties().find(|duty| duty.id == id)
}

fn when(duty: &Duty) -> String {
    match (duty.due, duty.overdue) {
        (Some(day), true) => format!("overdue since {day}"),
        (Some(day), false) => format!("by {day}"),
        (None, _) => String::new(),
    }
}

/// Everything to do first for one application.
pub(super) fn actions(app: &Application) -> Vec<Action> {
    app.next.iter().map(|next| action(next)).collect()
}

/// Splits the sentence from the command that `govern` put at its end.
fn action(next: &str) -> Action {
    let (text, command) = next.rsplit_once(RECORD_IT).unwrap_or((next, ""));
    Action {
        text: text.to_owned(),
        command: command.to_owned(),
    }
}

fn found(report: &Report, edition: Edition) -> String {
    let totals = &report.totals;
    let sources = counted(report.coverage.len() as u64, "source", "sources");
    if report.coverage.is_empty() {
        return "No source was read, so nothing can be said.".to_owned();
    }
    let period = period(&report.period);
    if totals.applications == 0 {
        return format!(
            "No generative-AI application was seen in {sources} ({period}); not seen is not the same as not used."
        );
    }
    let apps = counted(
        totals.applications,
        "generative-AI application was",
        "generative-AI applications were",
    );
    let who = who(report, edition);
    let unreviewed = match unreviewed(report) {
        0 => "every application has been reviewed".to_owned(),
        n if n == totals.applications => "nobody has reviewed any of these applications".to_owned(),
        1 => "one application is unreviewed".to_owned(),
        n => format!("{} applications are unreviewed", count(n)),
    };
    format!("{apps} seen in {sources} ({period}), used from {who}; {unreviewed}.")
}

fn who(report: &Report, edition: Edition) -> String {
    let totals = &report.totals;
    let noun = |n, one, many| {
        format!(
            "{} {}",
            edition.group(n),
            if n == 1 && !edition.hides(n) {
                one
            } else {
                many
            }
        )
    };
    let clients = noun(totals.clients, "client", "clients");
    if totals.users == 0 {
        return clients;
    }
    format!(
        "{clients} by {}",
        noun(totals.users, "named user", "named users")
    )
}

/// Applications that nobody has looked at.
pub(super) fn unreviewed(report: &Report) -> u64 {
    report.totals.by_state.get("new").copied().unwrap_or(0)
}

fn gravity(report: &Report) -> String {
    let grave: Vec<&Application> = report
        .applications
        .iter()
        .filter(|app| matches!(app.risk.band, "critical" | "high"))
        .collect();
    let risk = if report.applications.is_empty() {
        return "There is no risk to rank.".to_owned();
    } else if grave.is_empty() {
        "None stands at high or critical residual risk".to_owned()
    } else {
        let verb = if grave.len() == 1 { "stands" } else { "stand" };
        format!(
            "{} {verb} at high or critical residual risk ({})",
            count(grave.len() as u64),
            names(&grave)
        )
    };
    format!("{risk}; {}.", sent(report))
}

fn names(apps: &[&Application]) -> String {
    let named: Vec<&str> = apps
        .iter()
        .take(NAMED)
        .map(|app| app.name.as_str())
        .collect();
    let rest = apps.len().saturating_sub(NAMED);
    if rest == 0 {
        return named.join(", ");
    }
    format!("{} and {rest} more", named.join(", "))
}

fn sent(report: &Report) -> String {
    let total = report.totals.bytes_up;
    let told = report.applications.iter().any(|app| app.uploads_told);
    if !told {
        return "how much data was sent is unknown, not zero, because no source counts it"
            .to_owned();
    }
    let most = report.applications.iter().max_by_key(|app| app.bytes_up);
    match most.filter(|app| app.bytes_up > 0) {
        Some(app) if report.applications.len() > 1 => format!(
            "at least {} was sent to them, {} of it to {}",
            bytes(total),
            percent(app.bytes_up, total),
            app.name
        ),
        Some(_) => format!("at least {} was sent to it", bytes(total)),
        None => "no data was seen to be sent".to_owned(),
    }
}

fn owed(report: &Report) -> String {
    let totals = &report.totals;
    let ending = report.decisions_due.len() as u64;
    let decisions = match ending {
        0 => String::new(),
        n => format!(
            ", and {} within 30 days or ended already",
            counted(n, "decision ends", "decisions end")
        ),
    };
    if totals.duties_open == 0 {
        return format!("No duty of yours is open{decisions}.");
    }
    let overdue = match totals.duties_overdue {
        0 => "none of them overdue".to_owned(),
        n => format!("{} of them overdue", count(n)),
    };
    format!(
        "{} to be done, {overdue}{decisions}.",
        counted(
            totals.duties_open,
            "duty of yours remains",
            "duties of yours remain"
        )
    )
}
