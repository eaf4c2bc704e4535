//! Logs of an invented company, made once and kept: for each its truth beside it, and for all of them the rules and a
//! configuration.
//!
//! ```text
//! overlay/bench00.toml …   the rules, as an operator writes signatures
//! gnomon.toml              lays them over the catalogue
//! rules.txt                their suffixes alone
//! squid-8000000.log        a log
//! squid-8000000.truth.tsv  what is in it
//! squid-8000000.plan       what it was made by; written last
//! ```

use std::cell::OnceCell;
use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Log, Stock, make};
use crate::answers;
use crate::generate::{self, EDITION, LAYOUTS, Layout, Plan, World};

pub(crate) struct Generated {
    directory: PathBuf,
    /// Without its lines and days, which differ from log to log.
    plan: Plan,
    world: OnceCell<World>,
}

impl Stock for Generated {
    fn label(&self) -> &'static str {
        ""
    }

    fn directory(&self) -> &Path {
        &self.directory
    }

    fn products(&self) -> Vec<&'static str> {
        LAYOUTS.iter().map(|layout| layout.name).collect()
    }

    fn log(&self, product: &str, lines: u64) -> anyhow::Result<Log> {
        self.log_of_days(product, lines, 1)
    }

    fn check(&self, database: &Path, log: &Log) -> anyhow::Result<()> {
        answers::check(database, &log.truth)
    }

    fn visits(&self) -> anyhow::Result<Vec<(String, String)>> {
        let world = self.world();
        let mut seen = HashSet::new();
        let first = world.ruled.iter().filter_map(|host| {
            let service = host.service?;
            let id = world.services[service].id.to_string();
            seen.insert(service).then(|| (id, host.name.to_string()))
        });
        Ok(first.collect())
    }
}

impl Generated {
    pub(crate) fn open(directory: &Path, plan: Plan) -> anyhow::Result<Self> {
        let directory = std::path::absolute(directory)?;
        fs::create_dir_all(&directory).with_context(|| directory.display().to_string())?;
        let stock = Self {
            directory,
            plan,
            world: OnceCell::new(),
        };
        stock.make("rules", &stock.config(), &stock.plan, || {
            stock.write_rules()
        })?;
        Ok(stock)
    }

    /// When the days of its logs are over, since 1970, for logs of one day.
    pub(crate) fn end(&self) -> std::time::Duration {
        let end = self
            .plan
            .end()
            .duration_since(std::time::SystemTime::UNIX_EPOCH);
        end.unwrap_or_default()
    }

    /// How many services the rules belong to.
    pub(crate) fn services(&self) -> usize {
        self.world().services.len()
    }

    pub(crate) fn world(&self) -> &World {
        self.world.get_or_init(|| World::new(&self.plan))
    }

    /// The log of this format and size.
    pub(crate) fn log_of_days(&self, name: &str, lines: u64, days: u32) -> anyhow::Result<Log> {
        let layout = LAYOUTS
            .iter()
            .find(|layout| layout.name == name)
            .with_context(|| format!("there is no format {name:?}"))?;
        let plan = Plan {
            lines,
            days,
            ..self.plan.clone()
        };
        let stem = format!("{name}-{lines}");
        let file = |ending: &str| self.directory.join(format!("{stem}.{ending}"));
        let (path, truth) = (file("log"), file("truth.tsv"));
        self.make(&stem, &path, &plan, || {
            self.write_log(&plan, layout, &path, &truth)
        })?;
        Ok(Log {
            lines,
            bytes: fs::metadata(&path)?.len(),
            path,
            truth,
        })
    }

    fn make(
        &self,
        stem: &str,
        made: &Path,
        plan: &Plan,
        write: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let plan = format!("{EDITION} {plan:?}\n");
        make(&self.directory, stem, made, &plan, write)
            .with_context(|| format!("{}: {stem}", self.directory.display()))
    }

    fn write_rules(&self) -> anyhow::Result<()> {
        let world = self.world();
        let overlay = self.directory.join("overlay");
        let _ = fs::remove_dir_all(&overlay);
        fs::create_dir_all(&overlay)?;
        for (file, text) in generate::overlay(world) {
            fs::write(overlay.join(file), text)?;
        }
        fs::write(self.config(), generate::config(&overlay))?;
        let suffixes = world
            .services
            .iter()
            .flat_map(|service| &service.suffixes)
            .map(|suffix| format!("{}\n", suffix.name));
        fs::write(self.rules(), suffixes.collect::<String>())?;
        Ok(())
    }

    fn write_log(
        &self,
        plan: &Plan,
        layout: &Layout,
        path: &Path,
        truth: &Path,
    ) -> anyhow::Result<()> {
        let mut file = File::create(path)?;
        let found = generate::write(plan, self.world(), layout, &mut file)?;
        file.set_modified(plan.end())?;
        fs::write(truth, found.text())?;
        Ok(())
    }
}
