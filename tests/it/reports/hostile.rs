//! Text from an attacker in every place where text can be.
