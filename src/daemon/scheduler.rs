//! What is done by the calendar: reports when they are due, and forgetting what is older than it may be.
//!
//! The time of the last writing is kept in the store, so that a report that fell due while the service was down is
//! written once after the start. A file appears whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::{Batch, Consequences, Day, Position, Time};
use crate::pipeline::Stop;
use crate::reports::{self, Ask, Edition, Renderer, Report};
use crate::store::{Store, StoreError};

use super::setting::Setting;
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
/// Nothing is forgotten while the clock was set within this time: one that is years ahead by mistake must not cost the
/// register.
const TRUSTED_SECS: i64 = 24 * 3_600;

/// What the scheduler sees to.
pub(super) struct Scheduler<'s> {
    pub(super) store: &'s dyn Store,
    pub(super) reports: &'s [ScheduledReport],
    /// Days that sightings are kept; for ever when `None`.
    pub(super) keep_days: Option<u16>,
    pub(super) in_force: &'s Shared,
    pub(super) clock: &'s (dyn Fn() -> Time + Sync),
    /// Time since the start, which nobody can set.
    pub(super) steady: &'s (dyn Fn() -> Duration + Sync),
}

/// What was done when.
#[derive(Default)]
struct Diary {
    observed_on: Option<Day>,
    forgot_on: Option<Day>,
    setting: Setting,
}

impl Scheduler<'_> {
    /// Looks at the calendar until told to stop.
    pub(super) fn keep(&self, stop: &Stop) -> Result<(), StoreError> {
        let mut diary = Diary::default();
        loop {
            match self.look(&mut diary) {
                // Another process is writing; there is another look soon.
                Ok(()) | Err(StoreError::Busy(_) | StoreError::Full(_)) => {}
                Err(error) => return Err(error),
            }
            if stop.wait(POLL) {
                return Ok(());
            }
        }
    }

    fn look(&self, diary: &mut Diary) -> Result<(), StoreError> {
        let (store, current) = (self.store, self.in_force.current());
        for scheduled in self.reports {
            let now = (self.clock)();
            match last_written(store, scheduled)? {
                // A new schedule begins now, and so does one whose clock was set back: it would wait until that
                // time is reached again.
                None => remember(store, scheduled, now)?,
                Some(last) if last > now => remember(store, scheduled, now)?,
                Some(last) if is_due(scheduled, last, now, &current) => {
                    write_all(store, scheduled, &current, now)?;
                    remember(store, scheduled, now)?;
                }
                Some(_) => {}
            }
        }
        let (now, steady) = ((self.clock)(), (self.steady)());
        diary.setting.look(now, steady);
        let today = Some(now.day());
        if diary.observed_on != today {
            // Before anything is forgotten: what is compared may be old.
            observe(store, &current, now)?;
            diary.observed_on = today;
        }
        if let Some(days) = self.keep_days
            && diary.forgot_on != today
            && diary.setting.is_trusted(TRUSTED_SECS, steady)
        {
            let rows = store.forget_before(now.plus_days(-i64::from(days)).hour())?;
            if rows > 0 {
                tracing::info!(rows, days, "forgot what is older than it may be kept");
            }
            diary.forgot_on = today;
        }
        Ok(())
    }
}

