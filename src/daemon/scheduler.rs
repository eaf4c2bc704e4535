//! Writes reports when they are due.
//!
//! The time of the last writing is kept in the store, so that a report that fell due while the service was down is
//! written once after the start. A file appears whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::{Batch, Consequences, Position, Time};
use crate::pipeline::Stop;
use crate::reports::{self, Ask, Edition, Renderer, Report};
use crate::store::{Store, StoreError};

use super::{InForce, Schedule, Shared};

/// A report, when it is due and where it goes.
pub struct ScheduledReport {
    pub name: String,
    pub schedule: Schedule,
    pub days: u16,
    pub edition: Edition,
    pub renderers: Vec<&'static Renderer>,
    pub directory: PathBuf,
}

const POLL: Duration = Duration::from_secs(20);

/// Writes reports until told to stop.
pub(super) fn keep(
    store: &dyn Store,
    all: &[ScheduledReport],
    in_force: &Shared,
    clock: &(dyn Fn() -> Time + Sync),
    stop: &Stop,
) -> Result<(), StoreError> {
    if all.is_empty() {
        return Ok(());
    }
    loop {
        let current = in_force.current();
        for scheduled in all {
            let now = clock();
            match last_written(store, scheduled)? {
                // A new schedule begins now.
                None => remember(store, scheduled, now)?,
                Some(last) if is_due(scheduled, last, now, &current) => {
                    write_all(store, scheduled, &current, now)?;
                    remember(store, scheduled, now)?;
                }
                Some(_) => {}
            }
        }
        if stop.wait(POLL) {
            return Ok(());
        }
    }
}

fn is_due(scheduled: &ScheduledReport, last: Time, now: Time, current: &InForce) -> bool {
    scheduled
        .schedule
        .next(last, &current.zone)
        .is_some_and(|due| due <= now)
}

fn key(scheduled: &ScheduledReport) -> String {
    format!("report {}", scheduled.name)
}

fn last_written(
    store: &dyn Store,
    scheduled: &ScheduledReport,
) -> Result<Option<Time>, StoreError> {
    let key = key(scheduled);
    let position = store
        .positions()?
        .into_iter()
        .find(|position| position.key == key);
    Ok(position.and_then(|position| position.state.parse().ok()))
}

fn remember(store: &dyn Store, scheduled: &ScheduledReport, now: Time) -> Result<(), StoreError> {
    let position = Position {
        key: key(scheduled),
        state: now.to_string(),
    };
    let batch = Batch {
        positions: vec![position],
        ..Batch::default()
    };
    store
        .commit(&batch, now, &mut |_| Consequences::default())
        .map(|_| ())
}

/// A file that cannot be written is told of and tried again at the next due time; the register is not in danger.
fn write_all(
    store: &dyn Store,
    scheduled: &ScheduledReport,
    current: &InForce,
    now: Time,
) -> Result<(), StoreError> {
    let report = reports::build(&Ask {
        store,
        catalogue: &current.policy.catalogue,
        duties: &current.policy.duties,
        settings: &current.policy.settings,
        zone: &current.zone,
        from: Some(now.plus_days(-i64::from(scheduled.days))),
        until: Some(now),
        as_of: Some(now),
    })?;
    for renderer in &scheduled.renderers {
        let name = format!("{}-{}.{}", scheduled.name, now.day(), renderer.extension);
        let path = scheduled.directory.join(name);
        match write_one(&path, renderer, &report, scheduled.edition) {
            Ok(()) => tracing::info!(path = %path.display(), "report written"),
            Err(error) => tracing::error!(path = %path.display(), %error, "report not written"),
        }
    }
    Ok(())
}

fn write_one(
    path: &Path,
    renderer: &Renderer,
    report: &Report,
    edition: Edition,
) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let unfinished = path.with_extension(format!("{}.part", renderer.extension));
    let mut file = BufWriter::new(fs::File::create(&unfinished)?);
    (renderer.write)(report, edition, &mut file)?;
    file.flush()?;
    file.into_inner()?.sync_all()?;
    fs::rename(&unfinished, path)
}
