//! What follows from what was seen: decisions, duties, risk, transitions and the messages about them.
//!
//! Pure functions over the model: no I/O, no clock (`now` is an argument), nothing remembered between calls.
//! The duty model is data (`signatures/duties.toml`, `signatures/archetypes.toml`), written by us after the Cloud
//! Security Alliance article of 2023-07-28 on a shared-responsibility model for generative AI. Every cell says
//! whether the article states it, whether we infer it from there, or whether it is our own extension.
//! The room says "mapped to" a framework, never more.

pub mod decisions;
pub mod duties;
pub mod health;
pub mod known;
pub mod notices;
pub mod policy;
pub mod posture;
pub mod reconcile;
pub mod rhythm;
pub mod risk;
pub mod settings;
pub mod transitions;
pub mod unlisted;
pub mod volume;

mod duty_model;
mod lint;
mod site;
mod words;

pub use duty_model::{
    ArchetypeGuide, Cell, Duty, DutyModel, DutyModelError, Overridden, SentenceKey,
};
pub use settings::Settings;
pub use site::{CellOverride, HostApplication, Inherited};
pub use words::{Band, Basis, ClosesBy, DueClass, DutyStatus, Layer, Party, SeedParty};
