//! What a scan is to read, in which order.
//!
//! Order depends on names only, never on what the directory happens to return. A file that is reached twice (a
//! symlink, a hard link, named and also in a named directory) is read once. Symlinks to directories are not
//! followed below a named path, so there are no loops.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::rotation::Rotated;

/// One thing to read.
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) source: Arc<str>,
    /// Its size on disk; `None` for a pipe.
    pub(super) bytes: Option<u64>,
}

#[derive(Default)]
pub(super) struct Listing {
    pub(super) entries: Vec<Entry>,
    pub(super) troubles: Vec<(Arc<str>, String)>,
}

/// Lists what the paths name.
pub(super) fn list(paths: Vec<PathBuf>) -> Listing {
    let mut walk = Walk::default();
    for path in paths {
        walk.named(path);
    }
    walk.listing
}

pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A pipe that the shell handed over: `gnomon scan <(command)`.
pub(super) fn is_handed_pipe(path: &Path) -> bool {
    path.starts_with("/dev/fd")
        || path.starts_with("/proc/self/fd")
        || path == Path::new("/dev/stdin")
}

#[derive(Default)]
struct Walk {
    listing: Listing,
    seen: HashSet<(u64, u64)>,
}

impl Walk {
    fn named(&mut self, path: PathBuf) {
        if is_stdin(&path) {
            let entry = Entry {
                path,
                source: "-".into(),
                bytes: None,
            };
            return self.listing.entries.push(entry);
        }
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => self.directory(&path),
            Ok(metadata) if metadata.is_file() => self.file(path, &metadata),
            Ok(_) if is_handed_pipe(&path) => {
                let source = name(&path);
                let entry = Entry {
                    path,
                    source,
                    bytes: None,
                };
                self.listing.entries.push(entry);
            }
            Ok(metadata) => self.odd(&path, &metadata),
            Err(error) => self.trouble(&path, &format!("cannot be read: {error}")),
        }
    }

    fn directory(&mut self, path: &Path) {
        let listed = match std::fs::read_dir(path) {
            Ok(listed) => listed,
            Err(error) => return self.trouble(path, &format!("cannot be listed: {error}")),
        };
        let mut children: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
        children.sort_by(|a, b| by_log_and_age(a, b));
        for child in children {
            let Ok(own) = std::fs::symlink_metadata(&child) else {
                // Gone since the listing: rotation at work.
                continue;
            };
            if own.is_dir() {
                self.directory(&child);
                continue;
            }
            match std::fs::metadata(&child) {
                Ok(target) if target.is_file() => self.file(child, &target),
                Ok(target) if target.is_dir() => {
                    self.trouble(
                        &child,
                        "is a link to a directory; skipped (name it to have it read)",
                    );
                }
                Ok(target) => self.odd(&child, &target),
                Err(error) => self.trouble(&child, &format!("cannot be read: {error}")),
            }
        }
    }

    fn file(&mut self, path: PathBuf, metadata: &Metadata) {
        if !self.seen.insert((metadata.dev(), metadata.ino())) {
            return self.trouble(&path, "is the same file as another one here; read once");
        }
        self.listing.entries.push(Entry {
            source: name(&path),
            path,
            bytes: Some(metadata.len()),
        });
    }

    fn odd(&mut self, path: &Path, metadata: &Metadata) {
        let kind = metadata.file_type();
        let what = if kind.is_fifo() {
            "a FIFO"
        } else if kind.is_socket() {
            "a socket"
        } else {
            "a device"
        };
        self.trouble(path, &format!("is {what}, no regular file; skipped"));
    }

    fn trouble(&mut self, path: &Path, note: &str) {
        let source = name(path);
        let note = format!("{source}: {note}");
        self.listing.troubles.push((source, note));
    }
}

fn name(path: &Path) -> Arc<str> {
    path.to_string_lossy().into()
}

/// The files of one log together, oldest first; otherwise by name.
fn by_log_and_age(a: &Path, b: &Path) -> Ordering {
    let parse = |path: &Path| {
        let name = path.file_name().unwrap_or_else(|| OsStr::new(""));
        let Rotated { live, age } = Rotated::parse(&name.to_string_lossy());
        (live, age)
    };
    parse(a).cmp(&parse(b)).then_with(|| a.cmp(b))
}
