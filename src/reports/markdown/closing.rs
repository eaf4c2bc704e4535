//! The second half of the Markdown report: duties by layer, days, changes, candidates, limits and method.
//! One function per section, in the order in which they are written.

use std::io;

use super::escape::{code, prose};
use super::sections::Out;
use super::table;
use crate::model::TransitionKind;
use crate::reports::figures::{self, bytes, count, minute};
use crate::reports::{Edition, Report, evidence, legend};

/// How many rows a list of things that happened shows; the rest is in the JSON report.
const SHOWN: usize = 50;

pub(super) fn heat_map(report: &Report, edition: Edition, out: Out<'_>) -> io::Result<()> {
    writeln!(out, "## Who owes what: duties by layer\n")?;
    table::write(
        &["Layer", "Met", "Open", "Overdue", "Unassured", "Settled"],
        edition.heat_map(&report.heat_map).into_iter().map(|row| {
            vec![
                prose(legend::layer(&row.layer)),
                count(row.met),
                count(row.open),
                count(row.overdue),
                count(row.unassured),
                count(row.settled),
            ]
        }),
        out,
    )?;
    for standing in legend::STANDINGS {
        writeln!(out, "- **{}**: {}", standing.word, prose(standing.says))?;
    }
    writeln!(out)
}

pub(super) fn days(report: &Report, out: Out<'_>) -> io::Result<()> {
    writeln!(out, "## Day by day\n")?;
    let active: Vec<_> = report
        .days
        .iter()
        .filter(|day| day.events > 0 || day.attempts > 0)
        .collect();
    if active.is_empty() {
        return writeln!(out, "No day with use.\n");
    }
    let skip = active.len().saturating_sub(SHOWN);
    table::write(
        &["Day", "Events", "Blocked", "Sent"],
        active.iter().skip(skip).map(|day| {
            vec![
                day.day.to_string(),
                count(day.events),
                count(day.attempts),
                bytes(day.bytes_up),
            ]
        }),
        out,
    )
}

pub(super) fn decisions_wanted(report: &Report, out: Out<'_>) -> io::Result<()> {
    let wanted = &report.organisation.decisions_wanted;
    writeln!(out, "## Decisions asked for, the most valuable first\n")?;
    if wanted.is_empty() {
        writeln!(out, "Nothing waits for a decision.\n")?;
    }
    table::write(
        &[
            "Application",
            "Residual",
            "How it stands",
            "Why",
            "Role",
            "Due",
            "Recorded by",
        ],
        wanted.iter().map(|one| {
            vec![
                prose(&one.name),
                format!("{} {}", one.residual, one.band),
                prose(&one.why),
                prose(&one.because),
                prose(&one.owner),
                match (one.due, one.overdue) {
                    (Some(day), true) => format!("overdue since {day}"),
                    (Some(day), false) => day.to_string(),
                    (None, _) => String::new(),
                },
                code(&one.command),
            ]
        }),
        out,
    )
}

