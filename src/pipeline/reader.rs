//! The thread that reads: it hands chunks to workers and says what is committed together.
//!
//! What lies between two closings is a lot. Each worker hands in its share of a lot when it comes to the closing in its
//! queue, and the positions that belong to a lot are those of its chunks: so a lot is committed whole or not at all,
//! whatever worker was quicker.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use crate::model::Position;
use crate::sources::{Chunk, Next, Source};

use super::Run;
use super::committer::Done;
use super::stream::Recognised;

/// How long reading may go on after a stop; service managers wait for half a minute and more.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// How often it is told how much is read, while there is something to read.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// Looking at the files takes at most one part in so many of the time, while there is nothing to read ...
const LOOK_SHARE: u32 = 200;
/// ... unless that would make the pause between two looks so many times as long.
const LONGEST_PAUSE: u32 = 5;

/// Commits that follow every look take at most one part in so many of the time ...
const COMMIT_SHARE: u32 = 50;

/// ... unless they would wait longer than for their turn. A log that is written to all the time is read to its end at
/// every look: where commits are long, one for each would be most of the work.
fn turn_of(commit: Duration, commit_every: Duration) -> Duration {
    commit.saturating_mul(COMMIT_SHARE).min(commit_every)
}

/// How long to wait until the next look when the last one took so long: thousands of files are looked at less often.
fn pause(poll: Duration, look: Duration) -> Duration {
    let seldom = look.saturating_mul(LOOK_SHARE);
    poll.max(seldom.min(poll.saturating_mul(LONGEST_PAUSE)))
}

/// What a worker is asked to do.
pub(super) enum Work {
    Chunk(Box<Task>),
    /// The stream has ended.
    Close(u64),
    /// Hand in what was tallied since the last time.
    Share {
        lot: u64,
    },
}

/// One chunk, and what is known of its stream.
pub(super) struct Task {
    pub(super) chunk: Chunk,
    /// Counts chunks, so that the last one of a stream can be told.
    pub(super) number: u64,
    /// What the first worker of the stream found out about it.
    pub(super) recognised: Arc<OnceLock<Recognised>>,
}

/// What is to be committed with the shares of a lot.
#[derive(Default)]
pub(super) struct Closing {
    pub(super) positions: BTreeMap<String, Position>,
    /// Positions to forget.
    pub(super) forget: Vec<String>,
    pub(super) troubles: Vec<(Arc<str>, String)>,
    /// What nobody can read any more.
    pub(super) losses: Vec<(Arc<str>, String)>,
    /// Everything there was has been handed out.
    pub(super) caught_up: bool,
}

pub(super) struct Reader<'r> {
    run: &'r Run<'r>,
    queues: &'r [Sender<Work>],
    done: &'r Sender<Done>,
    /// Set by a worker whose tables are nearly full.
    heavy: &'r AtomicBool,
    streams: HashMap<u64, Arc<OnceLock<Recognised>>>,
    lot: u64,
    closing: Closing,
    is_empty: bool,
    closed_at: Instant,
    /// When a lot with something in it was closed last, once everything there was had been read.
    handed_in_at: Option<Instant>,
    told_progress_at: Option<Instant>,
    chunks: u64,
}

/// Nobody takes what is read any more.
struct Deserted;

impl<'r> Reader<'r> {
    pub(super) fn new(
        run: &'r Run<'r>,
        queues: &'r [Sender<Work>],
        done: &'r Sender<Done>,
        heavy: &'r AtomicBool,
    ) -> Self {
        Self {
            run,
            queues,
            done,
            heavy,
            streams: HashMap::new(),
            lot: 0,
            closing: Closing::default(),
            is_empty: true,
            closed_at: Instant::now(),
            handed_in_at: None,
            told_progress_at: None,
            chunks: 0,
        }
    }

    /// Reads to the end, or until stopped.
    ///
    /// When told to stop it looks once more, so that what was written before is in the register; a long backlog waits for
    /// the next start.
    pub(super) fn read(mut self, source: &mut dyn Source) {
        let mut told_caught_up = false;
        let mut last_look: Option<Instant> = None;
        loop {
            let stopping = self.run.stop.is_set();
            if stopping && last_look.get_or_insert_with(Instant::now).elapsed() > LAST_LOOK {
                let _ = self.close();
                return;
            }
            self.run.meter.reader_beat();
            let asked_at = Instant::now();
            let delivered = match source.next() {
                Next::Chunk(chunk) => {
                    told_caught_up = false;
                    self.send(chunk)
                }
                Next::Trouble { source, note } => {
                    self.is_empty = false;
                    self.closing.troubles.push((source, note));
                    Ok(())
                }
                Next::Lost { source, note } => {
                    self.is_empty = false;
                    self.closing.losses.push((source, note));
                    Ok(())
                }
                Next::Forget(keys) => {
                    self.is_empty = false;
                    self.closing.forget.extend(keys);
                    Ok(())
                }
                Next::Idle => {
                    let told = if last_look.is_none() && self.waits_its_turn() {
                        Ok(())
                    } else {
                        self.catch_up(&mut told_caught_up)
                    };
                    if last_look.is_some() {
                        return;
                    }
                    self.told_progress_at = None;
                    let pause = pause(self.run.settings.poll, asked_at.elapsed());
                    self.run.stop.wait(pause);
                    told
                }
                Next::End => {
                    let _ = self.catch_up(&mut told_caught_up);
                    return;
                }
            };
            if delivered.and_then(|()| self.close_if_due()).is_err() {
                return;
            }
            self.tell_progress(source);
        }
    }

