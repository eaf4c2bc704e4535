//! What is measured, one file per question, in the order of the table.

mod cold;
mod formats;
mod growth;
mod packed;
mod service;
mod speed;
mod year;

use crate::bench::Bench;

pub(crate) fn all(bench: &mut Bench) -> anyhow::Result<()> {
    bench.tell("the whole job on Squid's log");
    let large = speed::measure(bench)?;
    bench.tell("other formats");
    formats::measure(bench)?;
    bench.tell("packed logs");
    packed::measure(bench)?;
    bench.tell("growth");
    growth::measure(bench, &large)?;
    bench.tell("short commands");
    cold::measure(bench, &large)?;
    bench.tell("a year");
    year::measure(bench)?;
    bench.tell("the service");
    service::measure(bench)
}
