//! The one integration binary.

mod cases;
mod catalogue;
mod formats;
mod govern;
mod sources;
mod store;
mod store_sqlite;
