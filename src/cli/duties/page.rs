//! `gnomon duties ID`: what somebody answerable for one application can do about it this afternoon.
//!
//! First what it is and how it stands, then the first actions in full, then who owes what and on whose word, then what
//! is settled already. All of it comes from the report's row; only the command that records a duty is asked of `govern`.

use std::io;

use crate::govern::decisions::Effective;
use crate::govern::duties::record_command;
use crate::govern::{ArchetypeGuide, Party};
use crate::model::State;
use crate::reports::{self, AnnexFormat, Application, Duty};

use super::super::Exit;
use super::super::global::Global;
use super::super::labelled::{capitalised, heading, labelled};
use super::super::output::{Output, json};
use super::super::register::{For, Register};
use super::super::screen::{Screen, Style, wrap};
use super::super::table::shown;
use super::{Annex, Asked, FIRST, in_order, settled, split, whose};

/// Columns that labels take, and what stands before them.
pub(super) const LABEL: usize = 10;
const INDENT: usize = 4;
pub(super) fn run(
    id: &str,
    asked: &Asked,
    global: &Global,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let register = Register::open(global, For::ReadingIfThere, asked.as_of)?;
    let service = register.service(id)?;
    let (app, in_register) = register.row_or_prospect(&service)?;
    if let Some(kind) = asked.annex {
        let format = match kind {
            Annex::Md => AnnexFormat::Markdown,
            Annex::Html => AnnexFormat::Html,
        };
        reports::annex(&app, &register.policy.duties, register.now, format, screen)?;
        return Ok(Exit::Fine);
    }
    let (_, decision) = register.decided(&app.id)?;
    let page = Page {
        register: &register,
        app: &app,
        guide: register.policy.duties.archetype(app.archetype),
        decision,
        in_register,
    };
    let todo: Vec<&Duty> = in_order(&app)
        .into_iter()
        .filter(|duty| asked.wants(duty))
        .collect();
    if asked.output == Some(Output::Json) {
        page.json(asked, &todo, screen)?;
        return Ok(Exit::Fine);
    }
    page.headline(&service, screen)?;
    page.actions(&todo, asked.all, screen)?;
    if !asked.overdue && asked.owner.is_none() {
        split::write(&app, &register.policy.duties, screen)?;
        settled::write(&register, &app, screen)?;
    }
    Ok(Exit::Fine)
}

/// What the page is about.
pub(super) struct Page<'p> {
    pub(super) register: &'p Register,
    pub(super) app: &'p Application,
    pub(super) guide: Option<&'p ArchetypeGuide>,
    pub(super) decision: Effective,
    pub(super) in_register: bool,
}

impl Page<'_> {
    fn command(&self, duty: &Duty) -> String {
        record_command(
            &duty.id,
            duty.party.parse().unwrap_or(Party::Enterprise),
            &self.app.id,
            &self.decision,
            self.guide
                .map_or(State::InReview, |guide| guide.first_state),
            self.register.now,
        )
    }

    fn actions(&self, todo: &[&Duty], all: bool, screen: &mut Screen) -> io::Result<()> {
        if todo.is_empty() {
            screen.line("")?;
            return screen.line("Nothing is left to do.");
        }
        heading(
            screen,
            if self.in_register {
                "What to do"
            } else {
                "What there would be to do"
            },
        )?;
        let limit = if all { todo.len() } else { FIRST };
        for (number, duty) in (1..).zip(todo.iter().take(limit)) {
            self.action(number, duty, screen)?;
        }
        match todo.len().saturating_sub(limit) {
            0 => Ok(()),
            more => {
                screen.line("")?;
                screen.line(&format!(
                    "    and {more} more below; each in full: gnomon duties {} --all",
                    self.app.id
                ))
            }
        }
    }

    fn action(&self, number: usize, duty: &Duty, screen: &mut Screen) -> io::Result<()> {
        screen.line("")?;
        let title = screen.styled(Style::Strong, &duty.title);
        let whose = whose(duty, screen);
        screen.line(&format!("{number:>2}. {} {title}: {whose}", duty.id))?;
        let mut fact = |label: &str, text: &str| labelled(screen, INDENT, LABEL, label, text);
        fact(
            "Why",
            &format!("{} Now: {}.", duty.statement, shown(&duty.why, 300)),
        )?;
        fact("How", &duty.action)?;
        fact("Proof", &capitalised(&format!("{}.", duty.evidence_wanted)))?;
        fact("Logs", &logs(duty))?;
        let command = self.command(duty);
        let (command, note) = command.split_once(", with ").unwrap_or((&command, ""));
        write_command(command, screen)?;
        if note.is_empty() {
            Ok(())
        } else {
            labelled(screen, INDENT, LABEL, "", note)
        }
    }

    fn json(&self, asked: &Asked, todo: &[&Duty], screen: &mut Screen) -> anyhow::Result<()> {
        let limit = if asked.all { todo.len() } else { FIRST };
        let first: Vec<_> = todo
            .iter()
            .take(limit)
            .map(|duty| serde_json::json!({ "duty": duty.id, "record": self.command(duty) }))
            .collect();
        let duties: Vec<&Duty> = self.app.duties().filter(|duty| asked.wants(duty)).collect();
        let answer = serde_json::json!({
            "as_of": self.register.now,
            "application": self.app.id,
            "name": self.app.name,
            "in_register": self.in_register,
            "state": self.app.state,
            "risk": { "residual": self.app.risk.residual, "band": self.app.risk.band },
            "first": first,
            "duties": duties,
        });
        json("gnomon.application_duties/1", &answer, screen)
    }
}

fn logs(duty: &Duty) -> String {
    let can = if duty.logs_show.starts_with("nothing") {
        "Show"
    } else {
        "Can show"
    };
    format!("{can} {}.", duty.logs_show)
}

/// A command that can be copied: where it must break, it breaks as a shell lets it.
fn write_command(command: &str, screen: &mut Screen) -> io::Result<()> {
    let room = usize::from(screen.width()).saturating_sub(INDENT + LABEL);
    let lines = if command.chars().count() <= room {
        vec![command.to_owned()]
    } else {
        wrap(command, room.saturating_sub(4))
    };
    let last = lines.len().saturating_sub(1);
    for (at, line) in lines.iter().enumerate() {
        let label = if at == 0 { "Record" } else { "" };
        let label = screen.styled(Style::Quiet, &format!("{label:<LABEL$}"));
        let lead = if at == 0 { "" } else { "  " };
        let tail = if at == last { "" } else { " \\" };
        screen.line(&format!("{:INDENT$}{label}{lead}{line}{tail}", ""))?;
    }
    Ok(())
}