pub(super) fn observations(report: &Report, out: Out<'_>) -> io::Result<()> {
    let rows: Vec<Vec<String>> = report
        .applications
        .iter()
        .flat_map(|app| app.observations.iter().map(move |seen| (app, seen)))
        .map(|(app, seen)| {
            vec![
                prose(&app.name),
                format!("{} {}", seen.rule, seen.rule.title()),
                seen.finding.to_string(),
                prose(&seen.detail),
                figures::days(Some(seen.from), Some(seen.until)),
                seen.coverage
                    .map(|percent| format!("{percent} %"))
                    .unwrap_or_default(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "## What the traffic shows of duties\n")?;
    table::write(
        &[
            "Application",
            "Rule",
            "Finding",
            "Figures",
            "Window",
            "Covered",
        ],
        rows,
        out,
    )
}

pub(super) fn changes(report: &Report, out: Out<'_>) -> io::Result<()> {
    writeln!(out, "## New and gone\n")?;
    if report.transitions.is_empty() {
        writeln!(out, "Nothing changed.\n")?;
    }
    table::write(
        &["When", "What", "Application", "Detail"],
        report.transitions.iter().rev().take(SHOWN).map(|told| {
            let change = &told.transition;
            vec![
                minute(change.at),
                emphasis(change.kind),
                prose(&told.name),
                prose(&change.detail),
            ]
        }),
        out,
    )?;
    if report.decisions_due.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Decisions that end or have ended\n")?;
    table::write(
        &["Application", "State", "Ends", "Owner", "Reason"],
        report.decisions_due.iter().map(|decision| {
            vec![
                code(&decision.service),
                legend::state(decision.state).to_owned(),
                decision
                    .until
                    .map(|until| until.day().to_string())
                    .unwrap_or_default(),
                code(&decision.owner),
                prose(&decision.reason),
            ]
        }),
        out,
    )
}

fn emphasis(kind: TransitionKind) -> String {
    match kind {
        TransitionKind::DecisionViolated
        | TransitionKind::ExceptionExpired
        | TransitionKind::TurnedConsumer => {
            format!("**{}**", legend::change(kind))
        }
        kind => legend::change(kind).to_owned(),
    }
}

pub(super) fn candidates(report: &Report, edition: Edition, out: Out<'_>) -> io::Result<()> {
    writeln!(out, "## Unknown hosts that look like generative AI\n")?;
    if report.candidates.is_empty() {
        writeln!(out, "None.\n")?;
    }
    table::write(
        &["Host", "Requests", "First to last", "Why"],
        report.candidates.iter().take(SHOWN).map(|candidate| {
            vec![
                code(candidate.host.as_str()),
                count(candidate.hits),
                figures::days(Some(candidate.first), Some(candidate.last)),
                prose(&candidate.reasons.join("; ")),
            ]
        }),
        out,
    )?;
    if report.unlisted_past_cap > 0 {
        writeln!(out, "{}\n", prose(&figures::past_the_cap(report)))?;
    }
    if !report.agents.is_empty() {
        writeln!(out, "### AI agents at work elsewhere\n")?;
    }
    table::write(
        &["Host", "Agent", "Requests", "First to last"],
        report.agents.iter().take(SHOWN).map(|at| {
            vec![
                code(&at.host),
                code(&at.agent.what),
                count(at.agent.events),
                figures::days(Some(at.agent.first), Some(at.agent.last)),
            ]
        }),
        out,
    )?;
    if !report.known_late.is_empty() {
        writeln!(out, "### Seen before they were known\n")?;
        for late in &report.known_late {
            writeln!(out, "- {}", prose(&evidence::of_known_late(late)))?;
        }
        writeln!(out)?;
    }
    if report.visited_only.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Sites that were only visited\n")?;
    table::write(
        &["Service", "Visits", "Clients"],
        report.visited_only.iter().map(|visited| {
            vec![
                prose(&visited.name),
                count(visited.visits),
                edition.group(visited.clients),
            ]
        }),
        out,
    )
}

pub(super) fn limits(report: &Report, edition: Edition, out: Out<'_>) -> io::Result<()> {
    writeln!(out, "## What cannot be seen\n")?;
    for sentence in &report.cannot_see {
        writeln!(out, "- {}", prose(sentence))?;
    }
    writeln!(out, "\n## Method\n")?;
    writeln!(
        out,
        "- Measured against {}; catalogue {} with {} services and {} rules; schema {}; {}.",
        minute(report.period.as_of),
        code(&report.catalogue.version),
        count(report.catalogue.services as u64),
        count(report.catalogue.rules as u64),
        code(report.schema),
        edition.audience().to_lowercase()
    )?;
    for sentence in legend::METHOD {
        writeln!(out, "- {}", prose(sentence))?;
    }
    Ok(())
}
