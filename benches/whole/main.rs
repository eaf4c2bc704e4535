//! The whole job, measured and checked: `benches/whole.sh`, and the tools that it is made of.
//!
//! `measure` makes logs whose contents are known (`benches/generate`), runs gnomon over them in turn with
//! `wc -l` and others that are installed, and prints what each took. It fails when a result differs from the truth, never
//! because of a time. `generate` writes logs to look at, `check` compares a store with a truth.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table for people"
)]

mod answers;
mod bench;
mod goals;
mod rounds;
mod steps;
mod stock;
mod table;
mod timed;

#[allow(dead_code, unused_imports, reason = "its other user is a test")]
#[path = "../generate/mod.rs"]
mod generate;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use bench::{Bench, Sizes};
use clap::Parser as _;
use generate::{LAYOUTS, Plan};
use steps::Step;
use stock::Generated;

/// Measure the whole job against logs whose contents are known
#[derive(Debug, clap::Parser)]
#[command(name = "whole")]
enum Command {
    /// Make logs, run everything in turn, print a table
    Measure {
        /// A million lines and three rounds, without the year and the service
        #[arg(long)]
        quick: bool,
        /// This part only; may be repeated
        #[arg(long, value_enum)]
        only: Vec<Step>,
        /// Rounds that are counted; the first is not
        #[arg(long)]
        rounds: Option<usize>,
        /// Records of Squid's log; those of the other formats are a quarter
        #[arg(long)]
        lines: Option<u64>,
        /// Where logs are made and kept
        #[arg(long, default_value = concat!(env!("CARGO_TARGET_TMPDIR"), "/whole"))]
        directory: PathBuf,
        /// A program that makes logs and says what is in them, for the step `other`; benches/whole/stock/other.rs says
        /// how it is called
        #[arg(long, value_name = "PROGRAM")]
        generator: Option<PathBuf>,
    },
    /// Write logs and what is in them
    Generate {
        directory: PathBuf,
        /// Squid's and the others', unless named
        formats: Vec<String>,
        #[arg(long, default_value_t = 100_000)]
        lines: u64,
        #[arg(long, default_value_t = 1)]
        days: u32,
    },
    /// Compare the store of a scan with the truth of its log
    Check {
        store: PathBuf,
        truth: PathBuf,
        /// The store hides names
        #[arg(long)]
        hidden: bool,
    },
    /// Run one command and say what it took
    #[command(name = timed::ONCE, hide = true)]
    Once {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    // Cargo says it to every bench.
    let arguments: Vec<_> = std::env::args_os()
        .filter(|argument| argument != "--bench")
        .collect();
    // A plain `cargo bench` gets the benches that take no gigabytes.
    if arguments.len() == 1 {
        println!("whole: see benches/whole.sh");
        return ExitCode::SUCCESS;
    }
    match run(Command::parse_from(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("whole: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Measure {
            quick,
            only,
            rounds,
            lines,
            directory,
            generator,
        } => {
            let squid = lines.unwrap_or(if quick { 1_000_000 } else { 8_000_000 });
            let sizes = Sizes {
                squid,
                others: if quick { squid / 8 } else { squid / 4 },
                year: squid / 2,
            };
            let steps = if only.is_empty() {
                steps::usual(quick, generator.is_some())
            } else {
                only
            };
            let rounds = rounds.unwrap_or(if quick { 3 } else { 5 });
            let stock = Box::new(Generated::open(&directory, company())?);
            let bench = Bench {
                began: Instant::now(),
                directory,
                generator,
                stock,
                sizes,
                rounds: rounds.max(1),
                table: table::Table::default(),
                goals: goals::Goals::default(),
            };
            measure(bench, &steps, quick)
        }
        Command::Generate {
            directory,
            formats,
            lines,
            days,
        } => {
            let stock = Generated::open(&directory, company())?;
            let named = |name: &str| formats.is_empty() || formats.iter().any(|f| f == name);
            for layout in LAYOUTS.iter().filter(|layout| named(layout.name)) {
                let log = stock.log_of_days(layout.name, lines, days)?;
                println!("{} {} bytes", log.path.display(), log.bytes);
            }
            Ok(())
        }
        Command::Check {
            store,
            truth,
            hidden: false,
        } => answers::check(&store, &truth),
        Command::Check { store, truth, .. } => answers::check_hidden(&store, &truth),
        Command::Once { arguments } => {
            println!("{}", timed::once(&arguments)?);
            Ok(())
        }
    }
}

/// A company of 5,000 people whose users meet 10,000 rules.
fn company() -> Plan {
    Plan {
        seed: 2026,
        lines: 0,
        days: 0,
        people: 5_000,
        hosts: 100_000,
        rules: 10_000,
        ruled: 15,
    }
}

fn measure(mut bench: Bench, steps: &[Step], quick: bool) -> anyhow::Result<()> {
    let ended = steps::take(steps, quick, &mut bench);
    println!(
        "Medians of {} rounds on {} cores, {}.\n",
        bench.rounds,
        bench::cores(),
        if ended.is_ok() {
            "every result as it should be"
        } else {
            "as far as it went"
        }
    );
    if cfg!(debug_assertions) {
        println!("A build with debug assertions: its answers count, its times do not.\n");
    }
    for line in bench.table.lines().into_iter().chain(bench.goals.lines()) {
        println!("{line}");
    }
    ended
}
