//! What one run of a command takes: time on the clock, time on cores, memory at its peak.
//!
//! The kernel sums up what all ended children used. So that a sum is one child's, each command is started by a process of
//! its own: this program again, which waits, reads the sum and prints it as one line.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

/// The word by which this program is told to start one command and measure it.
pub(crate) const ONCE: &str = "once";

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) wall: Duration,
    pub(crate) user: Duration,
    pub(crate) system: Duration,
    pub(crate) peak_kib: u64,
}

impl Usage {
    pub(crate) fn cores(&self) -> Duration {
        self.user + self.system
    }

    /// Adds a later run's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.wall += other.wall;
        self.user += other.user;
        self.system += other.system;
        self.peak_kib = self.peak_kib.max(other.peak_kib);
    }
}

/// Runs a command to its end; what it prints goes to this file.
pub(crate) fn time(command: &[String], printed: &Path) -> anyhow::Result<Usage> {
    let output = Command::new(std::env::current_exe()?)
        .arg(ONCE)
        .arg(printed)
        .args(command)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    let shown = command.join(" ");
    ensure!(output.status.success(), "{}: {shown}", output.status);
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<u64> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [wall, user, system, peak_kib] = numbers[..] else {
        bail!("measured {text:?}: {shown}");
    };
    Ok(Usage {
        wall: Duration::from_micros(wall),
        user: Duration::from_micros(user),
        system: Duration::from_micros(system),
        peak_kib,
    })
}

/// The other process: `once FILE COMMAND …`. The line that it answers with.
pub(crate) fn once(arguments: &[String]) -> anyhow::Result<String> {
    let [printed, program, arguments @ ..] = arguments else {
        bail!("once FILE COMMAND …");
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        // Nobody's configuration, and no language but C's.
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("LC_ALL", "C")
        .env("HOME", "/nonexistent")
        .stdin(Stdio::null())
        .stdout(File::create(printed).with_context(|| printed.clone())?);
    let start = Instant::now();
    let status = command.status().with_context(|| program.clone())?;
    let wall = start.elapsed();
    ensure!(status.success(), "{program}: {status}");
    let used = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok(format!(
        "{} {} {} {}",
        wall.as_micros(),
        used.user_time().num_microseconds(),
        used.system_time().num_microseconds(),
        used.max_rss()
    ))
}
