//! JSON lines appended to a file: for shippers, and for people with `tail -f`.
//!
//! The file is opened for each alert, so that rotating it needs no signal, and synced, because an alert that was
//! reported as sent must not be lost with the power.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
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
        let mut line = serde_json::to_vec(alert)?;
        line.push(b'\n');
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o640)
            .open(&self.path)?;
        file.write_all(&line)?;
        file.sync_data()
    }
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