/// Once a day the whole register is asked what it shows of duties, and what differs from the last time is kept.
fn observe(store: &dyn Store, current: &InForce, now: Time) -> Result<(), StoreError> {
    let report = reports::build(&Ask {
        store,
        catalogue: &current.policy.catalogue,
        duties: &current.policy.duties,
        settings: &current.policy.settings,
        zone: &current.zone,
        from: None,
        until: None,
        as_of: Some(now),
    })?;
    let noted = reports::note(store, &report)?;
    if noted > 0 {
        tracing::info!(noted, "observations and standings changed");
    }
    Ok(())
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
    let report = reports::build_with_previous(&Ask {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::catalogue::Catalogue;
    use crate::govern::{self, DutyModel};
    use crate::model::{Channel, Grade, Kind, Outcome, Role, Sighting, SightingKey, Tally, Tier};
    use crate::pipeline::{News, Policy};
    use crate::store::Filter;
    use crate::store::sqlite::SqliteStore;

    const NOW_SECS: i64 = 1_795_500_000;

    fn in_force() -> Shared {
        let policy = Policy {
            catalogue: Arc::new(Catalogue::embedded().unwrap()),
            duties: Arc::new(DutyModel::embedded().unwrap()),
            settings: govern::Settings::default(),
        };
        Shared::new(InForce {
            policy,
            news: News::default(),
            zone: jiff::tz::TimeZone::UTC,
        })
    }

    /// A store with one look-up of ChatGPT this many days before now.
    fn store_with_use(days_ago: i64) -> SqliteStore {
        let time = Time::from_secs(NOW_SECS).plus_days(-days_ago);
        let key = SightingKey {
            hour: time.hour(),
            service: "openai.chatgpt".into(),
            role: Role::Ui,
            tier: Tier::Unknown,
            channel: Channel::Unknown,
            kind: Kind::Dns,
            outcome: Outcome::Unknown,
            client: "192.0.2.7".into(),
            user: "".into(),
            segment: "".into(),
            source: "test".into(),
        };
        let sighting = Sighting {
            key,
            tally: Tally::of(time, Grade::Resolved),
        };
        let store = SqliteStore::open_in_memory().unwrap();
        let batch = Batch {
            sightings: vec![sighting],
            ..Batch::default()
        };
        store
            .commit(&batch, time, &mut |_| Consequences::default())
            .unwrap();
        store
    }

    fn sightings(store: &SqliteStore) -> usize {
        let mut count = 0;
        store
            .sightings(&Filter::default(), &mut |_| count += 1)
            .unwrap();
        count
    }

    #[test]
    fn a_due_report_is_written_once_and_a_missed_one_after_the_start() {
        let directory = tempfile::tempdir().unwrap();
        let store = store_with_use(1);
        let reports = [ScheduledReport {
            name: "daily".into(),
            schedule: Schedule::parse("0 6 * * *").unwrap(),
            days: 7,
            edition: Edition::Ciso,
            renderers: vec![reports::renderer("json").unwrap()],
            directory: directory.path().to_path_buf(),
        }];
        let secs = AtomicI64::new(NOW_SECS);
        let clock = || Time::from_secs(secs.load(Ordering::Relaxed));
        let in_force = in_force();
        let scheduler = Scheduler {
            store: &store,
            reports: &reports,
            keep_days: None,
            in_force: &in_force,
            clock: &clock,
            steady: &|| Duration::ZERO,
        };
        let written = || fs::read_dir(directory.path()).unwrap().count();
        scheduler.look(&mut Diary::default()).unwrap();
        assert_eq!(written(), 0, "a new schedule begins now");
        secs.fetch_add(2 * 86_400, Ordering::Relaxed);
        scheduler.look(&mut Diary::default()).unwrap();
        scheduler.look(&mut Diary::default()).unwrap();
        assert_eq!(written(), 1);
        // Set forward by a year, one report is written; set back again, the next day's is not a year away.
        secs.fetch_add(365 * 86_400, Ordering::Relaxed);
        scheduler.look(&mut Diary::default()).unwrap();
        secs.fetch_sub(365 * 86_400, Ordering::Relaxed);
        scheduler.look(&mut Diary::default()).unwrap();
        assert_eq!(written(), 2);
        secs.fetch_add(86_400, Ordering::Relaxed);
        scheduler.look(&mut Diary::default()).unwrap();
        assert_eq!(written(), 3);
        let file = fs::read_dir(directory.path())
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        assert!(
            fs::read_to_string(file.path())
                .unwrap()
                .contains("openai.chatgpt")
        );
    }

    #[test]
    fn what_is_too_old_is_forgotten_and_its_sums_stay() {
        let in_force = in_force();
        let clock = || Time::from_secs(NOW_SECS);
        for (days_ago, kept) in [(399, 1), (401, 0)] {
            let store = store_with_use(days_ago);
            let scheduler = Scheduler {
                store: &store,
                reports: &[],
                keep_days: Some(400),
                in_force: &in_force,
                clock: &clock,
                steady: &|| Duration::ZERO,
            };
            scheduler.look(&mut Diary::default()).unwrap();
            assert_eq!(sightings(&store), kept);
            assert_eq!(store.profiles(None).unwrap()[0].events, 1);
            assert_eq!(store.check().unwrap(), Vec::<String>::new());
        }
    }

    #[test]
    fn a_clock_that_was_set_far_ahead_costs_nothing() {
        let in_force = in_force();
        let (secs, hours_up) = (AtomicI64::new(NOW_SECS), AtomicI64::new(0));
        let clock = || Time::from_secs(secs.load(Ordering::Relaxed));
        let steady =
            || Duration::from_secs(hours_up.load(Ordering::Relaxed).unsigned_abs() * 3_600);
        let store = store_with_use(1);
        let scheduler = Scheduler {
            store: &store,
            reports: &[],
            keep_days: Some(400),
            in_force: &in_force,
            clock: &clock,
            steady: &steady,
        };
        let mut diary = Diary::default();
        let mut after = |ahead_secs: i64, hours: i64| {
            secs.fetch_add(ahead_secs, Ordering::Relaxed);
            hours_up.fetch_add(hours, Ordering::Relaxed);
            scheduler.look(&mut diary).unwrap();
            sightings(&store)
        };
        assert_eq!(after(0, 0), 1);
        assert_eq!(after(10 * 365 * 86_400, 0), 1, "ten years ahead");
        assert_eq!(after(3_600, 1), 1);
        assert_eq!(after(24 * 3_600, 24), 0, "it stayed so for a day");
    }
}
