//! An application that the catalogue knows and no log has shown: what would fall to whom if it were used.
//!
//! The same row as any other, with nothing in it that only traffic can tell. Decisions and steps of duties that people
//! wrote down beforehand count.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Service;
use crate::govern::reconcile::Clients;
use crate::model::{Symbols, Time};
use crate::store::StoreError;

use super::alike::Alike;
use super::application::{self, Seen};
use super::ask::Ask;
use super::noted::Marks;
use super::observed::Looked;
use super::tally::AppTally;
use super::{Application, Period};

/// The entry of the register is made by the first event; nobody owes it before.
const REGISTER: &str = "GAI-01";

/// How a service would stand if it came into use at this moment.
///
/// # Errors
/// When the store cannot be read.
pub fn prospect(ask: &Ask<'_>, service: &Service, as_of: Time) -> Result<Application, StoreError> {
    let decisions = ask.store.decisions(Some(&service.id))?;
    let records = ask.store.duty_records(Some(&service.id))?;
    let seen = Seen {
        ask,
        as_of,
        period: Period {
            from: None,
            until: None,
            as_of,
        },
        coverage: &[],
        profiles: &[],
        decisions: &decisions,
        records: &records,
        hosts: BTreeMap::new(),
        contradicted: BTreeSet::new(),
        changes: BTreeMap::new(),
        earlier: &[],
        clients: &Clients::default(),
        symbols: &Symbols::default(),
        segments_known: false,
        enforcements: &[],
        looked: Looked::default(),
        marks: Marks::default(),
    };
    let mut app = application::build(
        service,
        &AppTally::default(),
        &seen,
        &[],
        &mut Alike::default(),
    );
    "it was not seen here".clone_into(&mut app.tier.basis);
    app.duties.retain(|duty| duty.id != REGISTER);
    Ok(app)
}
