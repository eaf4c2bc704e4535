//! `gnomon decide --from FILE`: a policy file, whole or not at all, and what it would change.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;

use crate::govern::policy::{self, Difference, Reading, Step};
use crate::model::{Decision, Enforcement};
use crate::store::Store as _;

use super::super::Exit;
use super::super::decisions::whom;
use super::super::global::Global;
use super::super::labelled::{count, heading};
use super::super::register::{For, Register};
use super::super::screen::{Screen, Style};
use super::super::table::shown;
use super::super::until;

pub(super) fn run(
    path: &Path,
    dry_run: bool,
    by: Option<String>,
    global: &Global,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let wanted = if dry_run { For::Reading } else { For::Writing };
    let register = Register::open(global, wanted, None)?;
    let by = until::by(by)?;
    let earlier = register.store.decisions(None)?;
    let unknown = |id: &str| register.service(id).err().map(|error| error.to_string());
    let reading = Reading {
        unknown: &unknown,
        earlier: &earlier,
        by: &by,
        now: register.now,
    };
    let policy = match policy::parse(&path.display().to_string(), &text, &reading) {
        Ok(policy) => policy,
        Err(mistakes) => return refused(path, &mistakes),
    };
    let enforcements = register.store.enforcements(None)?;
    let difference = policy::difference(&policy, &earlier, &enforcements, register.now);
    write(path, &register, &difference, screen)?;
    if difference.is_empty() {
        screen.line("Nothing to write: all of it holds already.")?;
    } else if dry_run {
        screen.line("Nothing was written: this was a dry run.")?;
    } else {
        register
            .store
            .apply(&difference.to_decide(), &difference.enforcements)?;
        screen.line(&format!("Written by {}.", shown(&by, 60)))?;
    }
    Ok(Exit::Fine)
}

fn refused(path: &Path, mistakes: &[crate::model::PlacedError]) -> anyhow::Result<Exit> {
    let mut stderr = std::io::stderr().lock();
    for mistake in mistakes {
        writeln!(stderr, "{mistake}")?;
    }
    anyhow::bail!(
        "{}: {}; nothing was applied",
        path.display(),
        count(mistakes.len(), "mistake", "mistakes")
    )
}

fn write(
    path: &Path,
    register: &Register,
    difference: &Difference,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let steps = |wanted: fn(&Step) -> bool| {
        let steps = difference.decisions.iter();
        steps.filter(|(_, step)| wanted(step)).count()
    };
    let summary = format!(
        "{}: {} new, {} changed, {} unchanged; {} new, {} unchanged.",
        shown(&path.display().to_string(), 80),
        count(steps(|step| *step == Step::New), "decision", "decisions"),
        steps(|step| matches!(step, Step::Replaces(_))),
        steps(|step| *step == Step::Unchanged),
        count(difference.enforcements.len(), "enforcement", "enforcements"),
        difference.enforcements_unchanged,
    );
    screen.wrapped(0, &screen.styled(Style::Strong, &summary))?;
    for (decision, step) in &difference.decisions {
        match step {
            Step::New => {
                let line = format!("+ {}", told(register, decision));
                screen.wrapped(2, &screen.styled(Style::Good, &line))?;
            }
            Step::Replaces(old) => {
                let line = format!(
                    "~ {} for {}",
                    register.name(&decision.service),
                    whom(&decision.scope)
                );
                screen.wrapped(2, &screen.styled(Style::Careful, &line))?;
                changes(old, decision, screen)?;
            }
            Step::Unchanged => {}
        }
    }
    for made in &difference.enforcements {
        screen.wrapped(2, &format!("+ {}", pushed(register, made)))?;
    }
    if !difference.unmentioned.is_empty() {
        heading(screen, "In force and not in the file; it goes on to hold")?;
        for decision in &difference.unmentioned {
            screen.wrapped(2, &told(register, decision))?;
        }
    }
    screen.line("")?;
    Ok(())
}

fn told(register: &Register, decision: &Decision) -> String {
    format!(
        "{}: {} for {}{}, {} answers for it",
        register.name(&decision.service),
        decision.state,
        whom(&decision.scope),
        end(decision),
        shown(&decision.owner, 60)
    )
}

fn end(decision: &Decision) -> String {
    decision.until.map_or_else(
        || ", without an end".to_owned(),
        |until| format!(" until {}", until.day()),
    )
}

/// One line for each thing that changes.
fn changes(old: &Decision, new: &Decision, screen: &mut Screen) -> std::io::Result<()> {
    let name = |name: &Option<String>| name.as_deref().unwrap_or("nobody named").to_owned();
    let pairs = [
        ("state", old.state.to_string(), new.state.to_string()),
        (
            "until",
            end(old).trim_start_matches([',', ' ']).to_owned(),
            end(new).trim_start_matches([',', ' ']).to_owned(),
        ),
        ("owner", old.owner.clone(), new.owner.clone()),
        ("approver", name(&old.approver), name(&new.approver)),
        (
            "asked for by",
            name(&old.requested_by),
            name(&new.requested_by),
        ),
        ("reason", old.reason.clone(), new.reason.clone()),
    ];
    for (what, old, new) in pairs {
        if old != new {
            screen.wrapped(
                6,
                &format!("{what}: {} → {}", shown(&old, 200), shown(&new, 200)),
            )?;
        }
    }
    Ok(())
}

/// An enforcement in words.
pub(in crate::cli) fn pushed(register: &Register, made: &Enforcement) -> String {
    let ticket = if made.ticket.is_empty() {
        String::new()
    } else {
        format!(", ticket {}", shown(&made.ticket, 60))
    };
    format!(
        "{}: {} by rule {} at {} since {}{ticket}",
        register.name(&made.service),
        made.action,
        shown(&made.rule, 60),
        shown(&made.place, 60),
        made.at.day()
    )
}
