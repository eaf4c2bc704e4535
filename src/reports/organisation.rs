//! The enterprise as a whole: which decisions are worth most, who owes what, what changed against the period before.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::govern::duties::RECORD_IT;
use crate::model::{Day, Decision, State, Tier, Time};
use crate::store::StoreError;

use super::ask::Ask;
use super::tally::add;
use super::{Application, Duty, Edition, Report, Totals};

/// How many decisions are asked for.
const WANTED: usize = 10;
const DECIDE: &str = "GAI-03";

/// What is told of the enterprise beside its applications.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Organisation {
    /// The decisions that are worth most, the most valuable first.
    pub decisions_wanted: Vec<Wanted>,
    /// Decisions made in the period, the newest first.
    pub decisions_made: Vec<Decision>,
    /// Applications by state and band of the residual risk; states without applications are left out.
    pub standing: Vec<StateRow>,
    /// Events by the account that they show.
    pub accounts: BTreeMap<&'static str, u64>,
    /// Duties by the role that owns them, the most overdue first.
    pub owed_by: Vec<OwedBy>,
    /// The period of the same length before this one; only where the period has limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
}

/// A decision that somebody has to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// Its id and name.
    pub application: String,
    pub name: String,
    pub state: State,
    pub residual: u32,
    pub band: &'static str,
    /// Why it is worth deciding: what weighs most in the score.
    pub because: String,
    /// How the decision stands.
    pub why: String,
    /// The role that owns it.
    pub owner: String,
    pub due: Option<Day>,
    pub overdue: bool,
    /// What to begin with, where the kind of application suggests a state.
    pub proposed: Option<State>,
    /// What records it.
    pub command: String,
}

/// Applications of one state by band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateRow {
    pub state: State,
    pub critical: u64,
    pub high: u64,
    pub medium: u64,
    pub low: u64,
}

/// What one role owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwedBy {
    pub owner: String,
    pub open: u64,
    pub overdue: u64,
    /// The earliest day on which anything was or is due.
    pub first_due: Option<Day>,
}

/// What the same figures were in the period before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Previous {
    pub from: Time,
    pub until: Time,
    pub totals: Totals,
    /// Names of applications that were not there then, and of those that are not there now.
    pub came: Vec<String>,
    pub went: Vec<String>,
    /// Residual risk then, by id.
    pub residual: BTreeMap<String, u32>,
}

/// Builds a report with the period of the same length before it laid beside. Without two limits there is no such period.
///
/// # Errors
/// When the store cannot be read.
pub fn build_with_previous(ask: &Ask<'_>) -> Result<Report, StoreError> {
    let mut report = super::build(ask)?;
    let until = ask.until.or(ask.as_of);
    if let (Some(from), Some(until)) = (ask.from, until)
        && from < until
    {
        let length = until.secs() - from.secs();
        let start = from.plus_secs(-length);
        let before = super::build(&Ask {
            from: Some(start),
            until: Some(from),
            as_of: Some(from),
            ..*ask
        })?;
        if before.period.from.is_some_and(|first| first < from) {
            report.organisation.previous = Some(previous(&report, before, start, from));
        }
    }
    Ok(report)
}

fn previous(report: &Report, before: Report, from: Time, until: Time) -> Previous {
    let missing = |of: &[Application], there: &[Application]| {
        of.iter()
            .filter(|app| there.iter().all(|other| other.id != app.id))
            .map(|app| app.name.clone())
            .collect::<Vec<_>>()
    };
    Previous {
        from,
        until,
        came: missing(&report.applications, &before.applications),
        went: missing(&before.applications, &report.applications),
        residual: before
            .applications
            .iter()
            .map(|app| (app.id.clone(), app.risk.residual))
            .collect(),
        totals: before.totals,
    }
}

/// What follows for the whole from the applications and the decisions on file.
pub(super) fn of(
    applications: &[Application],
    decisions: &[Decision],
    from: Option<Time>,
    as_of: Time,
) -> Organisation {
    let mut made: Vec<Decision> = decisions
        .iter()
        .filter(|made| made.at <= as_of && from.is_none_or(|from| made.at >= from))
        .cloned()
        .collect();
    made.sort_by_key(|made| std::cmp::Reverse((made.at, made.id)));
    Organisation {
        decisions_wanted: wanted(applications),
        decisions_made: made,
        standing: standing(applications),
        accounts: accounts(applications),
        owed_by: owed_by(applications),
        previous: None,
    }
}

