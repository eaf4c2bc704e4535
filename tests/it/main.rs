//! The one integration binary.

mod catalogue;
mod channels;
mod formats;
mod govern;
mod pipeline;
mod reports;
mod sources;
mod store;
mod store_sqlite;