    /// Tells how much is read; not with every chunk, because asking takes a walk over all files.
    fn tell_progress(&mut self, source: &dyn Source) {
        let told = self.told_progress_at;
        if told.is_some_and(|told| told.elapsed() < PROGRESS_EVERY) {
            return;
        }
        self.told_progress_at = Some(Instant::now());
        if let Some((total, read)) = source.progress() {
            self.run.meter.on_disk(total, read);
        }
    }

    /// Hands a chunk to a worker: to the one that holds the stream's parser, or to any where every record is
    /// understood by itself.
    fn send(&mut self, mut chunk: Chunk) -> Result<(), Deserted> {
        self.chunks += 1;
        self.is_empty = false;
        if let Some(position) = chunk.position.take() {
            self.closing
                .positions
                .insert(position.key.clone(), position);
        }
        let stream = chunk.stream;
        let last = chunk.last;
        let recognised = Arc::clone(self.streams.entry(stream).or_default());
        let is_shared = recognised
            .get()
            .is_some_and(|recognised| recognised.is_stateless);
        let own = usize::try_from(stream).unwrap_or(0) % self.queues.len();
        let idlest = self.queues.iter().min_by_key(|queue| queue.len());
        let queue = if is_shared {
            idlest
        } else {
            self.queues.get(own)
        };
        let task = Task {
            chunk,
            number: self.chunks,
            recognised,
        };
        let sent = queue.map(|queue| queue.send(Work::Chunk(Box::new(task))));
        if !matches!(sent, Some(Ok(()))) {
            return Err(Deserted);
        }
        if last {
            self.streams.remove(&stream);
            return self.tell_all(|| Work::Close(stream));
        }
        Ok(())
    }

    /// Whether what was read since the last commit had better be joined by what the next look finds.
    fn waits_its_turn(&self) -> bool {
        let turn = turn_of(self.run.meter.commit_took(), self.run.settings.commit_every);
        self.handed_in_at.is_some_and(|at| at.elapsed() < turn)
    }

    fn catch_up(&mut self, told: &mut bool) -> Result<(), Deserted> {
        if !*told {
            *told = true;
            self.closing.caught_up = true;
            self.is_empty = false;
        }
        self.close()
    }

    fn close_if_due(&mut self) -> Result<(), Deserted> {
        let is_due = self.closed_at.elapsed() >= self.run.settings.commit_every;
        if is_due || self.heavy.swap(false, Ordering::Relaxed) {
            return self.close();
        }
        Ok(())
    }

    /// Ends the lot, if there is anything in it.
    fn close(&mut self) -> Result<(), Deserted> {
        self.closed_at = Instant::now();
        if std::mem::replace(&mut self.is_empty, true) {
            return Ok(());
        }
        let lot = self.lot;
        self.lot += 1;
        let closing = std::mem::take(&mut self.closing);
        if closing.caught_up || self.handed_in_at.is_some() {
            self.handed_in_at = Some(self.closed_at);
        }
        self.tell_all(|| Work::Share { lot })?;
        let closed = Done::Closed {
            lot,
            closing: Box::new(closing),
        };
        self.done.send(closed).map_err(|_| Deserted)
    }

    fn tell_all(&self, work: impl Fn() -> Work) -> Result<(), Deserted> {
        for queue in self.queues {
            queue.send(work()).map_err(|_| Deserted)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_commits_follow_every_look_and_long_ones_wait_for_their_turn() {
        let every = Duration::from_secs(1);
        let after = |millis| turn_of(Duration::from_millis(millis), every).as_millis();
        assert_eq!((after(0), after(2), after(20)), (0, 100, 1_000));
        assert_eq!(turn_of(Duration::MAX, every), every);
    }

    #[test]
    fn looking_at_many_files_is_done_less_often() {
        let poll = Duration::from_millis(250);
        let after = |micros| pause(poll, Duration::from_micros(micros)).as_millis();
        assert_eq!((after(50), after(1_250)), (250, 250));
        assert_eq!((after(3_000), after(1_000_000)), (600, 1_250));
        assert_eq!(pause(Duration::ZERO, poll), Duration::ZERO);
    }
}
