//! `gnomon catalogue diff`: what newer signature files do otherwise than older ones.

use std::path::Path;

use super::files;
use crate::catalogue::{Catalogue, Diff};
use crate::cli::Exit;
use crate::cli::labelled::{count, heading};
use crate::cli::output::{Output, json};
use crate::cli::screen::{Screen, Style};
use crate::cli::sheet::paragraph;
use crate::cli::table::shown;

pub(super) fn run(
    old: &Path,
    new: &Path,
    output: Option<Output>,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let older = Catalogue::from_files(&files::read(old)?)?;
    let newer = Catalogue::from_files(&files::read(new)?)?;
    let diff = older.diff(&newer);
    if output.is_some() {
        json("gnomon.diff/1", &diff, screen)?;
        return Ok(Exit::Fine);
    }
    if diff.is_empty() {
        screen.line("no difference that would be noticed")?;
        return Ok(Exit::Fine);
    }
    write(&diff, screen)?;
    let rules = |catalogue: &Catalogue| count(catalogue.rule_count(), "rule", "rules");
    let summary = format!(
        "{} gone, {} new, {} changed; {} before, {} now",
        count(diff.gone.len(), "service", "services"),
        diff.new.len(),
        diff.changed.len(),
        rules(&older),
        rules(&newer)
    );
    let summary = screen.styled(Style::Strong, &summary);
    screen.line("")?;
    screen.line(&summary)?;
    Ok(Exit::Fine)
}

fn write(diff: &Diff, screen: &mut Screen) -> std::io::Result<()> {
    for (title, entries) in [
        (
            "Gone: decisions and registers that name them are left alone",
            &diff.gone,
        ),
        ("New", &diff.new),
    ] {
        if !entries.is_empty() {
            heading(screen, title)?;
        }
        for entry in entries {
            let line = format!("{}: {} ({})", entry.id, entry.name, entry.what);
            paragraph(screen, 2, &shown(&line, 1_000))?;
        }
    }
    if !diff.moved.is_empty() {
        heading(screen, "What another service finds now")?;
    }
    for moved in &diff.moved {
        paragraph(screen, 2, &shown(moved, 1_000))?;
    }
    if !diff.changed.is_empty() {
        heading(screen, "Changed")?;
    }
    for service in &diff.changed {
        let title = shown(&format!("{}: {}", service.id, service.name), 1_000);
        let title = screen.styled(Style::Strong, &title);
        screen.line(&format!("  {title}"))?;
        for sentence in &service.sentences {
            paragraph(screen, 4, &shown(sentence, 1_000))?;
        }
    }
    Ok(())
}
