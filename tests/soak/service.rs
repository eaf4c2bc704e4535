//! `gnomon run` and `gnomon scan` as processes, and what they leave in a store.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gnomon::store::sqlite::SqliteStore;
use gnomon::store::{Filter, Store as _};
use rustix::process::{Pid, Signal, kill_process};

const GNOMON: &str = env!("CARGO_BIN_EXE_gnomon");
/// Longer than anything here takes on a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// A service with a directory of its own: configuration, log of what it says, and a store unless it is elsewhere.
pub(crate) struct Service {
    directory: PathBuf,
    store: PathBuf,
    running: Option<Child>,
    /// How much was said before the last start.
    said_before: usize,
    environment: Vec<(&'static str, PathBuf)>,
}

impl Service {
    pub(crate) fn new(directory: &Path, log: &Path) -> Self {
        Self::with(directory, log, &directory.join("state/gnomon.db"), "")
    }

    /// A service whose store is here, with more in its configuration.
    pub(crate) fn with(directory: &Path, log: &Path, store: &Path, more: &str) -> Self {
        fs::create_dir_all(directory).unwrap();
        let min_free = if more.contains("min_free_mb") {
            ""
        } else {
            "min_free_mb = 0\n"
        };
        let config = format!(
            "timezone = \"UTC\"\n[[inputs]]\npath = \"{}\"\n[sources]\npoll_ms = 20\n[store]\npath = \"{}\"\n{min_free}{more}",
            log.display(),
            store.display()
        );
        fs::write(directory.join("gnomon.toml"), config).unwrap();
        Self {
            directory: directory.to_path_buf(),
            store: store.to_path_buf(),
            running: None,
            said_before: 0,
            environment: Vec::new(),
        }
    }

    /// From its next start on, these are in its environment.
    pub(crate) fn with_environment(mut self, environment: Vec<(&'static str, PathBuf)>) -> Self {
        self.environment = environment;
        self
    }

    pub(crate) fn store(&self) -> &Path {
        &self.store
    }

    /// The command that starts it.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.under(&[]);
        command.envs(self.environment.iter().map(|(key, value)| (key, value)));
        command
    }

    /// The command that starts it under another program.
    pub(crate) fn under(&self, wrapper: &[&str]) -> Command {
        let mut command = match wrapper {
            [program, arguments @ ..] => {
                let mut command = quiet(program);
                command.args(arguments).arg(GNOMON);
                command
            }
            [] => gnomon(),
        };
        command
            .arg("run")
            .arg("--config")
            .arg(self.directory.join("gnomon.toml"));
        command
    }

    pub(crate) fn start(&mut self) {
        let command = self.command();
        self.start_as(command);
    }

    pub(crate) fn start_as(&mut self, mut command: Command) {
        assert!(self.running.is_none(), "it runs already");
        self.said_before = self.said().len();
        let said = fs::File::options()
            .create(true)
            .append(true)
            .open(self.said_in())
            .unwrap();
        command
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said);
        self.running = Some(command.spawn().unwrap());
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let mut child = self.running.take().expect("a service that runs");
        let ended = child.try_wait().unwrap();
        assert!(
            ended.is_none(),
            "ended by itself: {ended:?}\n{}",
            self.said()
        );
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub(crate) fn process(&self) -> u32 {
        self.running.as_ref().expect("a service that runs").id()
    }

    /// Processor time that it takes in this long.
    pub(crate) fn cpu(&self, during: Duration) -> Duration {
        let process = self.process();
        let ticks = || {
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
            let behind_name = stat.rsplit(") ").next().unwrap();
            let fields: Vec<&str> = behind_name.split(' ').collect();
            // utime and stime of proc(5).
            fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
        };
        let before = ticks();
        thread::sleep(during);
        // In hundredths of a second wherever Linux runs today.
        Duration::from_millis((ticks() - before) * 10)
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        let ended = self.running.as_mut()?.try_wait().unwrap();
        if ended.is_some() {
            self.running = None;
        }
        ended
    }

    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        until("an end", || self.ended())
    }

