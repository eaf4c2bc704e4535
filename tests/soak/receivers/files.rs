//! Files that alerts cannot be appended to, for a while or in part.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::desk::Ledger;
use super::{Behaviour, End, Receiver};
use crate::volume::Volume;

/// What is in the way of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Its directory is not there.
    NoDirectory,
    /// It is a directory itself.
    Directory,
    /// It is a link to a device that has no room.
    Device,
    /// It is a pipe that nobody reads.
    Pipe,
    /// It ends in half a line, which somebody left who was killed.
    Torn,
    /// There is room for a part of a line.
    FullDisk,
}

const WAYS: [Way; 6] = [
    Way::NoDirectory,
    Way::Directory,
    Way::Device,
    Way::Pipe,
    Way::Torn,
    Way::FullDisk,
];

const HALF_A_LINE: &[u8] = b"{\"id\":\"of another\",\"rule\":\"appli";

pub(super) fn behaviours() -> Vec<Behaviour> {
    let all = WAYS.map(|way| Behaviour {
        what: format!("file {way:?}"),
        end: End::Delivered,
        denies: false,
        is_slow: false,
        receiver: Box::new(move |root| {
            let disk = match way {
                Way::FullDisk => Some(Volume::tmpfs(16 << 10)?),
                _ => None,
            };
            Some(Box::new(Lines::new(root, way, disk)))
        }),
    });
    Vec::from(all)
}

struct Lines {
    way: Way,
    path: PathBuf,
    ledger: Ledger,
    disk: Option<Volume>,
}

impl Lines {
    fn new(root: &Path, way: Way, disk: Option<Volume>) -> Self {
        let directory = disk.as_ref().map_or(root.join("alerts"), Volume::path);
        let path = directory.join("alerts.jsonl");
        if way != Way::NoDirectory {
            fs::create_dir_all(&directory).unwrap();
        }
        match way {
            Way::NoDirectory => {}
            Way::Directory => fs::create_dir(&path).unwrap(),
            Way::Device => symlink("/dev/full", &path).unwrap(),
            Way::Pipe => {
                let made = std::process::Command::new("mkfifo").arg(&path).status();
                assert!(made.unwrap().success());
            }
            Way::Torn => fs::write(&path, HALF_A_LINE).unwrap(),
            Way::FullDisk => {
                // The last page of the disk is the file's own, and all but full.
                let nearly = [vec![b'x'; 4_000], b"\n".to_vec()].concat();
                fs::write(&path, nearly).unwrap();
                let _ = fs::write(directory.join("ballast"), vec![1; 16 << 10]);
            }
        }
        let ledger = Ledger::new();
        ledger.behave();
        Self {
            way,
            path,
            ledger,
            disk,
        }
    }

    /// Ids of the whole lines, in order.
    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let id = |line: &str| {
            let alert: serde_json::Value = serde_json::from_str(line).ok()?;
            Some(alert["id"].as_str()?.to_owned())
        };
        text.lines().filter_map(id).collect()
    }
}

impl Receiver for Lines {
    fn channel(&self) -> String {
        format!("kind = \"file\"\npath = \"{}\"\n", self.path.display())
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn is_away(&self) -> bool {
        self.way != Way::Torn
    }

    fn come_back(&self) {
        match self.way {
            Way::NoDirectory => fs::create_dir(self.path.parent().unwrap()).unwrap(),
            Way::Directory => fs::remove_dir(&self.path).unwrap(),
            Way::Device | Way::Pipe => fs::remove_file(&self.path).unwrap(),
            Way::Torn => {}
            Way::FullDisk => {
                let torn = fs::read(&self.path).unwrap();
                assert_ne!(torn.last(), Some(&b'\n'), "there was no room for a part");
                let disk = self.disk.as_ref().unwrap();
                fs::remove_file(disk.path().join("ballast")).unwrap();
            }
        }
    }

    fn taken(&self) -> usize {
        self.lines().len()
    }

    fn ids(&self) -> usize {
        self.lines().into_iter().collect::<BTreeSet<_>>().len()
    }
}
