//! From client address and user to segment and pseudonym.
