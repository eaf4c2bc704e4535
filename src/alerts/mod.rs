//! Channels: how an alert leaves the machine. One file per channel; each knows its own encoding and limits.
//!
//! A channel sends one alert once and says what became of it. Queue, retries, rates and breakers are the
//! daemon's; a channel keeps no state that matters.

use std::time::Duration;

use crate::model::Alert;

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
