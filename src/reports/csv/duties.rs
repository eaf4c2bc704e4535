//! The duties as CSV: one row per application and duty, for those who track work in a spreadsheet.

use std::io;

use super::cell::Row;
use crate::reports::{Application, Duty, Edition, Renderer, Report};

pub(in crate::reports) static RENDERER: Renderer = Renderer {
    name: "csv-duties",
    media_type: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    write,
};

const HEADER: &[&str] = &[
    "application",
    "name",
    "state",
    "risk_band",
    "duty",
    "layer",
    "title",
    "party",
    "article_party",
    "basis",
    "disputed",
    "reason",
    "status",
    "why",
    "owner",
    "due",
    "overdue",
    "closes_by",
    "action",
    "evidence_wanted",
    "logs_show",
    "article_keys",
    "references",
];

fn write(report: &Report, edition: Edition, out: &mut dyn io::Write) -> io::Result<()> {
    Row::header(HEADER).write(out)?;
    for app in &report.applications {
        for duty in edition.duties(app) {
            row(app, duty).write(out)?;
        }
    }
    Ok(())
}

fn row(app: &Application, duty: &Duty) -> Row {
    let mut row = Row::default();
    row.text(&app.id);
    row.text(&app.name);
    row.text(app.state.as_str());
    row.text(app.risk.band);
    row.text(&duty.id);
    row.text(duty.layer);
    row.text(&duty.title);
    row.text(duty.party);
    row.text(duty.seed_party);
    row.text(duty.basis);
    row.text(if duty.disputed { "yes" } else { "no" });
    row.text(&duty.reason);
    row.text(duty.status);
    row.text(&duty.why);
    row.text(&duty.owner);
    match duty.due {
        Some(day) => row.text(&day.to_string()),
        None => row.unknown(),
    }
    row.text(if duty.overdue { "yes" } else { "no" });
    row.text(duty.closes_by);
    row.text(&duty.action);
    row.text(&duty.evidence_wanted);
    row.text(&duty.logs_show);
    row.text(&duty.keys.join(" "));
    row.text(&duty.refs.join(" "));
    row
}
