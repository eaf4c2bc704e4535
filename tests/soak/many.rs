//! Ten thousand logs and sixty-four open files: nothing is lost, after a restart over all of them neither.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::log::{Lines, gzip};
use crate::service::Service;
use crate::size::quick_or_whole;

/// What the service may have open: far fewer than there are logs.
const OPEN_FILES: u64 = 64;
/// So many of them have more lines than fit into one block.
const LARGE_FILES: u64 = 4;
const LARGE_LINES: u64 = 10_000;

struct Logs {
    directory: PathBuf,
    text: Lines,
    files: u64,
    /// Lines that each log has got, over all its files.
    written: BTreeMap<u64, u64>,
}

impl Logs {
    fn path(&self, file: u64) -> PathBuf {
        self.directory.join(format!("host{file}x.log"))
    }

    /// Appends to every log, or to every so many.
    fn append(&mut self, every: u64, lines: u64) {
        for file in (0..self.files).step_by(usize::try_from(every).unwrap()) {
            let has = self.written.entry(file).or_default();
            self.text.append(
                &self.directory.join(format!("host{file}x.log")),
                *has..*has + lines,
            );
            *has += lines;
        }
    }

    /// Renames every so many, and packs a half of these.
    fn rotate(&self, every: u64) {
        for file in (0..self.files).step_by(usize::try_from(every).unwrap()) {
            let to = PathBuf::from(format!("{}.1", self.path(file).display()));
            fs::rename(self.path(file), &to).unwrap();
            if file % (2 * every) == 0 {
                gzip(&to);
            }
        }
    }

    fn lines(&self) -> u64 {
        self.written.values().sum()
    }
}

#[test]
fn thousands_of_logs_need_few_open_files_and_lose_nothing() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("log");
    fs::create_dir(&directory).unwrap();
    let mut logs = Logs {
        directory: directory.clone(),
        text: Lines::new(),
        files: quick_or_whole(300, 10_000),
        written: BTreeMap::new(),
    };
    logs.append(1, 2);
    logs.append(logs.files / LARGE_FILES, LARGE_LINES);
    let pattern = directory.join("*.log");
    let mut service = Service::new(root.path(), &pattern);

    start(&mut service);
    service.wait_for(logs.lines());
    logs.append(1, 1);
    logs.rotate(50);
    logs.append(25, 3);
    service.wait_for(logs.lines());
    let idle = quick_or_whole(1, 10);
    let spent = service.cpu(Duration::from_secs(idle));
    println!("{spent:?} of processor in {idle} idle seconds, {OPEN_FILES} open files");

    // Killed, with something new in every log.
    logs.append(1, 1);
    service.kill();
    logs.append(1, 1);
    logs.append(logs.files / LARGE_FILES, LARGE_LINES);
    start(&mut service);
    service.wait_for(logs.lines());
    assert!(service.stop().success());
    logs.append(3, 1);
    start(&mut service);
    service.wait_for(logs.lines());
    // Nothing comes twice, now or later.
    thread::sleep(Duration::from_secs(1));
    assert!(service.stop().success());

    let said = service.said();
    assert!(!said.contains("ERROR"), "{said}");
    assert_eq!(read(service.store()), written(&logs));
    println!("{} lines of {} logs", logs.lines(), logs.files);
}

/// With few open files.
fn start(service: &mut Service) {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("ulimit -n {OPEN_FILES} && exec \"$@\""))
        .arg("sh");
    let of_it = service.command();
    command.arg(of_it.get_program()).args(of_it.get_args());
    for key in ["GNOMON_SOAK", "GNOMON_SEED"] {
        command.env_remove(key);
    }
    service.start_as(command);
}

fn written(logs: &Logs) -> BTreeMap<String, u64> {
    let named = logs.written.iter();
    named
        .map(|(file, lines)| (logs.path(*file).display().to_string(), *lines))
        .collect()
}

/// Records of each log that the store says were read.
fn read(store: &Path) -> BTreeMap<String, u64> {
    let store = SqliteStore::open_read_only(store).unwrap();
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let coverage = store.coverage().unwrap().into_iter();
    coverage.map(|one| (one.source, one.read)).collect()
}
