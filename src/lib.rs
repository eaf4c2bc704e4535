//! Gnomon reads DNS and proxy logs and says which generative-AI services an enterprise really uses, by
//! whom, how, who owes which duty for them, and what to do next.
//!
//! A line travels upwards through the floors: [`sources`] hand out chunks of bytes, [`formats`] turn
//! records into events, [`detect`] matches events against the [`catalogue`] and tallies sightings. The
//! [`store`] keeps them in one transaction with the positions read up to; [`govern`] says what follows from
//! them; [`alerts`] carry it out of the house. [`model`] holds the nouns that all of them speak of.

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
