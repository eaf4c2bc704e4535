//! Gathers results and commits them: at least every `commit_every`, or when enough has gathered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::detect::Tables;
use crate::model::{Batch, Coverage, Position};
use crate::store::StoreError;

use super::{Judge, Moment, Run};

/// What readers and workers report.
pub(super) enum Done {
    Chunk {
        stream: u64,
        coverage: Box<Coverage>,
        tables: Box<Tables>,
        position: Option<Position>,
    },
    Trouble {
        source: Arc<str>,
        note: String,
    },
    /// Positions to forget once the chunks before are committed.
    Forget {
        keys: Vec<String>,
        after: u64,
    },
    /// Everything there was has been handed out in this many chunks.
    CaughtUp {
        after: u64,
    },
}

/// Bytes after which gathered tallies are committed without waiting.
const COMMIT_BYTES: u64 = 64 << 20;

/// How long a commit waits for a store that another process holds: then the service ends, and reads again from what is
/// committed when it is started next.
const BUSY_LIMIT: Duration = Duration::from_secs(300);
/// The same after a stop was asked for.
const BUSY_LIMIT_STOPPING: Duration = Duration::from_secs(15);
const BUSY_WAIT: Duration = Duration::from_millis(500);

pub(super) struct Committer<'c> {
    run: &'c Run<'c>,
    judge: Judge<'c>,
    tables: Tables,
    coverage: BTreeMap<String, Coverage>,
    positions: BTreeMap<String, Position>,
    gathered_bytes: u64,
    chunks_done: u64,
    caught_up_after: Option<u64>,
    /// Streams whose last event is a question that may have been blocked, and since when.
    open_questions: BTreeMap<u64, Instant>,
    forget: Vec<(u64, Vec<String>)>,
    caught_up: bool,
    committed_at: Instant,
    ticked_at: Instant,
}

impl<'c> Committer<'c> {
    pub(super) fn new(run: &'c Run<'c>, judge: Judge<'c>) -> Self {
        Self {
            run,
            judge,
            tables: Tables::default(),
            coverage: BTreeMap::new(),
            positions: BTreeMap::new(),
            gathered_bytes: 0,
            chunks_done: 0,
            caught_up_after: None,
            open_questions: BTreeMap::new(),
            forget: Vec::new(),
            caught_up: false,
            committed_at: Instant::now(),
            ticked_at: Instant::now(),
        }
    }

    /// How long to wait for the next result.
    pub(super) fn patience(&self) -> Duration {
        if !self.has_gathered() {
            return self.run.settings.commit_every;
        }
        self.run
            .settings
            .commit_every
            .saturating_sub(self.committed_at.elapsed())
            .max(Duration::from_millis(5))
    }

    pub(super) fn take(&mut self, done: Done) -> Result<(), StoreError> {
        match done {
            Done::Chunk {
                stream,
                coverage,
                tables,
                position,
            } => {
                self.run
                    .meter
                    .taken(coverage.bytes, coverage.read, coverage.events);
                self.gathered_bytes += coverage.bytes;
                self.chunks_done += 1;
                if tables.open_question() {
                    self.open_questions.insert(stream, Instant::now());
                } else {
                    self.open_questions.remove(&stream);
                }
                self.tables.merge(*tables);
                self.covered(*coverage);
                if let Some(position) = position {
                    self.positions.insert(position.key.clone(), position);
                }
            }
            Done::Trouble { source, note } => {
                // Coverage shows a note beside its source: the name once is enough.
                let note = note
                    .strip_prefix(&format!("{source}: "))
                    .map(str::to_owned)
                    .unwrap_or(note);
                let coverage = Coverage {
                    source: source.to_string(),
                    notes: vec![note],
                    ..Coverage::default()
                };
                self.covered(coverage);
            }
            Done::Forget { keys, after } => self.forget.push((after, keys)),
            Done::CaughtUp { after } => self.caught_up_after = Some(after),
        }
        Ok(())
    }

