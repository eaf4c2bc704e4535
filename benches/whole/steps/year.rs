//! The report over a year of a company of 5,000 people (P9).
//!
//! The year holds nothing but requests to services: what else the company did would be read and be gone. It is read in pieces,
//! as logs are that come day by day; what that takes is told, too, because it is the hardest case for the store: nearly
//! every record is a row of its own.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::bench::{Bench, GNOMON, cores, runner};
use crate::generate::Plan;
use crate::rounds::{Median, remove_database};
use crate::stock::{Everything, Generated, Log, SQUID, Stock};
use crate::table::Row;
use crate::timed::{self, Usage};

use super::cold::millis;

const DAYS: u32 = 365;
/// A company uses dozens of services, not thousands.
const RULES: usize = 150;
/// Records of a piece. Between two commits the engine tells no more rows than 200,000 apart.
const PIECE: u64 = 150_000;

pub(super) fn measure(bench: &mut Bench, everything_on: bool) -> anyhow::Result<()> {
    let plan = Plan {
        rules: RULES,
        ruled: 1_000,
        ..crate::company()
    };
    let year = Generated::open(&bench.directory.join("year"), plan)?;
    let log = year.log_of_days(SQUID, bench.sizes.year, DAYS)?;
    let services = year.services();
    let year: Box<dyn Stock> = if everything_on {
        Box::new(Everything::of(year, DAYS)?)
    } else {
        Box::new(year)
    };
    let label = year.label();
    bench.table.headline(format!(
        "{label}a year of 5,000 people, {} requests to {services} services",
        log.lines
    ));
    let database = year.scratch("year.db");
    remove_database(&database);
    let mut filling = Usage::default();
    for piece in pieces(&log)? {
        let scan = Bench::scan_with(&year.config(), "", &piece, cores(), &database);
        let took = timed::time(&scan.command, Path::new("/dev/null"))?;
        filling.add(&took);
        std::fs::remove_file(piece)?;
    }
    bench.table.row(Row {
        what: "gnomon scan, in pieces, once".to_owned(),
        bytes: log.bytes,
        median: Median {
            usage: filling,
            ratio: 0.0,
        },
        has_ratio: false,
    });
    year.check(&database, &log)?;
    super::growth::rows_and_bytes(bench, &format!("{label}a year"), &database)?;
    let report = runner(
        "gnomon report",
        &[
            GNOMON,
            "report",
            "--store",
            &database.display().to_string(),
            "--config",
            &year.config().display().to_string(),
        ],
    );
    let medians = bench.compare(0, &[report])?;
    bench.goals.add(
        "P9",
        format!("{label}report over a year of 5,000 people"),
        "<= 1000 ms",
        millis(&medians[0]),
    );
    remove_database(&database);
    Ok(())
}

fn pieces(log: &Log) -> anyhow::Result<Vec<PathBuf>> {
    let mut lines = BufReader::with_capacity(1 << 20, File::open(&log.path)?);
    let mut line = Vec::new();
    let mut paths = Vec::new();
    for number in 0..log.lines.div_ceil(PIECE) {
        let path = log.path.with_extension(format!("{number:03}.log"));
        let mut piece = BufWriter::new(File::create(&path)?);
        for _ in 0..PIECE {
            line.clear();
            lines.read_until(b'\n', &mut line)?;
            piece.write_all(&line)?;
        }
        piece.flush()?;
        paths.push(path);
    }
    Ok(paths)
}
