//! The first half of the Markdown report: what was found, what was read, which applications.
//! One function per section, in the order in which they are written.

use std::collections::BTreeMap;
use std::io;

use super::escape::{code, prose};
use super::table;
use crate::model::Coverage;
use crate::reports::figures::{self, bytes, count};
use crate::reports::{
    Application, Count, Edition, Noted, Report, evidence, headline as words, legend,
};

pub(super) type Out<'o> = &'o mut dyn io::Write;

pub(super) fn headline(report: &Report, edition: Edition, out: Out<'_>) -> io::Result<()> {
    let totals = &report.totals;
    writeln!(
        out,
        "# Generative AI in use: {}\n",
        figures::period(&report.period)
    )?;
    writeln!(
        out,
        "{}. {}\n",
        edition.audience(),
        prose(edition.discretion())
    )?;
    for sentence in words::sentences(report, edition) {
        writeln!(out, "- {}", prose(&sentence))?;
    }
    let asked = words::asked(report);
    if !asked.is_empty() {
        writeln!(out, "\n## Asked for now\n")?;
    }
    for (at, asked) in asked.iter().enumerate() {
        writeln!(
            out,
            "{}. **{}** ({}): {}",
            at + 1,
            prose(asked.title),
            prose(asked.owner),
            prose(asked.what)
        )?;
        for of in &asked.of {
            let app = of.app;
            writeln!(
                out,
                "   - {}, risk {} {}{}{}: {}",
                prose(&app.name),
                app.risk.residual,
                app.risk.band,
                if of.when.is_empty() { "" } else { ", " },
                of.when,
                code(&of.command)
            )?;
        }
    }
    writeln!(out)?;
    table::write(
        &[
            "Applications",
            "Unreviewed",
            "Users",
            "Clients",
            "Sent",
            "Duties open",
            "Overdue",
        ],
        [vec![
            count(totals.applications),
            count(words::unreviewed(report)),
            users(totals.users, edition),
            edition.group(totals.clients),
            bytes(totals.bytes_up),
            count(totals.duties_open),
            count(totals.duties_overdue),
        ]],
        out,
    )
}

fn users(users: u64, edition: Edition) -> String {
    if users == 0 {
        return "not named".to_owned();
    }
    edition.group(users)
}

pub(super) fn coverage(report: &Report, edition: Edition, out: Out<'_>) -> io::Result<()> {
    writeln!(out, "## What was read\n")?;
    if report.coverage.is_empty() {
        writeln!(out, "No source was read.\n")?;
    }
    table::write(
        &[
            "Source",
            "Format",
            "Records",
            "Events",
            "Skipped",
            "Bad",
            "First to last",
            "Cannot tell",
        ],
        report.coverage.iter().map(|source| {
            vec![
                code(&source.source),
                code(&source.format),
                count(source.read),
                count(source.events),
                count(source.skipped),
                count(source.bad),
                figures::days(source.first, source.last),
                prose(&source.cannot_tell.join(", ")),
            ]
        }),
        out,
    )?;
    for source in &report.coverage {
        doubts(source, edition, out)?;
    }
    Ok(())
}

fn doubts(source: &Coverage, edition: Edition, out: Out<'_>) -> io::Result<()> {
    for note in &source.notes {
        writeln!(out, "- {}: {}", code(&source.source), prose(note))?;
    }
    for sample in &source.bad_samples {
        let place = format!(
            "{} line {}: {}",
            code(&source.source),
            count(sample.line),
            prose(&sample.why)
        );
        if edition.shows_names() {
            writeln!(out, "- {place}: {}", code(&sample.text.shown()))?;
        } else {
            writeln!(out, "- {place}")?;
        }
    }
    if source.notes.is_empty() && source.bad_samples.is_empty() {
        return Ok(());
    }
    writeln!(out)
}

pub(super) fn applications(report: &Report, edition: Edition, out: Out<'_>) -> io::Result<()> {
    writeln!(out, "## Applications\n")?;
    if report.applications.is_empty() {
        return writeln!(out, "None was seen.\n");
    }
    table::write(
        &[
            "Application",
            "Kind",
            "Account",
            "State",
            "Evidence",
            "Risk",
            "Users",
            "Clients",
            "Events",
            "Blocked",
            "Sent",
            "First to last",
        ],
        report.applications.iter().map(|app| {
            vec![
                format!("{}, {}", prose(&app.name), prose(&app.vendor)),
                format!(
                    "{}, {}, AWS scope {}",
                    legend::archetype(app.archetype),
                    legend::model(app.model),
                    prose(&app.aws_scope)
                ),
                app.tier.value.to_string(),
                legend::state(app.state).to_owned(),
                legend::grade(app.grade).to_owned(),
                format!(
                    "{} {} ({} % known)",
                    app.risk.residual, app.risk.band, app.risk.confidence
                ),
                users(app.users, edition),
                edition.group(app.clients),
                count(app.events),
                count(app.attempts),
                sent(app),
                figures::days(Some(app.first_seen), Some(app.last_seen)),
            ]
        }),
        out,
    )
}

