//! `gnomon scan`: read logs once through and say what was found.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;

use crate::config::{Config, zone_of};
use crate::formats::{Format, Formats};
use crate::model::{Consequences, State, Time};
use crate::pipeline::{self, Meter, News, SharedRules, Stop};
use crate::reports::Report;
use crate::sources::scan::Scan;
use crate::store::Store as _;
use crate::store::sqlite::SqliteStore;

use super::Exit;
use super::global::Global;
use super::opened::{self, Limits};
use super::progress::Progress;
use super::report::{EditionName, renderer_for, renderer_named, write_report};
use super::screen::Screen;
use super::summary;

/// Read logs once through and say which GenAI applications are in use
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon scan /var/log/squid/ /var/log/named/queries.log.1.gz\n  gnomon scan logs/ --report report.html\n  zcat dns.log.gz | gnomon scan - --format dnsmasq\n  gnomon scan logs/ --fail-on new        exits with 3 when something unreviewed is in use"
)]
pub(super) struct Args {
    /// Files or directories, plain or compressed; - is stdin
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write a report instead of the summary: html, md, json, csv or csv-duties
    #[arg(long, short, value_name = "KIND")]
    output: Option<String>,
    /// Write a report to this file beside the summary; its ending says the kind (.html, .md, .json, .csv)
    #[arg(long, value_name = "FILE")]
    report: Vec<PathBuf>,
    /// For whom the report is
    #[arg(long, value_enum, default_value_t)]
    edition: EditionName,
    /// Read every file as this format instead of recognising it
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// Zone of times written without one
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Measure due dates against this moment instead of the last event's
    #[arg(long, value_name = "TIME")]
    as_of: Option<Time>,
    /// Exit with 3 when an application in this state is in use; may be repeated
    #[arg(long, value_name = "STATE")]
    fail_on: Vec<State>,
    /// Threads that parse
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// No progress bar
    #[arg(long, short)]
    quiet: bool,
}

/// How long tallies may gather before a commit. A scan has nobody waiting for its rows.
const COMMIT_EVERY: Duration = Duration::from_secs(2);

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let config = global.config()?;
    let zone = zone_named(args.timezone.as_deref(), &config)?;
    let renderer = args
        .output
        .as_deref()
        .map(|name| renderer_named(name, "--output"))
        .transpose()?;
    let files = args
        .report
        .iter()
        .map(|path| Ok((path, renderer_for(path)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let policy = opened::kept_policy(&config)?;
    let rules = opened::rules(&config, policy, zone.clone())?;
    if let Some(name) = &args.format {
        format_named(name, &rules.formats)?;
    }
    let rules = SharedRules::new(rules);
    // Only a path on the command line keeps the register: a scan of old logs must not fill the service's own.
    let store = opened::store_to_fill(global.store.as_deref())?;
    let mut source = opened::scan(&config, args.paths, args.format.as_deref());
    if global.store.is_some() {
        let whole = source.resume(&store.positions()?);
        refuse_second_reading(&store, &source, &whole, global)?;
        pipeline::rematch(&store, &policy.catalogue)?;
    }
    let engine = pipeline::Settings {
        workers: args.workers.unwrap_or_else(|| workers(&config)),
        poll: Duration::ZERO,
        commit_every: COMMIT_EVERY,
        tick_every: None,
        min_free_bytes: None,
    };
    let meter = Meter::default();
    let stop = Stop::default();
    let news = News::default();
    let clock = || Time::from(jiff::Timestamp::now());
    std::thread::scope(|scope| {
        let progress = Progress::start(scope, &meter, args.quiet);
        let mut judge = |changes: &_, moment| -> Consequences {
            pipeline::judge(policy, &news, changes, moment)
        };
        let run = pipeline::Run {
            settings: &engine,
            rules: &rules,
            store: &store,
            clock: &clock,
            stop: &stop,
            meter: &meter,
        };
        let ran = pipeline::run(&run, &mut source, &mut judge);
        progress.finish();
        ran
    })?;
    let limits = Limits {
        as_of: args.as_of,
        ..Limits::default()
    };
    let report = opened::report(&store, policy, &zone, limits)?;
    if global.store.is_some() {
        crate::reports::note(&store, report)?;
    }
    if args.edition == EditionName::Soc {
        opened::name_clients(report, &config)?;
    }
    match renderer {
        Some(renderer) => (renderer.write)(report, args.edition.edition(), screen)?,
        None => {
            summary::write(report, screen)?;
            if global.store.is_none() && !report.applications.is_empty() {
                screen.line("")?;
                screen.wrapped(0, "Nothing was kept. Add --store FILE to keep the register, record decisions and write reports.")?;
            }
        }
    }
    for (path, renderer) in files {
        write_report(path, renderer, report, args.edition)?;
    }
    summary::troubles(report)?;
    Ok(exit(&args.fail_on, report, source.readable()))
}

/// A log that is in the register already would be counted twice. What scans before this one began is read on, whatever
/// rotation has made of it; stdin has no name to know it by.
fn refuse_second_reading(
    store: &SqliteStore,
    source: &Scan,
    whole: &[(Arc<str>, String)],
    global: &Global,
) -> anyhow::Result<()> {
    let Some(path) = &global.store else {
        return Ok(());
    };
    let refuse = |name: &str, as_another: String| {
        bail!(
            "{name} is in {} already{as_another} and would be counted twice; name another file with --store, or follow the log with `gnomon run`",
            path.display()
        )
    };
    let known = store.coverage()?;
    let mut unexplained = source.unexplained();
    let again = unexplained.find(|name| {
        let mut known = known.iter();
        known.any(|coverage| coverage.source == *name && coverage.read > 0)
    });
    if let Some(name) = again {
        return refuse(name, String::new());
    }
    match whole.first().filter(|_| source.is_done()) {
        Some((name, begun_as)) if **name == **begun_as => refuse(name, String::new()),
        Some((name, begun_as)) => refuse(name, format!(", as {begun_as},")),
        None => Ok(()),
    }
}

fn exit(fail_on: &[State], report: &Report, readable: usize) -> Exit {
    if readable == 0 {
        return Exit::Failed;
    }
    let found = report.applications.iter().any(|app| {
        app.events > 0 && !app.ladder.is_prefetch_only() && fail_on.contains(&app.state)
    });
    if found { Exit::Found } else { Exit::Fine }
}

/// The format of this name, or an error that suggests one.
pub(super) fn format_named(name: &str, formats: &Formats) -> anyhow::Result<Arc<Format>> {
    formats.named(name).map_err(anyhow::Error::msg)
}

/// The zone of the flag, or of the configuration.
pub(super) fn zone_named(
    flag: Option<&str>,
    config: &Config,
) -> anyhow::Result<jiff::tz::TimeZone> {
    Ok(match flag {
        Some(name) => zone_of(name, "--timezone")?,
        None => config.zone()?,
    })
}

/// Threads that parse: as configured, or one per core.
pub(super) fn workers(config: &Config) -> usize {
    match config.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    }
}
