//! JSON lines appended to a file: for shippers, and for people with `tail -f`.
//!
//! The file is opened for each alert, so that rotating it needs no signal, and synced, because an alert that was
//! reported as sent must not be lost with the power. A line that was cut off, by a full disk or a crash, is ended
//! before the next one, so that it spoils no other.

use std::fs::{File, OpenOptions};
use std::io::{Error, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

use crate::model::Alert;

use super::settings::{ChannelSettings, SettingsError};
use super::{Channel, Delivery, Receipt};

pub(super) struct JsonLines {
    path: PathBuf,
}

impl JsonLines {
    pub(super) fn new(settings: &ChannelSettings) -> Result<Self, SettingsError> {
        let path = settings.needed(settings.path.as_ref(), "path")?.clone();
        Ok(Self { path })
    }

    fn append(&self, alert: &Alert) -> std::io::Result<()> {
        // A pipe that nobody reads would hold up the whole channel.
        let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o640)
            .custom_flags(nonblocking)
            .open(&self.path)?;
        if !file.metadata()?.is_file() {
            return Err(Error::other("is no regular file"));
        }
        let mut line = Vec::new();
        if is_torn(&file)? {
            line.push(b'\n');
        }
        serde_json::to_writer(&mut line, alert)?;
        line.push(b'\n');
        file.write_all(&line)?;
        file.sync_data()
    }
}

/// Whether the file ends in the middle of a line.
fn is_torn(file: &File) -> std::io::Result<bool> {
    let Some(last) = file.metadata()?.len().checked_sub(1) else {
        return Ok(false);
    };
    let mut byte = [0];
    file.read_exact_at(&mut byte, last)?;
    Ok(byte != *b"\n")
}

impl Channel for JsonLines {
    fn send(&mut self, alert: &Alert) -> Result<Receipt, Delivery> {
        self.append(alert)
            .map(|()| Receipt {
                said: "written".to_owned(),
            })
            .map_err(|error| Delivery::Retry {
                after: None,
                why: format!("{}: {error}", self.path.display()),
            })
    }
}
