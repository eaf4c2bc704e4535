//! The real logrotate, as distributions configure it, under daemons that go on writing.
//!
//! Squid's log is renamed and made anew, and Squid is told; BIND's is copied and truncated. What BIND wrote between
//! copy and truncation would be gone for any reader, so nobody asks BIND during that moment; Squid's clients never stop.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::gateway::{Gateway, HOSTS, client, installed};
use crate::ledger::Ledger;
use crate::named::{A, AAAA};
use crate::process::program;
use crate::receiver::Receiver;
use crate::service::Service;
use crate::wait::{PATIENCE, think, until};

#[test]
fn rotation_under_traffic_loses_and_doubles_nothing() {
    let Some(gateway) = Gateway::start().filter(|_| installed("logrotate")) else {
        return;
    };
    let receiver = Receiver::start();
    let mut service = Service::of(&gateway, &receiver.url());
    service.start();
    let rotation = Rotation::of(&gateway);
    let at_work = AtomicBool::new(true);
    let resolver = Mutex::new(());
    let made = thread::scope(|scope| {
        let surfing = scope.spawn(|| {
            let mut made = Ledger::default();
            for (host, _) in HOSTS.iter().cycle() {
                gateway.visit(client(1), host, &mut made);
                think(Duration::from_millis(1));
                if !at_work.load(Ordering::Relaxed) {
                    return made;
                }
            }
            made
        });
        let asking = scope.spawn(|| {
            let mut made = Ledger::default();
            for (host, _) in HOSTS.iter().cycle() {
                let undisturbed = resolver.lock().unwrap();
                gateway.ask(client(2), host, A, &mut made);
                drop(undisturbed);
                think(Duration::from_millis(1));
                if !at_work.load(Ordering::Relaxed) {
                    return made;
                }
            }
            made
        });
        for _ in 0..4 {
            rotation.wait_for_lines(100);
            rotation.squid("delaycompress compress");
            let undisturbed = resolver.lock().unwrap();
            rotation.named("delaycompress compress");
            drop(undisturbed);
        }
        rotation.wait_for_lines(100);
        at_work.store(false, Ordering::Relaxed);
        let mut made = surfing.join().unwrap();
        made.merge(&asking.join().unwrap());
        made
    });
    let report = service.settled(&made);
    assert!(service.stop().success());
    assert_eq!(Ledger::of_report(&service.report(&[]).unwrap()), made);
    let coverage = report["coverage"].as_array().unwrap();
    assert_eq!(
        coverage.len(),
        2,
        "rotated files belong to their log: {coverage:?}"
    );
    for source in coverage {
        assert_eq!(source["bad"], 0, "{source}");
        assert!(source["notes"].as_array().unwrap().is_empty(), "{source}");
    }
}

#[test]
fn rotation_while_stopped_loses_and_doubles_nothing() {
    let Some(gateway) = Gateway::start().filter(|_| installed("logrotate")) else {
        return;
    };
    let receiver = Receiver::start();
    let mut service = Service::of(&gateway, &receiver.url());
    let rotation = Rotation::of(&gateway);
    let mut made = Ledger::default();
    let mut day = |number: u8| {
        for (host, _) in &HOSTS[..8] {
            gateway.visit(client(number), host, &mut made);
            gateway.ask(client(number), host, A, &mut made);
            gateway.ask(client(number), host, AAAA, &mut made);
        }
        rotation.wait_for_lines(1);
        made.clone()
    };
    service.start();
    let first = day(1);
    service.settled(&first);
    assert!(service.stop().success());
    // Two rotations with more work before, between and after; compressed at once.
    day(2);
    rotation.squid("nodelaycompress compress");
    rotation.named("nodelaycompress compress");
    day(3);
    rotation.squid("nodelaycompress compress");
    rotation.named("nodelaycompress compress");
    let last = day(4);
    for log in [&gateway.squid.access_log, &gateway.named.query_log] {
        for ending in ["1.gz", "2.gz"] {
            assert!(
                PathBuf::from(format!("{}.{ending}", log.display())).exists(),
                "{ending}"
            );
        }
    }
    service.start();
    service.settled(&last);
    // Killed, and a rotation before it is back.
    service.kill();
    day(5);
    rotation.squid("delaycompress compress");
    rotation.named("delaycompress compress");
    let last = day(6);
    service.start();
    service.settled(&last);
    assert!(service.stop().success());
    assert_eq!(Ledger::of_report(&service.report(&[]).unwrap()), last);
}

/// Runs logrotate on the logs of a gateway.
struct Rotation<'g> {
    gateway: &'g Gateway,
    directory: PathBuf,
}

impl<'g> Rotation<'g> {
    fn of(gateway: &'g Gateway) -> Self {
        let directory = gateway.path().join("logrotate");
        fs::create_dir(&directory).unwrap();
        Self { gateway, directory }
    }

    /// As Debian rotates Squid's log: renamed, made anew, Squid told.
    fn squid(&self, more: &str) {
        let squid = &self.gateway.squid;
        let (owner, id) = (&squid.owner, squid.id());
        let said = self.directory.with_file_name("squid").join("cache.log");
        let reopened = || {
            fs::read_to_string(&said)
                .unwrap()
                .matches("logfileRotate")
                .count()
        };
        let before = reopened();
        self.rotate(
            &squid.access_log,
            &format!("{more}\n create 0640 {owner}\n postrotate\n kill -USR1 {id}\n endscript"),
        );
        until(PATIENCE, "Squid opens its log anew", || {
            (reopened() > before).then_some(())
        });
    }

    /// Without a word to BIND.
    fn named(&self, more: &str) {
        self.rotate(
            &self.gateway.named.query_log,
            &format!("{more}\n copytruncate"),
        );
    }

    fn rotate(&self, log: &Path, directives: &str) {
        let config = self.directory.join("conf");
        let text = format!("{} {{\n rotate 20\n {directives}\n}}\n", log.display());
        fs::write(&config, text).unwrap();
        let mut command = Command::new(program("logrotate").unwrap());
        command
            .arg("--force")
            .arg("--state")
            .arg(self.directory.join("state"))
            .arg(&config);
        let ran = command.output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(
            ran.status.success() && !said.contains("error:"),
            "logrotate: {said}"
        );
    }

    /// Waits until both live logs hold so many lines.
    fn wait_for_lines(&self, wanted: usize) {
        for log in [
            &self.gateway.squid.access_log,
            &self.gateway.named.query_log,
        ] {
            until(
                PATIENCE,
                &format!("{wanted} lines in {}", log.display()),
                || {
                    let text = fs::read_to_string(log).ok()?;
                    (text.lines().count() >= wanted).then_some(())
                },
            );
        }
    }
}
