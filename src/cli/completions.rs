//! `gnomon completions`: completions for a shell.

use super::screen::Screen;
use super::{Exit, whole};

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gnomon completions bash > /etc/bash_completion.d/gnomon")]
pub(super) struct Args {
    shell: clap_complete::Shell,
}

pub(super) fn run(args: Args, screen: &mut Screen) -> anyhow::Result<Exit> {
    // The generator panics when its writer fails, so it writes to memory.
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut whole(), "gnomon", &mut text);
    std::io::Write::write_all(screen, &text)?;
    Ok(Exit::Fine)
}
