//! The store: where it is, whether its accounts balance, and what waits to be sent.

use crate::config::Config;
use crate::model::Time;
use crate::store::sqlite::SqliteStore;
use crate::store::{OutboxState, Store as _};

use super::super::labelled::count;
use super::super::table::{bytes, grouped, shown};
use super::Checks;

/// A longer write-ahead log means that a reader holds on to an old snapshot, or that nobody wrote it back.
const LONG_WAL_BYTES: u64 = 256 << 20;
/// An alert that waits longer is late.
const LATE_SECS: i64 = 3_600;
/// Complaints of one kind that are printed.
const TOLD: usize = 10;

/// The store, when there is one.
pub(super) fn open(config: &Config, checks: &mut Checks) -> Option<SqliteStore> {
    let path = config.store_path();
    if !path.exists() {
        checks.look(
            "store",
            format!(
                "there is none at {} yet; `gnomon run` makes it, or `gnomon scan PATH --store {}`",
                path.display(),
                path.display()
            ),
        );
        return None;
    }
    match SqliteStore::open_read_only(&path) {
        Ok(store) => {
            let schema = match store.schema() {
                Ok(schema) => format!("schema {schema}"),
                Err(error) => return fail(checks, &error.to_string()),
            };
            let size = std::fs::metadata(&path).map_or(0, |found| found.len());
            checks.fine(
                "store",
                format!(
                    "{}: {}, {schema}, SQLite {}",
                    path.display(),
                    bytes(size),
                    SqliteStore::engine()
                ),
            );
            Some(store)
        }
        Err(error) => fail(checks, &error.to_string()),
    }
}

fn fail(checks: &mut Checks, why: &str) -> Option<SqliteStore> {
    checks.wrong("store", why);
    None
}

/// Whether the storage is sound.
pub(super) fn check(store: &SqliteStore, checks: &mut Checks) {
    match store.check() {
        Ok(wrong) if wrong.is_empty() => {
            checks.fine(
                "store",
                "it is whole, and the register is the sum of what was seen",
            );
        }
        Ok(wrong) => {
            for sentence in wrong.iter().take(TOLD) {
                checks.wrong("store", shown(sentence, 300));
            }
            if wrong.len() > TOLD {
                checks.wrong(
                    "store",
                    format!("and {} more of the kind", wrong.len() - TOLD),
                );
            }
        }
        Err(error) => checks.wrong("store", error.to_string()),
    }
    accounts(store, checks);
    let wal = store.wal_bytes();
    if wal > LONG_WAL_BYTES {
        checks.look(
            "store",
            format!("its write-ahead log holds {}: a reader keeps an old snapshot, or the service was killed", bytes(wal)),
        );
    } else {
        checks.fine("store", format!("its write-ahead log holds {}", bytes(wal)));
    }
}

/// The accounts that balance at any time.
fn accounts(store: &SqliteStore, checks: &mut Checks) {
    match (store.check_accounts(), store.coverage()) {
        // What is wrong was said with the rest.
        (Ok(wrong), Ok(coverage)) if wrong.is_empty() => {
            let read: u64 = coverage.iter().map(|source| source.read).sum();
            checks.fine(
                "",
                format!(
                    "the accounts balance: {} records of {} were read, and each is an event, skipped or not understood; no alert is queued twice",
                    grouped(read),
                    count(coverage.len(), "source", "sources")
                ),
            );
        }
        (Ok(_), Ok(_)) => {}
        (Err(error), _) | (_, Err(error)) => checks.wrong("store", error.to_string()),
    }
}

/// The copy that a damaged store is restored from, and stores that were.
pub(super) fn copies(config: &Config, now: Time, checks: &mut Checks) {
    let path = config.store_path();
    match SqliteStore::backed_up(&path).and_then(|made| jiff::Timestamp::try_from(made).ok()) {
        Some(made) if Time::from(made).plus_secs(2 * 86_400) > now => {
            checks.fine(
                "",
                format!("the copy of the day is of {}", Time::from(made)),
            );
        }
        Some(made) => checks.look(
            "store",
            format!(
                "its last copy is of {}: is `gnomon run` running?",
                Time::from(made)
            ),
        ),
        None => checks.look(
            "store",
            "there is no copy of it yet; `gnomon run` makes one a day",
        ),
    }
    for aside in SqliteStore::set_aside(&path) {
        checks.look(
            "store",
            format!(
                "it was damaged once: {} is kept to be looked at, and may be deleted",
                aside.display()
            ),
        );
    }
}

/// What waits to be sent, per channel.
pub(super) fn outbox(store: &SqliteStore, config: &Config, now: Time, checks: &mut Checks) {
    let mut rest = match store.outbox(None) {
        Ok(all) => all,
        Err(error) => return checks.wrong("alerts", error.to_string()),
    };
    for channel in &config.alerts.channels {
        match store.outbox(Some(&channel.name)) {
            Ok(state) => {
                rest.pending = rest.pending.saturating_sub(state.pending);
                rest.dead = rest.dead.saturating_sub(state.dead);
                of_channel(&channel.name, &state, now, checks);
            }
            Err(error) => checks.wrong("alerts", error.to_string()),
        }
    }
    if rest.pending > 0 || rest.dead > 0 {
        checks.look(
            "alerts",
            format!(
                "{} waiting and {} given up for channels that are no longer configured",
                grouped(rest.pending),
                grouped(rest.dead)
            ),
        );
    }
    dead_letters(store, checks);
}

fn of_channel(name: &str, state: &OutboxState, now: Time, checks: &mut Checks) {
    let name = shown(name, 60);
    let sums = format!(
        "{name}: {} sent, {} waiting, {} given up",
        grouped(state.sent),
        grouped(state.pending),
        grouped(state.dead)
    );
    match state.oldest_pending {
        Some(oldest) if oldest.plus_secs(LATE_SECS) < now => checks.look(
            "alerts",
            format!("{sums}; the oldest has waited since {oldest}: is `gnomon run` running, and can it reach the channel?"),
        ),
        _ => checks.fine("alerts", sums),
    }
}

fn dead_letters(store: &SqliteStore, checks: &mut Checks) {
    let dead = match store.dead_letters() {
        Ok(dead) => dead,
        Err(error) => return checks.wrong("alerts", error.to_string()),
    };
    let Some((last, why)) = dead.last() else {
        return;
    };
    checks.wrong(
        "alerts",
        format!(
            "{} given up, the latest to {} because: {}. Put that right, then send again: gnomon doctor --replay-dead-letters",
            count(dead.len(), "alert was", "alerts were"),
            shown(&last.channel, 60),
            shown(why, 200)
        ),
    );
}
