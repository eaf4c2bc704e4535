//! The one integration binary.

#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "what tests share is test code too, and one that cannot run says so"
)]

mod cases;
mod catalogue;
mod channels;
mod cli_doctor_logs;
mod cli_explain;
mod cli_governance;
mod examples;
mod exports;
mod formats;
mod govern;
mod house;
mod pipeline;
mod promises;
mod reports;
mod sources;
mod store;
mod store_recover;
mod store_sqlite;
mod truth;
mod unit_file;
