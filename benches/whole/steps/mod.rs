//! What is measured, one file per question, in the order of the table.

mod cold;
mod everything;
mod formats;
mod growth;
mod packed;
mod sample;
mod service;
mod speed;
mod year;

use crate::bench::Bench;

/// A part of the table that can be asked for alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Step {
    /// One large log of Squid, an eighth of it, and commands on its register
    Squid,
    /// The same log, with all that is known of people and accounts
    Everything,
    /// The other formats
    Formats,
    /// .gz and .zst
    Packed,
    /// The sample company of the tests, multiplied
    Sample,
    /// A report over a year
    Year,
    /// gnomon run
    Service,
}

pub(crate) const QUICK: &[Step] = &[
    Step::Squid,
    Step::Everything,
    Step::Formats,
    Step::Packed,
    Step::Sample,
];
pub(crate) const ALL: &[Step] = &[
    Step::Squid,
    Step::Everything,
    Step::Formats,
    Step::Packed,
    Step::Sample,
    Step::Year,
    Step::Service,
];

pub(crate) fn take(steps: &[Step], bench: &mut Bench) -> anyhow::Result<()> {
    bench.tell("ten lines");
    speed::start(bench)?;
    for step in steps {
        bench.tell(match step {
            Step::Squid => "the whole job on Squid's log",
            Step::Everything => "the same with everything on",
            Step::Formats => "other formats",
            Step::Packed => "packed logs",
            Step::Sample => "the sample company",
            Step::Year => "a year",
            Step::Service => "the service",
        });
        match step {
            Step::Squid => {
                let large = speed::measure(bench)?;
                growth::measure(bench, &large)?;
                cold::measure(bench, &large)?;
            }
            Step::Everything => everything::measure(bench)?,
            Step::Formats => formats::measure(bench)?,
            Step::Packed => packed::measure(bench)?,
            Step::Sample => sample::measure(bench)?,
            Step::Year => year::measure(bench)?,
            Step::Service => service::measure(bench)?,
        }
    }
    Ok(())
}
