//! From event to sighting.
