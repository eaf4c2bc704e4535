//! `gnomon formats`: which logs are understood, and which one a file is.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::config::Config;
use crate::formats::Formats;
use crate::model::{Field, Fields};
use crate::sources::{Next, Source as _};

use super::Exit;
use super::advice::advice;
use super::global::Global;
use super::opened;
use super::scan::format_named;
use super::screen::{Screen, Style, wrap};
use super::table::table;

/// List log formats, show one, or say which one a file is
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon formats list\n  gnomon formats show zscaler-web > /etc/gnomon/formats/our-zscaler.toml\n  gnomon formats check /etc/gnomon/formats/*.toml\n  gnomon formats detect /var/log/squid/access.log.1.gz"
)]
pub(super) struct Args {
    /// Without one: list
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// All formats
    List,
    /// What one format can and cannot tell; of a mapping, the file to start your own from
    Show {
        name: String,
        /// What it can and cannot tell, also of a mapping
        #[arg(long)]
        summary: bool,
    },
    /// Say what is wrong with mapping files
    Check {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Which format a file is, with the ranking
    Detect { file: PathBuf },
}

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let what = args.what.unwrap_or(What::List);
    if let What::Check { files } = what {
        return check(&files, screen);
    }
    let config = global.config()?;
    let formats = opened::formats(&config)?;
    match what {
        What::List => list(&formats, screen),
        What::Show { name, summary } => show(&formats, &name, summary, screen),
        What::Detect { file } => detect(&formats, &config, &file, screen),
        What::Check { .. } => Ok(Exit::Fine),
    }
}

fn check(files: &[PathBuf], screen: &mut Screen) -> anyhow::Result<Exit> {
    let mut exit = Exit::Fine;
    for file in files {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).with_context(|| name.clone())?;
        match Formats::check(&name, &text) {
            Ok(format) => screen.line(&format!("{name}: {}", format.title))?,
            Err(error) => {
                exit = Exit::Failed;
                screen.line(&screen.styled(Style::Bad, &error.to_string()))?;
            }
        }
    }
    Ok(exit)
}

fn list(formats: &Formats, screen: &mut Screen) -> anyhow::Result<Exit> {
    let rows = formats
        .iter()
        .map(|format| {
            vec![
                format.name.to_owned(),
                format.kind.to_string(),
                format.title.to_owned(),
            ]
        })
        .collect();
    screen.line(&table(screen.width(), &["name", "kind", "log"], rows))?;
    Ok(Exit::Fine)
}

fn show(formats: &Formats, name: &str, summary: bool, screen: &mut Screen) -> anyhow::Result<Exit> {
    let format = format_named(name, formats)?;
    if let Some(mapping) = format.mapping().filter(|_| !summary) {
        screen.line(mapping.trim_end())?;
        return Ok(Exit::Fine);
    }
    let names = |wanted: bool, fields: Fields| {
        Field::ALL
            .iter()
            .filter(|field| fields.has(**field) == wanted && (wanted || field.is_expected()))
            .map(|field| field.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    screen.line(&screen.styled(Style::Strong, format.title))?;
    told("name", format.name, screen)?;
    told("kind", format.kind.as_str(), screen)?;
    told("tells", &names(true, format.tells), screen)?;
    told("cannot tell", &names(false, format.tells), screen)?;
    told("recognised by", format.recognised_by(), screen)?;
    if let Some(documentation) = format.documentation() {
        told("documented", documentation, screen)?;
    }
    for (fields, text) in format.advice_for(Field::ALL) {
        advice(screen, 0, &fields, text)?;
    }
    Ok(Exit::Fine)
}

/// A label, and what is said of it, in a column of its own.
fn told(label: &str, text: &str, screen: &mut Screen) -> anyhow::Result<()> {
    const LABEL: usize = 15;
    let width = usize::from(screen.width()).saturating_sub(LABEL);
    let mut label = label;
    for line in wrap(text, width) {
        screen.line(&format!("{label:<LABEL$}{line}"))?;
        label = "";
    }
    Ok(())
}

fn detect(
    formats: &Formats,
    config: &Config,
    file: &Path,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let head = head_of(file, config)?;
    let detection = formats.detect(&head);
    let rows = detection
        .ranking
        .iter()
        .map(|ranked| {
            vec![
                ranked.format.name.to_owned(),
                format!("{:.0} %", ranked.share * 100.0),
                format!("{:.0}", ranked.mean_score),
                ranked.format.title.to_owned(),
            ]
        })
        .collect::<Vec<_>>();
    if !rows.is_empty() {
        screen.line(&table(
            screen.width(),
            &["format", ">records", ">sureness", "log"],
            rows,
        ))?;
    }
    if let Some(what) = detection.binary {
        screen.line(what)?;
    }
    if let Some(mixed) = &detection.mixed {
        screen.line(mixed)?;
    }
    match detection.chosen {
        Some(format) => {
            for ranked in &detection.ranking {
                let format = &ranked.format;
                let by = format!(
                    "{} is recognised by {}",
                    format.name,
                    format.recognised_by()
                );
                screen.wrapped(0, &by)?;
            }
            screen.line(&screen.styled(Style::Good, &format!("read as {}", format.name)))?;
            Ok(Exit::Fine)
        }
        None => {
            screen.line("not recognised; if you know the format, name it with --format")?;
            Ok(Exit::Failed)
        }
    }
}

/// The first bytes of a file, unpacked.
fn head_of(file: &Path, config: &Config) -> anyhow::Result<Vec<u8>> {
    let mut source = opened::scan(config, vec![file.to_path_buf()], None);
    loop {
        match source.next() {
            Next::Chunk(chunk) => {
                return Ok(chunk.head.map_or(chunk.bytes, |head| head.to_vec()));
            }
            Next::Trouble { source, note } | Next::Lost { source, note } => {
                anyhow::bail!("{source}: {note}")
            }
            Next::Forget(_) => {}
            Next::Idle | Next::End => anyhow::bail!("{}: nothing to read", file.display()),
        }
    }
}
