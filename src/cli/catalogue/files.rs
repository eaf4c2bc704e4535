//! Directories of signature files.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// Every `.toml` file of a directory as (path, text), sorted by path. A checkout's `signatures/` keeps its
/// services one level down; beside them are files of other kinds, so that level is what is meant.
pub(super) fn read(directory: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let below = directory.join("services");
    let directory = if below.is_dir() { &below } else { directory };
    let named = || directory.display().to_string();
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).with_context(named)? {
        let path = entry.with_context(named)?.path();
        let is_signature = path.extension().is_some_and(|ending| ending == "toml");
        if is_signature && path.is_file() {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            files.push((path.display().to_string(), text));
        }
    }
    anyhow::ensure!(
        !files.is_empty(),
        "{}: no signature files there; they end in .toml, see `gnomon candidates accept --help` for a first one",
        directory.display()
    );
    files.sort();
    Ok(files)
}
