//! The service: sources → engine → store, with delivery, schedule, signals and watchdog beside it.
//!
//! Everything runs in one process and ends together: SIGTERM lets the engine commit what it holds, an error of the store
//! stops everyone. What was queued and not sent goes out after the next start. SIGHUP puts a new catalogue and new
//! policy in force between two chunks, or keeps the old ones and says why.

mod backoff;
mod delivery;
mod keeper;
mod names;
mod schedule;
mod scheduler;
mod setting;
mod shared;
mod signals;
mod watchdog;

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::alerts::{Channel, ChannelSettings};
use crate::model::{Changes, Consequences, Health, Time};
use crate::pipeline::{self, Meter, Moment, News, Policy, Rules, SharedRules, Stop};
use crate::sources::Source;
use crate::store::{Store, StoreError};

use delivery::Courier;
use keeper::Keeper;
use scheduler::Scheduler;

pub use schedule::Schedule;
pub use scheduler::ScheduledReport;
pub use shared::{InForce, Shared};

/// What the service is made of.
pub struct Plan<'p> {
    pub engine: pipeline::Settings,
    pub rules: &'p SharedRules,
    pub in_force: &'p Shared,
    pub store: &'p dyn Store,
    pub source: Box<dyn Source>,
    pub channels: Vec<(ChannelSettings, Box<dyn Channel>)>,
    pub reports: Vec<ScheduledReport>,
    /// Days that sightings are kept; for ever when `None`.
    pub keep_days: Option<u16>,
    /// Troubles found before the service begins.
    pub found: Vec<Health>,
    /// Reads the configuration anew; an error keeps what is in force.
    pub reload: &'p (dyn Fn() -> Result<Reloaded, String> + Sync),
}

/// What a reload puts in force.
pub struct Reloaded {
    pub rules: Rules,
    pub in_force: InForce,
}

/// A service that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    #[error("signals cannot be received: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Runs until SIGTERM or SIGINT.
///
/// # Errors
/// When the store fails; the process should end and be started again.
pub fn run(plan: Plan<'_>) -> Result<(), DaemonError> {
    let stop = Stop::default();
    let meter = Meter::default();
    let clock = || Time::from(jiff::Timestamp::now());
    let begun = Instant::now();
    let steady = || begun.elapsed();
    let first_error: Mutex<Option<StoreError>> = Mutex::new(None);
    let signals = signals::receive().map_err(DaemonError::Signals)?;
    let handle = signals.handle();
    let Plan {
        engine,
        rules,
        in_force,
        store,
        mut source,
        mut channels,
        reports,
        keep_days,
        found,
        reload,
    } = plan;
    let min_free_bytes = engine.min_free_bytes.unwrap_or(0);
    let fail = |error: StoreError| {
        tracing::error!(%error, "the store failed");
        first_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(error);
        stop.set();
    };
    std::thread::scope(|scope| {
        let (stop, meter, clock, steady, fail) = (&stop, &meter, &clock, &steady, &fail);
        scope.spawn(move || signals::obey(signals, stop, rules, in_force, reload));
        scope.spawn(move || watchdog::feed(meter, stop));
        scope.spawn(move || names::keep(rules, stop));
        for (settings, channel) in &mut channels {
            scope.spawn(move || {
                let courier = Courier {
                    store,
                    settings,
                    clock,
                    stop,
                };
                if let Err(error) = courier.deliver(channel.as_mut()) {
                    fail(error);
                }
            });
        }
        scope.spawn(move || {
            let scheduler = Scheduler {
                store,
                reports: &reports,
                keep_days,
                in_force,
                clock,
                steady,
            };
            if let Err(error) = scheduler.keep(stop) {
                fail(error);
            }
        });
        scope.spawn(move || {
            let keeper = Keeper {
                store,
                in_force,
                clock,
                steady,
                min_free_bytes,
                found,
            };
            if let Err(error) = keeper.keep(stop) {
                fail(error);
            }
        });
        signals::tell(&[sd_notify::NotifyState::Ready]);
        tracing::info!("following");
        let run = pipeline::Run {
            settings: &engine,
            rules,
            store,
            clock,
            stop,
            meter,
        };
        let mut judge = |changes: &Changes, moment: Moment| -> Consequences {
            let InForce { policy, news, .. } = &*in_force.current();
            pipeline::judge(policy, news, changes, moment)
        };
        match pipeline::run(&run, source.as_mut(), &mut judge) {
            // Told to stop while it waited for room: what was not committed is read again.
            Err(StoreError::Full(why)) => tracing::warn!(why, "stopped without room"),
            Err(error) => fail(error),
            Ok(()) => {}
        }
        stop.set();
        handle.close();
        tracing::info!(records = meter.read().records, "stopped");
    });
    match first_error
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
    {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}
