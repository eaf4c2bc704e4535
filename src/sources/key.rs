//! Which file it is, as far as the file system can tell.
//!
//! ext4, xfs and overlayfs hand an inode number out again at once, so the birth time belongs to the key. The device
//! number does not: it changes when a file system is mounted again; the file system's own id does not.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::model::Time;

use super::opened::{modified, open_regular};

/// A file's identity, to be confirmed by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Key {
    file_system: u64,
    inode: u64,
    /// Nanoseconds since 1970, where the file system knows it.
    born_ns: Option<i64>,
}

impl Key {
    /// Opens the file where it was seen; `NotFound` if another one has taken its place.
    pub(crate) fn open(&self, path: &Path) -> io::Result<File> {
        let file = open_regular(path)?;
        if self.is_of(&file.metadata()?) {
            return Ok(file);
        }
        Err(io::ErrorKind::NotFound.into())
    }

    /// Whether an open file can be the one, as far as can be told without asking its file system.
    fn is_of(&self, metadata: &Metadata) -> bool {
        self.inode == metadata.ino() && self.born_ns == born_ns(metadata)
    }
}

fn born_ns(metadata: &Metadata) -> Option<i64> {
    let since_1970 = match metadata
        .created()
        .ok()?
        .duration_since(SystemTime::UNIX_EPOCH)
    {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_nanos()).unwrap_or(i64::MAX),
    };
    Some(since_1970)
}

/// Size and times of a file, to tell whether it was touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub(crate) size: u64,
    pub(crate) modified_ns: i64,
    pub(crate) changed_ns: i64,
}

impl Stamp {
    /// Whether nobody wrote in between; renaming changes `changed_ns` only.
    pub(crate) fn has_content_of(self, other: Self) -> bool {
        self.size == other.size && self.modified_ns == other.modified_ns
    }
}

/// What one look at a file tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) key: Key,
    pub(crate) stamp: Stamp,
    pub(crate) modified: Time,
    pub(crate) regular: bool,
    /// No name is left for it.
    pub(crate) unlinked: bool,
}

/// Looks at files; remembers the ids of the file systems it met.
#[derive(Default)]
pub(crate) struct Eye {
    file_systems: HashMap<u64, u64>,
}

impl Eye {
    /// Looks at the file behind a path, through symlinks, without opening it.
    pub(crate) fn look(&mut self, path: &Path) -> io::Result<Look> {
        let metadata = std::fs::metadata(path)?;
        let file_system = *self
            .file_systems
            .entry(metadata.dev())
            .or_insert_with(|| id_of(path, metadata.dev()));
        Ok(look(&metadata, file_system))
    }

    /// Looks at an open file.
    pub(crate) fn look_at_open(&mut self, file: &File) -> io::Result<Look> {
        let metadata = file.metadata()?;
        let file_system = *self.file_systems.entry(metadata.dev()).or_insert_with(|| {
            rustix::fs::fstatvfs(file)
                .map_or(metadata.dev(), |fs| known_id(fs.f_fsid, metadata.dev()))
        });
        Ok(look(&metadata, file_system))
    }

    /// Device numbers may mean something else after a mount.
    pub(crate) fn forget_file_systems(&mut self) {
        self.file_systems.clear();
    }
}

fn id_of(path: &Path, device: u64) -> u64 {
    rustix::fs::statvfs(path).map_or(device, |fs| known_id(fs.f_fsid, device))
}

/// Some network file systems have no id: 0.
fn known_id(id: u64, device: u64) -> u64 {
    if id == 0 { device } else { id }
}

fn look(metadata: &Metadata, file_system: u64) -> Look {
    let at = |secs: i64, nanos: i64| secs.saturating_mul(1_000_000_000).saturating_add(nanos);
    Look {
        key: Key {
            file_system,
            inode: metadata.ino(),
            born_ns: born_ns(metadata),
        },
        stamp: Stamp {
            size: metadata.len(),
            modified_ns: at(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: at(metadata.ctime(), metadata.ctime_nsec()),
        },
        modified: modified(metadata),
        regular: metadata.is_file(),
        unlinked: metadata.nlink() == 0,
    }
}
