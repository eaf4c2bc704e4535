//! `gnomon man`: manual pages, made from the same words as `--help`.

use std::path::PathBuf;

use anyhow::Context as _;

use super::screen::Screen;
use super::{Exit, whole};

/// Print the manual page, or write all of them to a directory
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon man | man -l -\n  gnomon man --directory /usr/share/man/man1"
)]
pub(super) struct Args {
    /// Write gnomon.1 and one page per command there
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(super) fn run(args: Args, screen: &mut Screen) -> anyhow::Result<Exit> {
    let command = whole();
    let Some(directory) = args.directory else {
        clap_mangen::Man::new(command).render(screen)?;
        return Ok(Exit::Fine);
    };
    std::fs::create_dir_all(&directory).with_context(|| directory.display().to_string())?;
    clap_mangen::generate_to(command, &directory)
        .with_context(|| directory.display().to_string())?;
    Ok(Exit::Fine)
}
