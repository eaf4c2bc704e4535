//! Looks whether the files that say who is who have changed: DHCP servers write theirs at any moment.

use std::time::Duration;

use crate::pipeline::{SharedRules, Stop};

/// A lease is older than this when its device is first seen, or the device is an address until the next look.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Reads them again when they changed, until told to stop.
pub(super) fn keep(rules: &SharedRules, stop: &Stop) {
    while !stop.wait(LOOK_EVERY) {
        let identity = rules.current().identity;
        if identity.refresh() {
            tracing::debug!("read again who is who");
        }
    }
}
