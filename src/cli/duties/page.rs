//! `gnomon duties ID`: what somebody answerable for one application can do about it this afternoon.
//!
//! First what it is and how it stands, then the first actions in full, then who owes what and on whose word, then what
//! is settled already. All of it comes from the report's row; only the command that records a duty is asked of `govern`.

use std::io;

use crate::catalogue::Service;
use crate::govern::decisions::Effective;
use crate::govern::duties::record_command;
use crate::govern::{ArchetypeGuide, Party};
use crate::model::State;
use crate::reports::{Application, Duty, RiskLine};

use super::super::Exit;
use super::super::global::Global;
use super::super::labelled::{count, heading, labelled};
use super::super::output::{Output, json};
use super::super::register::{For, Register};
use super::super::screen::{Screen, Style, wrap};
use super::super::table::{grouped, shown};
use super::{Asked, FIRST, in_order, is_owed, settled, split, status, whose};

/// Columns that labels take, and what stands before them.
const LABEL: usize = 10;
const INDENT: usize = 4;
/// The line of the score for what the logs leave open.
const BLIND: &str = "BS";
/// Lines of the score that are told.
const RISK_LINES: usize = 3;

pub(super) fn run(
    id: &str,
    asked: &Asked,
    global: &Global,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let register = Register::open(global, For::ReadingIfThere, asked.as_of)?;
    let service = register.service(id)?;
    let (app, in_register) = register.row_or_prospect(service)?;
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
    page.headline(service, screen)?;
    page.actions(&todo, asked.all, screen)?;
    if !asked.overdue && asked.owner.is_none() {
        split::write(&app, &register.policy.duties, screen)?;
        settled::write(&register, &app, screen)?;
    }
    Ok(Exit::Fine)
}

struct Page<'p> {
    register: &'p Register,
    app: &'p Application,
    guide: Option<&'p ArchetypeGuide>,
    decision: Effective,
    in_register: bool,
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

    fn headline(&self, service: &Service, screen: &mut Screen) -> io::Result<()> {
        let app = self.app;
        let title = screen.styled(Style::Strong, &app.name);
        let vendor = match app.country.as_str() {
            "" => app.vendor.clone(),
            country => format!("{}, {country}", app.vendor),
        };
        screen.line(&format!("{title} ({}), by {vendor}", app.id))?;
        let kind = self
            .guide
            .map_or_else(|| app.archetype.to_string(), |guide| guide.title.clone());
        screen.wrapped(
            0,
            &format!(
                "{} Kind: {kind}, {}.",
                shown(&service.description, 300),
                served_as(app.model.as_str())
            ),
        )?;
        screen.line("")?;
        let mut fact = |label: &str, text: &str| labelled(screen, 0, LABEL, label, text);
        fact("Used", &self.usage())?;
        fact(
            "Account",
            &format!("{}: {}", app.tier.value, app.tier.basis),
        )?;
        fact("Risk", &self.risk())?;
        fact("State", &self.state())?;
        fact("Duties", &self.sums())?;
        if let Some(guide) = self.guide {
            screen.line("")?;
            screen.wrapped(0, &guide.advice)?;
        }
        Ok(())
    }

    fn usage(&self) -> String {
        let app = self.app;
        if !self.in_register {
            return "not seen here: everything below is what would apply if it were used"
                .to_owned();
        }
        let who = if app.users > 0 {
            format!(
                "{} on {}",
                count(app.users as usize, "user", "users"),
                count(app.clients as usize, "client", "clients")
            )
        } else {
            format!(
                "{}, no users named",
                count(app.clients as usize, "client", "clients")
            )
        };
        let when = if app.first_seen.day() == app.last_seen.day() {
            format!("on {}", app.first_seen.day())
        } else {
            format!("from {} to {}", app.first_seen.day(), app.last_seen.day())
        };
        let evidence = match app.grade {
            Some(grade) => format!("strongest evidence: {grade}"),
            None => "every attempt was blocked".to_owned(),
        };
        let blocked = match app.attempts {
            0 => String::new(),
            attempts => format!(", {} blocked", grouped(attempts)),
        };
        format!(
            "{}{blocked} by {who}, {when}; {evidence}",
            count(app.events as usize, "event", "events")
        )
    }

    fn risk(&self) -> String {
        let risk = &self.app.risk;
        let mut lines: Vec<&RiskLine> = risk
            .lines
            .iter()
            .filter(|line| line.points > 0.0 && line.id != BLIND)
            .collect();
        lines.sort_by(|a, b| b.points.total_cmp(&a.points));
        let told: Vec<String> = lines
            .iter()
            .take(RISK_LINES)
            .map(|line| {
                format!(
                    "{}: {} ({:.0} of {:.0} points)",
                    line.label,
                    shown(&line.value, 80),
                    line.points,
                    line.max
                )
            })
            .collect();
        let most = if told.is_empty() {
            String::new()
        } else {
            format!(" Most of it: {}.", told.join("; "))
        };
        let blind = risk
            .lines
            .iter()
            .find(|line| line.id == BLIND && line.points > 0.0)
            .map(|line| {
                format!(
                    " {:.0} points stand for what the logs cannot tell.",
                    line.points
                )
            })
            .unwrap_or_default();
        format!(
            "{} of 100, {}. {} % of that rests on known values.{most}{blind}",
            risk.residual, risk.band, risk.confidence
        )
    }

    fn state(&self) -> String {
        match (&self.decision.decision, &self.decision.expired) {
            (Some(decision), _) => {
                let until = decision.until.map_or_else(
                    || "without an end".to_owned(),
                    |until| format!("until {}", until.day()),
                );
                format!(
                    "{}, {until}; {} answers for it, {} decided on {}: {}",
                    decision.state,
                    shown(&decision.owner, 60),
                    shown(&decision.by, 60),
                    decision.at.day(),
                    shown(&decision.reason, 300)
                )
            }
            (None, Some(old)) => format!(
                "new again: the decision {} ended on {}",
                old.state,
                old.until
                    .map(|until| until.day().to_string())
                    .unwrap_or_default()
            ),
            (None, None) => "new: nobody has decided".to_owned(),
        }
    }

    fn sums(&self) -> String {
        let owed: Vec<&Duty> = self
            .app
            .duties
            .iter()
            .filter(|duty| is_owed(duty))
            .collect();
        let late = owed.iter().filter(|duty| duty.overdue).count();
        let pending = owed.iter().filter(|duty| status(duty).is_pending()).count();
        let mut roles: Vec<(&str, usize)> = Vec::new();
        for duty in owed.iter().filter(|duty| status(duty).is_pending()) {
            match roles.iter_mut().find(|(role, _)| *role == duty.owner) {
                Some((_, number)) => *number += 1,
                None => roles.push((&duty.owner, 1)),
            }
        }
        roles.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let roles: Vec<String> = roles
            .iter()
            .map(|(role, number)| format!("{role} {number}"))
            .collect();
        let by_role = if roles.is_empty() {
            String::new()
        } else {
            format!(" ({})", roles.join(", "))
        };
        format!(
            "{} apply: {pending} to do{by_role}, {late} overdue, {} not assured by the provider, {} settled",
            self.app.duties.len(),
            owed.len() - pending,
            self.app.duties.len() - owed.len()
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
        let duties: Vec<&Duty> = self
            .app
            .duties
            .iter()
            .filter(|duty| asked.wants(duty))
            .collect();
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

/// `SaaS`, as people write it.
fn served_as(model: &str) -> &str {
    match model {
        "saas" => "SaaS",
        "paas" => "PaaS",
        "iaas" => "IaaS",
        other => other,
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

/// With a capital first letter.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
