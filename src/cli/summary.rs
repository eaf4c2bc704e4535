//! What a scan says on a terminal: what was found, how far it can be trusted, what to do first.

use std::io::{self, Write as _};

use crate::govern::duties::RECORD_IT;
use crate::model::{Grade, State};
use crate::reports::evidence::of_known_late;
use crate::reports::figures::past_the_cap;
use crate::reports::{Application, Report};

use super::screen::{Screen, Style, wrap};
use super::table::{bytes, counted, grouped, shown, table};

/// How many candidates and next steps are shown.
const CANDIDATES: usize = 8;
const STEPS: usize = 5;

/// Writes the summary.
pub(super) fn write(report: &Report, screen: &mut Screen) -> io::Result<()> {
    headline(report, screen)?;
    sources(report, screen)?;
    if !report.applications.is_empty() {
        screen.line("")?;
        applications(report, screen)?;
        next_steps(report, screen)?;
    }
    candidates(report, screen)?;
    agents(report, screen)?;
    known_late(report, screen)?;
    visited(report, screen)?;
    blind_spots(report, screen)
}

/// Notes on sources go to stderr: they are words for people, whatever the output is.
pub(super) fn troubles(report: &Report) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    for source in &report.coverage {
        for note in &source.notes {
            writeln!(
                stderr,
                "gnomon: warning: {}: {}",
                shown(&source.source, 200),
                shown(note, 400)
            )?;
        }
    }
    Ok(())
}

/// Use, look-ups and attempts apart: the first question is whether it was used.
fn headline(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let totals = &report.totals;
    let apps = &report.applications;
    let looked_up = apps
        .iter()
        .filter(|app| app.grade == Some(Grade::Resolved))
        .count() as u64;
    let tried = apps.iter().filter(|app| app.grade.is_none()).count() as u64;
    let used = totals.applications.saturating_sub(looked_up + tried);
    let mut text = if apps.is_empty() {
        "No GenAI application found in these logs.".to_owned()
    } else {
        format!(
            "{} in use",
            counted(used, "GenAI application", "GenAI applications")
        )
    };
    if looked_up > 0 {
        text.push_str(&format!(", {} only looked up", grouped(looked_up)));
    }
    if tried > 0 {
        text.push_str(&format!(", {} only tried and stopped", grouped(tried)));
    }
    if !apps.is_empty() {
        let unreviewed = totals
            .by_state
            .get(State::New.as_str())
            .copied()
            .unwrap_or(0);
        text.push_str(&format!(
            "; {} unreviewed. Seen on {}",
            grouped(unreviewed),
            counted(totals.clients, "client", "clients")
        ));
        if totals.users > 0 {
            text.push_str(&format!(
                "; {} named",
                counted(totals.users, "user is", "users are")
            ));
        }
        text.push('.');
    }
    for (at, line) in wrap(&text, usize::from(screen.width()))
        .into_iter()
        .enumerate()
    {
        let line = if at == 0 {
            screen.styled(Style::Strong, &line)
        } else {
            line
        };
        screen.line(&line)?;
    }
    Ok(())
}

fn sources(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let sum = |of: fn(&crate::model::Coverage) -> u64| report.coverage.iter().map(of).sum::<u64>();
    let mut text = format!(
        "Read {} from {}: {}, {} skipped, {} not understood.",
        counted(sum(|source| source.read), "record", "records"),
        counted(report.coverage.len() as u64, "source", "sources"),
        counted(sum(|source| source.events), "event", "events"),
        grouped(sum(|source| source.skipped)),
        grouped(sum(|source| source.bad)),
    );
    if let (Some(from), Some(until)) = (report.period.from, report.period.until) {
        text.push_str(&format!(" {} to {}.", from.day(), until.day()));
    }
    screen.wrapped(0, &text)
}

