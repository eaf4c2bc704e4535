//! The report as Markdown: for a ticket, a wiki or a terminal, in the order of the HTML report.
//!
//! Compact on purpose: one table row per application, then what to do first for each. Duties in full are in the HTML
//! and in `csv-duties`. Text goes through `escape` without exception.

mod closing;
mod escape;
mod sections;
pub(super) mod table;

pub(super) use escape::prose;

use std::io;

use super::{Edition, Renderer, Report};

pub(super) static RENDERER: Renderer = Renderer {
    name: "md",
    media_type: "text/markdown; charset=utf-8",
    extension: "md",
    write,
};

fn write(report: &Report, edition: Edition, out: &mut dyn io::Write) -> io::Result<()> {
    sections::headline(report, edition, out)?;
    sections::coverage(report, edition, out)?;
    sections::applications(report, edition, out)?;
    sections::each(report, edition, out)?;
    closing::decisions_wanted(report, out)?;
    closing::observations(report, out)?;
    closing::heat_map(report, edition, out)?;
    closing::days(report, out)?;
    closing::changes(report, out)?;
    closing::candidates(report, edition, out)?;
    closing::limits(report, edition, out)
}
