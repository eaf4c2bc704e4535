//! `gnomon doctor PATH…`: what the logs there can tell, and what to change to see more.
//!
//! The pipeline reads and counts, and says what deserves a look; here it is put into words. Nothing is kept.

mod answer;
mod page;
mod reasons;
mod words;

use std::path::PathBuf;

use crate::model::Time;
use crate::pipeline::{self, Asked, Extent, Meter, Survey};
use crate::sources::scan::Scan;

use super::super::Exit;
use super::super::global::Global;
use super::super::opened;
use super::super::output::{Output, json};
use super::super::progress::Progress;
use super::super::scan::{format_named, zone_named};
use super::super::screen::Screen;
use super::super::until::now;
use super::Standing;
use words::Words;

/// As much of each source says what the rest would.
const ENOUGH: Extent = Extent {
    bytes: 64 << 20,
    records: 1_000_000,
};

/// Which logs to look at.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Logs {
    /// Logs to look at: files or directories, plain or compressed; - is stdin
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Read as this format instead of recognising it
    #[arg(long, value_name = "NAME", requires = "paths")]
    format: Option<String>,
    /// Zone of times written without one
    #[arg(long, value_name = "ZONE", requires = "paths")]
    timezone: Option<String>,
    /// Read each log to its end, not only the first 64 MiB and 1,000,000 records
    #[arg(long, requires = "paths")]
    all: bool,
    /// Judge times against this moment instead of now
    #[arg(long, value_name = "TIME", requires = "paths")]
    as_of: Option<Time>,
}

pub(super) fn run(
    args: &Logs,
    output: Option<Output>,
    global: &Global,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let config = global.config()?;
    let formats = opened::formats(&config)?;
    if let Some(name) = &args.format {
        format_named(name, &formats)?;
    }
    let zone = zone_named(args.timezone.as_deref(), &config)?;
    let hides_names = config.identity.pseudonyms;
    let asked = Asked {
        formats,
        zone: zone.clone(),
        extent: (!args.all).then_some(ENOUGH),
        now: args.as_of.unwrap_or_else(now),
        keep_samples: !hides_names,
    };
    let mut source = opened::scan(&config, args.paths.clone(), args.format.as_deref());
    let surveys = read(&mut source, &asked);
    let words = Words {
        zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        infrastructure: config.identity.infrastructure.clone(),
        hides_names,
        was_named: args.format.is_some(),
    };
    let is_sound = surveys.iter().all(Survey::is_usable);
    if output == Some(Output::Json) {
        let sources: Vec<_> = surveys.iter().map(|s| answer::source(s, &words)).collect();
        let clocks = pipeline::clocks(&surveys);
        let answer =
            serde_json::json!({ "healthy": is_sound, "sources": sources, "clocks": clocks });
        json("gnomon.doctor-logs/1", &answer, screen)?;
    } else {
        page::write(&surveys, &words, screen)?;
    }
    Ok(if is_sound { Exit::Fine } else { Exit::Failed })
}

fn read(source: &mut Scan, asked: &Asked) -> Vec<Survey> {
    let meter = Meter::default();
    std::thread::scope(|scope| {
        let progress = Progress::start(scope, &meter, false);
        let surveys = pipeline::survey(source, asked, &meter);
        progress.finish();
        surveys
    })
}

fn standing(survey: &Survey, words: &Words) -> Standing {
    let is_worth_a_look = |doubt: &pipeline::Doubt| !doubt.is_usual();
    if !survey.is_usable() {
        Standing::Wrong
    } else if !survey.coverage.notes.is_empty() || words.doubts(survey).iter().any(is_worth_a_look)
    {
        Standing::Look
    } else {
        Standing::Fine
    }
}
