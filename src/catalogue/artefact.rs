//! The signatures as the binary carries them: one piece of MessagePack that the build script wrote.
//!
//! Reading TOML takes most of the time in which a command answers, and the files are the same in every start; so
//! the build reads it once. Only the layout is shared with the build script: every check of `parse` runs on what
//! comes out of here as it does on an operator's file.

use serde::{Deserialize, Serialize};

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
    pub(super) line_lengths: Vec<usize>,
    pub(super) text: FileText,
}
