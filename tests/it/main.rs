//! The one integration binary.
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml frees functions marked #[test]; their helpers here are tests too"
)]

mod formats;
