//! The service's own log, on stderr: sentences with fields.

use std::io::IsTerminal as _;

use anyhow::{Context as _, bail};
use tracing_subscriber::EnvFilter;

use crate::config::Log;

/// Begins to log as configured.
pub(super) fn start(settings: &Log) -> anyhow::Result<()> {
    let level = if settings.level.is_empty() {
        "info"
    } else {
        &settings.level
    };
    let filter = EnvFilter::try_new(level).with_context(|| {
        format!("log.level = {level:?}: write error, warn, info, debug, trace or a filter such as \"gnomon::sources=debug,info\"")
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    match settings.format.as_str() {
        "json" => builder.json().init(),
        "" | "text" => builder.with_ansi(std::io::stderr().is_terminal()).init(),
        other => bail!("log.format = {other:?}: expected one of: text, json"),
    }
    Ok(())
}
