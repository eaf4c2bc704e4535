//! What proves the rules of a service: inputs that they must find, and inputs that they must pass over.
//!
//! They are half of what a signature file says and nothing of what a log is matched against, so the binary carries
//! them apart (`embedded`): a command that asks nobody to prove anything does not read them. The build script reads
//! this file too.

use serde::{Deserialize, Serialize};

/// The proof of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Proof {
    pub examples: Vec<Example>,
    /// Hosts and URLs that look like the service and are not.
    pub near_misses: Vec<String>,
}

/// What a rule must find: the input and the word that has to come out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Example {
    /// A host, a URL (with a method before it, if that matters) or `User-Agent: …`.
    pub input: String,
    /// A role, an activity, a channel, or `none`.
    pub expect: String,
    pub line: u32,
}
