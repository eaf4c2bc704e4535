//! The register as CSV: one row per application, and beside it one row per duty.
//!
//! RFC 4180: a header row, CRLF, text always in quotes, numbers plain. An empty field means that the logs do not say.
//! Spreadsheets run what looks like a formula, so `cell` defuses text that does.

mod cell;
mod duties;
mod jira;
mod servicenow;

use std::io;

use super::{Application, Edition, Renderer, Report, TierSeen};
use cell::Row;

pub(super) use duties::RENDERER as DUTIES;
pub(super) use jira::RENDERER as JIRA;
pub(super) use servicenow::RENDERER as SERVICENOW;

pub(super) static RENDERER: Renderer = Renderer {
    name: "csv",
    media_type: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    write,
};

const HEADER: &[&str] = &[
    "id",
    "name",
    "vendor",
    "country",
    "category",
    "archetype",
    "model",
    "aws_scope",
    "host_app",
    "tier",
    "tier_basis",
    "state",
    "owner",
    "decided_by",
    "decided_at",
    "decided_until",
    "decision_reason",
    "grade",
    "risk_residual",
    "risk_gross",
    "risk_band",
    "risk_confidence_percent",
    "first_seen",
    "last_seen",
    "active_days",
    "events",
    "attempts",
    "prompts",
    "uploads",
    "visits",
    "users",
    "clients",
    "segments",
    "bytes_up",
    "bytes_down",
    "duties_met",
    "duties_open",
    "duties_overdue",
    "next",
];

fn write(report: &Report, edition: Edition, out: &mut dyn io::Write) -> io::Result<()> {
    Row::header(HEADER).write(out)?;
    for app in &report.applications {
        row(app, edition).write(out)?;
    }
    Ok(())
}

fn row(app: &Application, edition: Edition) -> Row {
    let mut row = Row::default();
    row.text(&app.id);
    row.text(&app.name);
    row.text(&app.vendor);
    row.text(&app.country);
    row.text(&app.category);
    row.text(app.archetype.as_str());
    row.text(app.model.as_str());
    row.text(&app.aws_scope);
    row.text(app.host_app.as_deref().unwrap_or_default());
    let TierSeen { value, basis, .. } = &app.tier;
    row.text(value.as_str());
    row.text(basis);
    decision(&mut row, app);
    row.text(app.grade.map_or("attempted", |grade| grade.as_str()));
    row.number(u64::from(app.risk.residual));
    row.number(u64::from(app.risk.gross));
    row.text(app.risk.band);
    row.number(u64::from(app.risk.confidence));
    row.text(&app.first_seen.to_string());
    row.text(&app.last_seen.to_string());
    row.number(u64::from(app.active_days));
    row.number(app.events);
    row.number(app.attempts);
    row.number(app.prompts);
    row.number(app.uploads);
    row.number(app.visits);
    row.group(app.users, edition);
    row.group(app.clients, edition);
    row.text(&segments(app));
    if app.uploads_told {
        row.number(app.bytes_up);
    } else {
        row.unknown();
    }
    row.number(app.bytes_down);
    let duties = |wanted: &dyn Fn(&super::Duty) -> bool| {
        app.duties().filter(|duty| wanted(duty)).count() as u64
    };
    row.number(duties(&|duty| duty.status == "met"));
    row.number(duties(&super::Duty::is_pending));
    row.number(duties(&|duty| duty.overdue));
    row.text(app.next.first().map_or("", String::as_str));
    row
}

fn decision(row: &mut Row, app: &Application) {
    row.text(app.state.as_str());
    let Some(decision) = &app.decision else {
        for _ in 0..5 {
            row.unknown();
        }
        return;
    };
    row.text(&decision.owner);
    row.text(&decision.by);
    row.text(&decision.at.to_string());
    row.text(
        &decision
            .until
            .map(|until| until.to_string())
            .unwrap_or_default(),
    );
    row.text(&decision.reason);
}

fn segments(app: &Application) -> String {
    let names: Vec<&str> = app
        .segments
        .iter()
        .map(|segment| segment.name.as_str())
        .collect();
    names.join("; ")
}
