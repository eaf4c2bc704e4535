//! `gnomon catalogue`: what the signatures hold, and the tools for those who write them.

mod diff;
mod files;
mod lint;
mod matching;
pub(super) mod naming;
mod search;
mod show;
mod stats;
pub(super) mod view;

use std::path::PathBuf;

use super::Exit;
use super::global::Global;
use super::opened;
use super::output::Output;
use super::screen::Screen;

/// Search, show, match and check the signatures of GenAI services
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon catalogue search copilot\n  gnomon catalogue show openai.chatgpt\n  cut -f3 hosts.tsv | gnomon catalogue match\n  gnomon catalogue lint /etc/gnomon/signatures"
)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Services whose id, name, alias, vendor, category or host holds a text
    #[command(after_help = "Example:\n  gnomon catalogue search \"open ai\"")]
    Search {
        /// What to look for
        #[arg(required = true)]
        text: Vec<String>,
        /// Print JSON instead
        #[arg(long, short, value_name = "KIND")]
        output: Option<Output>,
    },
    /// Everything that is known of one service, and since when its hosts are in the logs here
    #[command(after_help = "Example:\n  gnomon catalogue show openai.chatgpt")]
    Show {
        /// Id or name of a service
        #[arg(required = true, value_name = "ID")]
        id: Vec<String>,
        /// Print JSON instead
        #[arg(long, short, value_name = "KIND")]
        output: Option<Output>,
    },
    /// What there is, counted
    #[command(after_help = "Example:\n  gnomon catalogue stats --output json")]
    Stats {
        /// Print JSON instead
        #[arg(long, short, value_name = "KIND")]
        output: Option<Output>,
    },
    /// Match hosts or URLs on stdin, one per line: input, service, role, archetype and rule as TSV
    #[command(
        long_about = "Match hosts or URLs on stdin, one per line. Writes one row of TSV per line, in order: the input, the service's id, the role, the archetype and the rule; `-` in each of the four when no rule fits or the line is neither host nor URL. A method may stand before a URL. Weak evidence and hosts that are no finding by themselves are printed too, with their role.",
        after_help = "Examples:\n  printf 'chatgpt.com\\nPOST https://api.openai.com/v1/responses\\n' | gnomon catalogue match\n  cut -f9 dns.log | gnomon catalogue match | cut -f2 | sort | uniq -c | sort -rn"
    )]
    Match,
    /// Check signature files: an overlay directory, or the embedded ones; exits with 1 on errors
    #[command(after_help = "Example:\n  gnomon catalogue lint /etc/gnomon/signatures")]
    Lint {
        /// Directory of signature files; without it, the embedded catalogue
        dir: Option<PathBuf>,
    },
    /// What a newer directory of signature files does otherwise than an older one
    #[command(after_help = "Example:\n  gnomon catalogue diff signatures-2026-10/ signatures/")]
    #[command(after_help = "Example:\n  gnomon catalogue diff signatures-2026-10/ signatures/")]
    Diff {
        old: PathBuf,
        new: PathBuf,
        /// Print JSON instead
        #[arg(long, short, value_name = "KIND")]
        output: Option<Output>,
    },
}

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    // These read the files that they are given, and nothing that is configured.
    match &args.what {
        What::Lint { dir } => return lint::run(dir.as_deref(), screen),
        What::Diff { old, new, output } => return diff::run(old, new, *output, screen),
        _ => {}
    }
    let config = global.config()?;
    let catalogue = opened::catalogue(&config)?;
    match args.what {
        What::Search { text, output } => search::run(&catalogue, &text.join(" "), output, screen),
        What::Show { id, output } => show::run(&catalogue, &config, &id.join(" "), output, screen),
        What::Stats { output } => stats::run(&catalogue, output, screen),
        What::Match => matching::run(catalogue, screen),
        What::Lint { .. } | What::Diff { .. } => Ok(Exit::Fine),
    }
}
