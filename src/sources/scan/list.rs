//! What a scan is to read, in which order.
//!
//! Order depends on names only, never on what the directory happens to return. A file that is reached twice (a
//! symlink, a hard link, named and also in a named directory) is read once. Symlinks to directories are not
//! followed below a named path, so there are no loops.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::key::{Eye, Key, Look};
use super::super::rotation::Rotated;

/// One thing to read.
pub(super) struct Entry {
    pub(super) path: PathBuf,
    /// The name under which it is counted.
    pub(super) source: Arc<str>,
    /// The file that was listed; `None` for a pipe.
    pub(super) look: Option<Look>,
    /// The stream of an earlier scan that goes on in it.
    pub(super) goes_on: Option<usize>,
    /// The stream with which it has its first bytes in common.
    pub(super) branches: Option<usize>,
}

impl Entry {
    fn new(path: PathBuf, look: Option<Look>) -> Self {
        Self {
            source: name(&path),
            path,
            look,
            goes_on: None,
            branches: None,
        }
    }

    /// Its size on disk; `None` for a pipe.
    pub(super) fn bytes(&self) -> Option<u64> {
        self.look.map(|look| look.stamp.size)
    }

    /// Whether it has the name of a log and not of a rotated one.
    pub(super) fn is_live(&self) -> bool {
        let name = self.path.file_name().unwrap_or_default();
        Rotated::parse(&name.to_string_lossy()).is_live()
    }

    /// Opens the pipe, or the file that was listed, which may have been renamed since.
    pub(super) fn open(&self) -> io::Result<File> {
        let Some(look) = &self.look else {
            if is_stdin(&self.path) {
                return Ok(io::stdin().as_fd().try_clone_to_owned()?.into());
            }
            return File::open(&self.path);
        };
        match look.key.open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let (directory, live) = family_beside(&self.path);
                let others = siblings(&directory, &live).into_iter();
                let mut opened = others.filter_map(|path| look.key.open(&path).ok());
                opened.next().ok_or(error)
            }
            opened => opened,
        }
    }
}

/// The regular file behind a path.
pub(super) fn entry_of(path: PathBuf, eye: &mut Eye) -> Option<Entry> {
    let look = eye.look(&path).ok().filter(|look| look.regular)?;
    Some(Entry::new(path, Some(look)))
}

/// Directory and name of the log that a file belongs to.
pub(super) fn family_beside(path: &Path) -> (PathBuf, String) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let directory = path.parent().map(Path::to_path_buf).unwrap_or_default();
    (directory, Rotated::parse(&name).live)
}

/// The files of one log in a directory, oldest first; none where it cannot be listed.
pub(super) fn siblings(directory: &Path, live: &str) -> Vec<PathBuf> {
    let here = match directory.as_os_str().is_empty() {
        true => Path::new("."),
        false => directory,
    };
    let names = std::fs::read_dir(here).into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name());
    let of_log = names.filter(|name| Rotated::parse(&name.to_string_lossy()).live == live);
    let mut paths: Vec<PathBuf> = of_log.map(|name| directory.join(name)).collect();
    paths.sort_by(|a, b| by_log_and_age(a, b));
    paths
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
    seen: HashSet<Key>,
    eye: Eye,
}

impl Walk {
    fn named(&mut self, path: PathBuf) {
        if is_stdin(&path) {
            return self.listing.entries.push(Entry::new(path, None));
        }
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => self.directory(&path),
            Ok(metadata) if metadata.is_file() => self.file(path),
            Ok(_) if is_handed_pipe(&path) => {
                self.listing.entries.push(Entry::new(path, None));
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
                Ok(target) if target.is_file() => self.file(child),
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

    fn file(&mut self, path: PathBuf) {
        let look = match self.eye.look(&path) {
            Ok(look) => look,
            Err(error) => return self.trouble(&path, &format!("cannot be read: {error}")),
        };
        if !self.seen.insert(look.key) {
            return self.trouble(&path, "is the same file as another one here; read once");
        }
        self.listing.entries.push(Entry::new(path, Some(look)));
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
