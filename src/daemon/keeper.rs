//! Looks after the service itself: room on the disk, accounts that balance, alerts that get out, a copy every day.
//!
//! What is wrong becomes a health event: an error in the log, and an alert to every channel, once a day for the same
//! trouble. It decides nothing about reading; the engine itself waits while there is no room.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::{Batch, Changes, Consequences, Day, Health, Time, Trouble};
use crate::pipeline::{self, Moment, Stop};
use crate::store::{Room, Store, StoreError};

use super::Shared;
use super::setting::Setting;

const POLL: Duration = Duration::from_secs(10);
/// Looks between two askings of the accounts.
const LOOKS_PER_ACCOUNTS: u32 = 6;
/// A longer write-ahead log means that a reader holds on to an old snapshot.
const LONG_WAL_BYTES: u64 = 256 << 20;
/// An alert that has not left for so long is stuck.
const STUCK_SECS: i64 = 15 * 60;

pub(super) struct Keeper<'k> {
    pub(super) store: &'k dyn Store,
    pub(super) in_force: &'k Shared,
    pub(super) clock: &'k (dyn Fn() -> Time + Sync),
    /// Time since the start, which nobody can set.
    pub(super) steady: &'k (dyn Fn() -> Duration + Sync),
    /// Reading stops below this.
    pub(super) min_free_bytes: u64,
    /// What was found before the service began.
    pub(super) found: Vec<Health>,
}

/// What was said and done, and when.
#[derive(Default)]
struct Diary {
    told: BTreeSet<(Day, Trouble, String)>,
    looks: u32,
    copied_on: Option<Day>,
    setting: Setting,
}

impl Keeper<'_> {
    /// Looks again and again until told to stop.
    ///
    /// # Errors
    /// When the store must not be trusted any more.
    pub(super) fn keep(mut self, stop: &Stop) -> Result<(), StoreError> {
        let mut diary = Diary::default();
        loop {
            match self.look(&mut diary) {
                // There is another look soon.
                Ok(()) | Err(StoreError::Busy(_) | StoreError::Full(_)) => {}
                Err(error) => return Err(error),
            }
            if stop.wait(POLL) {
                return Ok(());
            }
        }
    }

    fn look(&mut self, diary: &mut Diary) -> Result<(), StoreError> {
        let now = (self.clock)();
        let steady = (self.steady)();
        diary.setting.look(now, steady);
        let today = now.day();
        diary.told.retain(|(day, ..)| *day == today);
        let mut found = std::mem::take(&mut self.found);
        self.room(&mut found);
        // What waited for a second seems to have waited for a day when the clock is set.
        if diary.setting.is_trusted(STUCK_SECS, steady) {
            self.outbox(now, &mut found)?;
        }
        if diary.looks.is_multiple_of(LOOKS_PER_ACCOUNTS) {
            found.extend(wrong(self.store.check_accounts()?));
        }
        diary.looks = diary.looks.wrapping_add(1);
        if diary.copied_on != Some(today) {
            // The copy is checked whole, and it is what the store is at this moment.
            match self.store.back_up() {
                Ok(_) => diary.copied_on = Some(today),
                Err(StoreError::Failed(why)) => {
                    diary.copied_on = Some(today);
                    found.extend(wrong(vec![why]));
                }
                Err(error) => {
                    self.tell(diary, found, now)?;
                    return Err(error);
                }
            }
        }
        self.tell(diary, found, now)
    }

    fn room(&self, found: &mut Vec<Health>) {
        let Room {
            free_bytes,
            wal_bytes,
        } = self.store.room();
        if let Some(free) = free_bytes.filter(|free| *free < self.min_free_bytes) {
            found.push(of_store(
                Trouble::DiskFull,
                format!(
                    "{} MB are free and store.min_free_mb asks for {}: reading waits where it is",
                    free >> 20,
                    self.min_free_bytes >> 20
                ),
            ));
        }
        if wal_bytes > LONG_WAL_BYTES {
            found.push(of_store(
                Trouble::LogOfWritesLong,
                format!("its write-ahead log holds {} MB", wal_bytes >> 20),
            ));
        }
    }

    fn outbox(&self, now: Time, found: &mut Vec<Health>) -> Result<(), StoreError> {
        for channel in &self.in_force.current().news.channels {
            let state = self.store.outbox(Some(channel))?;
            let since = state.oldest_pending;
            if let Some(since) = since.filter(|since| since.plus_secs(STUCK_SECS) < now) {
                found.push(Health {
                    trouble: Trouble::AlertsStuck,
                    subject: channel.clone(),
                    text: format!("{} alerts wait, the oldest since {since}", state.pending),
                });
            }
        }
        Ok(())
    }

    fn tell(&self, diary: &mut Diary, found: Vec<Health>, now: Time) -> Result<(), StoreError> {
        let is_new = |health: &Health| {
            let Health {
                trouble, subject, ..
            } = health;
            !diary.told.contains(&(now.day(), *trouble, subject.clone()))
        };
        let health: Vec<Health> = found.into_iter().filter(is_new).collect();
        if health.is_empty() {
            return Ok(());
        }
        for Health { subject, text, .. } in &health {
            tracing::error!(about = subject, "{text}");
        }
        let current = self.in_force.current();
        let told = health
            .iter()
            .map(|one| (now.day(), one.trouble, one.subject.clone()));
        // What cannot be queued for want of room is in the log at least.
        diary.told.extend(told);
        let batch = Batch {
            health,
            ..Batch::default()
        };
        let moment = Moment {
            is_first: false,
            now,
            caught_up: false,
        };
        let mut alerts = |changes: &Changes| -> Consequences {
            let changes = Changes {
                health: changes.health.clone(),
                ..Changes::default()
            };
            pipeline::judge(&current.policy, &current.news, &changes, moment)
        };
        self.store.commit(&batch, now, &mut alerts).map(|_| ())
    }
}

