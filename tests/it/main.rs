//! The one integration binary.

mod catalogue;
mod govern;
mod sources;
