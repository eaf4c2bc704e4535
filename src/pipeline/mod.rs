//! The engine that `scan` and `run` share: chunks → events → sightings → commits.
//!
//! One thread reads, some parse and tally, the calling one commits. Queues are bounded, so a slow store slows
//! the reader and nothing is dropped. What is read between two closings is a lot: the positions of its chunks are
//! committed in the transaction that commits its tallies, so a crash replays and counts nothing twice. Only source, clock and judge differ between `scan`
//! and `run`.

mod committer;
mod judge;
mod meter;
mod reader;
mod rematch;
mod rules;
mod stop;
mod stream;
mod survey;
mod walk;
mod worker;

use std::sync::atomic::AtomicBool;
use std::thread::Scope;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use crate::model::{Changes, Consequences, Time};
use crate::sources::Source;
use crate::store::{Store, StoreError};

use committer::{Committer, Done};
use reader::Reader;
use worker::Common;

pub use judge::{News, Policy, judge};
pub use meter::{Meter, Reading};
pub use rematch::rematch;
pub use rules::{Rules, SharedRules};
pub use stop::Stop;
pub use survey::{Asked, Count, Doubt, Extent, Survey, clocks, survey};
pub use walk::records;

/// How the engine works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Threads that parse; at least one.
    pub workers: usize,
    /// How long to wait before asking an idle source again.
    pub poll: Duration,
    /// How long tallies may wait for their commit.
    pub commit_every: Duration,
    /// How often to let time alone have consequences; never when `None`.
    pub tick_every: Option<Duration>,
    /// Reading waits while less is free where the store lies; `None`: a full disk is an error.
    pub min_free_bytes: Option<u64>,
}

/// The moment of a commit, as its judge sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub now: Time,
    /// Whether everything that was there has been read: what is found from now on is news.
    pub caught_up: bool,
    /// Whether this is the first look after everything that was there has been read: what it finds is history.
    pub is_first: bool,
}

/// Says what follows from a change; pure, called inside the store's transaction.
pub type Judge<'j> = &'j mut dyn FnMut(&Changes, Moment) -> Consequences;

/// How many chunks may wait for one worker, and how many results for the committer: where every name is new, a result is
/// as large as its tables may grow.
const CHUNKS_WAITING: usize = 4;
const RESULTS_WAITING: usize = 3;

/// What the engine runs with.
pub struct Run<'r> {
    pub settings: &'r Settings,
    pub rules: &'r SharedRules,
    pub store: &'r dyn Store,
    pub clock: &'r (dyn Fn() -> Time + Sync),
    pub stop: &'r Stop,
    pub meter: &'r Meter,
}

/// Reads a source to its end, or until stopped, and commits what it says.
///
/// # Errors
/// When the store refuses a commit. What was committed before stays; the rest is read again next time.
pub fn run(run: &Run<'_>, source: &mut dyn Source, judge: Judge<'_>) -> Result<(), StoreError> {
    let (done, results) = bounded(RESULTS_WAITING);
    let heavy = AtomicBool::new(false);
    let common = Common {
        rules: run.rules,
        meter: run.meter,
        workers: run.settings.workers.max(1),
        heavy: &heavy,
    };
    std::thread::scope(|scope| {
        let mut queues = Vec::new();
        for _ in 0..common.workers {
            let (queue, work) = bounded(CHUNKS_WAITING);
            let (done, common) = (done.clone(), &common);
            queues.push(queue);
            start(scope, "worker", move || worker::work(common, &work, &done));
        }
        let heavy = &heavy;
        start(scope, "reader", move || {
            Reader::new(run, &queues, &done, heavy).read(source);
        });
        let committed = commit(run, common.workers, judge, &results);
        if committed.is_err() {
            // Readers and workers end when nobody takes their results any more.
            run.stop.set();
        }
        drop(results);
        committed
    })
}

/// Starts a thread under a name, so that an administrator sees who is busy.
fn start<'s>(scope: &'s Scope<'s, '_>, name: &str, work: impl FnOnce() + Send + 's) {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn_scoped(scope, work)
        .expect("a thread can be started");
}

fn commit(
    run: &Run<'_>,
    workers: usize,
    judge: Judge<'_>,
    results: &Receiver<Done>,
) -> Result<(), StoreError> {
    let mut committer = Committer::new(run, workers, judge);
    loop {
        match results.recv_timeout(committer.patience()) {
            Ok(done) => committer.take(done),
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => {}
            Err(crossbeam_channel::RecvTimeoutError::Disconnected) => return committer.finish(),
        }
        committer.commit_if_due()?;
        run.meter.committer_beat();
    }
}