    /// SIGTERM, and its end. It has to be told that it can be told so.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        let ended = until("a start", || {
            let ended = self.ended();
            let is_up = self.said_now().contains("following");
            (is_up || ended.is_some()).then_some(ended)
        });
        if let Some(ended) = ended {
            return ended;
        }
        let child = self.running.as_ref().expect("a service that runs");
        kill_process(Pid::from_child(child), Signal::TERM).unwrap();
        self.wait_for_end()
    }

    fn said_in(&self) -> PathBuf {
        self.directory.join("said.log")
    }

    /// What it has said since its last start.
    pub(crate) fn said_now(&self) -> String {
        self.said().split_off(self.said_before)
    }

    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.said_in()).unwrap_or_default()
    }

    /// Records that the store says were read; 0 while there is no store that can be asked.
    pub(crate) fn records(&self) -> u64 {
        records(&self.store)
    }

    /// Waits until so many records were read.
    pub(crate) fn wait_for(&mut self, wanted: u64) {
        let begun = Instant::now();
        loop {
            let read = self.records();
            if read >= wanted && self.said_now().contains("following") {
                return;
            }
            if let Some(ended) = self.ended() {
                panic!(
                    "ended with {read} of {wanted} records: {ended}\n{}",
                    self.said()
                );
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{read} of {wanted} records\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(child) = &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(crate) fn gnomon() -> Command {
    quiet(GNOMON)
}

/// Watches a process to its end: the most memory that it had at once, in KiB.
pub(crate) fn peak_memory_kib(process: u32) -> JoinHandle<u64> {
    let status = format!("/proc/{process}/status");
    thread::spawn(move || {
        let mut peak = 0;
        while let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            // A process that has ended has no memory.
            let Some(line) = line else { break };
            let number = line.trim().trim_end_matches(" kB");
            peak = peak.max(number.parse::<u64>().unwrap());
            thread::sleep(Duration::from_millis(100));
        }
        peak
    })
}

/// A scan of Squid rows from its standard input into this store, with no configuration but what lies in a directory.
pub(crate) fn scan_of_stdin(directory: &Path, store: &Path) -> Child {
    gnomon()
        .args(["scan", "--quiet", "--format", "squid", "--store"])
        .arg(store)
        .arg("-")
        .env("XDG_CONFIG_HOME", directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A command that does not take what is said to the tests for configuration.
fn quiet(program: &str) -> Command {
    let mut command = Command::new(program);
    for key in ["GNOMON_SOAK", "GNOMON_SEED", "GNOMON_RECEIVER"] {
        command.env_remove(key);
    }
    command
}

fn records(store: &Path) -> u64 {
    if !store.exists() {
        return 0;
    }
    let coverage = SqliteStore::open_read_only(store).and_then(|store| store.coverage());
    coverage.map_or(0, |all| all.iter().map(|one| one.read).sum())
}

/// Asks again and again.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "there was never {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

impl Service {
    /// Asks whether every table is as that of a service that nobody disturbed.
    pub(crate) fn assert_as_undisturbed(&self, directory: &Path, log: &Path, lines: u64) {
        let mut clean = Self::new(directory, log);
        clean.start();
        clean.wait_for(lines);
        assert!(clean.stop().success());
        assert_same(&tables(self.store()), &tables(clean.store()));
    }
}

/// Everything in a store that follows from the logs, as sorted text; its accounts balance.
pub(crate) fn tables(path: &Path) -> BTreeMap<&'static str, Vec<String>> {
    let store = SqliteStore::open_read_only(path).unwrap();
    assert_eq!(
        store.check().unwrap(),
        Vec::<String>::new(),
        "{}",
        path.display()
    );
    let all = Filter::default();
    let mut tables = BTreeMap::new();
    let mut sightings = Vec::new();
    store
        .sightings(&all, &mut |one| sightings.push(format!("{one:?}")))
        .unwrap();
    let mut digest = Vec::new();
    store
        .digest(&all, &mut |one| digest.push(format!("{one:?}")))
        .unwrap();
    tables.insert("sightings", sightings);
    tables.insert("digest", digest);
    tables.insert("profiles", shown(&store.profiles(None).unwrap()));
    tables.insert("hosts", shown(&store.hosts(&all).unwrap()));
    tables.insert("candidates", shown(&store.candidates().unwrap()));
    tables.insert("coverage", shown(&store.coverage().unwrap()));
    tables.insert("transitions", shown(&store.transitions(&all).unwrap()));
    tables.values_mut().for_each(|rows| rows.sort());
    tables
}

/// What is counted in a store, whatever single rows say: profiles, and the sums of the other tables.
pub(crate) fn totals(path: &Path) -> BTreeMap<&'static str, Vec<String>> {
    let store = SqliteStore::open_read_only(path).unwrap();
    let all = Filter::default();
    let (mut events, mut hits) = (0, 0);
    store
        .sightings(&all, &mut |one| events += one.tally.events)
        .unwrap();
    store.digest(&all, &mut |one| hits += one.hits).unwrap();
    let hosts: u64 = store
        .hosts(&all)
        .unwrap()
        .iter()
        .map(|one| one.events)
        .sum();
    let coverage = store.coverage().unwrap();
    let records = coverage
        .iter()
        .map(|one| (one.read, one.events, one.skipped, one.bad));
    BTreeMap::from([
        ("profiles", shown(&store.profiles(None).unwrap())),
        ("sums", shown(&[events, hits, hosts])),
        ("records", shown(&records.collect::<Vec<_>>())),
    ])
}

fn shown<T: std::fmt::Debug>(rows: &[T]) -> Vec<String> {
    rows.iter().map(|row| format!("{row:?}")).collect()
}

/// Fails with the first difference, table by table.
pub(crate) fn assert_same(
    found: &BTreeMap<&str, Vec<String>>,
    clean: &BTreeMap<&str, Vec<String>>,
) {
    for (table, rows) in clean {
        let other = &found[table];
        let here: BTreeSet<_> = other.iter().collect();
        let there: BTreeSet<_> = rows.iter().collect();
        let missing: Vec<_> = there.difference(&here).take(3).collect();
        let extra: Vec<_> = here.difference(&there).take(3).collect();
        assert!(
            missing.is_empty() && extra.is_empty() && rows.len() == other.len(),
            "{table}: {} rows, {} in a clean run\nmissing {missing:#?}\nextra {extra:#?}",
            other.len(),
            rows.len()
        );
    }
}
