//! Feeds systemd's watchdog, but only while reader and committer both move: a service that hangs is started again.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::pipeline::{Meter, Stop};

use super::signals::tell;

/// Feeds until told to stop; returns at once when no watchdog is set.
pub(super) fn feed(meter: &Meter, stop: &Stop) {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return;
    };
    let interval = (limit / 3).max(Duration::from_millis(100));
    let mut before = meter.beats();
    loop {
        if stop.wait(interval) {
            return;
        }
        let now = meter.beats();
        if now.0 != before.0 && now.1 != before.1 {
            tell(&[NotifyState::Watchdog]);
        } else {
            tracing::warn!("reader or committer did not move; the watchdog is not fed");
        }
        before = now;
    }
}
