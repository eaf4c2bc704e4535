//! The signatures as the binary carries them: one piece of MessagePack that the build script wrote.
//!
//! Reading TOML takes most of the time in which a command answers, and the files are the same in every start; so
//! the build reads it once. Only the layout is shared with the build script: every check of `parse` runs on what
//! comes out of here as it does on an operator's file.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::schema::FileText;

/// All embedded files, sorted by name.
#[derive(Deserialize, Serialize)]
pub(super) struct Artefact {
    /// SHA-256 over the names and texts of the files, in hexadecimal digits.
    pub(super) digest: String,
    pub(super) files: Vec<StoredFile>,
}

/// One file, read.
#[derive(Deserialize, Serialize)]
pub(super) struct StoredFile {
    pub(super) name: String,
    /// The length of each line with its end, so that a byte's line can be told.
    pub(super) line_lengths: LineLengths,
    pub(super) text: FileText,
}

/// Lengths of lines, carried as bytes: 150,000 numbers read one by one would take a tenth of a start.
pub(super) struct LineLengths(pub(super) Vec<u16>);

impl Serialize for LineLengths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = self
            .0
            .iter()
            .flat_map(|length| length.to_le_bytes())
            .collect();
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for LineLengths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(Pairs)
    }
}

struct Pairs;

impl Visitor<'_> for Pairs {
    type Value = LineLengths;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("two bytes a line")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<LineLengths, E> {
        let (pairs, _) = bytes.as_chunks();
        Ok(LineLengths(
            pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect(),
        ))
    }
}
