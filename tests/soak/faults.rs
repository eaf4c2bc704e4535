//! Every k-th system call of the store fails, or is the last: all recover, and each error is visible.
//!
//! `strace` makes the call fail. After it the service is started once more in peace, and every table has to equal that of
//! a clean run. A write that is cut short is in `writes.rs`: a call that is only said to be short, which is all that `strace`
//! could do, would leave a hole that no system leaves.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::log::Lines;
use crate::service::{Service, assert_same, tables};
use crate::size::{is_whole, quick_or_whole};

const LINES: u64 = 2_000;
/// How long a service lives that nothing stops.
const LIFE: Duration = Duration::from_secs(20);
/// Storage must not be trusted.
const UNTRUSTED: i32 = 74;

const CALLS: [&str; 6] = [
    "pwrite64",
    "fdatasync",
    "fsync",
    "rename",
    "ftruncate",
    "unlink",
];
const FAULTS: [&str; 4] = ["error=EIO", "error=ENOSPC", "error=EINTR", "signal=KILL"];

#[test]
fn every_failing_call_of_the_store_is_survived_and_seen() {
    if !can_trace() {
        return;
    }
    let stand = Stand::new();
    let (tried, fired, untrusted) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let pairs: Vec<(&str, &str)> = CALLS
        .iter()
        .flat_map(|call| FAULTS.map(|fault| (*call, fault)))
        .collect();
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((call, fault)) =
                    pairs.get(usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap())
                {
                    let mut when = 1;
                    loop {
                        let outcome = stand.fail(
                            &format!("{call}:{fault}:when={when}"),
                            call,
                            &stand.state(),
                        );
                        tried.fetch_add(1, Ordering::Relaxed);
                        let Some(exit) = outcome else {
                            break;
                        };
                        fired.fetch_add(1, Ordering::Relaxed);
                        untrusted.fetch_add(u64::from(exit == Some(UNTRUSTED)), Ordering::Relaxed);
                        if *call == "fdatasync" && *fault == "error=EIO" {
                            assert_eq!(
                                exit,
                                Some(UNTRUSTED),
                                "after a failed flush, {call} {when}"
                            );
                        }
                        // The quick form looks at ever rarer calls.
                        when += if is_whole() { 1 } else { when + 5 };
                    }
                }
            });
        }
    });
    println!(
        "{} faults, {} of them ended with 74; every table as in a clean run",
        fired.load(Ordering::Relaxed),
        untrusted.load(Ordering::Relaxed)
    );
    assert!(fired.load(Ordering::Relaxed) >= quick_or_whole(30, 300));
}

#[test]
fn every_failing_read_of_a_log_is_survived_and_seen() {
    if !can_trace() {
        return;
    }
    let stand = Stand::new();
    for error in ["EIO", "ESTALE", "EACCES"] {
        for call in ["pread64", "openat"] {
            for when in [1, 2, 3] {
                let only = [stand.log.to_str().unwrap()];
                let inject = format!("{call}:error={error}:when={when}");
                stand.fail_on(&inject, call, &only);
            }
        }
    }
}

fn can_trace() -> bool {
    let traced = std::process::Command::new("strace")
        .args(["-qq", "-e", "trace=none", "true"])
        .output();
    match traced {
        Ok(output) if output.status.success() => true,
        Ok(_) => {
            eprintln!("skipped: soak: strace may not trace here");
            false
        }
        Err(_) => {
            eprintln!("skipped: soak: strace is not installed");
            false
        }
    }
}

/// A log, and what a clean run makes of it.
struct Stand {
    root: tempfile::TempDir,
    log: PathBuf,
    clean: BTreeMap<&'static str, Vec<String>>,
    number: AtomicU64,
}

