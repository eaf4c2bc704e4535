//! Reports: one structure, several ways to write it down.
//!
//! `build` reads the store and asks `govern` what it means; a renderer writes the answer to any `Write`. The caller
//! owns the file, the mail or the reply. Nothing here opens a file or reads a clock.

mod alike;
mod application;
mod ask;
mod blind_spots;
mod build;
mod clocks;
mod compared;
mod csv;
mod edition;
pub(crate) mod evidence;
mod exports;
pub(crate) mod figures;
mod gather;
mod headline;
pub(crate) mod html;
pub(crate) mod json;
mod legend;
mod markdown;
mod note;
mod noted;
mod observed;
mod organisation;
mod plane;
mod prospect;
mod recent;
mod report;
mod tally;

use std::io;

pub use ask::Ask;
pub use build::build;
pub use clocks::clocks;
pub use exports::annex::{AnnexFormat, annex};
pub use note::note;
pub use noted::{AgentAt, Noted};
pub use organisation::{Organisation, OwedBy, Previous, StateRow, Wanted, build_with_previous};
pub use prospect::prospect;
pub use report::{
    Application, CatalogueFacts, Count, DayRow, Duty, HeatRow, HostUse, KnownLate, Outlier, Period,
    Report, Risk, RiskLine, SCHEMA, TierSeen, Told, Totals, Visited,
};

/// For whom a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Edition {
    /// Everything but names of people and machines; groups of fewer than five are not shown.
    #[default]
    Ciso,
    /// With clients and users.
    Soc,
    /// Groups of fewer than five are not shown; duties of data and compliance come first.
    Privacy,
}

/// A way to write a report down.
pub struct Renderer {
    /// Its name in `--output`.
    pub name: &'static str,
    pub media_type: &'static str,
    /// The usual ending of a file of it, without the dot.
    pub extension: &'static str,
    /// Writes the whole report.
    pub write: fn(&Report, Edition, &mut dyn io::Write) -> io::Result<()>,
}

/// Every renderer, sorted by name.
pub static RENDERERS: &[&Renderer] = &[
    &csv::RENDERER,
    &csv::DUTIES,
    &csv::JIRA,
    &csv::SERVICENOW,
    &exports::cyclonedx::RENDERER,
    &html::RENDERER,
    &json::RENDERER,
    &markdown::RENDERER,
    &exports::ocsf::RENDERER,
];

/// The renderer of this name.
#[must_use]
pub fn renderer(name: &str) -> Option<&'static Renderer> {
    RENDERERS
        .iter()
        .copied()
        .find(|renderer| renderer.name == name)
}
