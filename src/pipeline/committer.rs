//! Gathers results and commits them: at least every `commit_every`, or when enough has gathered.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::detect::Tables;
use crate::model::{Batch, Coverage, Health, Position, Trouble};
use crate::store::StoreError;

use super::reader::Closing;
use super::worker::Share;
use super::{Judge, Moment, Run};

/// What reader and workers report.
pub(super) enum Done {
    /// One worker's part of a lot.
    Share { lot: u64, share: Box<Share> },
    /// All chunks of a lot have been handed out.
    Closed { lot: u64, closing: Box<Closing> },
}

/// A lot of which not everything is there yet.
#[derive(Default)]
struct Awaited {
    shares: Vec<Share>,
    closing: Option<Closing>,
}

/// How long a commit waits for a store that another process holds: then the service ends, and reads again from what is
/// committed when it is started next.
const BUSY_LIMIT: Duration = Duration::from_secs(300);
/// The same after a stop was asked for.
const BUSY_LIMIT_STOPPING: Duration = Duration::from_secs(15);
const ROOM_WAIT: Duration = Duration::from_secs(1);
const BUSY_WAIT: Duration = Duration::from_millis(500);

/// How long history may be committed without anybody being asked what follows from it. The answer is the same for all of
/// it at once, and takes as long for little as for much.
const ASKED_EVERY: Duration = Duration::from_secs(10);

/// The most losses of one commit that are told one by one.
const LOSSES_TOLD: usize = 5;

pub(super) struct Committer<'c> {
    run: &'c Run<'c>,
    judge: Judge<'c>,
    tables: Tables,
    coverage: BTreeMap<String, Coverage>,
    positions: BTreeMap<String, Position>,
    health: Vec<Health>,
    workers: usize,
    lots: BTreeMap<u64, Awaited>,
    /// Everything there was when the source was asked last has been gathered.
    has_all: bool,
    /// Streams whose last event is a question that may have been blocked, and since when.
    open_questions: BTreeMap<u64, Instant>,
    caught_up: bool,
    is_first: bool,
    /// History was committed, and nobody was asked yet what follows from it.
    has_unasked: bool,
    committed_at: Instant,
    ticked_at: Instant,
}

