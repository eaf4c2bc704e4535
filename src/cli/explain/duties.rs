//! What a service means for the enterprise: its archetype's guide and the duties that apply, with who owes each.

use serde::Serialize;

use crate::catalogue::Service;
use crate::govern::{Basis, DutyModel, Layer, Party, SeedParty};
use crate::model::State;

/// The guide of an archetype.
#[derive(Debug, Serialize)]
pub(super) struct Meaning<'m> {
    pub(super) title: &'m str,
    pub(super) aws_scope: &'m str,
    pub(super) agentic_scope: &'m str,
    pub(super) logs_see: &'m str,
    pub(super) logs_cannot_see: &'m str,
    /// The state to start from when nobody has decided.
    pub(super) first_state: State,
    pub(super) advice: &'m str,
}

/// One duty under the service's model.
#[derive(Debug, Serialize)]
pub(super) struct DutyView<'m> {
    pub(super) id: &'m str,
    pub(super) title: &'m str,
    layer: Layer,
    pub(super) party: Party,
    /// Whom the article names.
    pub(super) seed_party: SeedParty,
    pub(super) basis: Basis,
    pub(super) disputed: bool,
    owner: &'m str,
    /// 1 is the first to do; none for the others.
    pub(super) first: Option<usize>,
}

pub(super) fn meaning<'m>(model: &'m DutyModel, service: &Service) -> Option<Meaning<'m>> {
    let guide = model.archetype(service.archetype)?;
    Some(Meaning {
        title: &guide.title,
        aws_scope: &guide.aws_scope,
        agentic_scope: &guide.agentic_scope,
        logs_see: &guide.logs_see,
        logs_cannot_see: &guide.logs_cannot_see,
        first_state: guide.first_state,
        advice: guide.advice.trim(),
    })
}

/// Every duty that applies: those that come first in their order, then the others by id.
pub(super) fn duties<'m>(model: &'m DutyModel, service: &Service) -> Vec<DutyView<'m>> {
    let first_duties = model
        .archetype(service.archetype)
        .map_or(&[][..], |guide| &guide.first_duties);
    let mut duties: Vec<DutyView<'m>> = model
        .duties
        .iter()
        .filter(|duty| duty.applies.covers(service.archetype))
        .map(|duty| {
            let cell = duty.cell(service.model);
            DutyView {
                id: &duty.id,
                title: &duty.title,
                layer: duty.layer,
                party: cell.party,
                seed_party: cell.seed_party,
                basis: cell.basis,
                disputed: cell.disputed,
                owner: &duty.owner,
                first: first_duties
                    .iter()
                    .position(|id| *id == duty.id)
                    .map(|at| at + 1),
            }
        })
        .collect();
    duties.sort_by_key(|duty| duty.first.unwrap_or(usize::MAX));
    duties
}
