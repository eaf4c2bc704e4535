//! Open duties as issues for Jira's CSV import: one row per application and duty that somebody still has to do.
//!
//! Its importer maps columns by name, takes `Labels` any number of times, and due dates as `yyyy-MM-dd`. The role that
//! owns a duty is a component, because a role is no account of Jira.

use std::io;

use super::cell::Row;
use crate::reports::{Application, Duty, Edition, Renderer, Report};

pub(in crate::reports) static RENDERER: Renderer = Renderer {
    name: "csv-jira",
    media_type: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    write,
};

const HEADER: &[&str] = &[
    "External ID",
    "Summary",
    "Issue Type",
    "Status",
    "Priority",
    "Due Date",
    "Component",
    "Labels",
    "Labels",
    "Labels",
    "Description",
];

fn write(report: &Report, edition: Edition, out: &mut dyn io::Write) -> io::Result<()> {
    Row::header(HEADER).write(out)?;
    for app in &report.applications {
        for duty in edition
            .duties(app)
            .into_iter()
            .filter(|duty| duty.is_pending())
        {
            row(app, duty).write(out)?;
        }
    }
    Ok(())
}

fn row(app: &Application, duty: &Duty) -> Row {
    let mut row = Row::default();
    row.text(&format!("{}/{}", app.id, duty.id));
    row.text(&format!("{}: {} ({})", app.name, duty.title, duty.id));
    row.text("Task");
    row.text(if duty.status == "in_progress" {
        "In Progress"
    } else {
        "To Do"
    });
    row.text(priority(app, duty));
    match duty.due {
        Some(day) => row.text(&day.to_string()),
        None => row.unknown(),
    }
    row.text(&duty.owner);
    row.text("genai");
    row.text(&duty.id);
    row.text(&format!("layer-{}", duty.layer));
    row.text(&format!(
        "{} To do: {} Proof wanted: {} It stands so because: {}. Mapped to: {}.",
        duty.statement,
        duty.action,
        duty.evidence_wanted,
        duty.why,
        duty.refs.join(", ")
    ));
    row
}

fn priority(app: &Application, duty: &Duty) -> &'static str {
    match (app.risk.band, duty.overdue) {
        ("critical", _) => "Highest",
        ("high", _) | (_, true) => "High",
        ("medium", _) => "Medium",
        _ => "Low",
    }
}
