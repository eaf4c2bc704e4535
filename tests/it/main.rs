//! The one integration binary.

mod catalogue;
mod reports;
mod sources;
