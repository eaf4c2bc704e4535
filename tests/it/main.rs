//! The one integration binary.

mod catalogue;
mod formats;
mod govern;
mod house;
mod pipeline;
mod sources;
mod store;
mod store_sqlite;
