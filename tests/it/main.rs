//! The one integration binary.

mod govern;
