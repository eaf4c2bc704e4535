//! Flags that every command takes, and the configuration they lead to.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::config::{self, Config};

/// Flags before or after any command.
#[derive(Debug, clap::Args)]
pub(super) struct Global {
    /// Configuration file instead of the usual one
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Database file instead of the configured one
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) store: Option<PathBuf>,

    /// Directory with log formats of your own instead of the configured one
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) formats: Option<PathBuf>,

    /// Never use colour (NO_COLOR in the environment does the same)
    #[arg(long, global = true)]
    pub(super) no_color: bool,
}

impl Global {
    /// The configuration with the flags laid over it.
    pub(super) fn config(&self) -> anyhow::Result<Config> {
        let environment = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
        let mut config =
            config::load(self.config.as_deref(), environment).context("configuration")?;
        if let Some(store) = &self.store {
            config.store.path.clone_from(store);
        }
        match &self.formats {
            Some(directory) => config.formats.directory.clone_from(directory),
            None if config.formats.directory.as_os_str().is_empty() => {
                let file = self
                    .config
                    .clone()
                    .unwrap_or_else(config::default_config_file);
                let beside = file.with_file_name("formats");
                if beside.is_dir() {
                    config.formats.directory = beside;
                }
            }
            None => {}
        }
        Ok(config)
    }
}