/// Heading, whether it is shown, and what a row says there.
type Column = (&'static str, bool, fn(&Application) -> String);

/// Columns that would say the same in every row are left out.
fn applications(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let apps = &report.applications;
    let with_states = apps.iter().any(|app| app.state != State::New);
    let with_attempts = apps.iter().any(|app| app.attempts > 0);
    let columns: [Column; 10] = [
        ("application", true, |app| shown(&app.name, 30)),
        ("kind", true, |app| app.archetype.to_string()),
        ("model", true, |app| app.model.to_string()),
        ("state", with_states, |app| app.state.to_string()),
        ("evidence", true, grade),
        ("risk", true, |app| {
            format!("{} {}", app.risk.residual, app.risk.band)
        }),
        (">clients", true, |app| grouped(app.clients)),
        (">events", true, |app| grouped(app.events)),
        (">blocked", with_attempts, |app| {
            if app.attempts > 0 {
                grouped(app.attempts)
            } else {
                String::new()
            }
        }),
        (">sent", true, |app| {
            if app.bytes_up > 0 {
                bytes(app.bytes_up)
            } else {
                "–".to_owned()
            }
        }),
    ];
    let shown: Vec<_> = columns
        .into_iter()
        .filter(|(_, wanted, _)| *wanted)
        .collect();
    let headings: Vec<&str> = shown.iter().map(|(heading, ..)| *heading).collect();
    let rows = apps
        .iter()
        .map(|app| shown.iter().map(|(.., cell)| cell(app)).collect())
        .collect();
    screen.line(&table(screen.width(), &headings, rows))
}

fn grade(app: &Application) -> String {
    app.grade
        .map_or_else(|| "attempted".to_owned(), |grade: Grade| grade.to_string())
}

/// The first step of each application, the same advice said once.
fn next_steps(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let mut advice: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    let steps = report.applications.iter();
    let steps = steps.filter_map(|app| app.next.first());
    for step in steps.take(STEPS) {
        let (what, command) = step.split_once(RECORD_IT).unwrap_or((step, ""));
        let (duty, what) = what.split_once(": ").unwrap_or(("", what));
        match advice.iter_mut().find(|(said, _)| *said == what) {
            Some((_, commands)) => commands.push((command, duty)),
            None => advice.push((what, vec![(command, duty)])),
        }
    }
    if advice.is_empty() {
        return Ok(());
    }
    screen.line("")?;
    let heading = screen.styled(Style::Strong, "What to do first");
    screen.line(&heading)?;
    for (what, commands) in advice {
        screen.wrapped(2, what)?;
        for (command, duty) in commands {
            screen.line(&format!("    {command}"))?;
            let when = screen.styled(Style::Quiet, &format!("      {duty}"));
            screen.line(&when)?;
        }
    }
    Ok(())
}

fn candidates(report: &Report, screen: &mut Screen) -> io::Result<()> {
    if report.candidates.is_empty() {
        return Ok(());
    }
    screen.line("")?;
    let heading = screen.styled(Style::Strong, "Hosts in no signature that look like GenAI");
    screen.line(&heading)?;
    for candidate in report.candidates.iter().take(CANDIDATES) {
        let reasons: Vec<String> = candidate
            .reasons
            .iter()
            .map(|reason| shown(reason, 80))
            .collect();
        screen.wrapped(
            2,
            &format!(
                "{} ({} hits): {}",
                candidate.host,
                grouped(candidate.hits),
                reasons.join("; ")
            ),
        )?;
    }
    match report.candidates.len().saturating_sub(CANDIDATES) {
        0 => Ok(()),
        more => screen.line(&format!("  and {more} more: gnomon candidates")),
    }
}

/// AI agents on hosts that are no AI, and what a cap took the names of.
fn agents(report: &Report, screen: &mut Screen) -> io::Result<()> {
    if report.unlisted_past_cap > 0 {
        screen.line("")?;
        screen.wrapped(0, &past_the_cap(report))?;
    }
    if report.agents.is_empty() {
        return Ok(());
    }
    screen.line("")?;
    let heading = screen.styled(Style::Strong, "AI agents at work on other hosts");
    screen.line(&heading)?;
    for at in report.agents.iter().take(CANDIDATES) {
        let requests = counted(at.agent.events, "request", "requests");
        let (agent, host) = (shown(&at.agent.what, 60), shown(&at.host, 60));
        screen.wrapped(2, &format!("{agent} on {host}: {requests}"))?;
    }
    match report.agents.len().saturating_sub(CANDIDATES) {
        0 => Ok(()),
        more => screen.line(&format!("  and {more} more in the reports")),
    }
}

/// Services that were there before their signatures came.
fn known_late(report: &Report, screen: &mut Screen) -> io::Result<()> {
    for late in &report.known_late {
        screen.line("")?;
        let text = format!("Seen before it was known: {}.", of_known_late(late));
        screen.wrapped(0, &text)?;
    }
    Ok(())
}

/// Services of which only the site was visited: worth a line, no finding.
fn visited(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let names: Vec<String> = report
        .visited_only
        .iter()
        .map(|visited| shown(&visited.name, 60))
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    screen.line("")?;
    screen.wrapped(0, &format!("Visited without use: {}.", names.join(", ")))
}

fn blind_spots(report: &Report, screen: &mut Screen) -> io::Result<()> {
    screen.line("")?;
    let heading = screen.styled(Style::Strong, "What these logs cannot show");
    screen.line(&heading)?;
    for spot in &report.cannot_see {
        screen.wrapped(2, spot)?;
    }
    Ok(())
}
