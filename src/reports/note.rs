//! Keeps what a report saw: observations and standings, so that a later look knows what was seen then.

use crate::model::{Observation, Standing};
use crate::store::{Store, StoreError};

use super::Report;

/// Appends what is news after the newest of its kind; returns how many rows that were. A report over a part of the register
/// would note sums of that part, so only reports without limits are to be noted.
///
/// # Errors
/// When the store cannot be written.
pub fn note(store: &dyn Store, report: &Report) -> Result<u64, StoreError> {
    let observations: Vec<Observation> = report
        .applications
        .iter()
        .flat_map(|app| app.observations.iter().cloned())
        .collect();
    let standings: Vec<Standing> = report
        .applications
        .iter()
        .map(|app| Standing {
            service: app.id.clone(),
            at: report.period.as_of,
            state: app.state,
            tier: app.tier.value,
            residual: app.risk.residual,
            band: app.risk.band.to_owned(),
        })
        .collect();
    store.note(&observations, &standings)
}