fn wrong(sentences: Vec<String>) -> Option<Health> {
    let text = sentences.join("; ");
    (!text.is_empty()).then(|| of_store(Trouble::AccountsWrong, text))
}

fn of_store(trouble: Trouble, text: String) -> Health {
    Health {
        trouble,
        subject: "the store".to_owned(),
        text,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::catalogue::Catalogue;
    use crate::daemon::InForce;
    use crate::govern::{self, DutyModel};
    use crate::model::Alert;
    use crate::pipeline::{News, Policy};
    use crate::store::sqlite::SqliteStore;

    fn in_force() -> Shared {
        Shared::new(InForce {
            policy: Policy {
                catalogue: Arc::new(Catalogue::embedded().unwrap()),
                duties: Arc::new(DutyModel::embedded().unwrap()),
                settings: govern::Settings::default(),
            },
            news: News {
                rules: Vec::new(),
                channels: vec!["soc".into()],
            },
            zone: jiff::tz::TimeZone::UTC,
        })
    }

    /// Titles of the alerts that wait.
    fn queued(store: &SqliteStore, now: Time) -> Vec<String> {
        let taken = store.lease("soc", now, now.plus_secs(1), 100).unwrap();
        assert!(taken.iter().all(|one| one.alert.rule == Alert::HEALTH));
        let mut titles: Vec<String> = taken.into_iter().map(|one| one.alert.title).collect();
        titles.sort();
        titles
    }

    #[test]
    fn what_is_wrong_is_told_to_every_channel_once_a_day_and_a_copy_is_made() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("gnomon.db");
        let store = SqliteStore::open(&path).unwrap();
        let secs = AtomicI64::new(1_795_500_000);
        let set_secs = AtomicI64::new(0);
        let clock =
            || Time::from_secs(secs.load(Ordering::Relaxed) + set_secs.load(Ordering::Relaxed));
        let steady = || Duration::from_secs(secs.load(Ordering::Relaxed).unsigned_abs());
        let in_force = in_force();
        let mut keeper = Keeper {
            store: &store,
            in_force: &in_force,
            clock: &clock,
            steady: &steady,
            min_free_bytes: u64::MAX,
            found: vec![of_store(
                Trouble::StoreRestored,
                "it was damaged".to_owned(),
            )],
        };
        let mut diary = Diary::default();
        for _ in 0..3 {
            keeper.look(&mut diary).unwrap();
        }
        let titles = queued(&store, clock());
        assert_eq!(titles.len(), 2, "{titles:?}");
        assert!(titles[0].contains("want of room") && titles[1].contains("replaced"));
        assert!(SqliteStore::backed_up(&path).is_some());
        // The clock is set forward by an hour and back: nothing has waited for so long.
        for hour in [3_600, 0] {
            set_secs.store(hour, Ordering::Relaxed);
            keeper.look(&mut diary).unwrap();
        }
        secs.fetch_add(600, Ordering::Relaxed);
        keeper.look(&mut diary).unwrap();
        let stuck = || "Gnomon's alerts do not get out".to_owned();
        assert!(!queued(&store, clock()).contains(&stuck()));
        // Nobody fetches the two: half an hour later that is a trouble of its own, and the next day the room is again.
        secs.fetch_add(1_800, Ordering::Relaxed);
        keeper.look(&mut diary).unwrap();
        assert!(queued(&store, clock()).contains(&stuck()));
        secs.fetch_add(86_400, Ordering::Relaxed);
        keeper.look(&mut diary).unwrap();
        assert_eq!(queued(&store, clock()).len(), 5);
    }
}
