//! `gnomon report`: what the register holds, for a period and a reader.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::model::Time;
use crate::reports::{self, Edition, Renderer, Report};

use super::Exit;
use super::global::Global;
use super::opened::{self, Limits};
use super::screen::Screen;
use super::summary;

/// Write a report from the register
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon report\n  gnomon report --days 7 --edition soc --output html --to weekly.html\n  gnomon report --from 2026-11-01 --until 2026-12-01 --output json"
)]
pub(super) struct Args {
    /// html, md, json, csv, csv-duties, csv-jira, csv-servicenow, cyclonedx or ocsf; without it, a summary for the terminal
    #[arg(long, short, value_name = "KIND")]
    output: Option<String>,
    /// For whom the report is
    #[arg(long, value_enum, default_value_t)]
    edition: EditionName,
    /// The last so many days
    #[arg(long, value_name = "N", conflicts_with_all = ["from", "until"])]
    days: Option<u16>,
    /// From this day or moment on
    #[arg(long, value_name = "TIME")]
    from: Option<Time>,
    /// Before this day or moment
    #[arg(long, value_name = "TIME")]
    until: Option<Time>,
    /// Measure due dates against this moment instead of now
    #[arg(long, value_name = "TIME")]
    as_of: Option<Time>,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE", requires = "output")]
    to: Option<PathBuf>,
}

/// Editions as flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum EditionName {
    /// No names of people or machines
    #[default]
    Ciso,
    /// With clients and users
    Soc,
    /// Small groups hidden, data duties first
    Privacy,
}

impl EditionName {
    pub(super) const fn edition(self) -> Edition {
        match self {
            Self::Ciso => Edition::Ciso,
            Self::Soc => Edition::Soc,
            Self::Privacy => Edition::Privacy,
        }
    }
}

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let config = global.config()?;
    let renderer = args
        .output
        .as_deref()
        .map(|name| renderer_named(name, "--output"))
        .transpose()?;
    let policy = opened::kept_policy(&config)?;
    let store = opened::store_to_read(&config)?;
    let now = args
        .as_of
        .unwrap_or_else(|| Time::from(jiff::Timestamp::now()));
    let limits = Limits {
        from: args
            .days
            .map(|days| now.plus_days(-i64::from(days)))
            .or(args.from),
        until: args.until,
        as_of: Some(now),
    };
    let report = opened::report(&store, policy, &config.zone()?, limits)?;
    if args.edition == EditionName::Soc {
        opened::name_clients(report, &config)?;
    }
    match (renderer, args.to) {
        (None, _) => summary::write(report, screen)?,
        (Some(renderer), None) => (renderer.write)(report, args.edition.edition(), screen)?,
        (Some(renderer), Some(path)) => write_report(&path, renderer, report, args.edition)?,
    }
    Ok(Exit::Fine)
}

/// The renderer of this name, or an error that lists them; `key` is where the name was given.
pub(super) fn renderer_named(name: &str, key: &str) -> anyhow::Result<&'static Renderer> {
    reports::renderer(name).with_context(|| {
        let names: Vec<&str> = reports::RENDERERS
            .iter()
            .map(|renderer| renderer.name)
            .collect();
        format!("{key} {name:?}: expected one of: {}", names.join(", "))
    })
}

/// The renderer whose files end like this one.
pub(super) fn renderer_for(path: &Path) -> anyhow::Result<&'static Renderer> {
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    reports::RENDERERS
        .iter()
        .copied()
        .find(|renderer| renderer.extension == ending)
        .with_context(|| {
            let endings: Vec<&str> = reports::RENDERERS
                .iter()
                .map(|renderer| renderer.extension)
                .collect();
            format!(
                "--report {}: the ending says the kind, expected one of: .{}",
                path.display(),
                endings.join(", .")
            )
        })
}

/// Writes a report to a file.
pub(super) fn write_report(
    path: &Path,
    renderer: &Renderer,
    report: &Report,
    edition: EditionName,
) -> anyhow::Result<()> {
    let named = || path.display().to_string();
    let mut file = BufWriter::new(File::create(path).with_context(named)?);
    (renderer.write)(report, edition.edition(), &mut file).with_context(named)?;
    file.flush().with_context(named)
}
