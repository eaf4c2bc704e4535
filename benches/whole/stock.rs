//! Logs on disk, made once and kept: for each its truth beside it, and for all of them the rules and a configuration.
//!
//! ```text
//! overlay/bench00.toml …   the rules, as an operator writes signatures
//! gnomon.toml              lays them over the catalogue
//! rules.txt                their suffixes alone, for programs that look for texts
//! squid-8000000.log        a log
//! squid-8000000.truth.tsv  what is in it
//! squid-8000000.plan       what it was made by; written last
//! ```

use std::cell::OnceCell;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::generate::{self, EDITION, LAYOUTS, Layout, Plan, World};

pub(crate) struct Stock {
    directory: PathBuf,
    /// Without its lines and days, which differ from log to log.
    plan: Plan,
    world: OnceCell<World>,
}

#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) lines: u64,
    pub(crate) path: PathBuf,
    pub(crate) truth: PathBuf,
    pub(crate) bytes: u64,
}

/// How a log can be packed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
}

impl Stock {
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

    pub(crate) fn config(&self) -> PathBuf {
        self.directory.join("gnomon.toml")
    }

    pub(crate) fn overlay(&self) -> PathBuf {
        self.directory.join("overlay")
    }

    pub(crate) fn rules(&self) -> PathBuf {
        self.directory.join("rules.txt")
    }

    /// When the days of its logs are over, since 1970, for logs of one day.
    pub(crate) fn end(&self) -> std::time::Duration {
        let end = self
            .plan
            .end()
            .duration_since(std::time::SystemTime::UNIX_EPOCH);
        end.unwrap_or_default()
    }

    /// A file beside the logs that is not kept.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// How many services the rules belong to.
    pub(crate) fn services(&self) -> usize {
        self.world().services.len()
    }

    pub(crate) fn world(&self) -> &World {
        self.world.get_or_init(|| World::new(&self.plan))
    }

    /// The log of this format and size.
    pub(crate) fn log(&self, name: &str, lines: u64, days: u32) -> anyhow::Result<Log> {
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

    /// The same log, packed.
    pub(crate) fn packed(&self, log: &Log, packing: Packing) -> anyhow::Result<PathBuf> {
        let ending = match packing {
            Packing::Gzip => "log.gz",
            Packing::Zstd => "log.zst",
        };
        let path = log.path.with_extension(ending);
        let made = fs::metadata(&path).and_then(|packed| packed.modified());
        // A log is of the time that it tells of; when it was made, its truth says.
        if made.is_ok_and(|made| made >= modified(&log.truth)) {
            return Ok(path);
        }
        let mut from = File::open(&log.path)?;
        let part = path.with_extension("part");
        let to = BufWriter::new(File::create(&part)?);
        match packing {
            Packing::Gzip => {
                let mut packer = flate2::write::GzEncoder::new(to, flate2::Compression::default());
                io::copy(&mut from, &mut packer)?;
                packer.finish()?.flush()?;
            }
            Packing::Zstd => {
                let mut packer = zstd::stream::Encoder::new(to, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                io::copy(&mut from, &mut packer)?;
                packer.finish()?.flush()?;
            }
        }
        fs::rename(part, &path)?;
        Ok(path)
    }

    /// Makes what is not there, or was made by another plan.
    fn make(
        &self,
        stem: &str,
        made: &Path,
        plan: &Plan,
        write: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mark = self.directory.join(format!("{stem}.plan"));
        let text = format!("{EDITION} {plan:?}\n");
        if made.exists() && fs::read_to_string(&mark).is_ok_and(|plan| plan == text) {
            return Ok(());
        }
        let _ = fs::remove_file(&mark);
        write().with_context(|| format!("{}: {stem}", self.directory.display()))?;
        fs::write(mark, text)?;
        Ok(())
    }

    fn write_rules(&self) -> anyhow::Result<()> {
        let world = self.world();
        let overlay = self.overlay();
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

fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path)
        .and_then(|file| file.modified())
        .unwrap_or(std::time::SystemTime::UNIX_EPOCH)
}
