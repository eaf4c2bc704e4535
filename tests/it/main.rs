//! The one integration binary.

mod catalogue;
mod sources;
