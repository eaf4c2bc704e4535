//! `gnomon candidates`: hosts in no signature that look like GenAI, and what people said of them.
//!
//! A candidate is a list to look through, never a finding. Accepting one changes no catalogue: it prints the
//! beginning of a signature file, because only a person can say whose the host is.

mod judge;
mod list;
mod stub;

use super::Exit;
use super::global::Global;
use super::screen::Screen;

/// List hosts that look like GenAI and are in no signature; accept or dismiss them
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  gnomon candidates\n  gnomon candidates list --all --output json\n  gnomon candidates dismiss chat.example.org --reason 'our own help desk'\n  gnomon candidates accept gpt.example.net --reason 'used by sales' > gpt-example.toml"
)]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    list: list::Args,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Hosts to look at, those with the most hits first
    #[command(after_help = "Example:\n  gnomon candidates list --all")]
    List(list::Args),
    /// It is GenAI: keep the verdict and print the beginning of a signature file
    #[command(
        after_help = "Example:\n  gnomon candidates accept gpt.example.net --reason 'used by sales' > /etc/gnomon/signatures/gpt-example.toml"
    )]
    Accept(judge::Args),
    /// It is no GenAI: keep the verdict, and do not list it again
    #[command(
        after_help = "Example:\n  gnomon candidates dismiss chat.example.org --reason 'our own help desk'"
    )]
    Dismiss(judge::Args),
}

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let config = global.config()?;
    match args.what {
        None => list::run(&args.list, &config, screen),
        Some(What::List(args)) => list::run(&args, &config, screen),
        Some(What::Accept(args)) => judge::run(args, true, &config, screen),
        Some(What::Dismiss(args)) => judge::run(args, false, &config, screen),
    }
}
