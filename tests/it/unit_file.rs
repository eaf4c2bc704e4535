//! The unit file under `config/systemd/`, as systemd itself judges it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The exposure that may not be passed; 10 is a service without any hardening.
const MOST_EXPOSURE: f64 = 1.5;

fn unit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/systemd/gnomon.service")
}

/// Runs systemd-analyze; `None`, with a word about it, where it is not installed.
fn systemd_analyze(arguments: &[&str], file: &Path) -> Option<Output> {
    match Command::new("systemd-analyze")
        .args(arguments)
        .arg(file)
        .output()
    {
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("skipped: it: systemd-analyze cannot be run ({error})");
            None
        }
    }
}

#[test]
fn the_service_has_next_to_no_rights() {
    let Some(output) = systemd_analyze(&["security", "--offline=true", "--no-pager"], &unit())
    else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let exposure: f64 = text
        .lines()
        .find_map(|line| line.split_once("Overall exposure level for gnomon.service: "))
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .unwrap_or_else(|| panic!("no exposure level in:\n{text}"))
        .parse()
        .unwrap();
    assert!(exposure <= MOST_EXPOSURE, "exposure {exposure}:\n{text}");
}

#[test]
fn systemd_understands_every_line() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("gnomon.service");
    // Its place on this machine, because systemd looks whether the program is there.
    let text = fs::read_to_string(unit())
        .unwrap()
        .replace("/usr/bin/gnomon", env!("CARGO_BIN_EXE_gnomon"));
    fs::write(&file, text).unwrap();
    let Some(output) = systemd_analyze(&["verify", "--man=no"], &file) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let about_us: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("gnomon.service"))
        .collect();
    assert!(about_us.is_empty(), "{about_us:#?}");
}

/// What systemd would try for ever: a wrong command line.
#[test]
fn wrong_usage_is_not_started_again() {
    let status = Command::new(env!("CARGO_BIN_EXE_gnomon"))
        .arg("no-such-command")
        .output()
        .unwrap()
        .status;
    let prevented = format!("RestartPreventExitStatus={}", status.code().unwrap());
    let text = fs::read_to_string(unit()).unwrap();
    assert!(text.lines().any(|line| line == prevented), "{prevented}");
}
