//! Logs of a generator that is not ours, so that our own idea of what a log holds is not the only one.
//!
//! It is a program that is called in two ways, and writes into a directory:
//!
//! ```text
//! PROGRAM DIR rules       rules.tsv (suffix, application) and paths.tsv (host, path, application)
//! PROGRAM DIR KIND LINES  KIND.log, and KIND.truth.tsv with what is in it by application, user and hour:
//!                         application, user or address, hours since the first midnight, events, bytes, denied
//! ```
//!
//! Its rules become an overlay. Where a service of ours has a rule on the same hosts, ours is retired, so that the
//! answer is the generator's; what other services of ours find besides is not compared.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use gnomon::catalogue::{Catalogue, Matcher, Service};
use gnomon::store::sqlite::SqliteStore;

use super::{Log, SQUID, Stock, make, text};
use crate::answers;
use crate::generate::{apart, config, found, overlay};
use crate::timed;

/// Our name for a log, and the generator's.
const KINDS: &[(&str, &str)] = &[
    (SQUID, "squid"),
    ("bind", "bind"),
    ("zeek-dns", "zeek"),
    ("zeek-dns-json", "zeekjson"),
    ("suricata", "eve"),
];
/// What the ids of its applications begin with.
const OURS: &str = "other.";

pub(crate) struct Other {
    directory: PathBuf,
    program: PathBuf,
    rules: Vec<Rule>,
    features: Vec<Feature>,
}

struct Rule {
    suffix: String,
    application: String,
}

struct Feature {
    host: String,
    path: String,
    application: String,
}

impl Other {
    pub(crate) fn open(directory: &Path, program: &Path) -> anyhow::Result<Self> {
        let directory = std::path::absolute(directory)?;
        fs::create_dir_all(&directory).with_context(|| directory.display().to_string())?;
        let program = std::path::absolute(program)?;
        let mut stock = Self {
            directory,
            program,
            rules: Vec::new(),
            features: Vec::new(),
        };
        stock.run(&stock.directory, &["rules"])?;
        stock.rules = read(
            &stock.directory.join("rules.tsv"),
            |[suffix, application]| Rule {
                suffix,
                application,
            },
        )?;
        stock.features = read(
            &stock.directory.join("paths.tsv"),
            |[host, path, application]| Feature {
                host,
                path,
                application,
            },
        )?;
        stock.write_rules()?;
        Ok(stock)
    }

    fn run(&self, directory: &Path, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = vec![self.program.display().to_string()];
        command.push(directory.display().to_string());
        command.extend(arguments.iter().map(|word| (*word).to_owned()));
        timed::time(&command, Path::new("/dev/null"))?;
        Ok(())
    }

    fn write_rules(&self) -> anyhow::Result<()> {
        let directory = self.directory.join("overlay");
        fs::create_dir_all(&directory)?;
        fs::write(directory.join("other.toml"), self.overlay()?)?;
        fs::write(self.config(), config(&directory))?;
        let suffixes = self.rules.iter().map(|rule| format!("{}\n", rule.suffix));
        fs::write(self.rules(), suffixes.collect::<String>())?;
        Ok(())
    }

    fn overlay(&self) -> anyhow::Result<String> {
        let taken: HashSet<&str> = self.rules.iter().map(|rule| &*rule.suffix).collect();
        // A path on a host that a rule takes whole is that rule's.
        let is_free = |feature: &&Feature| !parents(&feature.host).any(|name| taken.contains(name));
        let features: Vec<&Feature> = self.features.iter().filter(is_free).collect();
        let hosts = features.iter().map(|feature| &*feature.host);
        let above: HashSet<&str> = taken
            .iter()
            .copied()
            .chain(hosts)
            .flat_map(parents)
            .collect();
        let mut text =
            "vendor = { name = \"Other\", country = \"DE\", homepage = \"https://other.test\" }\n"
                .to_owned();
        for service in Catalogue::embedded()?.services() {
            if claims(service, &taken, &above) {
                let _ = write!(
                    text,
                    "\n[[service]]\nid = \"{}\"\nretire = true\n",
                    service.id
                );
            }
        }
        let mut services: BTreeMap<&str, String> = BTreeMap::new();
        for rule in &self.rules {
            let rules = services.entry(&rule.application).or_default();
            rules.push_str(&overlay::domain(&rule.suffix, "ui"));
        }
        for feature in features {
            let rules = services.entry(&feature.application).or_default();
            rules.push_str(&overlay::url(&feature.host, &feature.path));
        }
        for (application, rules) in services {
            text.push_str(&overlay::head(&format!("{OURS}{application}")));
            text.push_str(&rules);
        }
        Ok(text)
    }
}

