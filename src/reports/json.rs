//! The report as JSON, schema `gnomon.report/1`: keys sorted, so that the same logs give the same bytes.

use std::io;

use super::{Edition, Renderer, Report};

pub(super) static RENDERER: Renderer = Renderer {
    name: "json",
    media_type: "application/json",
    extension: "json",
    write,
};

fn write(report: &Report, _edition: Edition, out: &mut dyn io::Write) -> io::Result<()> {
    // A JSON value keeps its keys sorted; a struct would print them in the order of its fields.
    let value = serde_json::to_value(report)?;
    serde_json::to_writer_pretty(&mut *out, &value)?;
    out.write_all(b"\n")
}
