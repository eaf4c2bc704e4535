//! The signatures, compiled: services, their rules and the index that finds them.
