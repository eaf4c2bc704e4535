//! `gnomon duties`: what is owed for the applications in use, by whom and by when, and how to write down that it is done.

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
use super::output::Output;
use super::screen::Screen;
use super::wrong_usage;

/// Show who owes what for an application, and write down what is done
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon duties\n  gnomon duties openai.chatgpt\n  gnomon duties --owner legal --overdue\n  gnomon duties attest openai.chatgpt GAI-12 --evidence 'clause 7.2 of the contract' --until 2027-06-30\n  gnomon duties waive openai.chatgpt GAI-11 --reason 'no upload path' --until 2027-02-21"
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
    /// Measure due dates against this moment instead of now
    #[arg(long, value_name = "TIME")]
    as_of: Option<Time>,
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

/// One sentence on how the duties of an application stand.
pub(super) fn summary(app: &Application) -> String {
    let count = |wanted: fn(&Duty) -> bool| app.duties.iter().filter(|duty| wanted(duty)).count();
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
