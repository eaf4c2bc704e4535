//! Gnomon reads DNS and proxy logs and says which generative-AI services an enterprise really uses, by
//! whom, how, who owes which duty for them, and what to do next.
//!
//! A line travels upwards through the floors. [`sources`] hand out chunks of bytes, [`formats`] turn records into
//! events, [`detect`] matches events against the [`catalogue`] and tallies sightings for whom [`identity`] names. The
//! [`pipeline`] moves all this and commits it: the [`store`] keeps sightings, positions and what follows from them in
//! one transaction; [`govern`] says what follows (decisions, duties, risk, transitions). [`reports`] write it down,
//! [`alerts`] carry it out of the house, the [`daemon`] keeps it running, [`config`] says how, and [`cli`] is what people
//! touch. [`model`] holds the nouns that all of them speak of. ARCHITECTURE.md draws the map.

#![forbid(unsafe_code)]

pub mod alerts;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod detect;
pub mod formats;
pub mod govern;
pub mod identity;
pub mod model;
pub mod pipeline;
pub mod reports;
pub mod sources;
pub mod store;
