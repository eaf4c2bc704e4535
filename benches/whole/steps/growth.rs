//! Eight times the lines (P10): eight times the time, and a database that grows with what is in it and not with
//! what was read.

use std::fs;
use std::path::Path;

use gnomon::store::sqlite::SqliteStore;

use super::speed::Large;
use crate::bench::{Bench, two_places};
use crate::generate::found;
use crate::rounds::{Median, remove_database};
use crate::stock::SQUID;

pub(super) fn measure(bench: &mut Bench, large: &Large) -> anyhow::Result<()> {
    let lines = bench.sizes.squid / 8;
    let log = bench.stock.log(SQUID, lines)?;
    bench.headline(&format!("squid, {} lines: an eighth", log.lines));
    let database = bench.stock.scratch("eighth.db");
    let runners = [
        Bench::wc(&log.path),
        bench.scan("gnomon scan, 1 worker", &log.path, 1, &database),
    ];
    let medians = bench.compare(log.bytes, &runners)?;
    bench.stock.check(&database, &log)?;
    let wall = |median: &Median| median.usage.wall.as_secs_f64();
    let further = |large: &Median, small: &Median| wall(large) - wall(small);
    bench.goal(
        "P1",
        "the same for what is further read, x wc -l",
        "<= 3",
        two_places(further(&large.median, &medians[1]) / further(&large.wc, &medians[0])),
    );
    let cores = |median: &Median| median.usage.cores().as_secs_f64();
    let growth = cores(&large.median) / cores(&medians[1]);
    let bytes = large.log.bytes as f64 / log.bytes as f64;
    bench.goal(
        "P10",
        &format!("CPU of a log {bytes:.2} times as long, times"),
        "as long",
        two_places(growth),
    );
    for (log, database) in [(&log, &database), (&large.log, &large.database)] {
        let of = format!("{} lines", log.lines);
        rows_and_bytes(bench, &of, database)?;
    }
    remove_database(&database);
    Ok(())
}

/// How many bytes the database takes for each row of tally and digest in it.
pub(super) fn rows_and_bytes(bench: &mut Bench, of: &str, database: &Path) -> anyhow::Result<()> {
    let held = found(&SqliteStore::open_read_only(database)?)?;
    let rows = held.rows.len() + held.hosts.len();
    let bytes = fs::metadata(database)?.len();
    bench.goal(
        "P10",
        &format!("database of {of}, {rows} rows of tally and digest"),
        "as rows",
        format!("{:.0} B/row", bytes as f64 / rows as f64),
    );
    Ok(())
}
