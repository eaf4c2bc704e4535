//! What configuration says of a channel.
//!
//! One flat table for every kind, so that a misspelt key is found at its line; which keys a kind needs is
//! checked when the channel is opened. Secrets are read from files and never printed.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// One `[[alerts.channels]]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelSettings {
    /// Its name in the outbox and in log lines.
    pub name: String,
    pub kind: ChannelKind,
    /// webhook, slack: where to post to.
    pub url: Option<String>,
    /// slack: a file that holds the URL, because the URL is the secret there.
    pub url_file: Option<PathBuf>,
    /// webhook: a file with the signing secret (`whsec_…`).
    pub secret_file: Option<PathBuf>,
    /// file: where to append.
    pub path: Option<PathBuf>,
    /// syslog: `udp://host:514`, `tcp://host:601` or `unix:///dev/log`.
    pub address: Option<String>,
    /// syslog: how the message is written.
    pub format: Option<SyslogFormat>,
    /// email: the relay, `mail.example.org` or `mail.example.org:587`.
    pub relay: Option<String>,
    pub tls: Option<MailTls>,
    pub user: Option<String>,
    pub password_file: Option<PathBuf>,
    pub from: Option<String>,
    #[serde(default)]
    pub to: Vec<String>,
    /// The most messages in a minute; the rest waits.
    #[serde(default = "per_minute")]
    pub per_minute: u32,
}

const fn per_minute() -> u32 {
    60
}

/// What a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    Webhook,
    Slack,
    Syslog,
    Email,
    File,
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Syslog => "syslog",
            Self::Email => "email",
            Self::File => "file",
        })
    }
}

/// How a syslog message carries the alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SyslogFormat {
    /// Structured data of RFC 5424 and a sentence.
    #[default]
    Rfc5424,
    /// ArcSight's Common Event Format inside the message.
    Cef,
}

/// How the connection to a mail relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    #[default]
    Starttls,
    Implicit,
    /// For a relay on this machine.
    None,
}

/// A channel that cannot be opened as configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("alert channel {channel:?}: {reason}")]
pub struct SettingsError {
    pub channel: String,
    pub reason: String,
}

impl ChannelSettings {
    pub(super) fn wrong(&self, reason: impl Into<String>) -> SettingsError {
        SettingsError {
            channel: self.name.clone(),
            reason: reason.into(),
        }
    }

    /// A value that this kind of channel cannot do without.
    pub(super) fn needed<'a, T>(
        &self,
        value: Option<&'a T>,
        key: &str,
    ) -> Result<&'a T, SettingsError> {
        value.ok_or_else(|| self.wrong(format!("kind \"{}\" needs the key `{key}`", self.kind)))
    }

    /// The text of a secret file, without the line end.
    pub(super) fn secret(&self, path: &Path, key: &str) -> Result<String, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| self.wrong(format!("{key} {}: {error}", path.display())))?;
        let secret = text.trim();
        if secret.is_empty() {
            return Err(self.wrong(format!("{key} {} is empty", path.display())));
        }
        Ok(secret.to_owned())
    }
}
