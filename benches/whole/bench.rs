//! What all steps have: the program, the logs, the rounds, and where results go.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::goals::Goals;
use crate::rounds::{self, Median, Runner};
use crate::stock::Stock;
use crate::table::{Row, Table};

/// The program, built in the profile of the bench: as released, unless another is named.
pub(crate) const GNOMON: &str = env!("CARGO_BIN_EXE_gnomon");

/// How much is read.
pub(crate) struct Sizes {
    /// Records of Squid's log, and of those of the other formats.
    pub(crate) squid: u64,
    pub(crate) others: u64,
    /// Requests in a year, all to services.
    pub(crate) year: u64,
}

pub(crate) struct Bench {
    pub(crate) began: Instant,
    pub(crate) directory: PathBuf,
    /// Makes the logs of the step `other`.
    pub(crate) generator: Option<PathBuf>,
    /// Where the logs of this step come from.
    pub(crate) stock: Box<dyn Stock>,
    pub(crate) sizes: Sizes,
    pub(crate) rounds: usize,
    pub(crate) table: Table,
    pub(crate) goals: Goals,
}

impl Bench {
    /// What comes next, for those who wait.
    pub(crate) fn tell(&self, step: &str) {
        let label = self.stock.label();
        eprintln!("{:4} s  {label}{step}", self.began.elapsed().as_secs());
    }

    pub(crate) fn headline(&mut self, text: &str) {
        self.table.headline(format!("{}{text}", self.stock.label()));
    }

    /// A figure that the project has set itself, or one beside it without a goal.
    pub(crate) fn goal(
        &mut self,
        goal: &'static str,
        what: &str,
        wanted: &'static str,
        measured: impl Into<String>,
    ) {
        let what = format!("{}{what}", self.stock.label());
        self.goals.add(goal, what, wanted, measured);
    }

    /// `wc -l`, against which everything is held.
    pub(crate) fn wc(log: &Path) -> Runner {
        runner("wc -l", &["wc", "-l", &log.display().to_string()])
    }

    /// A scan into a fresh database.
    pub(crate) fn scan(&self, what: &str, log: &Path, workers: usize, database: &Path) -> Runner {
        Self::scan_with(&self.stock.config(), what, log, workers, database)
    }

    /// The same with another configuration.
    pub(crate) fn scan_with(
        config: &Path,
        what: &str,
        log: &Path,
        workers: usize,
        database: &Path,
    ) -> Runner {
        let mut runner = runner(
            what,
            &[
                GNOMON,
                "scan",
                &log.display().to_string(),
                "--quiet",
                "--workers",
                &workers.to_string(),
                "--config",
                &config.display().to_string(),
                "--store",
                &database.display().to_string(),
            ],
        );
        runner.fresh = Some(database.to_path_buf());
        runner
    }

    /// Lets them take turns and writes a row for each.
    pub(crate) fn compare(
        &mut self,
        bytes: u64,
        runners: &[Runner],
    ) -> anyhow::Result<Vec<Median>> {
        let medians = rounds::take(runners, self.rounds)?;
        for (runner, median) in runners.iter().zip(&medians) {
            self.table.row(Row {
                what: runner.what.clone(),
                bytes,
                median: *median,
                has_ratio: bytes > 0,
            });
        }
        Ok(medians)
    }
}

pub(crate) fn runner(what: &str, command: &[&str]) -> Runner {
    Runner {
        what: what.to_owned(),
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        fresh: None,
    }
}

/// Whether a program is there.
pub(crate) fn is_installed(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Threads that this machine runs at once.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// `2.31`.
pub(crate) fn two_places(value: f64) -> String {
    format!("{value:.2}")
}
