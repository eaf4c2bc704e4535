//! The one integration binary.

mod catalogue;
mod examples;
mod formats;
mod govern;
mod house;
mod pipeline;
mod promises;
mod sources;
mod store;
mod store_sqlite;
mod unit_file;
