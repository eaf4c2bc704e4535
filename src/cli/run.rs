//! `gnomon run`: the service.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::alerts::{self, Channel, ChannelSettings};
use crate::catalogue::Catalogue;
use crate::config::{Config, ReportSettings, zone_of};
use crate::daemon::{self, InForce, Plan, Reloaded, Schedule, ScheduledReport, Shared};
use crate::formats::Formats;
use crate::govern::notices::RULES;
use crate::model::{Health, Trouble};
use crate::pipeline::{self, News, Rules, SharedRules};
use crate::reports::Edition;
use crate::sources::follow::{Follow, FollowSettings, Input};
use crate::store::sqlite::{Recovered, SqliteStore};
use crate::store::{Store as _, StoreError};

use super::Exit;
use super::global::Global;
use super::log;
use super::opened;
use super::report::renderer_named;
use super::scan::{format_named, workers};
use super::screen::{Screen, Style};

/// Follow logs as a service: record, alert, write reports
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon run --check                 says whether the configuration is sound\n  gnomon run --config /etc/gnomon/gnomon.toml\n\nSIGHUP reloads policy and catalogue, SIGTERM commits what was read and ends."
)]
pub(super) struct Args {
    /// Check the configuration and everything it names, then end
    #[arg(long)]
    check: bool,
}

const COMMIT_EVERY: Duration = Duration::from_secs(1);
const TICK_EVERY: Duration = Duration::from_secs(60);

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let config = global.config()?;
    let parts = Parts::of(&config)?;
    if args.check {
        return check(&config, &parts, screen);
    }
    log::start(&config.log)?;
    if config.inputs.is_empty() {
        bail!(
            "there is nothing to follow: add an [[inputs]] table with a path to the configuration"
        );
    }
    let path = config.store_path();
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
    }
    let (store, recovered) = SqliteStore::open_or_recover(&path)?;
    let catalogue = parts.in_force.policy.catalogue.clone();
    store.set_catalogue_version(catalogue.version())?;
    look_back(&store, &catalogue)?;
    let source = Follow::new(parts.follow, &store.positions()?);
    let rules = SharedRules::new(parts.rules);
    let in_force = Shared::new(parts.in_force);
    let reload = || -> Result<Reloaded, String> {
        let parts = global
            .config()
            .and_then(|config| Parts::of(&config))
            .map_err(|error| format!("{error:#}"))?;
        tell_takeovers(&parts.in_force.policy.catalogue);
        look_back(&store, &parts.in_force.policy.catalogue).map_err(|error| error.to_string())?;
        Ok(Reloaded {
            rules: parts.rules,
            in_force: parts.in_force,
        })
    };
    tell_takeovers(&catalogue);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        store = %path.display(),
        inputs = config.inputs.len(),
        channels = parts.channels.len(),
        "gnomon starts"
    );
    daemon::run(Plan {
        engine: pipeline::Settings {
            workers: workers(&config),
            poll: Duration::from_millis(config.sources.poll_ms.max(10)),
            commit_every: COMMIT_EVERY,
            tick_every: Some(TICK_EVERY),
            min_free_bytes: Some(config.store.min_free_mb << 20),
        },
        rules: &rules,
        in_force: &in_force,
        store: &store,
        source: Box::new(source),
        channels: parts.channels,
        reports: parts.reports,
        keep_days: Some(config.store.keep_days).filter(|days| *days > 0),
        found: recovered.iter().map(restored).collect(),
        reload: &reload,
    })
    .map_err(|error| match error {
        daemon::DaemonError::Store(error) => anyhow::Error::new(error),
        other => anyhow::Error::new(other),
    })?;
    match store.end() {
        Err(error @ (StoreError::Untrusted(_) | StoreError::Damaged(_))) => {
            return Err(error.into());
        }
        Err(error) => tracing::warn!(%error, "the write-ahead log stays; the next start reads it"),
        Ok(()) => {}
    }
    Ok(Exit::Fine)
}

/// What people must know of a store that was replaced.
fn restored(recovered: &Recovered) -> Health {
    let Recovered {
        why,
        set_aside,
        from,
    } = recovered;
    let since = match from {
        Some(from) => format!("restored from {}", from.display()),
        None => "begun anew, there is no backup".to_owned(),
    };
    Health {
        trouble: Trouble::StoreRestored,
        subject: "the store".to_owned(),
        text: format!(
            "{why}. It is set aside as {} and {since}; what came later is read again from the logs that are still there",
            set_aside.display()
        ),
    }
}

/// Says which services were here before their signatures came.
fn look_back(store: &SqliteStore, catalogue: &Catalogue) -> Result<(), StoreError> {
    for before in pipeline::rematch(store, catalogue)? {
        tracing::info!(
            service = &*before.service,
            since = %before.first.day(),
            hits = before.hits,
            "seen before its signature was known"
        );
    }
    Ok(())
}

/// An overlay that takes over what our own rules found says so once, when it comes into force.
fn tell_takeovers(catalogue: &Catalogue) {
    const TOLD: usize = 20;
    let taken = catalogue.takeovers();
    for what in taken.iter().take(TOLD) {
        tracing::warn!(%what, "the overlay takes over from the embedded catalogue");
    }
    if taken.len() > TOLD {
        tracing::warn!(
            more = taken.len() - TOLD,
            "the overlay takes over in more places; `gnomon catalogue lint` names them"
        );
    }
}

/// Everything that the configuration names, opened.
struct Parts {
    rules: Rules,
    in_force: InForce,
    follow: FollowSettings,
    channels: Vec<(ChannelSettings, Box<dyn Channel>)>,
    reports: Vec<ScheduledReport>,
}

