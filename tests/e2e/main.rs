//! End to end: real Squid and real BIND on loopback, real clients, `gnomon run` between them and a webhook receiver.
//!
//! Each test has a gateway, a service and directories of its own; nothing leaves the machine. The oracle is what the
//! clients did: every request they made is in the register once. A daemon that is not installed skips the test with a
//! word on stderr, unless the environment says `CI`.

#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "what builds a gateway for tests is test code too"
)]

mod alerts;
mod counts;
mod crashes;
mod gateway;
mod ledger;
mod lifecycle;
mod named;
mod origin;
mod process;
mod receiver;
mod rotation;
mod service;
mod squid;
mod wait;
