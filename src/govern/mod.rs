//! Decisions, duties, risk and transitions: pure functions over the model.
