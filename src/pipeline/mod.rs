//! The engine that `scan` and `run` share: chunks → events → sightings → commits.
//!
//! One thread reads, some parse and tally, the calling one commits. Queues are bounded, so a slow store slows
//! the reader and nothing is dropped. The position of a chunk is committed in the transaction that commits
//! its tallies: a crash replays and counts nothing twice. Only source, clock and judge differ between `scan`
//! and `run`.

mod committer;
mod judge;
mod meter;
mod rules;
mod stop;
mod stream;
mod survey;
mod worker;

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::model::{Changes, Consequences, Time};
use crate::sources::{Chunk, Next, Source};
use crate::store::{Store, StoreError};

use committer::{Committer, Done};

pub use judge::{News, Policy, judge};
pub use meter::{Meter, Reading};
pub use rules::{Rules, SharedRules};
pub use stop::Stop;
pub use stream::records;
pub use survey::{Asked, Count, Doubt, Extent, Survey, survey};

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
}

/// The moment of a commit, as its judge sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub now: Time,
    /// Whether everything that was there has been read: what is found from now on is news.
    pub caught_up: bool,
}

/// Says what follows from a change; pure, called inside the store's transaction.
pub type Judge<'j> = &'j mut dyn FnMut(&Changes, Moment) -> Consequences;

/// How many chunks may wait for one worker, and how many results for the committer.
const CHUNKS_WAITING: usize = 4;
const RESULTS_WAITING: usize = 16;
/// How long reading may go on after a stop; service managers wait for half a minute and more.
const LAST_LOOK: Duration = Duration::from_secs(5);

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
    std::thread::scope(|scope| {
        let mut queues = Vec::new();
        for _ in 0..run.settings.workers.max(1) {
            let (queue, chunks) = bounded(CHUNKS_WAITING);
            let done = done.clone();
            queues.push(queue);
            scope.spawn(move || worker::work(run.rules, &chunks, &done));
        }
        scope.spawn(move || read(run, source, &queues, &done));
        let committed = commit(run, judge, &results);
        if committed.is_err() {
            // Readers and workers end when nobody takes their results any more.
            run.stop.set();
        }
        drop(results);
        committed
    })
}

/// Hands chunks to the worker that holds their stream's parser.
///
/// When told to stop it looks once more, so that what was written before is in the register; a long backlog waits for
/// the next start.
fn read(run: &Run<'_>, source: &mut dyn Source, queues: &[Sender<Chunk>], done: &Sender<Done>) {
    let mut sent = 0;
    let mut told_caught_up = false;
    let mut last_look: Option<Instant> = None;
    loop {
        if run.stop.is_set() && last_look.get_or_insert_with(Instant::now).elapsed() > LAST_LOOK {
            return;
        }
        run.meter.reader_beat();
        let delivered = match source.next() {
            Next::Chunk(chunk) => {
                sent += 1;
                told_caught_up = false;
                let lane = usize::try_from(chunk.stream).unwrap_or(0) % queues.len();
                queues
                    .get(lane)
                    .is_some_and(|queue| queue.send(chunk).is_ok())
            }
            Next::Trouble { source, note } => done.send(Done::Trouble { source, note }).is_ok(),
            Next::Forget(keys) => done.send(Done::Forget { keys, after: sent }).is_ok(),
            Next::Idle if last_look.is_some() => return,
            Next::Idle => {
                let told = told_caught_up || done.send(Done::CaughtUp { after: sent }).is_ok();
                told_caught_up = true;
                run.stop.wait(run.settings.poll);
                told
            }
            Next::End => {
                let _ = done.send(Done::CaughtUp { after: sent });
                return;
            }
        };
        if !delivered {
            return;
        }
        if let Some((total, read)) = source.progress() {
            run.meter.on_disk(total, read);
        }
    }
}

fn commit(run: &Run<'_>, judge: Judge<'_>, results: &Receiver<Done>) -> Result<(), StoreError> {
    let mut committer = Committer::new(run, judge);
    loop {
        match results.recv_timeout(committer.patience()) {
            Ok(done) => committer.take(done)?,
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => {}
            Err(crossbeam_channel::RecvTimeoutError::Disconnected) => return committer.finish(),
        }
        committer.commit_if_due()?;
        run.meter.committer_beat();
    }
}
