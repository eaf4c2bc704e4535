//! The configuration: what the rooms' settings are, put together from file, environment and flags.
//!
//! The defaults live in `config/default.toml`, with their comments; a test holds the structures below to them. A file
//! is checked by itself first, so that an unknown key is told with its line and a suggestion; then tables are laid
//! over one another and read as one.

mod layers;
mod paths;
mod secrets;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::alerts::ChannelSettings;
use crate::sources::Limits;
use crate::{detect, govern, identity};

pub use layers::{DEFAULT, load, load_text};
pub use paths::{default_config_file, default_store};
pub use secrets::pseudonym_key;

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub timezone: String,
    pub workers: usize,
    pub inputs: Vec<Input>,
    pub sources: Sources,
    pub store: StoreSettings,
    pub catalogue: CatalogueSettings,
    pub formats: FormatSettings,
    pub detect: detect::Settings,
    pub identity: identity::Settings,
    pub govern: govern::Settings,
    pub alerts: Alerts,
    pub reports: Vec<ReportSettings>,
    pub log: Log,
}

/// One log to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// A path or a glob.
    pub path: String,
    /// Where rotated files are moved to, if not beside the log; relative to the log's directory.
    pub olddir: Option<PathBuf>,
    pub format: Option<String>,
    pub timezone: Option<String>,
}

/// How inputs are followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sources {
    pub poll_ms: u64,
    pub backfill: bool,
    pub limits: Limits,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            poll_ms: 250,
            backfill: true,
            limits: Limits::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    /// Empty: the usual place.
    pub path: PathBuf,
    /// 0: for ever.
    pub keep_days: u16,
    /// 0: the disk may be filled.
    pub min_free_mb: u64,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            path: PathBuf::new(),
            keep_days: 400,
            min_free_mb: 256,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CatalogueSettings {
    /// Empty: none.
    pub overlay: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FormatSettings {
    /// Empty: `formats` beside the configuration file, when it is there.
    pub directory: PathBuf,
}

/// Which changes alert, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alerts {
    pub rules: Vec<String>,
    pub channels: Vec<ChannelSettings>,
}

/// A report on a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSettings {
    pub name: String,
    pub schedule: String,
    #[serde(default = "week")]
    pub days: u16,
    #[serde(default = "ciso")]
    pub edition: String,
    #[serde(default = "html")]
    pub output: Vec<String>,
    pub directory: PathBuf,
}

const fn week() -> u16 {
    7
}

fn ciso() -> String {
    "ciso".to_owned()
}

fn html() -> Vec<String> {
    vec!["html".to_owned()]
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    pub level: String,
    pub format: String,
}

/// A configuration that cannot be used; the text names file, place or variable, and the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

impl Config {
    /// The database file.
    #[must_use]
    pub fn store_path(&self) -> PathBuf {
        if self.store.path.as_os_str().is_empty() {
            default_store()
        } else {
            self.store.path.clone()
        }
    }

    /// The zone of times written without one.
    ///
    /// # Errors
    /// When the name is no time zone.
    pub fn zone(&self) -> Result<jiff::tz::TimeZone, ConfigError> {
        zone_of(&self.timezone, "timezone")
    }

    /// Signature files of the operator, as (name, text), sorted by name; none without an overlay.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be read.
    pub fn overlay(&self) -> Result<Vec<(String, String)>, ConfigError> {
        toml_files(&self.catalogue.overlay, "catalogue.overlay")
    }

    /// Log formats of the operator, as (name, text), sorted by name; none without a directory.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be read.
    pub fn mappings(&self) -> Result<Vec<(String, String)>, ConfigError> {
        toml_files(&self.formats.directory, "formats.directory")
    }
}

/// Reads a time zone; `key` names the setting in the error.
///
/// # Errors
/// When the name is no time zone.
pub fn zone_of(name: &str, key: &str) -> Result<jiff::tz::TimeZone, ConfigError> {
    match name {
        "" | "system" => Ok(jiff::tz::TimeZone::system()),
        name => jiff::tz::TimeZone::get(name).map_err(|_| {
            ConfigError(format!("{key} = {name:?} is no time zone; write \"system\", \"UTC\" or an IANA name such as \"Europe/Berlin\""))
        }),
    }
}

fn toml_files(directory: &Path, key: &str) -> Result<Vec<(String, String)>, ConfigError> {
    if directory.as_os_str().is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |path: &Path, error: std::io::Error| {
        ConfigError(format!("{key}: {}: {error}", path.display()))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(|error| wrong(directory, error))? {
        let path = entry.map_err(|error| wrong(directory, error))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let text = std::fs::read_to_string(&path).map_err(|error| wrong(&path, error))?;
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
    Ok(files)
}
