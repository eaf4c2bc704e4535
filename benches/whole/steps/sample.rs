//! The sample company, multiplied: its logs of a week, over and over, as long as the generated ones.
//!
//! What is in them is known from the reviewed expectations of `tests/cases/gateway`. So a long log is right when it tells
//! so many times what one week tells.

use std::fs::{self, File};
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use flate2::read::MultiGzDecoder;
use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::bench::{Bench, GNOMON, runner};
use crate::generate::{Truth, difference, found};
use crate::rounds::{Runner, remove_database};

const CASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/gateway");
/// Product, the log's name, and the goal for its format.
const LOGS: &[(&str, &str, &str, &str)] = &[
    ("squid", "access.log", "P1", ""),
    ("named", "queries.log", "P4", ">= 1000 MB/s"),
    ("unbound", "unbound.log", "P4", ">= 1000 MB/s"),
    ("zeek", "http.log", "P4", ">= 1000 MB/s"),
];

pub(super) fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let directory = bench.directory.join("sample");
    fs::create_dir_all(&directory)?;
    let database = directory.join("sample.db");
    for (product, name, goal, wanted) in LOGS {
        let week = week(&Path::new(CASE).join("logs").join(product), name)?;
        let lines = memchr::memchr_iter(b'\n', &week).count() as u64;
        let times = bench.sizes.others.div_ceil(lines);
        let once = write(&directory.join(format!("{product}-1")), name, &week, 1)?;
        let often = write(
            &directory.join(format!("{product}-{times}")),
            name,
            &week,
            times,
        )?;
        let bytes = fs::metadata(&often)?.len();
        bench
            .table
            .headline(format!("the sample company's {product}, {times} weeks"));
        // Its configuration has no 10,000 rules: what every scan takes is less here than elsewhere.
        let one = scan("gnomon scan of one week", &once, &database);
        remove_database(&database);
        let start = bench.compare(0, &[one])?[0].usage.cores();
        let mut meant = told(&database)?;
        meant.multiply(times);
        let runners = [
            Bench::wc(&often),
            scan("gnomon scan, 1 worker", &often, &database),
        ];
        let medians = bench.compare(bytes, &runners)?;
        if let Some(difference) = difference(&meant.text(), &told(&database)?) {
            bail!(
                "{} is not {times} times a week: {difference}",
                often.display()
            );
        }
        let (wc, gnomon) = (&medians[0], &medians[1]);
        if wanted.is_empty() {
            let ratio = gnomon.usage.wall.as_secs_f64() / wc.usage.wall.as_secs_f64();
            let what = "the sample company's Squid, one worker, against wc -l";
            bench
                .goals
                .add(goal, what, "<= 3 x", format!("{ratio:.0} x"));
        } else {
            let more = bytes as f64 * (times - 1) as f64 / times as f64;
            let used = gnomon.usage.cores().saturating_sub(start);
            let speed = if used.is_zero() {
                "too short to tell".to_owned()
            } else {
                format!("{:.0} MB/s", more / 1e6 / used.as_secs_f64())
            };
            let what = format!("the sample company's {product} on one core, start left out");
            bench.goals.add(goal, what, wanted, speed);
        }
        fs::remove_file(often)?;
    }
    remove_database(&database);
    Ok(())
}

fn scan(what: &str, log: &Path, database: &Path) -> Runner {
    let log = log.display().to_string();
    let database = database.to_path_buf();
    let config = format!("{CASE}/gnomon.toml");
    let store = database.display().to_string();
    let mut runner = runner(
        what,
        &[
            GNOMON,
            "scan",
            &log,
            "--quiet",
            "--workers",
            "1",
            "--config",
            &config,
            "--store",
            &store,
        ],
    );
    runner.fresh = Some(database);
    runner
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

fn write(directory: &Path, name: &str, week: &[u8], times: u64) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(directory)?;
    let path = directory.join(name);
    let mut file = BufWriter::new(File::create(&path)?);
    for _ in 0..times {
        file.write_all(week)?;
    }
    file.into_inner()?.sync_data()?;
    Ok(path)
}
