//! What is owed over all applications, by the role that owes it, the most urgent first.

use std::collections::BTreeMap;
use std::io;

use crate::model::Day;
use crate::reports::json::{OneByOne, write_with};
use crate::reports::{Application, Duty};

use super::super::Exit;
use super::super::global::Global;
use super::super::labelled::count;
use super::super::output::Output;
use super::super::register::{For, Register};
use super::super::screen::{Screen, Style};
use super::super::table::{shown, table};
use super::{Asked, is_owed, stands, status};

/// Names of applications that stand in one row.
const NAMES: usize = 4;

pub(super) fn run(asked: &Asked, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let register = Register::open(global, For::Reading, asked.as_of)?;
    if let Some(role) = &asked.owner {
        role_exists(role, &register)?;
    }
    let wanted: Vec<(&Application, &Duty)> = register
        .report
        .applications
        .iter()
        .flat_map(|app| app.duties().map(move |duty| (app, duty)))
        .filter(|(_, duty)| asked.wants(duty) && (asked.all || is_owed(duty)))
        .collect();
    if asked.output == Some(Output::Json) {
        let row = |(app, duty): &(&Application, &Duty)| {
            Ok(serde_json::json!({ "application": app.id, "name": app.name, "duty": duty }))
        };
        let answer = serde_json::json!({ "schema": "gnomon.duties/1", "as_of": register.now });
        let rows = OneByOne(|| wanted.iter().map(row));
        write_with("duties", &rows, answer, screen)?;
        return Ok(Exit::Fine);
    }
    if wanted.is_empty() {
        screen.wrapped(0, nothing(asked, &register))?;
        return Ok(Exit::Fine);
    }
    headline(&wanted, screen)?;
    for (role, rows) in by_role(&wanted) {
        write_role(role, rows, screen)?;
    }
    screen.line("")?;
    screen.line(
        "What to do, how, and what proves it: gnomon duties ID, with an id of `gnomon apps`",
    )?;
    Ok(Exit::Fine)
}

fn role_exists(role: &str, register: &Register) -> anyhow::Result<()> {
    let mut roles: Vec<&str> = register
        .policy
        .duties
        .duties
        .iter()
        .map(|duty| duty.owner.as_str())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    anyhow::ensure!(
        roles.iter().any(|known| known.eq_ignore_ascii_case(role)),
        "--owner {role:?} owns no duty, expected one of: {}",
        roles.join(", ")
    );
    Ok(())
}

fn nothing(asked: &Asked, register: &Register) -> &'static str {
    if register.report.applications.is_empty() {
        "The register is empty, so nothing is owed. What would be: gnomon duties ID, with an id of the catalogue."
    } else if asked.overdue {
        "Nothing is overdue."
    } else {
        "Nothing is owed."
    }
}

fn headline(wanted: &[(&Application, &Duty)], screen: &mut Screen) -> io::Result<()> {
    let overdue = wanted.iter().filter(|(_, duty)| duty.overdue).count();
    let mut apps: Vec<&str> = wanted.iter().map(|(app, _)| app.id.as_str()).collect();
    apps.sort_unstable();
    apps.dedup();
    let text = format!(
        "{} for {}, {overdue} overdue.",
        count(wanted.len(), "duty", "duties"),
        count(apps.len(), "application", "applications"),
    );
    let text = screen.styled(Style::Strong, &text);
    screen.line(&text)
}

/// One row: a duty that is due on one day, for these applications.
struct Row<'r> {
    duty: &'r Duty,
    apps: Vec<&'r str>,
}

/// Sorts by date, those without one last.
fn urgency(due: Option<Day>) -> (bool, Option<Day>) {
    (due.is_none(), due)
}

/// Roles, the one with the nearest date first.
fn by_role<'r>(wanted: &[(&'r Application, &'r Duty)]) -> Vec<(&'r str, Vec<Row<'r>>)> {
    let mut roles: BTreeMap<&str, BTreeMap<_, Row<'_>>> = BTreeMap::new();
    for (app, duty) in wanted {
        let late_first = !duty.overdue;
        let key = (late_first, urgency(duty.due), &duty.id, &duty.status);
        roles
            .entry(&duty.owner)
            .or_default()
            .entry(key)
            .or_insert_with(|| Row {
                duty,
                apps: Vec::new(),
            })
            .apps
            .push(&app.name);
    }
    let mut roles: Vec<(&str, Vec<Row<'_>>)> = roles
        .into_iter()
        .map(|(role, rows)| (role, rows.into_values().collect()))
        .collect();
    roles.sort_by_key(|(_, rows)| {
        let first = rows.first().map(|row| row.duty);
        first.map(|duty| (!duty.overdue, urgency(duty.due)))
    });
    roles
}

fn write_role(role: &str, rows: Vec<Row<'_>>, screen: &mut Screen) -> io::Result<()> {
    screen.line("")?;
    let overdue: usize = rows
        .iter()
        .filter(|row| row.duty.overdue)
        .map(|row| row.apps.len())
        .sum();
    let all: usize = rows.iter().map(|row| row.apps.len()).sum();
    let title = screen.styled(Style::Strong, role);
    let late = match overdue {
        0 => String::new(),
        late => screen.styled(Style::Bad, &format!(", {late} overdue")),
    };
    screen.line(&format!("{title}: {all}{late}"))?;
    let cells = rows
        .iter()
        .map(|Row { duty, apps }| {
            let due = match duty.due {
                Some(day) if duty.overdue => format!("{day} !"),
                Some(day) => day.to_string(),
                None => "no date".to_owned(),
            };
            vec![
                due,
                duty.id.to_string(),
                duty.title.to_string(),
                stands(status(duty)).to_owned(),
                names(apps),
            ]
        })
        .collect();
    let headings = ["due", "duty", "what", "stands", "applications"];
    screen.line(&table(screen.width(), &headings, cells))
}

fn names(apps: &[&str]) -> String {
    let mut text = apps
        .iter()
        .take(NAMES)
        .map(|name| shown(name, 30))
        .collect::<Vec<_>>()
        .join(", ");
    if apps.len() > NAMES {
        text.push_str(&format!(" and {} more", apps.len() - NAMES));
    }
    text
}
