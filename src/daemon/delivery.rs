//! Delivers the outbox: one thread per channel, so that a dead channel never delays another.
//!
//! A message is leased, sent, settled. A crash in between leaves a lease that runs out: the message goes again with
//! the same id. Five failures in a row open the breaker: one probe a minute until something is taken.

use std::time::{Duration, Instant};

use crate::alerts::{Channel, ChannelSettings, Delivery};
use crate::model::Time;
use crate::pipeline::Stop;
use crate::store::{Settled, Store, StoreError};

use super::backoff;

const LEASE_SECS: i64 = 120;
const BATCH: usize = 10;
const POLL: Duration = Duration::from_millis(250);
const BREAKER_AFTER: u32 = 5;
const BREAKER_WAIT: Duration = Duration::from_secs(60);

/// Sends what is due on one channel until told to stop.
///
/// # Errors
/// When the store fails; nothing that was not settled is lost.
pub(super) fn deliver(
    store: &dyn Store,
    settings: &ChannelSettings,
    channel: &mut dyn Channel,
    clock: &(dyn Fn() -> Time + Sync),
    stop: &Stop,
) -> Result<(), StoreError> {
    let mut pace = Pace::new(settings.per_minute);
    let mut failures = 0;
    while !stop.is_set() {
        let now = clock();
        let wanted = if failures >= BREAKER_AFTER { 1 } else { BATCH };
        let due = store.lease(&settings.name, now, now.plus_secs(LEASE_SECS), wanted)?;
        if due.is_empty() {
            stop.wait(POLL);
            continue;
        }
        for outgoing in due {
            if stop.wait(pace.next()) {
                // Not sent: due again at once after the restart.
                store.settle(
                    outgoing.id,
                    &Settled::Retry {
                        at: clock(),
                        why: "stopped".to_owned(),
                    },
                    clock(),
                )?;
                continue;
            }
            let settled = match channel.send(&outgoing.alert) {
                Ok(receipt) => {
                    failures = 0;
                    tracing::info!(
                        channel = settings.name,
                        alert = outgoing.alert.id,
                        said = receipt.said,
                        "alert delivered"
                    );
                    Settled::Sent
                }
                Err(failure) => {
                    failures += 1;
                    tracing::warn!(
                        channel = settings.name,
                        alert = outgoing.alert.id,
                        attempt = outgoing.attempts + 1,
                        why = %failure,
                        "alert not delivered"
                    );
                    if matches!(failure, Delivery::Off { .. }) {
                        store.settle(
                            outgoing.id,
                            &Settled::Dead {
                                why: failure.to_string(),
                            },
                            clock(),
                        )?;
                        tracing::error!(
                            channel = settings.name,
                            "the receiver is gone for good; the channel is off until the next start"
                        );
                        return Ok(());
                    }
                    backoff::settle(&outgoing, &failure, clock(), random())
                }
            };
            store.settle(outgoing.id, &settled, clock())?;
            if failures >= BREAKER_AFTER && stop.wait(BREAKER_WAIT) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Messages that may go out at once after a quiet time.
const BURST: u32 = 5;

/// At most so many messages a minute, evenly after a first burst.
struct Pace {
    every: Duration,
    allowed_at: Instant,
}

impl Pace {
    fn new(per_minute: u32) -> Self {
        Self {
            every: Duration::from_secs(60) / per_minute.max(1),
            allowed_at: Instant::now(),
        }
    }

    /// How long the next message has to wait; counts it as sent.
    fn next(&mut self) -> Duration {
        let now = Instant::now();
        let wait = self.allowed_at.saturating_duration_since(now);
        let earliest = now.checked_sub(self.every * (BURST - 1)).unwrap_or(now);
        self.allowed_at = self.allowed_at.max(earliest) + self.every;
        wait
    }
}

/// A random number in 0.0..1.0; one half when the system has none, which only costs jitter.
fn random() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}
