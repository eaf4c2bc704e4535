//! Signals, and what systemd is told of them.
//!
//! SIGTERM and SIGINT drain, SIGHUP reloads. A reload is announced to systemd as it asks of `Type=notify-reload`; under
//! plain `Type=notify` the words are harmless.

use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::pipeline::{SharedRules, Stop};

use super::{Reloaded, Shared};

/// Starts to receive; signals that come before [`obey`] are kept.
pub(super) fn receive() -> std::io::Result<Signals> {
    Signals::new([SIGTERM, SIGINT, SIGHUP])
}

/// Obeys until the handle is closed.
pub(super) fn obey(
    mut signals: Signals,
    stop: &Stop,
    rules: &SharedRules,
    in_force: &Shared,
    reload: &(dyn Fn() -> Result<Reloaded, String> + Sync),
) {
    for signal in signals.forever() {
        if signal == SIGHUP {
            put_in_force(rules, in_force, reload);
            continue;
        }
        tracing::info!(signal, "draining");
        tell(&[NotifyState::Stopping]);
        stop.set();
    }
}

fn put_in_force(
    rules: &SharedRules,
    in_force: &Shared,
    reload: &(dyn Fn() -> Result<Reloaded, String> + Sync),
) {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
    match reload() {
        Ok(reloaded) => {
            let version = reloaded.rules.catalogue.version().to_owned();
            rules.replace(reloaded.rules);
            in_force.replace(reloaded.in_force);
            tracing::info!(
                catalogue = version,
                "reloaded policy and catalogue; inputs and channels change with a restart"
            );
        }
        Err(why) => tracing::error!(why, "reload refused, everything stays as it was"),
    }
    tell(&[NotifyState::Ready]);
}

/// Tells systemd; nobody listens elsewhere.
pub(super) fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd could not be told");
    }
}
