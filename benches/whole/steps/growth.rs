//! Eight times the lines (P10): eight times the time, and a database that grows with what is in it and not with
//! what was read.

use std::fs;
use std::path::Path;

use super::speed::Large;
use crate::answers;
use crate::bench::{Bench, two_places};
use crate::rounds::{Median, remove_database};

pub(super) fn measure(bench: &mut Bench, large: &Large) -> anyhow::Result<()> {
    let lines = bench.sizes.squid / 8;
    let log = bench.stock.log("squid", lines, 1)?;
    bench
        .table
        .headline(format!("squid, {lines} lines: an eighth"));
    let database = bench.stock.scratch("eighth.db");
    let runners = [
        Bench::wc(&log.path),
        bench.scan("gnomon scan, 1 worker", &log.path, 1, &database),
    ];
    let medians = bench.compare(log.bytes, &runners)?;
    answers::check(&database, &log.truth)?;
    let wall = |median: &Median| median.usage.wall.as_secs_f64();
    let further = |large: &Median, small: &Median| wall(large) - wall(small);
    bench.goals.add(
        "P1",
        "the same for what is further read, x wc -l",
        "<= 3",
        two_places(further(&large.median, &medians[1]) / further(&large.wc, &medians[0])),
    );
    let cores = |median: &Median| median.usage.cores().as_secs_f64();
    let growth = cores(&large.median) / cores(&medians[1]);
    let bytes = large.log.bytes as f64 / log.bytes as f64;
    bench.goals.add(
        "P10",
        format!("CPU of a log {bytes:.2} times as long, times"),
        "as long",
        two_places(growth),
    );
    for (log, database) in [(&log, &database), (&large.log, &large.database)] {
        let of = format!("{} lines", log.lines);
        rows_and_bytes(bench, &of, &log.truth, database)?;
    }
    remove_database(&database);
    Ok(())
}

/// How many bytes the database takes for each row that it has to hold.
pub(super) fn rows_and_bytes(
    bench: &mut Bench,
    of: &str,
    truth: &Path,
    database: &Path,
) -> anyhow::Result<()> {
    let rows = fs::read_to_string(truth)?.lines().count() - 1;
    let bytes = fs::metadata(database)?.len();
    bench.goals.add(
        "P10",
        format!("database of {of}, {rows} rows of tally and digest"),
        "as rows",
        format!("{:.0} B/row", bytes as f64 / rows as f64),
    );
    Ok(())
}