impl Stock for Other {
    fn label(&self) -> &'static str {
        "other generator: "
    }

    fn directory(&self) -> &Path {
        &self.directory
    }

    fn products(&self) -> Vec<&'static str> {
        KINDS.iter().map(|(ours, _)| *ours).collect()
    }

    fn log(&self, product: &str, lines: u64) -> anyhow::Result<Log> {
        let (_, kind) = KINDS
            .iter()
            .find(|(ours, _)| *ours == product)
            .with_context(|| format!("the other generator makes no {product:?}"))?;
        let stem = format!("{kind}-{lines}");
        let directory = self.directory.join(&stem);
        let file = |ending: &str| directory.join(format!("{kind}.{ending}"));
        let (path, truth) = (file("log"), file("truth.tsv"));
        let plan = format!("{} {kind} {lines}\n", self.program.display());
        make(&self.directory, &stem, &path, &plan, || {
            fs::create_dir_all(&directory)?;
            self.run(&directory, &[kind, &lines.to_string()])
        })?;
        Ok(Log {
            lines,
            bytes: fs::metadata(&path)?.len(),
            path,
            truth,
        })
    }

    fn check(&self, database: &Path, log: &Log) -> anyhow::Result<()> {
        let meant = fs::read_to_string(&log.truth)?;
        let store = SqliteStore::open_read_only(database)?;
        answers::all_understood(&store)?;
        if let Some(difference) = apart(&meant, &told(&store)?) {
            bail!(
                "{} is not what {} says: {difference}",
                database.display(),
                log.truth.display()
            );
        }
        Ok(())
    }

    fn visits(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut seen = HashSet::new();
        let first = self
            .rules
            .iter()
            .filter(|rule| seen.insert(&rule.application));
        let visit = |rule: &Rule| (format!("{OURS}{}", rule.application), rule.suffix.clone());
        Ok(first.map(visit).collect())
    }
}

/// What a store holds, in the generator's terms.
fn told(store: &SqliteStore) -> anyhow::Result<String> {
    let found = found(store)?;
    let first_day = found.hosts.keys().next().map_or(0, |(day, _)| *day);
    let mut rows: BTreeMap<(&str, &str, i64), [u64; 3]> = BTreeMap::new();
    for (key, sums) in &found.rows {
        let Some(application) = key.service.strip_prefix(OURS) else {
            continue;
        };
        let who = if key.user.is_empty() {
            &key.client
        } else {
            &key.user
        };
        let row = rows
            .entry((application, who, key.hour - first_day * 24))
            .or_default();
        let [used, denied, failed] = sums.events;
        row[0] += used + denied + failed;
        row[1] += sums.bytes.iter().sum::<u64>();
        row[2] += denied;
    }
    let mut text = String::new();
    for ((application, who, hour), [events, bytes, denied]) in rows {
        let _ = writeln!(
            text,
            "{application}\t{who}\t{hour}\t{events}\t{bytes}\t{denied}"
        );
    }
    Ok(text)
}

/// Whether a service of ours would answer for hosts that are the generator's: `taken` are its rules, `above` all names
/// that one of them, or the host of a path, lies beneath.
fn claims(service: &Service, taken: &HashSet<&str>, above: &HashSet<&str>) -> bool {
    let beneath = |name: &str| parents(name).any(|name| taken.contains(name));
    let of_domains = service.domains.iter().any(|rule| {
        let name = text(&rule.matcher);
        let is_plain = matches!(rule.matcher, Matcher::Host(_) | Matcher::Suffix(_));
        beneath(name) || !is_plain && above.contains(name)
    });
    let of_urls = || {
        let mut names = service.urls.iter().map(|rule| text(&rule.host));
        names.any(|name| beneath(name) || above.contains(name))
    };
    of_domains || of_urls()
}

/// A name and those that it lies beneath.
fn parents(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| Some(name.split_once('.')?.1))
}

/// The lines of a table, each with as many columns.
fn read<const N: usize, T>(path: &Path, line: impl Fn([String; N]) -> T) -> anyhow::Result<Vec<T>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let rows = text.lines().map(|row| {
        let columns: Vec<String> = row.split('\t').map(str::to_owned).collect();
        match columns.try_into() {
            Ok(columns) => Ok(line(columns)),
            Err(_) => bail!("{}: {row:?} has not {N} columns", path.display()),
        }
    });
    rows.collect()
}
