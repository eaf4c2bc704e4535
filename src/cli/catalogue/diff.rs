//! `gnomon catalogue diff`: what newer signature files do otherwise than older ones.

use std::path::Path;

use super::files;
use crate::catalogue::Catalogue;
use crate::cli::Exit;
use crate::cli::screen::Screen;
use crate::cli::table::shown;

pub(super) fn run(old: &Path, new: &Path, screen: &mut Screen) -> anyhow::Result<Exit> {
    let older = Catalogue::from_files(&files::read(old)?)?;
    let newer = Catalogue::from_files(&files::read(new)?)?;
    let told = older.diff(&newer);
    for sentence in &told {
        screen.line(&shown(sentence, 1_000))?;
    }
    if told.is_empty() {
        screen.line("no difference")?;
    }
    Ok(Exit::Fine)
}
