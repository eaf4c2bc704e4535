//! `gnomon run` as an operator has it: a configuration file, a process, its log; and the commands beside it.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::gateway::Gateway;
use crate::ledger::Ledger;
use crate::process::{Process, output_of};
use crate::receiver::SECRET;
use crate::wait::{PATIENCE, until};

/// Every rule that alerts.
pub(crate) const ALL_RULES: &str = r#"["application_first_seen", "new_segment", "turned_consumer", "decision_violated", "exception_expired"]"#;

pub(crate) struct Service {
    directory: PathBuf,
    squid_log: PathBuf,
    query_log: PathBuf,
    hook: String,
    running: Option<Process>,
}

impl Service {
    /// A service for this gateway that posts alerts to `hook`. It is configured and does not run yet.
    pub(crate) fn of(gateway: &Gateway, hook: &str) -> Self {
        let directory = gateway.path().join("gnomon");
        fs::create_dir_all(directory.join("overlay")).unwrap();
        fs::write(directory.join("hook.secret"), format!("whsec_{SECRET}\n")).unwrap();
        let service = Self {
            directory,
            squid_log: gateway.squid.access_log.clone(),
            query_log: gateway.named.query_log.clone(),
            hook: hook.to_owned(),
            running: None,
        };
        service.configure(ALL_RULES);
        service
    }

    /// Writes the configuration, with these alert rules.
    pub(crate) fn configure(&self, rules: &str) {
        let Self {
            directory,
            squid_log,
            query_log,
            hook,
            ..
        } = self;
        let (here, squid_log, query_log) = (
            directory.display(),
            squid_log.display(),
            query_log.display(),
        );
        self.write_config(&format!(
            r#"timezone = "UTC"

[[inputs]]
path = "{squid_log}"

[[inputs]]
path = "{query_log}"

[store]
path = "{here}/state/gnomon.db"

[catalogue]
overlay = "{here}/overlay"

[alerts]
rules = {rules}

[[alerts.channels]]
name = "hook"
kind = "webhook"
url = "{hook}"
secret_file = "{here}/hook.secret"

[[alerts.channels]]
name = "shipper"
kind = "file"
path = "{here}/alerts.jsonl"
"#
        ));
    }

    pub(crate) fn write_config(&self, text: &str) {
        fs::write(self.config(), text).unwrap();
    }

    fn config(&self) -> PathBuf {
        self.directory.join("gnomon.toml")
    }

    pub(crate) fn overlay(&self) -> PathBuf {
        self.directory.join("overlay")
    }

    pub(crate) fn start(&mut self) {
        assert!(self.running.is_none(), "it runs already");
        let mut command = gnomon();
        command.arg("run").arg("--config").arg(self.config());
        self.running = Some(Process::start(&mut command, &self.log()));
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let mut process = self.running.take().expect("a service that runs");
        let ended = process.ended();
        assert!(ended.is_none(), "ended by itself: {ended:?}");
        process.kill();
    }

    /// SIGTERM; gives how it ended, within the half minute that systemd and Kubernetes grant.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        let mut process = self.running.take().expect("a service that runs");
        process.signal(Signal::TERM);
        until(Duration::from_secs(30), "end after SIGTERM", || {
            process.ended()
        })
    }

    /// SIGHUP; waits until the log says what became of it and gives that.
    pub(crate) fn reload(&self) -> String {
        let before = self.said().len();
        self.running
            .as_ref()
            .expect("a service that runs")
            .signal(Signal::HUP);
        until(PATIENCE, "a word about the reload", || {
            let said = self.said();
            let line = said
                .get(before..)?
                .lines()
                .find(|line| line.contains("reload"))?;
            Some(line.to_owned())
        })
    }

    fn log(&self) -> PathBuf {
        self.directory.join("stderr.log")
    }

    /// Everything it has logged, over all its starts.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// Alerts that the file channel wrote.
    pub(crate) fn filed(&self) -> Vec<Value> {
        let Ok(file) = File::open(self.directory.join("alerts.jsonl")) else {
            return Vec::new();
        };
        let lines = BufReader::new(file).lines();
        lines
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect()
    }

    /// `gnomon report`, beside the running service; there is none before the store.
    pub(crate) fn report(&self, more: &[&str]) -> Option<Value> {
        self.directory
            .join("state/gnomon.db")
            .exists()
            .then_some(())?;
        let mut command = gnomon();
        command
            .args(["report", "--edition", "soc", "--output", "json", "--config"])
            .arg(self.config());
        let ran = command.args(more).output().unwrap();
        // Killed while it made the store: there are no tables to report from yet.
        ran.status
            .success()
            .then(|| serde_json::from_slice(&ran.stdout).unwrap())
    }

    /// `gnomon scan` of these logs, with the same configuration and a register of its own.
    pub(crate) fn scan(&self, logs: &[&Path], more: &[&str]) -> Value {
        let mut arguments: Vec<&std::ffi::OsStr> = vec![
            "scan".as_ref(),
            "--edition".as_ref(),
            "soc".as_ref(),
            "--quiet".as_ref(),
            "--output".as_ref(),
            "json".as_ref(),
        ];
        let config = self.config();
        arguments.extend(["--config".as_ref(), config.as_os_str()]);
        arguments.extend(logs.iter().map(|log| log.as_os_str()));
        arguments.extend(more.iter().map(std::ffi::OsStr::new));
        serde_json::from_str(&output_of(Path::new(GNOMON), arguments)).unwrap()
    }

    /// Waits until the register says exactly what was done, and gives the report that does.
    pub(crate) fn settled(&self, made: &Ledger) -> Value {
        let begun = Instant::now();
        until(2 * PATIENCE, "a report", || {
            let report = self.report(&[])?;
            let recorded = Ledger::of_report(&report);
            if recorded != *made {
                if begun.elapsed() > PATIENCE {
                    assert_eq!(&recorded, made, "recorded (left) and made (right)");
                }
                return None;
            }
            Some(report)
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- what gnomon said:\n{}---", self.said());
        }
    }
}

const GNOMON: &str = env!("CARGO_BIN_EXE_gnomon");

fn gnomon() -> Command {
    let mut command = Command::new(GNOMON);
    // What is meant for the tests is no setting.
    command.env_remove("GNOMON_E2E_SEED");
    command
}
