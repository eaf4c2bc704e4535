//! What is measured, one file per question, in the order of the table.

mod cold;
mod everything;
mod formats;
mod growth;
mod packed;
mod service;
mod speed;
mod year;

use anyhow::Context as _;

use crate::bench::Bench;
use crate::stock::{Everything, Generated, Other, Sample, Stock};

/// A part of the table that can be asked for alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Step {
    /// One large log of Squid, an eighth of it, and commands on its register
    Squid,
    /// The same log with all that is known of people and accounts, against without; and the other steps with it
    Everything,
    /// The other formats
    Formats,
    /// .gz and .zst
    Packed,
    /// A report over a year
    Year,
    /// gnomon run
    Service,
    /// Squid, formats, packed and service on the logs of the tests' sample company, multiplied
    Sample,
    /// The same on logs of the other generator
    Other,
}

/// What can be measured on any logs.
const ANYWHERE: &[Step] = &[Step::Squid, Step::Formats, Step::Packed, Step::Service];

/// Those that are taken when none is named.
pub(crate) fn usual(quick: bool, has_other: bool) -> Vec<Step> {
    let mut steps = vec![Step::Squid, Step::Everything, Step::Formats, Step::Packed];
    if !quick {
        steps.extend([Step::Year, Step::Service]);
    }
    steps.push(Step::Sample);
    if has_other {
        steps.push(Step::Other);
    }
    steps
}

/// Takes steps. With `quick` nothing is measured that is waited for.
pub(crate) fn take(steps: &[Step], quick: bool, bench: &mut Bench) -> anyhow::Result<()> {
    steps.iter().try_for_each(|step| one(*step, quick, bench))
}

fn one(step: Step, quick: bool, bench: &mut Bench) -> anyhow::Result<()> {
    bench.tell(match step {
        Step::Squid => "the whole job on Squid's log",
        Step::Everything => "the same with everything on",
        Step::Formats => "other formats",
        Step::Packed => "packed logs",
        Step::Year => "a year",
        Step::Service => "the service",
        Step::Sample => "the sample company",
        Step::Other => "the other generator",
    });
    match step {
        Step::Squid => {
            let large = speed::measure(bench)?;
            growth::measure(bench, &large)?;
            cold::measure(bench, &large)
        }
        Step::Everything => {
            let generated = Generated::open(&bench.directory, crate::company())?;
            let all = Everything::of(generated, 1)?;
            everything::measure(bench, &all)?;
            if quick {
                return Ok(());
            }
            elsewhere(Box::new(all), quick, bench)?;
            year::measure(bench, true)
        }
        Step::Formats => formats::measure(bench),
        Step::Packed => packed::measure(bench),
        Step::Year => year::measure(bench, false),
        Step::Service => service::measure(bench),
        Step::Sample => {
            let sample = Sample::open(&bench.directory.join("sample"))?;
            elsewhere(Box::new(sample), quick, bench)
        }
        Step::Other => {
            let program = bench.generator.as_deref();
            let program = program.context("the step `other` needs --generator PROGRAM")?;
            let other = Other::open(&bench.directory.join("other"), program)?;
            elsewhere(Box::new(other), quick, bench)
        }
    }
}

fn elsewhere(stock: Box<dyn Stock>, quick: bool, bench: &mut Bench) -> anyhow::Result<()> {
    let home = std::mem::replace(&mut bench.stock, stock);
    let steps = ANYWHERE
        .iter()
        .filter(|step| !(quick && **step == Step::Service));
    let ended = steps.copied().try_for_each(|step| one(step, quick, bench));
    bench.stock = home;
    ended
}
