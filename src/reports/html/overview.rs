//! The whole in a few figures: what stands at the top of the page, and how the applications divide.

use super::charts::{self, Part};
use crate::model::{ServiceModel, State};
use crate::reports::figures::{self, bytes, count, percent};
use crate::reports::{Edition, Report, Totals, headline, legend};

/// A key figure.
pub(super) struct Figure {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) note: String,
    /// How much more or less than in the period before; empty without one.
    pub(super) delta: String,
    /// Whether it asks for attention.
    pub(super) urgent: bool,
}

/// All applications, divided in one way.
pub(super) struct Strip {
    pub(super) title: &'static str,
    pub(super) parts: Vec<Part>,
}

pub(super) fn key_figures(report: &Report, edition: Edition) -> Vec<Figure> {
    let totals = &report.totals;
    let unreviewed = headline::unreviewed(report);
    let told = report.applications.iter().any(|app| app.uploads_told);
    let upload_events = report
        .applications
        .iter()
        .fold(0_u64, |sum, app| sum.saturating_add(app.uploads));
    let figure = |label, value, note, urgent| Figure {
        label,
        value,
        note,
        delta: String::new(),
        urgent,
    };
    let mut figures = vec![
        figure(
            "Applications",
            count(totals.applications),
            format!(
                "{} events, {} blocked",
                count(totals.events),
                count(totals.attempts)
            ),
            false,
        ),
        figure(
            "Unreviewed",
            count(unreviewed),
            "nobody has decided".to_owned(),
            unreviewed > 0,
        ),
        match totals.users {
            0 => figure(
                "Clients",
                edition.group(totals.clients),
                "no source names users".to_owned(),
                false,
            ),
            users => figure(
                "Users",
                edition.group(users),
                format!("on {} clients", edition.group(totals.clients)),
                false,
            ),
        },
        if told {
            figure(
                "Sent to them",
                bytes(totals.bytes_up),
                match upload_events {
                    0 => "no upload was recognised".to_owned(),
                    n => figures::counted(n, "recognised upload", "recognised uploads"),
                },
                false,
            )
        } else {
            figure(
                "Sent to them",
                "unknown".to_owned(),
                "no source counts bytes".to_owned(),
                false,
            )
        },
        figure(
            "Duties open",
            count(totals.duties_open),
            "still to be done by you".to_owned(),
            false,
        ),
        figure(
            "Overdue",
            count(totals.duties_overdue),
            format!(
                "{} of the open ones",
                percent(totals.duties_overdue, totals.duties_open)
            ),
            totals.duties_overdue > 0,
        ),
    ];
    if let Some(before) = &report.organisation.previous {
        let then = &before.totals;
        let new = |totals: &Totals| totals.by_state.get("new").copied().unwrap_or(0);
        let people = |totals: &Totals| match report.totals.users {
            0 => totals.clients,
            _ => totals.users,
        };
        let deltas = [
            delta(totals.applications, then.applications, &count),
            delta(new(totals), new(then), &count),
            delta(people(totals), people(then), &count),
            delta(totals.bytes_up, then.bytes_up, &bytes),
            delta(totals.duties_open, then.duties_open, &count),
            delta(totals.duties_overdue, then.duties_overdue, &count),
        ];
        for (figure, delta) in figures.iter_mut().zip(deltas) {
            figure.delta = delta;
        }
    }
    figures
}

/// How much more or less, in words that read alone.
fn delta(now: u64, then: u64, show: &dyn Fn(u64) -> String) -> String {
    match now.cmp(&then) {
        std::cmp::Ordering::Greater => format!("{} more than before", show(now - then)),
        std::cmp::Ordering::Less => format!("{} less than before", show(then - now)),
        std::cmp::Ordering::Equal => "as before".to_owned(),
    }
}

pub(super) fn strips(report: &Report) -> Vec<Strip> {
    let totals = &report.totals;
    let states = State::ALL.iter().map(|state| {
        let n = totals.by_state.get(state.as_str()).copied().unwrap_or(0);
        (
            legend::state(*state),
            format!("state-{}", state.as_str()),
            n,
        )
    });
    let models = ServiceModel::ALL.iter().map(|model| {
        let n = totals.by_model.get(model.as_str()).copied().unwrap_or(0);
        (
            legend::model(*model),
            format!("model-{}", model.as_str()),
            n,
        )
    });
    // The gravest first.
    let bands = legend::BANDS.iter().rev().map(|band| {
        let n = totals.by_band.get(band.word).copied().unwrap_or(0);
        (band.word, format!("band-{}", band.word), n)
    });
    vec![
        Strip {
            title: "By decision",
            parts: charts::strip(states),
        },
        Strip {
            title: "By residual risk",
            parts: charts::strip(bands),
        },
        Strip {
            title: "By service model",
            parts: charts::strip(models),
        },
    ]
}
