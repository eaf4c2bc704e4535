//! The report in the formats of others: events for a SIEM, a bill of materials, an annex for a contract.
//!
//! Each writes down what the report says and computes nothing. "Mapped to" is all that any of them claims of a framework.

pub(super) mod annex;
pub(super) mod cyclonedx;
pub(super) mod ocsf;
