//! The report over a year of a company of 5,000 people (P9).
//!
//! The year holds nothing but requests to services: what else the company did would be read and be gone. The scan that fills
//! the register is told, too, because it is the hardest case for the store: nearly every record is a row of its own.

use crate::answers;
use crate::bench::{Bench, GNOMON, cores, runner};
use crate::generate::Plan;
use crate::rounds::remove_database;
use crate::stock::Stock;

use super::cold::millis;

const DAYS: u32 = 365;
/// A company uses dozens of services, not thousands.
const RULES: usize = 150;

pub(super) fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    if bench.sizes.year == 0 {
        return Ok(());
    }
    let plan = Plan {
        rules: RULES,
        ruled: 1_000,
        ..super::super::company()
    };
    let year = Stock::open(&bench.directory.join("year"), plan)?;
    let log = year.log("squid", bench.sizes.year, DAYS)?;
    bench.table.headline(format!(
        "a year of 5,000 people, {} requests to {} services",
        log.lines,
        year.services()
    ));
    let usual = std::mem::replace(&mut bench.stock, year);
    let database = bench.stock.scratch("year.db");
    let scan = bench.scan("gnomon scan", &log.path, cores(), &database);
    let rounds = std::mem::replace(&mut bench.rounds, 1);
    bench.compare(log.bytes, &[Bench::wc(&log.path), scan])?;
    bench.rounds = rounds;
    answers::check(&database, &log.truth)?;
    let report = runner(
        "gnomon report",
        &[
            GNOMON,
            "report",
            "--store",
            &database.display().to_string(),
            "--config",
            &bench.stock.config().display().to_string(),
        ],
    );
    let medians = bench.compare(0, &[report])?;
    bench.goals.add(
        "P9",
        "report over a year of 5,000 people",
        "<= 1000 ms",
        millis(&medians[0]),
    );
    remove_database(&database);
    bench.stock = usual;
    Ok(())
}
