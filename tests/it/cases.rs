//! Whole runs of the program: logs in; summary, report and register out.

mod beyond;
mod broken;
mod clocks;
mod evidence;
mod gateway;
mod quarter;
mod seed;

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

/// Runs `gnomon` in the crate's directory, without anybody's configuration.
fn gnomon<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gnomon"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .env("HOME", "/nonexistent")
        .output()
        .expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// Compares with a reviewed file, or writes it when `GNOMON_BLESS=1`.
pub(crate) fn golden(path: &Path, actual: &str) {
    if is_blessing() {
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a place to write");
        std::fs::write(path, actual).expect("written");
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    let differs = expected
        .lines()
        .zip(actual.lines())
        .position(|(a, b)| a != b)
        .unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    assert!(
        expected == actual,
        "{}:{}: differs\n  expected {:?}\n  found    {:?}\nGNOMON_BLESS=1 cargo test --test it cases:: writes it anew; then review the change",
        path.display(),
        differs + 1,
        expected.lines().nth(differs),
        actual.lines().nth(differs),
    );
}

fn is_blessing() -> bool {
    std::env::var_os("GNOMON_BLESS").is_some_and(|value| value == "1")
}
