//! The whole job on one large log of Squid, against counting its lines (P1, P2), against looking for the rules' texts
//! (P3), and its memory (P7).

use std::path::{Path, PathBuf};

use crate::answers;
use crate::bench::{Bench, GNOMON, cores, is_installed, runner, two_places};
use crate::rounds::{Median, remove_database};
use crate::stock::Log;
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
    let log = bench.stock.log("squid", bench.sizes.squid, 1)?;
    bench
        .table
        .headline(format!("squid, {} lines: the whole job", log.lines));
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
            answers::check(database, &log.truth)?;
        }
    }
    same_reports(bench, &log)?;

    let one = medians[1];
    let goals = &mut bench.goals;
    goals.add(
        "P1",
        "scan with one worker, x wc -l",
        "<= 3",
        two_places(one.ratio),
    );
    if cores() > 1 {
        let all = medians[2];
        let what = format!("scan with {} workers, x wc -l", cores());
        goals.add("P2", what, "<= 2", two_places(all.ratio));
        let peak = format!("{:.0} MiB", all.usage.peak_kib as f64 / 1024.0);
        goals.add("P7", "peak memory of that scan", "<= 64 MiB", peak);
    }
    if has_rg && let Some(rg) = medians.last() {
        let times = rg.usage.wall.as_secs_f64() / one.usage.wall.as_secs_f64();
        goals.add(
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

/// What every scan takes before its first line and after its last: the catalogue, the rules, an empty report.
pub(super) fn start(bench: &mut Bench) -> anyhow::Result<()> {
    bench.table.headline("ten lines: what every scan takes");
    let log = bench.stock.log("squid", 10, 1)?;
    let database = bench.stock.scratch("start.db");
    let scan = bench.scan("gnomon scan, 1 worker", &log.path, 1, &database);
    remove_database(&database);
    bench.start = bench.compare(0, &[scan])?[0].usage.cores();
    remove_database(&database);
    Ok(())
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
