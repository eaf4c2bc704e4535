//! One worker on each other format (P4, P5): how many megabytes a core reads in a second, all threads counted, what every
//! scan takes left out.

use crate::bench::Bench;
use crate::rounds::remove_database;
use crate::stock::SQUID;

/// Lines of a log that takes a scan what every log does.
const LEAST: u64 = 10;

pub(super) fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let database = bench.stock.scratch("format.db");
    let products = bench.stock.products();
    for product in products.into_iter().filter(|product| *product != SQUID) {
        let least = bench.stock.log(product, LEAST)?;
        let log = bench.stock.log(product, bench.sizes.others)?;
        bench.headline(&format!("{product}, {} lines", log.lines));
        let start = [bench.scan(
            &format!("gnomon scan of {} lines", least.lines),
            &least.path,
            1,
            &database,
        )];
        remove_database(&database);
        let start = bench.compare(0, &start)?[0];
        let runners = [
            Bench::wc(&log.path),
            bench.scan("gnomon scan, 1 worker", &log.path, 1, &database),
        ];
        let medians = bench.compare(log.bytes, &runners)?;
        bench.stock.check(&database, &log)?;
        let used = medians[1].usage.cores();
        let (goal, wanted) = match product {
            "suricata" | "zeek-dns-json" => ("P5", ">= 700 MB/s"),
            _ => ("P4", ">= 1000 MB/s"),
        };
        let more = (log.bytes - least.bytes) as f64 / 1e6;
        let secs = used.saturating_sub(start.usage.cores()).as_secs_f64();
        bench.goal(
            goal,
            &format!("{product} on one core, its start left out"),
            wanted,
            if secs > 0.0 {
                format!("{:.0} MB/s", more / secs)
            } else {
                "too short to tell".to_owned()
            },
        );
    }
    remove_database(&database);
    Ok(())
}
