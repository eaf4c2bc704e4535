//! The register as ServiceNow's AI Control Tower lists it, for an import set: one row per application.
//!
//! Columns after its manage-AI-assets list (name, provider, vendor, managed by, state, risk classification, asset state,
//! asset status); an asset starts unmanaged. `correlation_id` makes a second import an update.

use std::io;

use super::cell::Row;
use crate::model::State;
use crate::reports::{Application, Edition, Renderer, Report};

pub(in crate::reports) static RENDERER: Renderer = Renderer {
    name: "csv-servicenow",
    media_type: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    write,
};

const HEADER: &[&str] = &[
    "correlation_id",
    "name",
    "short_description",
    "provider",
    "vendor",
    "managed_by",
    "state",
    "risk_classification",
    "asset_state",
    "asset_status",
    "discovered_on",
    "last_seen_on",
    "review_on",
    "open_duties",
    "overdue_duties",
];

fn write(report: &Report, _: Edition, out: &mut dyn io::Write) -> io::Result<()> {
    Row::header(HEADER).write(out)?;
    report
        .applications
        .iter()
        .try_for_each(|app| row(app).write(out))
}

fn row(app: &Application) -> Row {
    let decision = app.decision.as_ref();
    let owner = decision.map_or("", |decision| decision.owner.as_str());
    let mut row = Row::default();
    row.text(&app.id);
    row.text(&app.name);
    row.text(&app.description);
    row.text(&app.vendor);
    row.text(&app.vendor);
    row.text(owner);
    row.text(app.state.as_str());
    row.text(app.risk.band);
    row.text(asset_state(app.state));
    row.text(if app.state == State::Retired {
        "retired"
    } else {
        "in use"
    });
    row.text(&app.first_seen.day().to_string());
    row.text(&app.last_seen.day().to_string());
    match decision.and_then(|decision| decision.until) {
        Some(until) => row.text(&until.day().to_string()),
        None => row.unknown(),
    }
    let count = |wanted: fn(&crate::reports::Duty) -> bool| {
        app.duties().filter(|duty| wanted(duty)).count() as u64
    };
    row.number(count(crate::reports::Duty::is_pending));
    row.number(count(|duty| duty.overdue));
    row
}

/// Managed is what somebody decided to live with.
const fn asset_state(state: State) -> &'static str {
    match state {
        State::Sanctioned | State::Tolerated | State::Restricted => "Managed",
        State::New | State::InReview | State::Blocked | State::NotGenai | State::Retired => {
            "Unmanaged"
        }
    }
}
