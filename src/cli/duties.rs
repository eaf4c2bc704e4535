//! `gnomon duties`: what is owed for the applications in use, by whom and by when, and how to write down that it is done.

mod headline;
mod owed;
mod page;
mod settled;
mod split;
mod step;

use crate::govern::DutyStatus;
use crate::model::Time;
use crate::reports::{Application, Duty};

use super::Exit;
use super::global::Global;
use super::labelled::heading;
use super::output::Output;
use super::screen::{Screen, Style};
use super::wrong_usage;

/// Show who owes what for an application, and write down what is done
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon duties\n  gnomon duties openai.chatgpt\n  gnomon duties --owner legal --overdue\n  gnomon duties attest openai.chatgpt GAI-12 --evidence 'clause 7.2 of the contract' --until 2027-06-30\n  gnomon duties waive openai.chatgpt GAI-11 --reason 'no upload path' --until 2027-02-21\n  gnomon duties openai.chatgpt --annex html > annex.html"
)]
pub(super) struct Args {
    #[command(flatten)]
    asked: Asked,
    #[command(subcommand)]
    step: Option<step::Step>,
}

/// What is to be shown.
#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
struct Asked {
    /// One application; it may also be one of the catalogue that nobody uses yet
    id: Option<String>,
    /// What is settled too; for one application, every open duty in full
    #[arg(long)]
    all: bool,
    /// Only what is overdue
    #[arg(long)]
    overdue: bool,
    /// Only what this role owes: security, IT, legal, privacy, data owner, app owner
    #[arg(long, value_name = "ROLE")]
    owner: Option<String>,
    /// Answer in JSON
    #[arg(long, short, value_enum, value_name = "KIND")]
    output: Option<Output>,
    /// Write the split of duties as an annex to a contract; needs an application
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        requires = "id",
        conflicts_with = "output"
    )]
    annex: Option<Annex>,
    /// Measure due dates against this moment instead of now
    #[arg(long, value_name = "TIME")]
    as_of: Option<Time>,
}

/// Kinds of annex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Annex {
    /// Markdown
    Md,
    /// One HTML page, to be printed
    Html,
}

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let Args { asked, step } = args;
    match (step, asked.id.as_deref()) {
        (Some(_), _) if asked != Asked::default() => {
            wrong_usage("the step comes first: gnomon duties attest ID GAI-12 --evidence TEXT")
        }
        (Some(step), _) => step::run(&step, global, screen),
        (None, Some(id)) => page::run(id, &asked, global, screen),
        (None, None) => owed::run(&asked, global, screen),
    }
}

impl Asked {
    fn wants(&self, duty: &Duty) -> bool {
        (!self.overdue || duty.overdue)
            && self
                .owner
                .as_ref()
                .is_none_or(|role| duty.owner.eq_ignore_ascii_case(role))
    }
}

/// How a duty stands. The report spells it as a word of the closed list.
fn status(duty: &Duty) -> DutyStatus {
    duty.status.parse().unwrap_or(DutyStatus::Open)
}

/// Duties that are told first.
const FIRST: usize = 5;

/// Whether somebody still has something to do: the enterprise, or the provider with its evidence.
fn is_owed(duty: &Duty) -> bool {
    let status = status(duty);
    status.is_pending() || status == DutyStatus::ProviderUnassured
}

/// A status in words.
const fn stands(status: DutyStatus) -> &'static str {
    match status {
        DutyStatus::Open => "open",
        DutyStatus::InProgress => "in progress",
        DutyStatus::Met => "met",
        DutyStatus::Lapsed => "lapsed",
        DutyStatus::Waived => "waived",
        DutyStatus::NotApplicable => "does not apply",
        DutyStatus::ProviderAssured => "assured",
        DutyStatus::ProviderUnassured => "not assured",
    }
}

/// What is still owed for an application: as the advice orders it, then by date.
fn in_order(app: &Application) -> Vec<&Duty> {
    let advised = |duty: &Duty| {
        app.next
            .iter()
            .position(|step| step.starts_with(duty.id.as_str()))
    };
    let mut duties: Vec<&Duty> = app.duties().filter(|duty| is_owed(duty)).collect();
    duties.sort_by_key(|duty| {
        let place = advised(duty);
        (
            place.is_none(),
            place,
            duty.due.is_none(),
            duty.due,
            &duty.id,
        )
    });
    duties
}

/// Who owes a duty and by when, the day in colour when it has passed.
fn whose(duty: &Duty, screen: &Screen) -> String {
    let when = match duty.due {
        Some(day) if duty.overdue => screen.styled(Style::Bad, &format!("overdue since {day}")),
        Some(day) => format!("by {day}"),
        None => "no date".to_owned(),
    };
    format!("{}, {when}", duty.owner)
}

/// The first duties of an application, one line each, under a heading; nothing when none is owed.
pub(super) fn first_lines(
    app: &Application,
    title: &str,
    screen: &mut Screen,
) -> std::io::Result<()> {
    let owed = in_order(app);
    if owed.is_empty() {
        return Ok(());
    }
    heading(screen, title)?;
    for duty in owed.iter().take(FIRST) {
        let line = format!("  {} {}: {}", duty.id, duty.title, whose(duty, screen));
        screen.line(&line)?;
    }
    match owed.len().saturating_sub(FIRST) {
        0 => Ok(()),
        more => screen.line(&format!(
            "  and {more} more. How, and what proves it: gnomon duties {}",
            app.id
        )),
    }
}

/// One sentence on how the duties of an application stand.
pub(super) fn summary(app: &Application) -> String {
    let count = |wanted: fn(&Duty) -> bool| app.duties().filter(|duty| wanted(duty)).count();
    let pending = count(|duty| status(duty).is_pending());
    let overdue = count(|duty| duty.overdue);
    let unassured = count(|duty| status(duty) == DutyStatus::ProviderUnassured);
    let settled = count(|duty| !is_owed(duty));
    let late = match overdue {
        0 => String::new(),
        late => format!(" ({late} overdue)"),
    };
    format!(
        "{pending} of {} to do{late}, {unassured} not assured by the provider, {settled} settled. Who owes what: gnomon duties {}",
        app.duties.len(),
        app.id
    )
}