    pub(super) fn commit_if_due(&mut self) -> Result<(), StoreError> {
        if self.gathered_bytes >= COMMIT_BYTES {
            self.commit()?;
        }
        if self.expects_a_block() {
            return Ok(());
        }
        if self
            .caught_up_after
            .is_some_and(|after| after <= self.chunks_done)
        {
            self.caught_up_after = None;
            self.catch_up()?;
        }
        if self.has_gathered() && self.committed_at.elapsed() >= self.run.settings.commit_every {
            self.commit()?;
        }
        if self
            .run
            .settings
            .tick_every
            .is_some_and(|every| self.ticked_at.elapsed() >= every)
        {
            self.tick()?;
        }
        Ok(())
    }

    /// Commits what is left.
    pub(super) fn finish(mut self) -> Result<(), StoreError> {
        if self.caught_up_after.take().is_some() {
            return self.catch_up();
        }
        if self.has_gathered() {
            self.commit()?;
        }
        Ok(())
    }

    /// Whether a question was the last line of a log a moment ago: the line about its block would follow at once, so it
    /// is there when the log is looked at again.
    fn expects_a_block(&mut self) -> bool {
        let moment = self.run.settings.poll * 2 + Duration::from_millis(50);
        self.open_questions
            .retain(|_, since| since.elapsed() < moment);
        !self.open_questions.is_empty()
    }

    /// What was gathered until here is history; the first tick after it tells of it, all at once.
    fn catch_up(&mut self) -> Result<(), StoreError> {
        if self.has_gathered() {
            self.commit()?;
        }
        if self.caught_up {
            return Ok(());
        }
        self.caught_up = true;
        self.tick()
    }

    /// Lets time alone have its consequences.
    fn tick(&mut self) -> Result<(), StoreError> {
        self.ticked_at = Instant::now();
        self.write(&Batch::default())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        let overflowed = self.tables.overflowed();
        self.tables.drain_into(&mut batch);
        batch.coverage = std::mem::take(&mut self.coverage).into_values().collect();
        if let (true, Some(coverage)) = (overflowed > 0, batch.coverage.first_mut()) {
            coverage.notes.push(format!(
                "too many distinct names at once: {overflowed} counts went to __other__"
            ));
        }
        let chunks_done = self.chunks_done;
        for (_, keys) in self
            .forget
            .extract_if(.., |(after, _)| *after <= chunks_done)
        {
            for key in keys {
                self.positions.insert(
                    key.clone(),
                    Position {
                        key,
                        state: String::new(),
                    },
                );
            }
        }
        batch.positions = std::mem::take(&mut self.positions).into_values().collect();
        self.gathered_bytes = 0;
        self.write(&batch)?;
        self.committed_at = Instant::now();
        self.run.meter.committed();
        Ok(())
    }

    /// Writes a batch; waits while another process holds the store. Reading waits with it, so nothing piles up.
    fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let since = Instant::now();
        loop {
            let moment = Moment {
                now: (self.run.clock)(),
                caught_up: self.caught_up,
            };
            let judge = &mut self.judge;
            match self
                .run
                .store
                .commit(batch, moment.now, &mut |changes| judge(changes, moment))
            {
                Ok(_) => return Ok(()),
                Err(StoreError::Busy(why)) if since.elapsed() < BUSY_LIMIT => {
                    tracing::warn!(why, "the store is busy; waiting");
                    self.run.meter.committer_beat();
                    if self.run.stop.wait(BUSY_WAIT) && since.elapsed() >= BUSY_LIMIT_STOPPING {
                        return Err(StoreError::Busy(why));
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn covered(&mut self, coverage: Coverage) {
        match self.coverage.get_mut(&coverage.source) {
            Some(mine) => mine.merge(&coverage),
            None => {
                self.coverage.insert(coverage.source.clone(), coverage);
            }
        }
    }

    fn has_gathered(&self) -> bool {
        !self.coverage.is_empty()
            || !self.positions.is_empty()
            || !self.tables.is_empty()
            || self
                .forget
                .iter()
                .any(|(after, _)| *after <= self.chunks_done)
    }
}
