//! What a scan says on a terminal: what was found, how far it can be trusted, what to do first.

use std::io::{self, Write as _};

use crate::model::{Grade, State};
use crate::reports::{Application, Report};

use super::screen::{Screen, Style};
use super::table::{bytes, grouped, shown, table};

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

fn headline(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let totals = &report.totals;
    let unreviewed = totals
        .by_state
        .get(State::New.as_str())
        .copied()
        .unwrap_or(0);
    let people = if totals.users > 0 {
        format!(
            "{} users on {} clients",
            grouped(totals.users),
            grouped(totals.clients)
        )
    } else {
        format!("{} clients", grouped(totals.clients))
    };
    let text = match totals.applications {
        0 => "No GenAI application found in these logs.".to_owned(),
        1 => format!("1 GenAI application in use by {people}."),
        many => format!(
            "{many} GenAI applications in use by {people}; {unreviewed} of them unreviewed."
        ),
    };
    let text = screen.styled(Style::Strong, &text);
    screen.line(&text)
}

fn sources(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let sum = |of: fn(&crate::model::Coverage) -> u64| report.coverage.iter().map(of).sum::<u64>();
    let mut text = format!(
        "Read {} records from {} sources: {} events, {} skipped, {} not understood.",
        grouped(sum(|source| source.read)),
        report.coverage.len(),
        grouped(sum(|source| source.events)),
        grouped(sum(|source| source.skipped)),
        grouped(sum(|source| source.bad)),
    );
    if let (Some(from), Some(until)) = (report.period.from, report.period.until) {
        text.push_str(&format!(" {} to {}.", from.day(), until.day()));
    }
    screen.wrapped(0, &text)
}

fn applications(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let with_users = report.totals.users > 0;
    let rows = report
        .applications
        .iter()
        .map(|app| {
            vec![
                shown(&app.name, 30),
                app.archetype.to_string(),
                app.model.to_string(),
                app.state.to_string(),
                grade(app),
                format!("{} {}", app.risk.residual, app.risk.band),
                grouped(if with_users { app.users } else { app.clients }),
                grouped(app.events),
                if app.attempts > 0 {
                    grouped(app.attempts)
                } else {
                    String::new()
                },
                if app.bytes_up > 0 {
                    bytes(app.bytes_up)
                } else {
                    "–".to_owned()
                },
            ]
        })
        .collect();
    let people = if with_users { ">users" } else { ">clients" };
    let headings = [
        "application",
        "kind",
        "model",
        "state",
        "evidence",
        "risk",
        people,
        ">events",
        ">blocked",
        ">sent",
    ];
    screen.line(&table(screen.width(), &headings, rows))
}

fn grade(app: &Application) -> String {
    app.grade
        .map_or_else(|| "attempted".to_owned(), |grade: Grade| grade.to_string())
}

fn next_steps(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let steps: Vec<(&str, &String)> = report
        .applications
        .iter()
        .filter_map(|app| Some((app.name.as_str(), app.next.first()?)))
        .take(STEPS)
        .collect();
    if steps.is_empty() {
        return Ok(());
    }
    screen.line("")?;
    let heading = screen.styled(Style::Strong, "What to do first");
    screen.line(&heading)?;
    for (name, step) in steps {
        screen.wrapped(2, &format!("{}: {}", shown(name, 60), shown(step, 400)))?;
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

fn blind_spots(report: &Report, screen: &mut Screen) -> io::Result<()> {
    screen.line("")?;
    let heading = screen.styled(Style::Strong, "What these logs cannot show");
    screen.line(&heading)?;
    for spot in &report.cannot_see {
        screen.wrapped(2, spot)?;
    }
    Ok(())
}
