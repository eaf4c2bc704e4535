//! Makes the logs of a small company's week, and says what is in them.
//!
//! Deterministic: a fixed seed, no clock, no network. The truth (`planted.toml`) is kept by hand and by the
//! generator's own books; nothing of gnomon's code is used here, so that the two can disagree. Lines are written as
//! the daemons write them; their layouts are those of `tests/formats/{squid,bind,unbound,zeek-http}`, whose
//! ORIGIN.md names the versions.
//!
//! The company: 40 clients. The office (finance, legal, HR, sales) reaches the web through an explicit Squid with
//! log-in; its names are asked of BIND. Engineering and servers go out directly, through a sensor that decrypts and
//! writes Zeek's http.log; their names are asked of Unbound.

mod chance;
mod company;
mod habits;
mod journal;
mod lines;
mod ordinary;
mod planted;
mod traps;

use std::collections::BTreeMap;

use journal::Journal;

/// The whole case: unpacked files by path below the case's directory, `planted.toml` among them.
///
/// A path that ends in `.gz` is to be packed when it is written.
pub(crate) fn generate() -> BTreeMap<String, Vec<u8>> {
    let mut journal = Journal::default();
    ordinary::write(&mut journal);
    planted::write(&mut journal);
    traps::write(&mut journal);
    journal.files()
}
