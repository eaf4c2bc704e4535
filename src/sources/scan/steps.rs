//! The blocks of one file: cut by whoever asks for them, or, when that is work, ahead of him on a thread of their own.
//!
//! The queue between the two is short, so memory stays bounded and progress honest. The thread ends with the file, or
//! with the next block when nobody takes them any more; it is not waited for, because it may be waiting for a pipe.

use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::super::blocks::{Block, Blocks, Skipped};
use super::super::recode::Recode;
use super::super::unpack::Fault;

/// How many blocks may lie ready.
const READY: usize = 2;

/// What one step through a file gave.
pub(super) struct Step {
    /// At the end: the last line, if it lacks its line end.
    pub(super) block: Option<Block>,
    /// Skipped so far.
    pub(super) skipped: Skipped,
    /// Bytes taken from the file so far, as stored.
    pub(super) taken: u64,
    pub(super) end: Option<End>,
}

/// How a file ended.
pub(super) struct End {
    /// What broke it off.
    pub(super) fault: Option<String>,
    /// Whether there is more, for another scan.
    pub(super) is_cut: bool,
}

impl End {
    /// Broken off by something that may be gone the next time.
    pub(super) fn cut(fault: String) -> Self {
        Self {
            fault: Some(fault),
            is_cut: true,
        }
    }
}

/// Cuts a file into blocks.
pub(super) struct Cutter {
    pub(super) reader: Recode,
    pub(super) blocks: Blocks,
}

impl Cutter {
    fn step(&mut self) -> Step {
        let (block, end) = match self.blocks.next(&mut self.reader) {
            Ok(Some(block)) => (Some(block), None),
            Ok(None) => {
                let fault = self.reader.fault();
                let is_cut = fault.as_ref().is_some_and(Fault::is_of_the_system);
                let fault = fault.map(|fault| fault.to_string());
                // The line in which data broke off is not what was written: half a host name is another host.
                let rest = match fault {
                    None => self.blocks.rest(),
                    Some(_) => None,
                };
                (rest, Some(End { fault, is_cut }))
            }
            Err(error) => {
                let end = End::cut(format!("cannot be read: {error}"));
                (None, Some(end))
            }
        };
        Step {
            block,
            skipped: self.blocks.skipped(),
            taken: self.reader.taken().bytes(),
            end,
        }
    }
}

/// The steps through one file.
pub(super) enum Steps {
    Here(Box<Cutter>),
    Ahead {
        ready: Receiver<Step>,
        /// As the last step said.
        skipped: Skipped,
        taken: u64,
    },
}

impl Steps {
    pub(super) fn next(&mut self) -> Step {
        match self {
            Self::Here(cutter) => {
                let step = cutter.step();
                // What fits into one block is not worth a thread.
                if step.end.is_none() && cutter.reader.is_work() {
                    self.go_ahead(&step);
                }
                step
            }
            Self::Ahead {
                ready,
                skipped,
                taken,
            } => {
                let step = ready.recv().unwrap_or_else(|_| Step {
                    block: None,
                    skipped: *skipped,
                    taken: *taken,
                    end: Some(End {
                        fault: Some(
                            "cannot be unpacked: the decoder failed; the rest of this file is not read"
                                .to_owned(),
                        ),
                        is_cut: false,
                    }),
                });
                (*skipped, *taken) = (step.skipped, step.taken);
                step
            }
        }
    }

    /// Goes on with a file on another thread; stays here if there can be none.
    fn go_ahead(&mut self, last: &Step) {
        let (sender, ready) = bounded(READY);
        let (give, take) = bounded::<Box<Cutter>>(1);
        let spawned = thread::Builder::new()
            .name("unpack".to_owned())
            .spawn(move || {
                if let Ok(cutter) = take.recv() {
                    cut_ahead(cutter, &sender);
                }
            });
        if spawned.is_err() {
            return;
        }
        let ahead = Self::Ahead {
            ready,
            skipped: last.skipped,
            taken: last.taken,
        };
        if let Self::Here(cutter) = std::mem::replace(self, ahead)
            && let Err(unsent) = give.send(cutter)
        {
            *self = Self::Here(unsent.into_inner());
        }
    }
}

fn cut_ahead(mut cutter: Box<Cutter>, ready: &Sender<Step>) {
    loop {
        let step = cutter.step();
        let ended = step.end.is_some();
        if ready.send(step).is_err() || ended {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fill::Fill;
    use super::super::super::limits::Limits;
    use super::super::super::opened::read_head;
    use super::*;
    use std::io;

    /// An endless packed file of a line over and over; tells when it is closed.
    struct Endless {
        member: Vec<u8>,
        panics_after: usize,
        _closed: Sender<()>,
    }

    impl Fill for Endless {
        fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
            assert!(self.panics_after > 0, "a decoder fails");
            self.panics_after -= 1;
            // Whole members only.
            let times = (buffer.capacity() - buffer.len()) / self.member.len();
            (0..times.clamp(1, 4)).for_each(|_| buffer.extend_from_slice(&self.member));
            Ok(times.clamp(1, 4) * self.member.len())
        }
    }

    fn steps(panics_after: usize) -> (Steps, Receiver<()>) {
        let text: String = (0..20_000).map(|n| format!("{n} a line\n")).collect();
        let (closed, is_closed) = bounded(0);
        let endless = Endless {
            member: zstd::encode_all(text.as_bytes(), 1).unwrap(),
            panics_after,
            _closed: closed,
        };
        let mut reader = Recode::new(Box::new(endless), Limits::default()).unwrap();
        let (head, ended) = read_head(&mut reader).unwrap();
        let blocks = Blocks::behind(head, ended, 1 << 10);
        let cutter = Box::new(Cutter { reader, blocks });
        (Steps::Here(cutter), is_closed)
    }

    #[test]
    fn the_thread_ends_when_nobody_takes_its_blocks() {
        let (mut steps, is_closed) = steps(usize::MAX);
        for _ in 0..5 {
            let step = steps.next();
            assert!(step.end.is_none() && step.block.is_some() && step.taken > 0);
        }
        assert!(matches!(steps, Steps::Ahead { .. }));
        drop(steps);
        // Hung up, not timed out.
        let ended = is_closed.recv_timeout(std::time::Duration::from_secs(60));
        assert!(ended.is_err_and(|error| error.is_disconnected()));
    }

    #[test]
    fn a_decoder_that_panics_is_a_fault_of_its_file() {
        let (mut steps, _) = steps(20);
        let last = std::iter::repeat_with(|| steps.next())
            .find(|step| step.end.is_some())
            .unwrap();
        let fault = last.end.and_then(|end| end.fault).unwrap();
        assert!(fault.contains("the decoder failed"), "{fault}");
        assert!(last.taken > 0);
    }
}