impl Parts {
    fn of(config: &Config) -> anyhow::Result<Self> {
        let zone = config.zone()?;
        if let Some(problem) = config.govern.problems().first() {
            bail!("govern: {problem}");
        }
        let policy = opened::policy(config)?;
        let rules = opened::rules(config, &policy, zone.clone())?;
        let channels = config
            .alerts
            .channels
            .iter()
            .map(|settings| Ok((settings.clone(), alerts::open(settings)?)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let news = News {
            rules: known_rules(&config.alerts.rules)?,
            channels: distinct_names(&config.alerts.channels)?,
        };
        Ok(Self {
            follow: FollowSettings {
                inputs: inputs(config, &rules.formats)?,
                limits: config.sources.limits,
                backfill: config.sources.backfill,
                ..FollowSettings::default()
            },
            rules,
            in_force: InForce { policy, news, zone },
            channels,
            reports: config
                .reports
                .iter()
                .map(scheduled)
                .collect::<anyhow::Result<_>>()?,
        })
    }
}

fn inputs(config: &Config, formats: &Formats) -> anyhow::Result<Vec<Input>> {
    config
        .inputs
        .iter()
        .map(|input| {
            let named = || format!("inputs: {}", input.path);
            if let Some(format) = &input.format {
                format_named(format, formats).with_context(named)?;
            }
            let zone = input
                .timezone
                .as_deref()
                .map(|name| zone_of(name, "timezone"))
                .transpose();
            Ok(Input {
                pattern: input.path.clone(),
                olddir: input.olddir.clone(),
                format: input.format.clone(),
                zone: zone.with_context(named)?,
            })
        })
        .collect()
}

fn known_rules(rules: &[String]) -> anyhow::Result<Vec<String>> {
    for rule in rules {
        if !RULES.contains(&rule.as_str()) {
            let near = crate::model::nearest(rule, RULES.iter().copied());
            let hint = near.map_or_else(
                || format!("expected one of: {}", RULES.join(", ")),
                |near| format!("did you mean {near:?}?"),
            );
            bail!("alerts.rules: there is no rule {rule:?}, {hint}");
        }
    }
    Ok(rules.to_vec())
}

/// The outbox knows channels by name.
fn distinct_names(channels: &[ChannelSettings]) -> anyhow::Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for channel in channels {
        if names.contains(&channel.name) {
            bail!(
                "alerts.channels: two channels are named {:?}; give each its own name",
                channel.name
            );
        }
        names.push(channel.name.clone());
    }
    Ok(names)
}

fn scheduled(settings: &ReportSettings) -> anyhow::Result<ScheduledReport> {
    let named = || format!("reports: {}", settings.name);
    let schedule = Schedule::parse(&settings.schedule)
        .map_err(anyhow::Error::msg)
        .with_context(named)?;
    let edition = match settings.edition.as_str() {
        "ciso" => Edition::Ciso,
        "soc" => Edition::Soc,
        "privacy" => Edition::Privacy,
        other => bail!(
            "{}: edition {other:?}: expected one of: ciso, soc, privacy",
            named()
        ),
    };
    let renderers = settings
        .output
        .iter()
        .map(|name| renderer_named(name, "output"))
        .collect::<anyhow::Result<_>>();
    Ok(ScheduledReport {
        name: settings.name.clone(),
        schedule,
        days: settings.days,
        edition,
        renderers: renderers.with_context(named)?,
        directory: settings.directory.clone(),
    })
}

/// Says what the configuration comes to; what cannot work is an error already.
fn check(config: &Config, parts: &Parts, screen: &mut Screen) -> anyhow::Result<Exit> {
    let good = screen.styled(Style::Good, "ok");
    let careful = screen.styled(Style::Careful, "!!");
    let mut sound = true;
    if config.inputs.is_empty() {
        sound = false;
        screen.line(&format!(
            "{careful}  no [[inputs]]: there is nothing to follow"
        ))?;
    }
    for input in &config.inputs {
        let is_pattern = input.path.contains(['*', '?', '[']);
        let trouble = if is_pattern {
            None
        } else {
            std::fs::File::open(Path::new(&input.path)).err()
        };
        match trouble {
            None => screen.line(&format!(
                "{good}  input {}{}",
                input.path,
                format_of(input.format.as_deref(), &parts.rules.formats)
            ))?,
            Some(error) => {
                sound = false;
                screen.line(&format!("{careful}  input {}: {error}", input.path))?;
            }
        }
    }
    let catalogue = &parts.in_force.policy.catalogue;
    screen.line(&format!(
        "{good}  catalogue {}: {} services, {} rules",
        catalogue.version(),
        catalogue.services().len(),
        catalogue.rule_count()
    ))?;
    screen.line(&format!("{good}  store {}", config.store_path().display()))?;
    for (settings, _) in &parts.channels {
        screen.line(&format!(
            "{good}  alerts to {:?} ({})",
            settings.name, settings.kind
        ))?;
    }
    if parts.channels.is_empty() {
        screen.line(&format!(
            "{careful}  no [[alerts.channels]]: nobody is told of what is found"
        ))?;
    }
    for report in &parts.reports {
        screen.line(&format!(
            "{good}  report {:?} to {}",
            report.name,
            report.directory.display()
        ))?;
    }
    Ok(if sound { Exit::Fine } else { Exit::Failed })
}

fn format_of(name: Option<&str>, formats: &Formats) -> String {
    match name.and_then(|name| formats.named(name).ok()) {
        Some(format) => format!(" as {}", format.title),
        None => String::new(),
    }
}
