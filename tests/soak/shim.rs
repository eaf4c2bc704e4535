//! `shim.c` in a program under test: a wall clock that jumps, and writes that are cut short or interrupted.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/soak/shim.c");

/// The compiled shim; `None` where it cannot be, said on stderr.
pub(crate) fn compiled() -> Option<&'static Path> {
    static SHIM: OnceLock<Option<(tempfile::TempDir, PathBuf)>> = OnceLock::new();
    let made = SHIM.get_or_init(|| match make() {
        Ok(made) => Some(made),
        Err(why) => {
            eprintln!("skipped: soak: {why}");
            None
        }
    });
    made.as_ref().map(|(_, path)| path.as_path())
}

fn make() -> Result<(tempfile::TempDir, PathBuf), String> {
    let directory = tempfile::tempdir().unwrap();
    let library = directory.path().join("shim.so");
    let compiled = Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(SOURCE)
        .output()
        .map_err(|_| "a C compiler (cc) is not installed".to_owned())?;
    if !compiled.status.success() {
        return Err(String::from_utf8_lossy(&compiled.stderr).into_owned());
    }
    // A static program loads nothing, and its clock does not listen.
    let told = crate::service::gnomon()
        .args(["report", "--store", "/nowhere"])
        .env("LD_PRELOAD", &library)
        .env("LD_DEBUG", "files")
        .output()
        .unwrap();
    if !String::from_utf8_lossy(&told.stderr).contains("shim.so") {
        return Err("gnomon is linked statically, nothing can be loaded before it".to_owned());
    }
    Ok((directory, library))
}

/// The wall clock of a program with the shim, as seconds ahead of ours.
pub(crate) struct Clock {
    path: PathBuf,
    file: File,
}

impl Clock {
    pub(crate) fn at(path: &Path) -> Self {
        let file = File::create(path).unwrap();
        let clock = Self {
            path: path.to_path_buf(),
            file,
        };
        clock.set_ahead(0);
        clock
    }

    /// Sets it, for programs that run too.
    pub(crate) fn set_ahead(&self, secs: i64) {
        self.file.write_all_at(&secs.to_ne_bytes(), 0).unwrap();
    }

    /// What a program needs in its environment to go by it.
    pub(crate) fn environment(&self, shim: &Path) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("LD_PRELOAD", shim.to_path_buf()),
            ("SHIM_CLOCK", self.path.clone()),
        ]
    }
}
