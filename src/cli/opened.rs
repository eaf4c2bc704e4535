//! What commands open: catalogue, duty model, identity, store. Each says what to do when it cannot be had.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use crate::catalogue::{Catalogue, Service};
use crate::config::{self, Config};
use crate::detect::Account;
use crate::formats::Formats;
use crate::govern::{self, DutyModel};
use crate::identity::{Identity, reverse_names};
use crate::model::nearest;
use crate::pipeline::{Policy, Rules};
use crate::reports::{Ask, Report};
use crate::sources::scan::{self, Scan};
use crate::store::Store;
use crate::store::sqlite::SqliteStore;

/// The catalogue with the operator's overlay.
pub(super) fn catalogue(config: &Config) -> anyhow::Result<Arc<Catalogue>> {
    let overlay = config.overlay()?;
    Ok(Arc::new(
        Catalogue::with_overlay(&overlay).context("catalogue")?,
    ))
}

/// The log formats, with the operator's own.
pub(super) fn formats(config: &Config) -> anyhow::Result<Arc<Formats>> {
    Ok(Arc::new(Formats::with(&config.mappings()?)?))
}

/// These logs, to be read once, within the configured limits.
pub(super) fn scan(config: &Config, paths: Vec<PathBuf>, format: Option<&str>) -> Scan {
    let settings = scan::Settings {
        format: format.map(Into::into),
        limits: config.sources.limits,
        ..scan::Settings::default()
    };
    Scan::new(paths, settings)
}

/// What changes are judged by, for a command that answers once. It is kept until the process ends: taking thousands of
/// services apart would be a tenth of an answer.
pub(super) fn kept_policy(config: &Config) -> anyhow::Result<&'static Policy> {
    Ok(Box::leak(Box::new(policy(config)?)))
}

/// What changes are judged by.
pub(super) fn policy(config: &Config) -> anyhow::Result<Policy> {
    let catalogue = catalogue(config)?;
    named_in_catalogue(&catalogue, &config.govern)?;
    accounts(&catalogue, &config.detect.accounts)?;
    Ok(Policy {
        catalogue,
        duties: Arc::new(
            DutyModel::embedded()
                .and_then(|model| model.with_overrides(&config.govern.overrides))
                .context("duty model")?,
        ),
        settings: config.govern.clone(),
    })
}

/// Names in `[govern]` that the catalogue must know, so that a slip does not go unnoticed for months.
fn named_in_catalogue(catalogue: &Catalogue, settings: &govern::Settings) -> anyhow::Result<()> {
    let services = || catalogue.services().iter();
    let ids = [
        ("own_services", &settings.own_services),
        ("gateways", &settings.gateways),
    ];
    for (key, names) in ids {
        for id in names {
            anyhow::ensure!(
                catalogue.service(id).is_some(),
                "govern.{key}: there is no service {id:?}{}; an own service is described in the overlay (catalogue.overlay)",
                meant(id, services().map(|service| &*service.id))
            );
        }
    }
    for host in &settings.host_applications {
        let known = || services().filter_map(|service| service.host_app.as_deref());
        anyhow::ensure!(
            known().any(|name| name.eq_ignore_ascii_case(&host.name)),
            "govern.host_applications: no service is embedded in {:?}{}; `gnomon catalogue show ID` names the host application",
            host.name,
            meant(&host.name, known())
        );
    }
    Ok(())
}

/// An account that no service of the catalogue can have would never be met.
fn accounts(catalogue: &Catalogue, accounts: &[Account]) -> anyhow::Result<()> {
    for account in accounts {
        let name = &account.name;
        anyhow::ensure!(
            !name.is_empty() && !account.services.is_empty() && !account.ids.is_empty(),
            "detect.accounts: {name:?} needs a name, services and ids"
        );
        for wanted in &account.services {
            let vendors = || {
                let of = |service: &Service| service.id.split('.').next().map(str::to_owned);
                catalogue.services().iter().filter_map(of)
            };
            anyhow::ensure!(
                catalogue.service(wanted).is_some() || vendors().any(|vendor| vendor == *wanted),
                "detect.accounts: {name:?}: there is no service and no vendor {wanted:?}{}",
                meant(
                    wanted,
                    catalogue.services().iter().map(|service| &*service.id)
                )
            );
        }
    }
    Ok(())
}

