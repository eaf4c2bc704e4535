//! The real logrotate, in the configurations that people use.

use std::fs;
use std::process::Command;

use crate::sources::stand::Stand;

/// Runs logrotate once with these directives; `false` if it is not installed.
fn logrotate(stand: &Stand, directives: &str) -> bool {
    let (config, state) = (stand.outside("rotate.conf"), stand.outside("rotate.state"));
    // logrotate refuses directories that others can write to, unless it is told whom to be; only root can be told.
    let is_root = rustix::process::geteuid().is_root();
    let text = format!(
        "{}\"{}\" {{\n{directives}\n}}\n",
        if is_root { "su root root\n" } else { "" },
        stand.name("access.log")
    );
    fs::write(&config, text).unwrap();
    let ran = Command::new("/usr/sbin/logrotate")
        .arg("--force")
        .arg("--state")
        .arg(&state)
        .arg(&config)
        .output();
    match ran {
        Ok(output) => {
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            true
        }
        Err(_) => {
            eprintln!("skipped: it: logrotate is not installed");
            false
        }
    }
}

/// logrotate does not rotate twice to the same second; this test does not wait for the next one.
fn backdate(stand: &Stand, turn: usize) {
    for entry in fs::read_dir(stand.dir()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.starts_with("access.log-") && !name.starts_with("access.log-19") {
            fs::rename(&path, stand.path(&format!("access.log-19990101-{turn}.xz"))).unwrap();
        }
    }
}

/// Three ways of being surprised by each rotation: awake, not having looked for a while, and down.
fn rotations_lose_nothing(directives: &str) {
    for polls in [1, 0] {
        for restarts in [false, true] {
            let mut stand = Stand::new();
            for turn in 0..6 {
                stand.append("access.log", 40);
                stand.poll(polls);
                stand.append("access.log", 3);
                backdate(&stand, turn);
                if !logrotate(&stand, directives) {
                    return;
                }
                stand.append("access.log", 2);
                if restarts && turn % 2 == 1 {
                    stand.restart();
                }
                stand.poll(polls);
                if turn % 3 == 2 {
                    stand.expect_all();
                }
            }
            stand.expect_all();
            stand.restart();
            stand.expect_all();
            assert!(
                stand.troubles.iter().all(|t| t.contains("No such file")),
                "{:?}",
                stand.troubles
            );
        }
    }
}

#[test]
fn create() {
    rotations_lose_nothing("rotate 9\ncreate");
}

#[test]
fn copytruncate() {
    rotations_lose_nothing("rotate 9\ncopytruncate");
}

#[test]
fn compress() {
    rotations_lose_nothing("rotate 9\ncompress\ncreate");
}

#[test]
fn compress_later() {
    rotations_lose_nothing("rotate 9\ncompress\ndelaycompress\nnocreate");
}

#[test]
fn copytruncate_and_compress() {
    rotations_lose_nothing("rotate 9\ncopytruncate\ncompress");
}

#[test]
fn moved_into_another_directory() {
    rotations_lose_nothing("rotate 9\ncreate\nolddir ../old\ncreateolddir 0755");
}

#[test]
fn moved_away_and_compressed_later() {
    rotations_lose_nothing(
        "rotate 9\ncompress\ndelaycompress\nolddir ../old\ncreateolddir 0755\ncopytruncate",
    );
}

#[test]
fn zstandard() {
    rotations_lose_nothing(
        "rotate 9\ncreate\ncompress\ncompresscmd /usr/bin/zstd\ncompressoptions --rm -q\ncompressext .zst",
    );
}

#[test]
fn numbered_from_nought() {
    rotations_lose_nothing("rotate 9\ncreate\nstart 0");
}

#[test]
fn copied_and_truncated_under_dated_names() {
    rotations_lose_nothing(
        "rotate 9\ncopytruncate\ndateext\ndateformat -%Y%m%d-%s\ncompress\ncompresscmd /usr/bin/xz\ncompressext .xz",
    );
}

#[test]
fn dated_names() {
    rotations_lose_nothing(
        "rotate 9\ndateext\ndateformat -%Y%m%d-%s\ncreate\ncompress\ncompresscmd /usr/bin/xz\ncompressext .xz",
    );
}