/// In the order of residual risk, then of people; what nobody has to decide, or ever used, is left out.
fn wanted(applications: &[Application]) -> Vec<Wanted> {
    let mut open: Vec<(&Application, &Duty)> = applications
        .iter()
        .filter(|app| !app.next.is_empty())
        .filter_map(|app| {
            let duty = app.duties().find(|duty| duty.id == DECIDE)?;
            duty.is_pending().then_some((app, duty))
        })
        .collect();
    open.sort_by(|(a, _), (b, _)| {
        (b.risk.residual, b.users.max(b.clients), &a.id).cmp(&(
            a.risk.residual,
            a.users.max(a.clients),
            &b.id,
        ))
    });
    open.into_iter()
        .take(WANTED)
        .map(|(app, duty)| (app, duty, command(app)))
        .map(|(app, duty, command)| Wanted {
            application: app.id.clone(),
            name: app.name.clone(),
            state: app.state,
            residual: app.risk.residual,
            band: app.risk.band,
            because: because(app),
            why: duty.why.to_string(),
            owner: duty.owner.to_string(),
            due: duty.due,
            overdue: duty.overdue,
            // gnomon decide ID STATE …
            proposed: command.split(' ').nth(3).and_then(|word| word.parse().ok()),
            command,
        })
        .collect()
}

/// The command of the step that decides.
fn command(app: &Application) -> String {
    app.next
        .iter()
        .find(|step| step.starts_with(DECIDE))
        .and_then(|step| step.rsplit_once(RECORD_IT))
        .map_or_else(String::new, |(_, command)| command.to_owned())
}

/// Lines that a reason names.
const NAMED: usize = 3;
const UNKNOWN_NAMED: usize = 2;

/// What weighs most in the gross score, in words.
pub(super) fn because(app: &Application) -> String {
    let mut lines: Vec<_> = app
        .risk
        .lines
        .iter()
        .filter(|line| line.points > 0.0 && line.id != "BS")
        .collect();
    lines.sort_by(|a, b| b.points.total_cmp(&a.points).then_with(|| a.id.cmp(b.id)));
    let (known, unknown): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.known);
    let mut named: Vec<String> = known
        .iter()
        .take(NAMED)
        .map(|line| {
            // Every edition shows this sentence, and a small group is a person.
            let value = Edition::Ciso.line_value(line, app);
            format!("{}: {value}", line.label)
        })
        .collect();
    let labels: Vec<&str> = unknown
        .iter()
        .take(UNKNOWN_NAMED)
        .map(|line| line.label)
        .collect();
    if !labels.is_empty() {
        named.push(format!("not known: {}", labels.join(", ")));
    }
    named.join("; ")
}

fn standing(applications: &[Application]) -> Vec<StateRow> {
    State::ALL
        .iter()
        .filter_map(|state| {
            let of = |band: &str| {
                applications
                    .iter()
                    .filter(|app| app.state == *state && app.risk.band == band)
                    .count() as u64
            };
            let row = StateRow {
                state: *state,
                critical: of("critical"),
                high: of("high"),
                medium: of("medium"),
                low: of("low"),
            };
            (row.critical + row.high + row.medium + row.low > 0).then_some(row)
        })
        .collect()
}

fn accounts(applications: &[Application]) -> BTreeMap<&'static str, u64> {
    let mut sums: BTreeMap<&'static str, u64> =
        Tier::ALL.iter().map(|tier| (tier.as_str(), 0)).collect();
    for (tier, events) in applications.iter().flat_map(|app| &app.tier.events) {
        add(sums.entry(tier).or_default(), *events);
    }
    sums
}

fn owed_by(applications: &[Application]) -> Vec<OwedBy> {
    let mut roles: BTreeMap<&str, OwedBy> = BTreeMap::new();
    let pending = applications
        .iter()
        .flat_map(Application::duties)
        .filter(|duty| duty.is_pending());
    for duty in pending {
        let role = roles.entry(&duty.owner).or_insert_with(|| OwedBy {
            owner: duty.owner.to_string(),
            open: 0,
            overdue: 0,
            first_due: None,
        });
        role.open += 1;
        role.overdue += u64::from(duty.overdue);
        role.first_due = [role.first_due, duty.due].into_iter().flatten().min();
    }
    let mut roles: Vec<OwedBy> = roles.into_values().collect();
    roles.sort_by(|a, b| (b.overdue, b.open, &a.owner).cmp(&(a.overdue, a.open, &b.owner)));
    roles
}