fn meant<'w>(given: &str, known: impl Iterator<Item = &'w str>) -> String {
    nearest(given, known).map_or_else(String::new, |near| format!(", did you mean {near:?}?"))
}

/// What workers match by.
pub(super) fn rules(
    config: &Config,
    policy: &Policy,
    zone: jiff::tz::TimeZone,
) -> anyhow::Result<Rules> {
    let key = config::pseudonym_key(config)?;
    Ok(Rules {
        catalogue: policy.catalogue.clone(),
        identity: Arc::new(Identity::open(&config.identity, key)?),
        detect: config.detect.clone(),
        formats: formats(config)?,
        zone,
    })
}

/// The store, for reading; it has to be there.
pub(super) fn store_to_read(config: &Config) -> anyhow::Result<SqliteStore> {
    let path = existing(config)?;
    Ok(SqliteStore::open_read_only(&path)?)
}

/// The store, for a short write beside a running service; it has to be there.
pub(super) fn store_to_write(config: &Config) -> anyhow::Result<SqliteStore> {
    let path = existing(config)?;
    Ok(SqliteStore::open_shared(&path)?)
}

fn existing(config: &Config) -> anyhow::Result<std::path::PathBuf> {
    let path = config.store_path();
    anyhow::ensure!(
        path.exists(),
        "{}: there is no store yet; fill one with `gnomon scan PATH --store {}` or `gnomon run`, or name another with --store",
        path.display(),
        path.display(),
    );
    Ok(path)
}

/// A store for a scan: the given file, or one that ends with the process.
pub(super) fn store_to_fill(path: Option<&Path>) -> anyhow::Result<SqliteStore> {
    match path {
        Some(path) => Ok(SqliteStore::open(path)?),
        None => Ok(SqliteStore::open_in_memory()?),
    }
}

/// Limits of a report.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    pub(super) from: Option<crate::model::Time>,
    pub(super) until: Option<crate::model::Time>,
    pub(super) as_of: Option<crate::model::Time>,
}

/// The report over a store, for a command that answers once. It is kept as the policy is.
pub(super) fn report(
    store: &dyn Store,
    policy: &Policy,
    zone: &jiff::tz::TimeZone,
    limits: Limits,
) -> anyhow::Result<&'static mut Report> {
    let ask = Ask {
        store,
        catalogue: &policy.catalogue,
        duties: &policy.duties,
        settings: &policy.settings,
        zone,
        from: limits.from,
        until: limits.until,
        as_of: limits.as_of,
    };
    let report = crate::reports::build_with_previous(&ask)?;
    Ok(Box::leak(Box::new(report)))
}

/// Puts the names that DNS knows beside the clients' addresses, when the configuration wants it.
pub(super) fn name_clients(report: &mut Report, config: &Config) -> anyhow::Result<()> {
    if !config.identity.resolve_names || config.identity.pseudonyms {
        return Ok(());
    }
    let mut clients: Vec<_> = report
        .applications
        .iter_mut()
        .flat_map(|app| &mut app.top_clients)
        .collect();
    let mut addresses: Vec<std::net::IpAddr> = clients
        .iter()
        .filter_map(|client| client.name.parse().ok())
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    let names = reverse_names(&addresses, config.identity.resolver)?;
    for client in &mut clients {
        let address = client.name.parse().ok();
        client.resolved =
            address.and_then(|address: std::net::IpAddr| names.get(&address).cloned());
    }
    Ok(())
}
