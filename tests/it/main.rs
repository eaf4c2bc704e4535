//! The one integration binary.

mod catalogue;
mod cli_governance;
mod formats;
mod govern;
mod sources;
mod store;
mod store_sqlite;
