//! Where bytes come from: files once through, or followed across rotation.
//!
//! A source hands out chunks of whole lines with the position to commit beside them. It knows nothing of
//! formats; what it cannot read it says in [`Next::Trouble`] and goes on.

mod blocks;
mod fill;
pub mod follow;
mod key;
mod limits;
mod notes;
mod opened;
mod recode;
mod rotation;
pub mod scan;
mod unpack;
mod witness;

use std::sync::Arc;

use crate::model::{Position, Time};

pub use limits::Limits;

/// A stretch of whole lines from one byte stream.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// The source's name, as coverage shows it: for files the configured path (rotated successors keep it).
    pub source: Arc<str>,
    /// The format that configuration names, if it names one.
    pub format: Option<Arc<str>>,
    /// The zone that configuration names for times without one.
    pub zone: Option<jiff::tz::TimeZone>,
    /// Number of the byte stream within this process. Parser state belongs to a stream; chunks of one stream
    /// come in order.
    pub stream: u64,
    /// With the first chunk of a stream: the first bytes of the stream (decompressed, at most 64 KiB, whole
    /// lines where possible), for recognising the format and replaying header lines after a resume.
    pub head: Option<Arc<[u8]>>,
    /// Where `bytes` begins in the stream (decompressed).
    pub offset: u64,
    /// Number of the first line of `bytes` in the stream, from 1.
    pub line: u64,
    /// Whole lines; only the last of a finished stream may lack its line end. Empty where only the position or the
    /// end of the stream is news.
    pub bytes: Vec<u8>,
    /// When the file was last written.
    pub modified: Time,
    /// To be committed in the transaction that commits what was read from `bytes`.
    pub position: Option<Position>,
    /// Whether the stream ends here.
    pub last: bool,
}

/// What a source has next.
#[derive(Debug)]
pub enum Next {
    /// Bytes.
    Chunk(Chunk),
    /// Something about a source that people must know: unreadable, truncated, lost bytes. Shown in coverage.
    Trouble { source: Arc<str>, note: String },
    /// Bytes of a source that nobody can read any more; a note of what is known of them.
    Lost { source: Arc<str>, note: String },
    /// Positions that nobody needs any more.
    Forget(Vec<String>),
    /// Nothing now; everything that is there has been handed out. Ask again after a wait.
    Idle,
    /// Nothing any more.
    End,
}

/// A place that bytes come from.
pub trait Source: Send {
    /// The next thing; blocks for reading only, never for waiting.
    fn next(&mut self) -> Next;

    /// Tells that nobody needs the rest of this stream. Chunks of it may still come.
    fn leave(&mut self, _stream: u64) {}

    /// Bytes known to be ahead and bytes handed out, as stored on disk: for progress. `None` when unknowable.
    fn progress(&self) -> Option<(u64, u64)> {
        None
    }
}
