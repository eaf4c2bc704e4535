//! What was configured: the file itself, the catalogue, the time zone, secrets, inputs and channels.

use std::fs::File;
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::config::{self, Config};
use crate::formats::Formats;
use crate::identity::Identity;
use crate::model::Time;
use crate::{alerts, sources};

use super::super::global::Global;
use super::super::labelled::count;
use super::super::opened;
use super::super::scan::format_named;
use super::super::table::{grouped, shown};
use super::Checks;

const CONFIGURATION: &str = "configuration";

/// The configuration, or the defaults where it cannot be used, so that the other checks go on.
pub(super) fn config(global: &Global, checks: &mut Checks) -> Config {
    let usual = config::default_config_file();
    match global.config() {
        Ok(config) => {
            let file = global.config.as_ref().unwrap_or(&usual);
            if file.exists() {
                checks.fine(CONFIGURATION, format!("{} is valid", file.display()));
            } else {
                checks.fine(
                    CONFIGURATION,
                    format!("there is none at {}; the defaults hold", file.display()),
                );
            }
            config
        }
        Err(error) => {
            checks.wrong(CONFIGURATION, error.root_cause().to_string());
            checks.look(
                CONFIGURATION,
                "what follows was checked with the defaults instead",
            );
            let mut config =
                config::load_text("defaults", "", std::iter::empty()).unwrap_or_default();
            if let Some(store) = &global.store {
                config.store.path.clone_from(store);
            }
            config
        }
    }
}

/// Everything about the set-up that needs no store.
pub(super) fn check(config: &Config, now: Time, checks: &mut Checks) {
    time_zone(config, checks);
    catalogue(config, now, checks);
    for problem in config.govern.problems() {
        checks.wrong(CONFIGURATION, format!("govern: {problem}"));
    }
    if let Err(error) = config::pseudonym_key(config) {
        checks.wrong("pseudonyms", error.to_string());
    } else if config.identity.pseudonyms {
        checks.fine(
            "pseudonyms",
            "on: addresses and user names are kept as keyed digests",
        );
    } else {
        checks.fine(
            "pseudonyms",
            "off: addresses and user names are kept as the logs write them",
        );
    }
    names(config, checks);
    inputs(config, checks);
    channels(config, checks);
}

/// The files that say who is who.
fn names(config: &Config, checks: &mut Checks) {
    let identity = match Identity::open(&config.identity, None) {
        Ok(identity) => identity,
        Err(error) => return checks.wrong("names", error.to_string()),
    };
    for (path, bad) in identity.bad_lines() {
        let path = path.display();
        match bad {
            0 => checks.fine("names", format!("{path} is understood")),
            bad => checks.look(
                "names",
                format!(
                    "{path}: {} not understood; is it of the kind that the configuration says?",
                    count(
                        usize::try_from(bad).unwrap_or(usize::MAX),
                        "line was",
                        "lines were"
                    )
                ),
            ),
        }
    }
}

fn time_zone(config: &Config, checks: &mut Checks) {
    match config.zone() {
        Ok(zone) => match zone.iana_name() {
            Some(name) => checks.fine("time zone", format!("{name}, for log times written without one")),
            None => checks.look(
                "time zone",
                "the system names none, so log times written without one count as UTC; set timezone in the configuration",
            ),
        },
        Err(error) => checks.wrong("time zone", error.to_string()),
    }
}

/// What an overlay takes over is named up to here.
const TAKEOVERS: usize = 10;

fn catalogue(config: &Config, now: Time, checks: &mut Checks) {
    let overlay = &config.catalogue.overlay;
    let catalogue: std::sync::Arc<Catalogue> = match opened::catalogue(config) {
        Ok(catalogue) => catalogue,
        Err(error) => return checks.wrong("catalogue", format!("{error:#}")),
    };
    let with = if overlay.as_os_str().is_empty() {
        String::new()
    } else {
        format!(", with the overlay {}", overlay.display())
    };
    checks.fine(
        "catalogue",
        format!(
            "{}: {} services, {} rules{with}",
            catalogue.version(),
            grouped(catalogue.services().len() as u64),
            grouped(catalogue.rule_count() as u64),
        ),
    );
    let taken = catalogue.takeovers();
    for takeover in taken.iter().take(TAKEOVERS) {
        checks.look("catalogue", takeover.to_string());
    }
    if let Some(more @ 1..) = taken.len().checked_sub(TAKEOVERS) {
        checks.look(
            "catalogue",
            format!("the overlay takes over in {more} more places; `gnomon catalogue lint DIR` names them all"),
        );
    }
    match catalogue.stale_facts(now.day()) {
        0 => {}
        stale => checks.look(
            "catalogue",
            format!(
                "{} last looked at more than half a year ago; risk scores rest on them",
                count(stale, "fact was", "facts were")
            ),
        ),
    }
}

fn inputs(config: &Config, checks: &mut Checks) {
    if config.inputs.is_empty() {
        checks.fine(
            "inputs",
            "none is configured; `gnomon run` needs [[inputs]], `gnomon scan` does not",
        );
    }
    let formats = opened::formats(config).unwrap_or_else(|error| {
        checks.wrong("formats", format!("{error:#}"));
        Arc::new(Formats::embedded().clone())
    });
    for input in &config.inputs {
        let path = shown(&input.path, 200);
        if let Some(name) = &input.format
            && let Err(error) = format_named(name, &formats)
        {
            checks.wrong("inputs", format!("{path}: format: {error:#}"));
        }
        if let Some(zone) = &input.timezone
            && let Err(error) = config::zone_of(zone, "timezone")
        {
            checks.wrong("inputs", format!("{path}: {error}"));
        }
        let files = sources::follow::covered(&input.path);
        if files.is_empty() {
            checks.wrong("inputs", format!("{path}: no file fits this pattern"));
        }
        for file in &files {
            match File::open(file) {
                Ok(_) if file.is_dir() => checks.wrong(
                    "inputs",
                    format!(
                        "{} is a directory; write a pattern such as {}/*.log",
                        file.display(),
                        file.display()
                    ),
                ),
                Ok(_) => checks.fine("inputs", format!("{} can be read", file.display())),
                Err(error) => checks.wrong("inputs", format!("{}: {error}", file.display())),
            }
        }
    }
}

fn channels(config: &Config, checks: &mut Checks) {
    if config.alerts.channels.is_empty() {
        checks.fine(
            "channels",
            "none is configured: alerts become cases, and nothing leaves this machine",
        );
    }
    for channel in &config.alerts.channels {
        match alerts::open(channel) {
            Ok(_) => checks.fine(
                "channels",
                format!("{} ({}) is set up", shown(&channel.name, 60), channel.kind),
            ),
            Err(error) => checks.wrong("channels", error.to_string()),
        }
    }
}
