//! What the sources hand out, against files on a real file system.
//!
//! The oracle is the exact sequence: every line carries an id; what was written is what is read, none lost and none
//! doubled. Nothing here sleeps: a followed source is polled until it is idle.

// Clippy's exceptions for tests do not reach the functions around them.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod follow;
mod logrotate;
mod programs;
mod races;
mod resume;
mod scan;
#[allow(dead_code, reason = "the rotation matrix uses more of it")]
mod stand;