impl<'c> Committer<'c> {
    pub(super) fn new(run: &'c Run<'c>, workers: usize, judge: Judge<'c>) -> Self {
        Self {
            run,
            judge,
            tables: Tables::default(),
            coverage: BTreeMap::new(),
            positions: BTreeMap::new(),
            health: Vec::new(),
            workers,
            lots: BTreeMap::new(),
            has_all: false,
            open_questions: BTreeMap::new(),
            caught_up: false,
            is_first: false,
            has_unasked: false,
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

    pub(super) fn take(&mut self, done: Done) {
        let (Done::Share { lot, .. } | Done::Closed { lot, .. }) = &done;
        let lot = *lot;
        let awaited = self.lots.entry(lot).or_default();
        match done {
            Done::Share { share, .. } => awaited.shares.push(*share),
            Done::Closed { closing, .. } => awaited.closing = Some(*closing),
        }
        // Workers and reader hand in one lot after the other, so they are complete in this order too.
        if awaited.shares.len() == self.workers
            && awaited.closing.is_some()
            && let Some(Awaited { shares, closing }) = self.lots.remove(&lot)
        {
            self.gather(shares, closing.unwrap_or_default());
        }
    }

    fn gather(&mut self, shares: Vec<Share>, closing: Closing) {
        let mut ends: HashMap<u64, (u64, bool)> = HashMap::new();
        let mut coverage: BTreeMap<String, Coverage> = BTreeMap::new();
        for share in shares {
            self.tables.merge(share.tables);
            for (source, part) in share.coverage {
                match coverage.get_mut(&source) {
                    Some(beside) => beside.merge_beside(part),
                    None => {
                        coverage.insert(source, part);
                    }
                }
            }
            for (stream, (number, open)) in share.ends {
                let end = ends.entry(stream).or_default();
                *end = (*end).max((number, open));
            }
        }
        for coverage in coverage.into_values() {
            self.covered(coverage);
        }
        for (stream, (_, open)) in ends {
            if open {
                self.open_questions.insert(stream, Instant::now());
            } else {
                self.open_questions.remove(&stream);
            }
        }
        let losses = closing.losses.len();
        for (number, (source, note)) in
            (0..).zip(closing.losses.into_iter().chain(closing.troubles))
        {
            // Coverage shows a note beside its source: the name once is enough.
            let note = note
                .strip_prefix(&format!("{source}: "))
                .map(str::to_owned)
                .unwrap_or(note);
            if number < losses {
                self.health.push(Health {
                    trouble: Trouble::LogLost,
                    subject: source.to_string(),
                    text: note.clone(),
                });
            }
            self.covered(Coverage {
                source: source.to_string(),
                notes: vec![note],
                ..Coverage::default()
            });
        }
        self.positions.extend(closing.positions);
        for key in closing.forget {
            let state = String::new();
            self.positions.insert(key.clone(), Position { key, state });
        }
        self.has_all |= closing.caught_up;
    }

    pub(super) fn commit_if_due(&mut self) -> Result<(), StoreError> {
        if self.tables.is_heavy(1, 0) {
            self.commit()?;
        }
        if self.expects_a_block() {
            return Ok(());
        }
        if std::mem::take(&mut self.has_all) {
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
        if std::mem::take(&mut self.has_all) {
            return self.catch_up();
        }
        if self.has_gathered() {
            self.commit()?;
        }
        if self.has_unasked {
            self.tick()?;
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
        self.is_first = true;
        let told = self.tick();
        self.is_first = false;
        told
    }

    /// Lets time alone have its consequences, and history that nobody was asked about.
    fn tick(&mut self) -> Result<(), StoreError> {
        self.ticked_at = Instant::now();
        self.has_unasked = false;
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
        batch.positions = std::mem::take(&mut self.positions).into_values().collect();
        batch.health = std::mem::take(&mut self.health);
        if batch.health.len() > LOSSES_TOLD {
            let more = batch.health.split_off(LOSSES_TOLD).len();
            batch.health.push(Health {
                trouble: Trouble::LogLost,
                subject: format!("{more} more logs"),
                text: "parts of them are lost; `gnomon doctor` names them".to_owned(),
            });
        }
        // Troubles are told at once.
        batch.is_history = !self.caught_up && batch.health.is_empty();
        for Health { subject, text, .. } in &batch.health {
            tracing::error!(source = subject, "{text}");
        }
        let since = Instant::now();
        self.write(&batch)?;
        self.committed_at = Instant::now();
        self.run.meter.committed(since.elapsed());
        self.has_unasked |= batch.is_history;
        if self.has_unasked && self.ticked_at.elapsed() >= ASKED_EVERY {
            return self.tick();
        }
        Ok(())
    }

    /// Writes a batch; waits while another process holds the store. Reading waits with it, so nothing piles up.
    fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let since = Instant::now();
        loop {
            if self.wait_for_room() {
                return Err(StoreError::Full(
                    "stopped while there was no room for what was read last; it is read again"
                        .to_owned(),
                ));
            }
            let moment = Moment {
                now: (self.run.clock)(),
                caught_up: self.caught_up,
                is_first: self.is_first,
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
                    self.beat();
                    if self.run.stop.wait(BUSY_WAIT) && since.elapsed() >= BUSY_LIMIT_STOPPING {
                        return Err(StoreError::Busy(why));
                    }
                }
                // It is full in spite of the floor; what is free may be more again when it is asked for next.
                Err(StoreError::Full(why)) if self.run.settings.min_free_bytes.is_some() => {
                    tracing::warn!(why, "waiting for room");
                    self.beat();
                    if self.run.stop.wait(ROOM_WAIT) {
                        return Err(StoreError::Full(why));
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Alive, and the reader with it: it waits for us.
    fn beat(&self) {
        self.run.meter.committer_beat();
        self.run.meter.reader_beat();
    }

    /// Waits until there is as much room as there should be; whether a stop came first. Reading waits with it.
    fn wait_for_room(&self) -> bool {
        let Some(wanted) = self.run.settings.min_free_bytes else {
            return false;
        };
        let mut told = false;
        loop {
            let free = self.run.store.room().free_bytes;
            if free.is_none_or(|free| free >= wanted) {
                if told {
                    tracing::info!("there is room again; reading goes on");
                }
                return false;
            }
            if !std::mem::replace(&mut told, true) {
                tracing::error!(
                    free,
                    wanted,
                    "too little room where the store is: reading waits"
                );
            }
            self.beat();
            if self.run.stop.wait(ROOM_WAIT) {
                return true;
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
        !self.coverage.is_empty() || !self.positions.is_empty() || !self.tables.is_empty()
    }
}
