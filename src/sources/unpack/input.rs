//! The bytes of a file as stored, held ready for a decoder and counted as they are used.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::fill::{Fill, fill_up};

const HELD_BYTES: usize = 128 << 10;

/// How many bytes were taken from the file so far; shared with whoever shows progress.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken(Arc<AtomicU64>);

impl Taken {
    pub(crate) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn more(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// A buffered reader. A small file is read at once and not asked again.
pub(super) struct Input {
    inner: Box<dyn Fill + Send>,
    held: Vec<u8>,
    /// Up to where `held` was used.
    used: usize,
    /// What comes after `held`, if it is known.
    end: Option<io::Result<()>>,
    taken: Taken,
}

impl Input {
    pub(super) fn new(mut inner: Box<dyn Fill + Send>) -> io::Result<Self> {
        let mut held = Vec::new();
        let end = match fill_up(&mut held, HELD_BYTES, inner.as_mut()) {
            Ok(ended) => ended.then_some(Ok(())),
            Err(error) if held.is_empty() => return Err(error),
            Err(error) => Some(Err(error)),
        };
        Ok(Self {
            inner,
            held,
            used: 0,
            end,
            taken: Taken::default(),
        })
    }

    pub(super) fn taken(&self) -> Taken {
        self.taken.clone()
    }

    /// Whether nothing comes after `held`. An error is told once.
    fn has_ended(&mut self) -> io::Result<bool> {
        match &mut self.end {
            None => Ok(false),
            Some(end) => std::mem::replace(end, Ok(())).map(|()| true),
        }
    }

    /// What is there without reading further.
    pub(super) fn held(&self) -> &[u8] {
        self.held.get(self.used..).unwrap_or_default()
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.held().is_empty() && !self.has_ended()? {
            self.held.clear();
            self.held.reserve_exact(HELD_BYTES);
            self.used = 0;
            self.inner.fill(&mut self.held)?;
        }
        Ok(self.held())
    }

    fn consume(&mut self, bytes: usize) {
        self.used += bytes;
        self.taken.more(bytes);
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl Fill for Input {
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let length = if !self.held().is_empty() {
            let length = self.held().fill(buffer)?;
            self.used += length;
            length
        } else if self.has_ended()? {
            0
        } else {
            // Nothing but a copy more would come of holding it.
            self.held = Vec::new();
            self.used = 0;
            self.inner.fill(buffer)?
        };
        self.taken.more(length);
        Ok(length)
    }
}
