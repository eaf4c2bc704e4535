//! The command line: one file per command.
//!
//! A command reads its arguments, asks the rooms below and writes to the screen. Answers go to stdout, words for people
//! to stderr; colour and progress only on a terminal.

mod advice;
mod application_id;
mod apps;
mod candidates;
mod cases;
mod catalogue;
mod completions;
mod decide;
mod decisions;
mod doctor;
mod duties;
mod enforce;
mod events;
mod explain;
mod formats;
mod global;
mod labelled;
mod ladder;
mod log;
mod man;
mod opened;
mod output;
mod progress;
mod register;
mod report;
mod run;
mod scan;
mod screen;
mod sheet;
mod summary;
mod table;
mod unmask;
mod until;

use clap::{CommandFactory, Parser, Subcommand};

use global::Global;
use screen::Screen;

/// How the process ends when nothing failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Fine,
    /// Nothing could be read, or a check found something wrong: 1.
    Failed,
    /// `scan --fail-on` found something: 3.
    Found,
}

#[derive(Debug, Parser)]
#[command(
    name = "gnomon",
    version,
    about = "Finds the generative-AI services an enterprise uses without knowing it, from DNS and proxy logs",
    after_help = "Start here:\n  gnomon scan /var/log/squid/ /var/log/named/queries.log\n  gnomon explain chatgpt.com\n\nEvery command explains itself: gnomon COMMAND --help",
    max_term_width = 100,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(scan::Args),
    Run(run::Args),
    Report(report::Args),
    Candidates(candidates::Args),
    Explain(explain::Args),
    Catalogue(catalogue::Args),
    Apps(apps::Args),
    Decide(decide::Args),
    Decisions(decisions::Args),
    Enforce(enforce::Args),
    Duties(duties::Args),
    Cases(cases::Args),
    Doctor(doctor::Args),
    Unmask(unmask::Args),
    Events(events::Args),
    Formats(formats::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Reads the command line and does what it says. Wrong usage ends the process with 2, as clap does.
///
/// # Errors
/// What went wrong, as a chain of sentences.
pub fn run() -> anyhow::Result<Exit> {
    let Cli { global, command } = Cli::parse();
    let mut screen = Screen::new(global.no_color);
    let exit = match command {
        Command::Scan(args) => scan::run(args, &global, &mut screen),
        Command::Run(args) => run::run(args, &global, &mut screen),
        Command::Report(args) => report::run(args, &global, &mut screen),
        Command::Candidates(args) => candidates::run(args, &global, &mut screen),
        Command::Explain(args) => explain::run(args, &global, &mut screen),
        Command::Catalogue(args) => catalogue::run(args, &global, &mut screen),
        Command::Apps(args) => apps::run(args, &global, &mut screen),
        Command::Decide(args) => decide::run(args, &global, &mut screen),
        Command::Decisions(args) => decisions::run(args, &global, &mut screen),
        Command::Enforce(args) => enforce::run(args, &global, &mut screen),
        Command::Duties(args) => duties::run(args, &global, &mut screen),
        Command::Cases(args) => cases::run(args, &global, &mut screen),
        Command::Unmask(args) => unmask::run(args, &global, &mut screen),
        Command::Doctor(args) => doctor::run(&args, &global, &mut screen),
        Command::Events(args) => events::run(args, &global, &mut screen),
        Command::Formats(args) => formats::run(args, &global, &mut screen),
        Command::Completions(args) => completions::run(args, &mut screen),
        Command::Man(args) => man::run(args, &mut screen),
    }?;
    screen.finish()?;
    Ok(exit)
}

/// Ends the process as clap does for wrong usage. Flags of a list and a subcommand after them are told apart here and
/// not by clap, whose rule for it would refuse `--store` and the other global flags in that place too.
fn wrong_usage(text: &str) -> ! {
    whole()
        .error(clap::error::ErrorKind::ArgumentConflict, text)
        .exit()
}

/// The whole command, for completions and manual pages.
fn whole() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound_and_every_command_has_an_example() {
        let command = whole();
        command.clone().debug_assert();
        for sub in command.get_subcommands() {
            let help = sub
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                help.contains("gnomon "),
                "{} has no example",
                sub.get_name()
            );
            assert!(
                sub.get_about().is_some(),
                "{} says nothing of itself",
                sub.get_name()
            );
        }
    }
}
