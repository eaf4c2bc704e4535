//! One worker on each other format (P4, P5): how many megabytes a core reads in a second, all threads counted.

use crate::answers;
use crate::bench::Bench;
use crate::generate::LAYOUTS;
use crate::rounds::remove_database;

pub(super) fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let lines = bench.sizes.others;
    let database = bench.stock.scratch("format.db");
    for layout in LAYOUTS.iter().filter(|layout| layout.name != "squid") {
        let log = bench.stock.log(layout.name, lines, 1)?;
        bench
            .table
            .headline(format!("{}, {lines} lines", layout.name));
        let runners = [
            Bench::wc(&log.path),
            bench.scan("gnomon scan, 1 worker", &log.path, 1, &database),
        ];
        let medians = bench.compare(log.bytes, &runners)?;
        answers::check(&database, &log.truth)?;
        let used = medians[1].usage.cores();
        let secs = used.saturating_sub(bench.start).as_secs_f64();
        let (goal, wanted) = match layout.name {
            "suricata" | "zeek-dns-json" => ("P5", ">= 700 MB/s"),
            _ => ("P4", ">= 1000 MB/s"),
        };
        bench.goals.add(
            goal,
            format!("{} on one core, its start left out", layout.name),
            wanted,
            format!("{:.0} MB/s", log.bytes as f64 / 1e6 / secs),
        );
    }
    remove_database(&database);
    Ok(())
}
