//! `gnomon duties attest|assure|waive|not-applicable|start|reopen`: steps that people write down. Nothing is overwritten.

use std::io::Write as _;

use crate::govern::duties;
use crate::model::{DutyRecord, DutyStep};
use crate::reports::Application;
use crate::store::Store as _;

use super::super::Exit;
use super::super::global::Global;
use super::super::labelled::labelled;
use super::super::register::{For, Register};
use super::super::screen::{Screen, Style};
use super::super::table::shown;
use super::super::until::{self, Until};
use super::{stands, status, summary};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Step {
    /// Say that you did your part, and what proves it
    #[command(
        after_help = "Example:\n  gnomon duties attest openai.chatgpt GAI-12 --evidence 'clause 7.2 of contract 2026-114' --until 2027-06-30"
    )]
    Attest(Proof),
    /// Say that the provider's evidence is on file
    #[command(
        after_help = "Example:\n  gnomon duties assure openai.api GAI-30 --evidence 'SOC 2 report of 2026-09' --until 2027-09-30"
    )]
    Assure(Proof),
    /// Live without it for a while, with a reason
    #[command(
        after_help = "Example:\n  gnomon duties waive openai.chatgpt GAI-11 --reason 'uploads are blocked' --until 2027-02-21"
    )]
    Waive(Excuse),
    /// Say that it does not apply here, with a reason
    #[command(
        after_help = "Example:\n  gnomon duties not-applicable openai.api GAI-32 --reason 'nothing is tuned'"
    )]
    NotApplicable(Excuse),
    /// Say that somebody has taken it up
    #[command(
        after_help = "Example:\n  gnomon duties start openai.chatgpt GAI-05 --note 'ticket 4711'"
    )]
    Start(Remark),
    /// Say that it is open again
    #[command(
        after_help = "Example:\n  gnomon duties reopen openai.chatgpt GAI-12 --note 'the setting was switched back'"
    )]
    Reopen(Remark),
}

#[derive(Debug, clap::Args)]
pub(super) struct Proof {
    #[command(flatten)]
    of: Of,
    /// What proves it: a document, a setting, a ticket
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    evidence: String,
    /// The last day the proof is good for
    #[arg(long, value_name = "DATE")]
    until: Option<Until>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Excuse {
    #[command(flatten)]
    of: Of,
    /// Why, in one sentence
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    reason: String,
    /// The last day it holds
    #[arg(long, value_name = "DATE")]
    until: Option<Until>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Remark {
    #[command(flatten)]
    of: Of,
    /// Anything worth keeping
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    note: String,
}

#[derive(Debug, clap::Args)]
struct Of {
    /// The application, as `gnomon apps` lists it
    id: String,
    /// The duty, GAI-12 or 12
    #[arg(value_parser = duty_id)]
    duty: String,
    /// Who says so, if not whoever is logged in
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// `GAI-12`, however short it was typed. Whether there is such a duty is checked later.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a value parser")]
fn duty_id(text: &str) -> Result<String, std::convert::Infallible> {
    let upper = text.trim().to_uppercase();
    let number = upper.trim_start_matches("GAI").trim_start_matches('-');
    Ok(match number.parse::<u8>() {
        Ok(number) => format!("GAI-{number:02}"),
        Err(_) => upper,
    })
}

impl Step {
    fn parts(&self) -> (DutyStep, &Of, &str, Option<Until>) {
        match self {
            Self::Attest(proof) => (DutyStep::Attested, &proof.of, &proof.evidence, proof.until),
            Self::Assure(proof) => (
                DutyStep::ProviderAssured,
                &proof.of,
                &proof.evidence,
                proof.until,
            ),
            Self::Waive(excuse) => (DutyStep::Waived, &excuse.of, &excuse.reason, excuse.until),
            Self::NotApplicable(excuse) => (
                DutyStep::NotApplicable,
                &excuse.of,
                &excuse.reason,
                excuse.until,
            ),
            Self::Start(remark) => (DutyStep::Started, &remark.of, &remark.note, None),
            Self::Reopen(remark) => (DutyStep::Reopened, &remark.of, &remark.note, None),
        }
    }
}

pub(super) fn run(step: &Step, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let (step, of, evidence, end) = step.parts();
    let mut register = Register::open(global, For::Writing, None)?;
    let service = register.service(&of.id)?;
    let (before, in_register) = register.row_or_prospect(&service)?;
    let record = DutyRecord {
        service: before.id.clone(),
        duty: of.duty.clone(),
        step,
        evidence: evidence.trim().to_owned(),
        by: until::by(of.by.clone())?,
        at: register.now,
        until: end.map(|Until(time)| time),
    };
    duties::check(
        &register.policy.duties,
        &record,
        before.archetype,
        before.model,
        register.now,
    )?;
    if !in_register {
        writeln!(
            std::io::stderr(),
            "gnomon: warning: {} was not seen in use here; this is kept for when it is",
            record.service
        )?;
    }
    register.store.record_duty(&record)?;
    register.refresh()?;
    let (after, _) = register.row_or_prospect(&*register.service(&of.id)?)?;
    write(&record, &before, &after, screen)?;
    Ok(Exit::Fine)
}

fn write(
    record: &DutyRecord,
    before: &Application,
    after: &Application,
    screen: &mut Screen,
) -> std::io::Result<()> {
    let find = |app: &Application| app.duties().find(|duty| duty.id == record.duty).cloned();
    let Some(duty) = find(after) else {
        return screen.line(&format!("{} is written down.", record.duty));
    };
    let stood = find(before).map(|duty| stands(status(&duty)));
    let now = stands(status(&duty));
    let until = duty.due.map(|day| match status(&duty).is_pending() {
        true => format!(", due by {day}"),
        false => format!(", until {day}"),
    });
    let headline = format!(
        "{} {} for {}: {now}{}.",
        duty.id,
        duty.title,
        after.name,
        until.unwrap_or_default()
    );
    screen.line(&screen.styled(Style::Strong, &headline))?;
    let mut fact = |label: &str, text: &str| labelled(screen, 2, 10, label, text);
    fact("Because", &shown(&duty.why, 300))?;
    if !record.evidence.is_empty() {
        fact("On file", &shown(&record.evidence, 600))?;
    }
    fact("Before", stood.unwrap_or("not owed"))?;
    fact("Left", &summary(after))
}
