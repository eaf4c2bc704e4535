//! `gnomon formats`: which logs are understood, and which one a file is.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::formats;
use crate::model::{Field, Fields};
use crate::sources::scan::{Scan, Settings};
use crate::sources::{Next, Source as _};

use super::Exit;
use super::screen::{Screen, Style};
use super::table::table;

/// List log formats, show one, or say which one a file is
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon formats list\n  gnomon formats show squid\n  gnomon formats detect /var/log/squid/access.log.1.gz"
)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// All formats
    List,
    /// What one format can and cannot tell
    Show { name: String },
    /// Which format a file is, with the ranking
    Detect { file: PathBuf },
}

pub(super) fn run(args: Args, screen: &mut Screen) -> anyhow::Result<Exit> {
    match args.what {
        What::List => list(screen),
        What::Show { name } => show(&name, screen),
        What::Detect { file } => detect(&file, screen),
    }
}

fn list(screen: &mut Screen) -> anyhow::Result<Exit> {
    let rows = formats::FORMATS
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

fn show(name: &str, screen: &mut Screen) -> anyhow::Result<Exit> {
    let format = formats::by_name(name).with_context(|| {
        let near = crate::model::nearest(name, formats::FORMATS.iter().map(|format| format.name));
        match near {
            Some(near) => format!("there is no format {name:?}, did you mean {near:?}?"),
            None => format!("there is no format {name:?}; see `gnomon formats list`"),
        }
    })?;
    let names = |wanted: bool, fields: Fields| {
        Field::ALL
            .iter()
            .filter(|field| fields.has(**field) == wanted)
            .map(|field| field.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    screen.line(&screen.styled(Style::Strong, format.title))?;
    screen.line(&format!("name          {}", format.name))?;
    screen.line(&format!("kind          {}", format.kind))?;
    screen.wrapped(0, &format!("tells         {}", names(true, format.tells)))?;
    screen.wrapped(0, &format!("cannot tell   {}", names(false, format.tells)))?;
    Ok(Exit::Fine)
}

fn detect(file: &Path, screen: &mut Screen) -> anyhow::Result<Exit> {
    let head = head_of(file)?;
    let detection = formats::detect(&head);
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
fn head_of(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut source = Scan::new(vec![file.to_path_buf()], Settings::default());
    loop {
        match source.next() {
            Next::Chunk(chunk) => {
                return Ok(chunk.head.map_or(chunk.bytes, |head| head.to_vec()));
            }
            Next::Trouble { source, note } => anyhow::bail!("{source}: {note}"),
            Next::Forget(_) => {}
            Next::Idle | Next::End => anyhow::bail!("{}: nothing to read", file.display()),
        }
    }
}
