//! The whole job on one large log of Squid, against counting its lines (P1, P2), against looking for the rules' texts
//! (P3), and its memory (P7).

use std::path::{Path, PathBuf};

use crate::answers;
use crate::bench::{Bench, GNOMON, cores, is_installed, runner, two_places};
use crate::rounds::{Median, remove_database};
use crate::stock::{Log, SQUID};
use crate::timed;

/// What later steps go on with.
pub(crate) struct Large {
    pub(crate) log: Log,
    pub(crate) database: PathBuf,
    pub(crate) wc: Median,
    /// Of one worker.
    pub(crate) median: Median,
}

pub(super) fn measure(bench: &mut Bench) -> anyhow::Result<Large> {
    let log = bench.stock.log(SQUID, bench.sizes.squid)?;
    bench.headline(&format!("squid, {} lines: the whole job", log.lines));
    let databases = [1, 2].map(|at| bench.stock.scratch(&format!("squid-{at}.db")));
    let mut runners = vec![
        Bench::wc(&log.path),
        bench.scan("gnomon scan, 1 worker", &log.path, 1, &databases[0]),
    ];
    if cores() > 1 {
        let what = format!("gnomon scan, {} workers", cores());
        runners.push(bench.scan(&what, &log.path, cores(), &databases[1]));
    }
    let has_rg = is_installed("rg");
    if has_rg {
        let rules = bench.stock.rules().display().to_string();
        let path = log.path.display().to_string();
        runners.push(runner(
            "rg -c -F -f (texts of the rules)",
            &["rg", "--no-config", "-c", "-F", "-f", &rules, &path],
        ));
    } else {
        bench
            .table
            .note("rg is not installed: nothing to compare with for P3");
    }
    let medians = bench.compare(log.bytes, &runners)?;
    for runner in &runners {
        if let Some(database) = &runner.fresh {
            bench.stock.check(database, &log)?;
        }
    }
    same_reports(bench, &log)?;

    let one = medians[1];
    bench.goal(
        "P1",
        "scan with one worker, x wc -l",
        "<= 3",
        two_places(one.ratio),
    );
    if cores() > 1 {
        let all = medians[2];
        let what = format!("scan with {} workers, x wc -l", cores());
        bench.goal("P2", &what, "<= 2", two_places(all.ratio));
        let peak = format!("{:.0} MiB", all.usage.peak_kib as f64 / 1024.0);
        bench.goal("P7", "peak memory of that scan", "<= 64 MiB", peak);
    }
    if has_rg && let Some(rg) = medians.last() {
        let times = rg.usage.wall.as_secs_f64() / one.usage.wall.as_secs_f64();
        bench.goal(
            "P3",
            "one worker against rg -c -F -f, times faster",
            ">= 10",
            two_places(times),
        );
    }
    let [database, other] = databases;
    remove_database(&other);
    Ok(Large {
        log,
        database,
        wc: medians[0],
        median: one,
    })
}

/// The report of one worker is that of many, byte for byte.
fn same_reports(bench: &Bench, log: &Log) -> anyhow::Result<()> {
    let report = |workers: usize| -> anyhow::Result<PathBuf> {
        let printed = bench.stock.scratch(&format!("report-{workers}.json"));
        let command = [
            GNOMON,
            "scan",
            &log.path.display().to_string(),
            "--quiet",
            "--workers",
            &workers.to_string(),
            "--config",
            &bench.stock.config().display().to_string(),
            "--output",
            "json",
            "--edition",
            "soc",
        ];
        timed::time(&command.map(str::to_owned), &printed)?;
        Ok(printed)
    };
    let one = report(1)?;
    let many = report(7)?;
    answers::same(&one, &many)?;
    for file in [one, many] {
        remove(&file);
    }
    Ok(())
}

fn remove(file: &Path) {
    let _ = std::fs::remove_file(file);
}