impl Stand {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let log = root.path().join("log/access.log");
        fs::create_dir(root.path().join("log")).unwrap();
        Lines::new().append(&log, 0..LINES);
        let mut service = Service::new(&root.path().join("clean"), &log);
        service.start();
        service.wait_for(LINES);
        assert!(service.stop().success());
        Self {
            clean: tables(service.store()),
            log,
            root,
            number: AtomicU64::new(0),
        }
    }

    /// A directory for the state of one service.
    fn state(&self) -> PathBuf {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        self.root.path().join(format!("of{number}"))
    }

    /// Runs with a fault in the store's calls; how it ended, or `None` if the fault never came. `Some(None)`: it went
    /// on, or was killed.
    fn fail(&self, inject: &str, call: &str, directory: &Path) -> Option<Option<i32>> {
        let store = directory.join("state/gnomon.db");
        let beside = [
            "",
            "-wal",
            ".backup.next.part",
            ".backup.next",
            ".suspect",
            ".backup",
        ];
        let only: Vec<String> = beside
            .iter()
            .map(|end| format!("{}{end}", store.display()))
            .collect();
        let only: Vec<&str> = only.iter().map(String::as_str).collect();
        self.run(inject, call, &only, directory)
    }

    fn fail_on(&self, inject: &str, call: &str, only: &[&str]) -> Option<Option<i32>> {
        self.run(inject, call, only, &self.state())
    }

    fn run(
        &self,
        inject: &str,
        call: &str,
        only: &[&str],
        directory: &Path,
    ) -> Option<Option<i32>> {
        let mut service = Service::new(directory, &self.log);
        // strace resolves names when it begins.
        fs::create_dir_all(directory.join("state")).unwrap();
        let (seen, trace, inject) = (
            directory.join("trace").display().to_string(),
            format!("trace={call}"),
            format!("inject={inject}"),
        );
        // With -D the service is our own child, and its end is its own.
        let mut wrapper = vec![
            "strace", "-D", "-f", "-qq", "-o", &seen, "-e", &trace, "-e", &inject,
        ];
        for path in only {
            wrapper.extend(["-P", path]);
        }
        let command = service.under(&wrapper);
        service.start_as(command);
        let ended = self.watch(&mut service, directory);
        let fired = fs::read_to_string(&seen).unwrap_or_default();
        let was_killed = ended.is_some_and(|ended| ended.signal().is_some());
        if !fired.contains("INJECTED") && !was_killed {
            return None;
        }
        assert!(
            !service.said().contains("panicked"),
            "{inject}: {}",
            service.said()
        );

        let mut again = Service::new(directory, &self.log);
        again.start();
        again.wait_for(LINES);
        assert!(again.stop().success(), "{inject}: {}", again.said());
        let mut found = tables(again.store());
        let words = ["ERROR", "WARN", "gnomon: ", "cannot be read"];
        let told = service.said() + &found["coverage"].join("");
        let is_visible = words.iter().any(|word| told.contains(word));
        // A call that is cut off is made again; nothing went wrong with it.
        let is_error = !inject.contains("KILL") && !inject.contains("EINTR") && call != "unlink";
        assert!(
            is_visible || !is_error,
            "{inject}: nothing said\n{told}{fired}"
        );
        // What the log's coverage says of the fault itself is no difference.
        found.insert("coverage", self.clean["coverage"].clone());
        assert_same(&found, &self.clean);
        let _ = fs::remove_dir_all(directory);
        Some(ended.and_then(|ended| ended.code()))
    }

    /// Waits until it has read everything and made its copy, or ended; then stops it. How it ended by itself, if so.
    fn watch(&self, service: &mut Service, directory: &Path) -> Option<std::process::ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Some(ended) = service.ended() {
                return Some(ended);
            }
            let copy = directory.join("state/gnomon.db.backup");
            if (service.records() >= LINES
                && copy.exists()
                && service.said_now().contains("following"))
                || begun.elapsed() > LIFE
            {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let ended = service.stop();
        (!ended.success()).then_some(ended)
    }
}