fn sent(app: &Application) -> String {
    if app.uploads_told {
        bytes(app.bytes_up)
    } else {
        "unknown".to_owned()
    }
}

pub(super) fn each(report: &Report, edition: Edition, out: Out<'_>) -> io::Result<()> {
    for app in &report.applications {
        writeln!(out, "### {} ({})\n", prose(&app.name), code(&app.id))?;
        let facts = [
            (
                "Account",
                format!("{}: {}", app.tier.value, prose(&app.tier.basis)),
            ),
            (
                "Hosts",
                list(
                    app.hosts
                        .iter()
                        .map(|host| format!("{} {}", code(&host.host), host.role)),
                ),
            ),
            ("Why it is one", reasons(app)),
            ("Whose accounts", noted(&app.accounts)),
            ("Spoken by", list(tallies(&app.channels))),
            ("Programs", noted(&app.programs)),
            ("Around the clock", round_the_clock(app, edition)),
            ("MCP", noted(&app.mcp)),
            ("Seen in", list(tallies(&app.evidence))),
            ("Ladder", ladder(app, edition)),
            ("Groups", groups(&app.segments, edition)),
            ("Clients", names(&app.top_clients, edition)),
            ("Users", names(&app.top_users, edition)),
        ];
        for (label, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
            writeln!(out, "- {label}: {text}")?;
        }
        for text in evidence::words(app, &|n| edition.group(n)) {
            writeln!(out, "- {}", prose(&text))?;
        }
        if let Some(decision) = &app.decision {
            writeln!(
                out,
                "- Decided: {} on {} until {}, owner {}: {}",
                legend::state(decision.state),
                decision.at.day(),
                decision.until.map_or_else(
                    || "further notice".to_owned(),
                    |until| until.day().to_string()
                ),
                code(&decision.owner),
                prose(&decision.reason)
            )?;
        }
        let pending = app.duties().filter(|duty| is_pending(duty.status)).count();
        let overdue = app.duties().filter(|duty| duty.overdue).count();
        writeln!(
            out,
            "- Duties: {pending} of {} open, {overdue} overdue",
            app.duties.len()
        )?;
        for action in words::actions(app) {
            writeln!(
                out,
                "- [ ] {} {}",
                prose(&action.text),
                command(&action.command)
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// `confirmed 3 clients (proxy 12), resolved 9 clients (dns 40)`.
fn ladder(app: &Application, edition: Edition) -> String {
    let steps = evidence::steps(&app.ladder, &|n| edition.group(n));
    list(steps.iter().map(|step| {
        format!(
            "{} {} {} ({})",
            step.name,
            step.clients,
            if step.clients == "1" {
                "client"
            } else {
                "clients"
            },
            step.kinds
        )
    }))
}

fn is_pending(status: &str) -> bool {
    matches!(status, "open" | "in_progress" | "lapsed")
}

fn command(command: &str) -> String {
    if command.is_empty() {
        return String::new();
    }
    code(command)
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.take(12).collect::<Vec<_>>().join(", ")
}

fn tallies<'t>(counts: &'t BTreeMap<&'static str, u64>) -> impl Iterator<Item = String> + 't {
    counts
        .iter()
        .map(|(word, events)| format!("{word} {}", count(*events)))
}

/// Why it is an application although no signature knows it.
fn reasons(app: &Application) -> String {
    if app.reasons.is_empty() {
        return String::new();
    }
    format!("{}.", prose(&app.reasons.join("; ")))
}

/// Programs that say they are browsers.
fn round_the_clock(app: &Application, edition: Edition) -> String {
    if app.programs_as_browsers == 0 {
        return String::new();
    }
    let clients = edition.group(app.programs_as_browsers);
    prose(&format!(
        "{clients} clients with a browser's user agent asked around the clock"
    ))
}

/// What was told and how often.
fn noted(told: &[Noted]) -> String {
    list(
        told.iter()
            .map(|one| format!("{} {}", code(&one.what), count(one.events))),
    )
}

fn groups(segments: &[Count], edition: Edition) -> String {
    list(
        segments
            .iter()
            .map(|segment| format!("{} {}", code(&segment.name), edition.group(segment.events))),
    )
}

fn names(names: &[Count], edition: Edition) -> String {
    if !edition.shows_names() {
        return String::new();
    }
    list(
        names
            .iter()
            .map(|name| format!("{} {}", code(&name.name), evidence::named(name))),
    )
}
