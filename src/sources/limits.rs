//! How much one file may ask of us before we stop reading it.
//!
//! A log directory is written by others: 10 GB of zeros are 329 KB of zstd. What is read before a limit counts;
//! the limit is named in the trouble that follows.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::blocks::BLOCK_BYTES;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const SHORTEST_LINE: u64 = KIB;
const LONGEST_LINE: u64 = BLOCK_BYTES as u64 / 2;

/// The limits per file; see [`Limits::default`] for the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes that one compressed file may unpack to; 0 is any number.
    pub unpacked_bytes: u64,
    /// How many bytes a compressed byte may unpack to, on average, once past `ratio_after_bytes`; 0 is any number.
    pub unpacked_ratio: u64,
    /// Unpacked bytes from which on `unpacked_ratio` holds: short files may be as dense as they like.
    pub ratio_after_bytes: u64,
    /// The longest line that is read, from 1 to 512 KiB; a longer one is skipped and counted.
    #[serde(deserialize_with = "line_bytes")]
    pub line_bytes: u64,
}

/// A line has to fit half a block, and what is shorter than a kilobyte would leave out ordinary ones.
fn line_bytes<'de, D: Deserializer<'de>>(value: D) -> Result<u64, D::Error> {
    let bytes = u64::deserialize(value)?;
    if (SHORTEST_LINE..=LONGEST_LINE).contains(&bytes) {
        Ok(bytes)
    } else {
        Err(D::Error::custom(format!(
            "line_bytes is {bytes}, but may be {SHORTEST_LINE} to {LONGEST_LINE}"
        )))
    }
}

impl Limits {
    /// The longest line that is read, within what a block can hold.
    pub(crate) fn line(&self) -> usize {
        usize::try_from(self.line_bytes.clamp(SHORTEST_LINE, LONGEST_LINE)).unwrap_or(usize::MAX)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unpacked_bytes: 8 * GIB,
            unpacked_ratio: 200,
            ratio_after_bytes: 10 * MIB,
            line_bytes: 256 * KIB,
        }
    }
}

/// A size in the unit a person would choose.
pub(crate) fn human(bytes: u64) -> String {
    for (unit, name) in [(GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")] {
        if bytes >= unit && bytes.is_multiple_of(unit) {
            return format!("{} {name}", bytes / unit);
        }
    }
    format!("{bytes} bytes")
}
