//! The sample company, multiplied: its logs of a week, over and over.
//!
//! What is in them is known from the reviewed expectations of `tests/cases/gateway`. So a long log is right when it tells
//! so many times what one week tells.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use flate2::read::MultiGzDecoder;
use gnomon::catalogue::{Catalogue, Matcher};
use gnomon::model::{Evidence, Role};
use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use super::{Log, SQUID, Stock, make, text};
use crate::bench::Bench;
use crate::generate::{Truth, difference, found};
use crate::rounds::remove_database;
use crate::timed;

const CASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/gateway");
/// Product, and the name of its log.
const LOGS: &[(&str, &str)] = &[
    (SQUID, "access.log"),
    ("named", "queries.log"),
    ("unbound", "unbound.log"),
    ("zeek", "http.log"),
];

pub(crate) struct Sample {
    directory: PathBuf,
    catalogue: Catalogue,
}

impl Sample {
    pub(crate) fn open(directory: &Path) -> anyhow::Result<Self> {
        let directory = std::path::absolute(directory)?;
        fs::create_dir_all(&directory).with_context(|| directory.display().to_string())?;
        let catalogue = Catalogue::embedded()?;
        let sample = Self {
            directory,
            catalogue,
        };
        // One week over and over packs tighter than any real log may.
        let config = Path::new(CASE).join("gnomon.toml");
        let config = fs::read_to_string(&config).with_context(|| config.display().to_string())?;
        let config = format!("{config}\n[sources.limits]\nunpacked_ratio = 0\n");
        fs::write(sample.config(), config)?;
        // It has no rules of its own: the catalogue's.
        let domains = sample.catalogue.services().iter().flat_map(|s| &s.domains);
        let names: BTreeSet<&str> = domains.map(|rule| text(&rule.matcher)).collect();
        let names = names.into_iter().map(|name| format!("{name}\n"));
        fs::write(sample.rules(), names.collect::<String>())?;
        Ok(sample)
    }

    fn write(&self, product: &str, name: &str, week: &[u8], times: u64) -> anyhow::Result<PathBuf> {
        let stem = format!("{product}-{times}");
        let path = self.directory.join(&stem).join(name);
        let plan = format!(
            "{times} weeks of {:016x}\n",
            BuildHasherDefault::<DefaultHasher>::default().hash_one(week)
        );
        make(&self.directory, &stem, &path, &plan, || {
            fs::create_dir_all(self.directory.join(&stem))?;
            let mut file = BufWriter::new(File::create(&path)?);
            for _ in 0..times {
                file.write_all(week)?;
            }
            file.into_inner()?.sync_data()?;
            Ok(())
        })?;
        Ok(path)
    }

    /// What one scan of a week tells.
    fn told_of(&self, week: &Path) -> anyhow::Result<Truth> {
        let database = self.scratch("week.db");
        remove_database(&database);
        let scan = Bench::scan_with(&self.config(), "", week, 1, &database);
        timed::time(&scan.command, Path::new("/dev/null"))?;
        let told = told(&database)?;
        remove_database(&database);
        Ok(told)
    }
}

impl Stock for Sample {
    fn label(&self) -> &'static str {
        "sample company: "
    }

    fn directory(&self) -> &Path {
        &self.directory
    }

    fn products(&self) -> Vec<&'static str> {
        LOGS.iter().map(|(product, _)| *product).collect()
    }

    fn log(&self, product: &str, lines: u64) -> anyhow::Result<Log> {
        let (product, name) = LOGS
            .iter()
            .find(|(known, _)| *known == product)
            .with_context(|| format!("the sample company has no {product:?}"))?;
        let week = week(&Path::new(CASE).join("logs").join(product), name)?;
        let lines_of_a_week = memchr::memchr_iter(b'\n', &week).count() as u64;
        let times = lines.div_ceil(lines_of_a_week).max(1);
        let once = self.write(product, name, &week, 1)?;
        let path = self.write(product, name, &week, times)?;
        let mut meant = self.told_of(&once)?;
        meant.multiply(times);
        let truth = path.with_extension("truth.tsv");
        fs::write(&truth, meant.text())?;
        Ok(Log {
            lines: lines_of_a_week * times,
            bytes: fs::metadata(&path)?.len(),
            path,
            truth,
        })
    }

    fn check(&self, database: &Path, log: &Log) -> anyhow::Result<()> {
        let meant = fs::read_to_string(&log.truth)?;
        if let Some(difference) = difference(&meant, &told(database)?) {
            bail!(
                "{} is not what its week tells, multiplied: {difference}",
                log.path.display()
            );
        }
        Ok(())
    }

    fn visits(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut seen = HashSet::new();
        let services = self.catalogue.services().iter();
        let visits =
            services.filter(|service| service.retired.is_none() && service.host_app.is_none());
        let visits = visits.filter_map(|service| {
            let rule = service.domains.iter().find(|rule| {
                rule.role == Role::Ui
                    && rule.evidence == Evidence::Definite
                    && matches!(rule.matcher, Matcher::Host(_) | Matcher::Suffix(_))
            })?;
            let host = text(&rule.matcher).to_owned();
            let owner = self.catalogue.match_host(&host)?.service.id.clone();
            (owner == service.id && seen.insert(host.clone()))
                .then(|| (service.id.to_string(), host))
        });
        Ok(visits.collect())
    }
}

fn told(database: &Path) -> anyhow::Result<Truth> {
    let store = SqliteStore::open_read_only(database)?;
    ensure!(store.coverage()?.len() == 1, "one log is one source");
    Ok(found(&store)?)
}

/// The logs of a product, one after the other as they were written.
fn week(directory: &Path, name: &str) -> anyhow::Result<Vec<u8>> {
    let mut paths = Vec::new();
    collect(directory, name, &mut paths)?;
    ensure!(!paths.is_empty(), "no {name} in {}", directory.display());
    // Rotated logs by falling number, those of a day by its date; the live one is the last of either.
    paths.sort_by_key(|path| {
        let text = path.display().to_string();
        let number = text.trim_end_matches(".gz").rsplit('.').next();
        let rotated = number.and_then(|number| number.parse::<i64>().ok());
        (-rotated.unwrap_or(0), text)
    });
    let mut week = Vec::new();
    for path in paths {
        let file = File::open(&path).with_context(|| path.display().to_string())?;
        if path.extension().is_some_and(|ending| ending == "gz") {
            MultiGzDecoder::new(file).read_to_end(&mut week)?;
        } else {
            (&file).read_to_end(&mut week)?;
        }
    }
    Ok(week)
}

fn collect(directory: &Path, name: &str, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let listed = fs::read_dir(directory).with_context(|| directory.display().to_string())?;
    for entry in listed {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, name, paths)?;
        } else if path
            .file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with(name))
        {
            paths.push(path);
        }
    }
    Ok(())
}
