//! A thread that parses and tallies the chunks given to it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender};

use crate::detect::{Detector, Tables};
use crate::model::{Coverage, Glance, Parsed};

use super::committer::Done;
use super::meter::Meter;
use super::reader::{Task, Work};
use super::rules::{Rules, SharedRules};
use super::stream::{Stream, Watch};

/// One worker's part of a lot.
#[derive(Default)]
pub(super) struct Share {
    pub(super) tables: Tables,
    pub(super) coverage: BTreeMap<String, Coverage>,
    /// The last chunk of each stream here, and whether its last event is a question that may yet be blocked.
    pub(super) ends: HashMap<u64, (u64, bool)>,
}

/// What workers share.
pub(super) struct Common<'c> {
    pub(super) rules: &'c SharedRules,
    pub(super) meter: &'c Meter,
    pub(super) workers: usize,
    /// Set when somebody's tables are nearly full.
    pub(super) heavy: &'c AtomicBool,
}

/// Works until no chunk can come or nobody takes results.
pub(super) fn work(common: &Common<'_>, work: &Receiver<Work>, done: &Sender<Done>) {
    let mut worker = Worker::new(common);
    for work in work {
        match work {
            Work::Chunk(task) => worker.read(*task),
            Work::Close(stream) => {
                worker.streams.remove(&stream);
            }
            Work::Share { lot } => {
                let share = Box::new(worker.share());
                if done.send(Done::Share { lot, share }).is_err() {
                    return;
                }
            }
        }
    }
}

struct Worker<'w> {
    common: &'w Common<'w>,
    version: u64,
    rules: Rules,
    detector: Detector,
    streams: HashMap<u64, Stream>,
    share: Share,
    /// Whether that was said of this share.
    told_heavy: bool,
}

impl<'w> Worker<'w> {
    fn new(common: &'w Common<'w>) -> Self {
        let version = common.rules.version();
        let rules = common.rules.current();
        Self {
            common,
            version,
            detector: detector_of(&rules),
            rules,
            streams: HashMap::new(),
            share: Share::default(),
            told_heavy: false,
        }
    }

    fn read(&mut self, task: Task) {
        self.take_new_rules();
        let Task {
            chunk,
            number,
            recognised,
        } = task;
        let stream = self.streams.entry(chunk.stream).or_insert_with(|| {
            Stream::open(
                &chunk,
                self.rules.formats.clone(),
                &self.rules.zone,
                !self.rules.identity.hides_names(),
                recognised,
            )
        });
        let mut coverage = Coverage {
            source: chunk.source.to_string(),
            ..Coverage::default()
        };
        let mut tallying = Tallying {
            detector: &mut self.detector,
            source: &chunk.source,
        };
        stream.read(&chunk, &mut coverage, &mut tallying);
        let open = self.detector.ends_with_question();
        self.share.ends.insert(chunk.stream, (number, open));
        self.common
            .meter
            .taken(coverage.bytes, coverage.read, coverage.events);
        match self.share.coverage.get_mut(&coverage.source) {
            Some(mine) => mine.merge(&coverage),
            None => {
                self.share
                    .coverage
                    .insert(coverage.source.clone(), coverage);
            }
        }
        if !self.told_heavy && self.detector.is_heavy(self.common.workers) {
            self.told_heavy = true;
            self.common.heavy.store(true, Ordering::Relaxed);
        }
    }

    fn take_new_rules(&mut self) {
        if self.common.rules.version() == self.version {
            return;
        }
        self.share.tables.merge(self.detector.take());
        self.version = self.common.rules.version();
        self.rules = self.common.rules.current();
        self.detector = detector_of(&self.rules);
    }

    fn share(&mut self) -> Share {
        self.told_heavy = false;
        let mut share = std::mem::take(&mut self.share);
        share.tables.merge(self.detector.take());
        share
    }
}

/// Shows a detector what a stream holds.
struct Tallying<'t> {
    detector: &'t mut Detector,
    source: &'t Arc<str>,
}

impl Watch for Tallying<'_> {
    const GLANCES: bool = true;

    fn expect<'h>(&mut self, hosts: impl Iterator<Item = &'h [u8]>) {
        self.detector.expect(hosts);
    }

    fn glance(&mut self, glance: &Glance<'_>) -> bool {
        self.detector.glance(glance)
    }

    fn see(&mut self, parsed: &Parsed<'_>) {
        if let Parsed::Event(event) = parsed {
            self.detector.observe(event, self.source);
        }
    }
}

fn detector_of(rules: &Rules) -> Detector {
    Detector::new(
        rules.catalogue.clone(),
        rules.identity.clone(),
        rules.detect.clone(),
    )
}
