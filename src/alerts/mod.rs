//! Channels: how an alert leaves the machine. One file per channel; each knows its own encoding and limits.
//!
//! A channel sends one alert once and says what became of it. Queue, retries, rates and breakers are the
//! daemon's; a channel keeps no state that matters. Alert lines may hold text from logs, so each channel
//! encodes them for its receiver: nothing in a host name or a user name can mention a person in Slack, forge a
//! field in CEF or add a header to a mail.

mod email;
mod file;
mod http;
mod settings;
mod slack;
mod syslog;
mod webhook;

use std::time::Duration;

use crate::model::Alert;

pub use settings::{ChannelKind, ChannelSettings, MailTls, SettingsError, SyslogFormat};
pub use webhook::signature;

/// A delivery that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What the receiver said, for the log: a status, an id.
    pub said: String,
}

/// A delivery that was not taken, by what the caller should do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Delivery {
    /// Try again, not before this long when the receiver said so.
    #[error("{why}")]
    Retry {
        after: Option<Duration>,
        why: String,
    },
    /// Trying again cannot help.
    #[error("{why}")]
    GiveUp { why: String },
    /// The receiver is gone for good (410): stop using the channel.
    #[error("{why}")]
    Off { why: String },
}

/// Sends alerts one at a time. Blocking: each channel has its own thread.
pub trait Channel: Send {
    /// Sends one alert.
    ///
    /// # Errors
    /// Says whether to try again.
    fn send(&mut self, alert: &Alert) -> Result<Receipt, Delivery>;
}

/// Makes the channel that the settings describe. Nothing is connected yet.
///
/// # Errors
/// Names the channel and the key that is missing or wrong.
pub fn open(settings: &ChannelSettings) -> Result<Box<dyn Channel>, SettingsError> {
    Ok(match settings.kind {
        ChannelKind::Webhook => Box::new(webhook::Webhook::new(settings)?),
        ChannelKind::Slack => Box::new(slack::Slack::new(settings)?),
        ChannelKind::Syslog => Box::new(syslog::Syslog::new(settings)?),
        ChannelKind::Email => Box::new(email::Email::new(settings)?),
        ChannelKind::File => Box::new(file::JsonLines::new(settings)?),
    })
}

/// A text that people may see, on one line, at most `limit` characters long.
fn one_line(text: &str, limit: usize) -> String {
    let shown = crate::model::Untrusted::from(text).shown();
    if shown.chars().count() <= limit {
        return shown;
    }
    let mut cut: String = shown.chars().take(limit.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests;
