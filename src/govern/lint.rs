//! What must be true of the duty model and no type can say: counts, keys that resolve, references with a version.

use std::collections::BTreeSet;

use super::duty_model::{Cell, Duty, DutyModel};
use super::words::{Basis, Party, SeedParty};
use crate::model::{Archetype, ServiceModel};

const DUTIES: usize = 44;
const FIRST_DUTIES: usize = 5;

/// Frameworks that may be referred to, with the edition whose ids we use.
const FRAMEWORKS: &[&str] = &[
    "AIA@2024-1689",
    "AICM@1.1",
    "ATLAS@5.6",
    "CIS@8.1",
    "CSF@2.0",
    "ISO-42001@2023",
    "NIST-AI-600-1@2024-07",
    "OWASP-ASI@2025-12",
    "OWASP-DSGAI@2026",
    "OWASP-LLM@2026",
];

/// Words that would claim more than a mapping; no text may use them.
const CLAIMS: &[&str] = &[
    "compliant",
    "compliance with",
    "in compliance",
    "certifies that",
];

pub(super) fn complaints(model: &DutyModel) -> Vec<String> {
    let mut found = Vec::new();
    if model.duties.len() != DUTIES {
        found.push(format!("{} duties, expected {DUTIES}", model.duties.len()));
    }
    unique(
        "duty",
        model.duties.iter().map(|duty| duty.id.as_str()),
        &mut found,
    );
    unique(
        "key",
        model.keys.iter().map(|key| key.key.as_str()),
        &mut found,
    );
    unique(
        "archetype",
        model.archetypes.iter().map(|guide| guide.id.as_str()),
        &mut found,
    );
    for duty in &model.duties {
        duty_complaints(model, duty, &mut found);
    }
    archetype_complaints(model, &mut found);
    for key in &model.keys {
        for text in [&key.section, &key.place, &key.says] {
            text_complaints(&key.key, text, &mut found);
        }
    }
    found
}

fn unique<'a>(kind: &str, ids: impl Iterator<Item = &'a str>, found: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            found.push(format!("{kind} {id} occurs twice"));
        }
    }
}

fn duty_complaints(model: &DutyModel, duty: &Duty, found: &mut Vec<String>) {
    let id = &duty.id;
    let number = id.strip_prefix("GAI-");
    if !number.is_some_and(|digits| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()))
    {
        found.push(format!(
            "{id} is no duty id, expected GAI-01 to GAI-{DUTIES}"
        ));
    }
    let texts = [
        &duty.title,
        &duty.statement,
        &duty.action,
        &duty.evidence,
        &duty.owner,
        &duty.logs_show,
    ];
    for text in texts {
        text_complaints(id, text, found);
    }
    if duty.refs.is_empty() {
        found.push(format!("{id} is mapped to nothing"));
    }
    for reference in duty.refs.iter() {
        if let Some(complaint) = reference_complaint(reference) {
            found.push(format!("{id}: {complaint}"));
        }
    }
    for service_model in ServiceModel::ALL {
        let cell = duty.cell(*service_model);
        cell_complaints(model, &format!("{id} {service_model}"), cell, found);
    }
}

fn cell_complaints(model: &DutyModel, place: &str, cell: &Cell, found: &mut Vec<String>) {
    for key in cell.keys.iter() {
        if model.key(key).is_none() {
            found.push(format!("{place}: no sentence has the key {key}"));
        }
    }
    match cell.basis {
        Basis::Stated if cell.keys.is_empty() || cell.seed_party == SeedParty::Silent => {
            found.push(format!(
                "{place}: stated, yet without a key or a party of the article"
            ));
        }
        Basis::Inferred if cell.keys.is_empty() => {
            found.push(format!("{place}: inferred, yet without a key"));
        }
        Basis::Extension if !cell.keys.is_empty() || cell.seed_party != SeedParty::Silent => {
            found.push(format!("{place}: an extension, yet the article is cited"));
        }
        _ => {}
    }
    let same = matches!(
        (cell.seed_party, cell.party),
        (SeedParty::User, Party::Enterprise)
            | (SeedParty::Provider, Party::Provider)
            | (SeedParty::Shared, Party::Both)
            | (SeedParty::Silent, _)
    );
    if cell.reason.is_empty() && (!same || cell.disputed || cell.party == Party::None) {
        found.push(format!(
            "{place}: differs from the article or is disputed, yet gives no reason"
        ));
    }
    if !matches!(cell.share.as_str(), "" | "majority") {
        found.push(format!(
            "{place}: share {:?}, expected \"majority\" or none",
            cell.share
        ));
    }
    if !cell.reason.is_empty() {
        text_complaints(place, &cell.reason, found);
    }
}

fn reference_complaint(reference: &str) -> Option<String> {
    let Some((framework, id)) = reference.split_once(':') else {
        return Some(format!(
            "reference {reference:?} is not framework@version:id"
        ));
    };
    if !framework.contains('@') || id.is_empty() || reference.contains(char::is_whitespace) {
        return Some(format!(
            "reference {reference:?} is not framework@version:id"
        ));
    }
    if reference.contains('†') {
        return Some(format!("reference {reference:?} is not verified"));
    }
    (!FRAMEWORKS.contains(&framework)).then(|| {
        format!(
            "reference {reference:?} names an unknown edition, expected one of: {}",
            FRAMEWORKS.join(", ")
        )
    })
}

fn archetype_complaints(model: &DutyModel, found: &mut Vec<String>) {
    for archetype in Archetype::ALL {
        let Some(guide) = model.archetype(*archetype) else {
            found.push(format!("archetype {archetype} is missing"));
            continue;
        };
        if guide.letter != archetype.letter() {
            found.push(format!(
                "archetype {archetype} has the letter {}",
                guide.letter
            ));
        }
        if guide.first_duties.len() != FIRST_DUTIES {
            found.push(format!(
                "archetype {archetype} names {} first duties, expected {FIRST_DUTIES}",
                guide.first_duties.len()
            ));
        }
        unique(
            &format!("archetype {archetype}: first duty"),
            guide.first_duties.iter().map(String::as_str),
            found,
        );
        for id in &guide.first_duties {
            match model.duty(id) {
                None => found.push(format!("archetype {archetype}: no duty {id}")),
                Some(duty) if !duty.applies.covers(*archetype) => {
                    found.push(format!("archetype {archetype}: {id} does not apply to it"));
                }
                Some(_) => {}
            }
        }
        if guide.models.is_empty() || guide.aws_scope.is_empty() {
            found.push(format!(
                "archetype {archetype} lacks a service model or a scope"
            ));
        }
        let texts = [
            &guide.title,
            &guide.logs_see,
            &guide.logs_cannot_see,
            &guide.advice,
        ];
        for text in texts {
            text_complaints(archetype.as_str(), text, found);
        }
    }
}

fn text_complaints(place: &str, text: &str, found: &mut Vec<String>) {
    if text.trim().is_empty() {
        found.push(format!("{place} has an empty text"));
    }
    if let Some(claim) = claim_in(text) {
        found.push(format!(
            "{place} says {claim:?}; a mapping is all that can be said"
        ));
    }
}

/// Words in a text that would claim more than a mapping.
pub(super) fn claim_in(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    CLAIMS.iter().copied().find(|claim| lower.contains(claim))
}
