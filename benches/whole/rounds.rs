//! Commands in turn, again and again: machines are shared, and what is compared has to have had the same weather.

use std::path::Path;

use crate::timed::{self, Usage};

/// One of those that take turns.
pub(crate) struct Runner {
    pub(crate) what: String,
    pub(crate) command: Vec<String>,
    /// Removed before each run: a database that a scan is to make.
    pub(crate) fresh: Option<std::path::PathBuf>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Median {
    pub(crate) usage: Usage,
    /// Median over the rounds of the time against that of the first runner in the same round.
    pub(crate) ratio: f64,
}

/// Every runner once per round. Before that the first, which reads the whole log, warms the page cache.
pub(crate) fn take(runners: &[Runner], rounds: usize) -> anyhow::Result<Vec<Median>> {
    let mut taken: Vec<Vec<Usage>> = vec![Vec::new(); runners.len()];
    let nowhere = Path::new("/dev/null");
    if let Some(first) = runners.first() {
        timed::time(&first.command, nowhere)?;
    }
    for _ in 0..rounds {
        for (runner, taken) in runners.iter().zip(&mut taken) {
            if let Some(file) = &runner.fresh {
                remove_database(file);
            }
            taken.push(timed::time(&runner.command, nowhere)?);
        }
    }
    let ratio = |mine: &Usage, first: &Usage| mine.wall.as_secs_f64() / first.wall.as_secs_f64();
    let first = taken.first().cloned().unwrap_or_default();
    Ok(taken
        .iter()
        .map(|usages| Median {
            usage: median(usages),
            ratio: middle(
                usages
                    .iter()
                    .zip(&first)
                    .map(|(a, b)| ratio(a, b))
                    .collect(),
            ),
        })
        .collect())
}

fn median(usages: &[Usage]) -> Usage {
    let time = |of: fn(&Usage) -> std::time::Duration| {
        let secs = middle(usages.iter().map(|usage| of(usage).as_secs_f64()).collect());
        std::time::Duration::from_secs_f64(secs)
    };
    Usage {
        wall: time(|usage| usage.wall),
        user: time(|usage| usage.user),
        system: time(|usage| usage.system),
        peak_kib: middle(usages.iter().map(|usage| usage.peak_kib as f64).collect()) as u64,
    }
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The file, and what SQLite and the lock leave beside it.
pub(crate) fn remove_database(file: &Path) {
    for ending in ["", "-wal", "-shm", ".lock"] {
        let mut name = file.as_os_str().to_owned();
        name.push(ending);
        let _ = std::fs::remove_file(name);
    }
}
