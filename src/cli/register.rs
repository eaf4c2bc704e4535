//! The register as the governance commands see it: the report over the whole store at one moment, and what it rests on.
//!
//! They all read the report, so that no command says of an application what another denies.

use std::borrow::Cow;
use std::io::Write as _;

use crate::catalogue::Service;
use crate::config::Config;
use crate::govern::decisions::{self, Effective};
use crate::model::{Decision, Time};
use crate::pipeline::Policy;
use crate::reports::{self, Application, Ask, Report};
use crate::store::Store as _;
use crate::store::sqlite::SqliteStore;

use super::application_id::service_of;
use super::global::Global;
use super::opened::{self, Limits};

/// A store with its report.
pub(super) struct Register {
    pub(super) config: Config,
    pub(super) policy: &'static Policy,
    pub(super) store: SqliteStore,
    pub(super) report: &'static mut Report,
    pub(super) now: Time,
    zone: jiff::tz::TimeZone,
}

/// What a command wants the store for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Reading,
    /// Answers that need no traffic are given without a store too.
    ReadingIfThere,
    Writing,
}

impl Register {
    pub(super) fn open(global: &Global, wanted: For, as_of: Option<Time>) -> anyhow::Result<Self> {
        let config = global.config()?;
        let policy = opened::kept_policy(&config)?;
        let store = match wanted {
            For::ReadingIfThere if !config.store_path().exists() => SqliteStore::open_in_memory()?,
            For::Reading | For::ReadingIfThere => opened::store_to_read(&config)?,
            For::Writing => opened::store_to_write(&config)?,
        };
        let zone = config.zone()?;
        let now = match as_of {
            Some(moment) => moment,
            None => not_before(store.newest_moment()?)?,
        };
        let report = report(&store, policy, &zone, now)?;
        Ok(Self {
            config,
            policy,
            store,
            report,
            now,
            zone,
        })
    }

    /// Reads the store once more, after something was written.
    pub(super) fn refresh(&mut self) -> anyhow::Result<()> {
        self.report = report(&self.store, self.policy, &self.zone, self.now)?;
        Ok(())
    }

    /// The service of this id, or an error with a suggestion.
    pub(super) fn service(&self, id: &str) -> anyhow::Result<Cow<'_, Service>> {
        if let Some(app) = self.row(id)
            && let Some(service) = self.policy.catalogue.service_or_unlisted(id, app.archetype)
        {
            return Ok(service);
        }
        let ids: Vec<&str> = self
            .report
            .applications
            .iter()
            .map(|app| app.id.as_str())
            .collect();
        service_of(id, &self.policy.catalogue, &ids).map(Cow::Borrowed)
    }

    /// The row of this service, when it is in use or was tried.
    pub(super) fn row(&self, id: &str) -> Option<&Application> {
        self.report.applications.iter().find(|app| app.id == id)
    }

    /// The row of this service, or how it would stand if it came into use now; `true` when it is in the register.
    pub(super) fn row_or_prospect(&self, service: &Service) -> anyhow::Result<(Application, bool)> {
        if let Some(row) = self.row(&service.id) {
            return Ok((row.clone(), true));
        }
        let ask = Ask {
            store: &self.store,
            catalogue: &self.policy.catalogue,
            duties: &self.policy.duties,
            settings: &self.policy.settings,
            zone: &self.zone,
            from: None,
            until: None,
            as_of: Some(self.now),
        };
        Ok((reports::prospect(&ask, service, self.now)?, false))
    }

    /// Decisions about a service, oldest first, and what holds for the organisation.
    pub(super) fn decided(&self, id: &str) -> anyhow::Result<(Vec<Decision>, Effective)> {
        let all = self.store.decisions(Some(id))?;
        let effective = decisions::effective(&all, id, None, self.now);
        Ok((all, effective))
    }

    /// What people call the service of this id.
    pub(super) fn name<'s>(&'s self, id: &'s str) -> &'s str {
        let known = self.policy.catalogue.service(id);
        let row = || self.row(id).map(|app| app.name.as_str());
        known
            .map(|service| service.name.as_str())
            .or_else(row)
            .unwrap_or(id)
    }
}

/// The moment it is, and never one before the newest entry: a clock that was set back must not bring back what has
/// ended, nor hide what was decided.
fn not_before(newest: Option<Time>) -> anyhow::Result<Time> {
    let now = super::until::now();
    match newest.filter(|newest| *newest > now) {
        None => Ok(now),
        Some(newest) => {
            writeln!(
                std::io::stderr(),
                "gnomon: warning: the clock shows {now}, the register was written at {newest}; judged by the later of the two"
            )?;
            Ok(newest)
        }
    }
}

fn report(
    store: &SqliteStore,
    policy: &Policy,
    zone: &jiff::tz::TimeZone,
    now: Time,
) -> anyhow::Result<&'static mut Report> {
    let limits = Limits {
        as_of: Some(now),
        ..Limits::default()
    };
    opened::report(store, policy, zone, limits)
}
