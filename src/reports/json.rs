//! The report as JSON, schema `gnomon.report/1`: keys sorted, so that the same logs give the same bytes.
//!
//! Only the SOC edition names clients and users and quotes records; in the others these keys are there and empty.

use std::io;

use crate::model::Untrusted;

use super::{Edition, Renderer, Report};

pub(super) static RENDERER: Renderer = Renderer {
    name: "json",
    media_type: "application/json",
    extension: "json",
    write,
};

fn write(report: &Report, edition: Edition, out: &mut dyn io::Write) -> io::Result<()> {
    let nameless = (edition != Edition::Soc).then(|| without_names(report));
    let report = nameless.as_ref().unwrap_or(report);
    // A JSON value keeps its keys sorted; a struct would print them in the order of its fields.
    let value = serde_json::to_value(report)?;
    serde_json::to_writer_pretty(&mut *out, &value)?;
    out.write_all(b"\n")
}

fn without_names(report: &Report) -> Report {
    let mut report = report.clone();
    for app in &mut report.applications {
        app.top_clients.clear();
        app.top_users.clear();
        app.outliers.clear();
    }
    for sample in report
        .coverage
        .iter_mut()
        .flat_map(|source| &mut source.bad_samples)
    {
        sample.text = Untrusted::default();
    }
    report
}
