//! A thread that parses and tallies the streams given to it.

use std::collections::HashMap;

use crossbeam_channel::{Receiver, Sender};

use crate::detect::{Detector, Tables};
use crate::model::{Coverage, Parsed};
use crate::sources::Chunk;

use super::committer::Done;
use super::rules::SharedRules;
use super::stream::Stream;

/// Works until no chunk can come or nobody takes results.
pub(super) fn work(rules: &SharedRules, chunks: &Receiver<Chunk>, done: &Sender<Done>) {
    let mut streams: HashMap<u64, Stream> = HashMap::new();
    let mut version = rules.version();
    let mut current = rules.current();
    let mut detector = detector_of(&current);
    for chunk in chunks {
        if rules.version() != version {
            version = rules.version();
            current = rules.current();
            detector = detector_of(&current);
        }
        let stream = streams.entry(chunk.stream).or_insert_with(|| {
            Stream::open(
                &chunk,
                current.formats.clone(),
                &current.zone,
                !current.identity.hides_names(),
            )
        });
        let mut tables = Tables::default();
        let mut coverage = Coverage {
            source: chunk.source.to_string(),
            ..Coverage::default()
        };
        stream.read(&chunk, &mut coverage, &mut |parsed| {
            if let Parsed::Event(event) = parsed {
                detector.observe(event, &chunk.source, &mut tables);
            }
        });
        if chunk.last {
            streams.remove(&chunk.stream);
        }
        let result = Done::Chunk {
            stream: chunk.stream,
            coverage: Box::new(coverage),
            tables: Box::new(tables),
            position: chunk.position,
        };
        if done.send(result).is_err() {
            return;
        }
    }
}

fn detector_of(rules: &super::Rules) -> Detector {
    Detector::new(
        rules.catalogue.clone(),
        rules.identity.clone(),
        rules.detect.clone(),
    )
}
