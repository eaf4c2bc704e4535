//! What takes long: rotation in every way, `kill -9` again and again, disks that fail and fill, receivers that misbehave.
//!
//! Without a word everything runs in a quick form; `GNOMON_SOAK=1` asks for the whole. Seeds are printed, and
//! `GNOMON_SEED=…` repeats one. What needs root to mount a file system says `skipped: soak: …` without it.

#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what tests share is test code too, and one that cannot run says so"
)]

mod alerts;
mod away;
mod cardinality;
mod chance;
mod disk;
mod endless;
mod faults;
mod kills;
mod log;
mod many;
mod receivers;
mod rescans;
mod rotation;
mod server;
mod service;
mod shim;
mod size;
mod volume;
mod writes;
