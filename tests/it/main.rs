//! The one integration binary.

mod store;
mod store_sqlite;
