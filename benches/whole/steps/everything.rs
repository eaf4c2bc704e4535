//! What everything that detection knows beside the host name costs, against the same scan without.

use anyhow::{bail, ensure};
use gnomon::store::sqlite::SqliteStore;

use crate::bench::{Bench, two_places};
use crate::generate::{difference, found};
use crate::rounds::remove_database;
use crate::stock::{Everything, SQUID, Stock as _};

pub(super) fn measure(bench: &mut Bench, with: &Everything) -> anyhow::Result<()> {
    let without = with.generated();
    let log = without.log(SQUID, bench.sizes.squid)?;
    bench.table.headline(format!(
        "squid, {} lines: with leases, directory, segments, accounts and pseudonyms",
        log.lines
    ));
    let [plain, hidden] =
        ["plain", "all"].map(|what| without.scratch(&format!("everything-{what}.db")));
    let scan = |stock: &dyn crate::stock::Stock, what, database| {
        Bench::scan_with(&stock.config(), what, &log.path, 1, database)
    };
    let runners = [
        Bench::wc(&log.path),
        scan(without, "gnomon scan, 1 worker", &plain),
        scan(with, "the same with everything on", &hidden),
    ];
    let medians = bench.compare(log.bytes, &runners)?;

    without.check(&plain, &log)?;
    with.check(&hidden, &log)?;
    let of = |database| anyhow::Ok(found(&SqliteStore::open_read_only(database)?)?);
    let (one, other) = (of(&plain)?, of(&hidden)?);
    if let Some(difference) = difference(&one.without_names().text(), &other.without_names()) {
        bail!("with everything on something else is found: {difference}");
    }
    ensure!(
        one.applications() == other.applications(),
        "with everything on other numbers of people are found"
    );
    let [_, plainly, with_all] = [0, 1, 2].map(|at| medians[at].usage);
    let goals = &mut bench.goals;
    for (what, times) in [
        (
            "wall with everything on, against without",
            with_all.wall.as_secs_f64() / plainly.wall.as_secs_f64(),
        ),
        (
            "CPU with everything on, against without",
            with_all.cores().as_secs_f64() / plainly.cores().as_secs_f64(),
        ),
        (
            "peak memory with everything on, against without",
            with_all.peak_kib as f64 / plainly.peak_kib as f64,
        ),
    ] {
        goals.add("P1", what, "", two_places(times));
    }
    remove_database(&plain);
    remove_database(&hidden);
    Ok(())
}
