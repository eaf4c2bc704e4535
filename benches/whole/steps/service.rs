//! `gnomon run` (P8): from a line in the log to its alert in a file, and what the service takes when nothing happens and
//! when much does.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, bail, ensure};
use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;
use rustix::process::{Pid, Signal, kill_process};

use crate::bench::{Bench, GNOMON};
use crate::rounds::remove_database;
use crate::stock::SQUID;

/// Alerts whose time is taken; from more than twenty in ten minutes on they are told as a whole.
const ALERTS: usize = 15;
/// How long nothing happens.
const IDLE: Duration = Duration::from_secs(20);
/// How long much happens, and how much in a step.
const LOAD: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(100);
const LINES_A_STEP: usize = 10_000;
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let ordinary = bench.stock.log(SQUID, bench.sizes.squid / 8)?.path;
    let mut service = Service::start(bench)?;
    let mut visits = bench.stock.visits()?.into_iter();
    // Whatever it finds before it has caught up is told in one summary.
    let warm = Instant::now();
    while service
        .alert_of(&mut visits, Duration::from_secs(2))?
        .is_none()
    {
        ensure!(warm.elapsed() < PATIENCE, "no alert after {PATIENCE:?}");
    }
    let mut waits = Vec::with_capacity(ALERTS);
    for number in 0..ALERTS {
        // Not in step with how often the service looks.
        std::thread::sleep(Duration::from_millis(37 * (number as u64 % 11)));
        let wait = service.alert_of(&mut visits, PATIENCE)?;
        waits.push(wait.context("an alert did not come")?);
    }
    waits.sort();
    let before = service.cores()?;
    std::thread::sleep(IDLE);
    let idle = (service.cores()? - before).as_secs_f64() / IDLE.as_secs_f64();
    let busy = service.load(&ordinary)?;
    let peak = service.peak_mib()?;
    service.stop()?;

    let millis = |wait: Duration| format!("{:.0} ms", wait.as_secs_f64() * 1e3);
    bench.goal("P8", "line to alert, median", "", millis(waits[ALERTS / 2]));
    bench.goal(
        "P8",
        "line to alert, the slowest of 15",
        "<= 2000 ms",
        millis(waits[ALERTS - 1]),
    );
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    bench.goal("P8", "share of a core, idle", "<= 0.3 %", percent(idle));
    bench.goal(
        "P8",
        "share of a core, 100,000 lines a second",
        "<= 10 %",
        percent(busy),
    );
    let label = bench.stock.label();
    bench
        .table
        .note(format!("{label}gnomon run used {peak:.0} MiB at its peak"));
    Ok(())
}

struct Service {
    child: Child,
    log: File,
    alerts: PathBuf,
    database: PathBuf,
    written: u64,
}

impl Service {
    fn start(bench: &Bench) -> anyhow::Result<Self> {
        let directory = bench.stock.scratch("service");
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory)?;
        let file = |name: &str| directory.join(name);
        let (log, alerts, database) = (file("access.log"), file("alerts.jsonl"), file("gnomon.db"));
        let text = format!(
            "{}\n[[inputs]]\npath = '{}'\nformat = \"squid\"\n\n[store]\npath = '{}'\n\n[[alerts.channels]]\nname = \"file\"\nkind = \"file\"\nper_minute = 6000\npath = '{}'\n",
            fs::read_to_string(bench.stock.config())?,
            log.display(),
            database.display(),
            alerts.display()
        );
        fs::write(file("gnomon.toml"), text)?;
        let open = |path: &Path| File::options().create(true).append(true).open(path);
        let child = Command::new(GNOMON)
            .arg("run")
            .arg("--config")
            .arg(file("gnomon.toml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(open(&file("stderr.log"))?)
            .spawn()?;
        Ok(Self {
            child,
            log: open(&log)?,
            alerts,
            database,
            written: 0,
        })
    }

    /// Has somebody visit the next service, and says how long its alert took; `None` when it did not come.
    fn alert_of(
        &mut self,
        visits: &mut impl Iterator<Item = (String, String)>,
        patience: Duration,
    ) -> anyhow::Result<Option<Duration>> {
        let (id, host) = visits.next().context("there are not enough services")?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let line = format!(
            "{}.{:03}     88 198.18.0.7 TCP_TUNNEL/200 56780 CONNECT {host}:443 - HIER_DIRECT/198.19.0.5 -\n",
            now.as_secs(),
            now.subsec_millis()
        );
        let wanted = format!("\"service\":\"{id}\"");
        self.log.write_all(line.as_bytes())?;
        self.written += 1;
        let start = Instant::now();
        while start.elapsed() < patience {
            if fs::read_to_string(&self.alerts).is_ok_and(|told| told.contains(&wanted)) {
                return Ok(Some(start.elapsed()));
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("gnomon run ended: {status}");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(None)
    }

    /// Writes so many lines a second and says what share of a core they took, until the last was committed.
    fn load(&mut self, ordinary: &Path) -> anyhow::Result<f64> {
        let mut lines = BufReader::new(File::open(ordinary)?);
        let mut block = Vec::new();
        let before = self.cores()?;
        let start = Instant::now();
        let mut steps = 0;
        while start.elapsed() < LOAD {
            block.clear();
            for _ in 0..LINES_A_STEP {
                if lines.read_until(b'\n', &mut block)? == 0 {
                    lines.rewind()?;
                    lines.read_until(b'\n', &mut block)?;
                }
            }
            self.written += LINES_A_STEP as u64;
            self.log.write_all(&block)?;
            steps += 1;
            std::thread::sleep((STEP * steps).saturating_sub(start.elapsed()));
        }
        while self.read()? < self.written {
            ensure!(start.elapsed() < LOAD + PATIENCE, "lines were left unread");
            std::thread::sleep(STEP);
        }
        Ok((self.cores()? - before).as_secs_f64() / LOAD.as_secs_f64())
    }

    fn read(&self) -> anyhow::Result<u64> {
        let coverage = SqliteStore::open_read_only(&self.database)?.coverage()?;
        Ok(coverage.iter().map(|source| source.read).sum())
    }

    /// Time on cores so far, to a hundredth of a second.
    fn cores(&self) -> anyhow::Result<Duration> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name of the program stands in brackets and may hold anything.
        let fields = text.rsplit(')').next().unwrap_or_default();
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse::<u64>)
            .sum::<Result<_, _>>()?;
        Ok(Duration::from_millis(ticks * 10))
    }

    fn peak_mib(&self) -> anyhow::Result<f64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = text
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"))
            .context("no VmHWM")?;
        Ok(kib.parse::<f64>()? / 1024.0)
    }

    fn stop(mut self) -> anyhow::Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let status = self.child.wait()?;
        ensure!(status.success(), "gnomon run: {status}");
        remove_database(&self.database);
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
