//! C1–C8: what is known of a service on the tier in use. Facts, never judgements: the points follow from the rules.
//!
//! An unknown fact costs the value that its rule states for it, which lies between the best and the worst.

use super::{Origins, Part, RiskLine, one_decimal};

/// What the provider does with what is typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Training {
    /// Trains, and nobody can object.
    OnWithoutOptOut,
    /// Trains until someone objects.
    OnWithOptOut,
    /// Does not train unless someone agrees.
    OffByDefault,
    /// Promised in a contract not to train.
    NeverByContract,
}

/// How long prompts and files are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// Nothing is kept.
    Zero,
    /// For at most so many days.
    Days(u32),
    /// Until the user deletes it, or for ever.
    Indefinite,
}

/// The account behind the use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierInUse {
    AnonymousOrFree,
    PaidPersonal,
    Team,
    /// The tenant of another organisation.
    Foreign,
    /// The contracted tenant, proven by header, sign-in or attestation.
    EnterpriseProven,
}

/// How the enterprise may deal with vendors in that country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jurisdiction {
    Allowed,
    Safeguards,
    Other,
    Barred,
}

/// The most far-reaching thing that the service can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// One narrow task.
    Narrow,
    Chat,
    /// Takes files, or records meetings and screens.
    UploadOrRecording,
    /// Acts: agents, tools, connectors, code.
    Agentic,
}

/// Controls that the tier offers to an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Controls {
    pub sso: Option<bool>,
    pub mfa: Option<bool>,
    pub audit_log: Option<bool>,
    pub rbac: Option<bool>,
    pub tenant_restriction: Option<bool>,
}

/// Where a fact comes from and when it was checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    pub source: String,
    pub checked: String,
}

/// The facts of one service on one tier; `None` is unknown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    pub training: Option<Training>,
    pub retention: Option<Retention>,
    /// Prompts are passed on to third parties.
    pub third_party_sharing: Option<bool>,
    pub tier: Option<TierInUse>,
    pub soc2: Option<bool>,
    pub iso27001: Option<bool>,
    pub iso42001: Option<bool>,
    pub jurisdiction: Option<Jurisdiction>,
    pub controls: Controls,
    pub vendor_age_years: Option<f64>,
    /// A material incident in the last 24 months.
    pub recent_incident: Option<bool>,
    pub capability: Option<Capability>,
    /// Sources by line, `C1`–`C8`.
    pub origins: Origins,
}

impl Facts {
    /// The points of C1, which one of the floors asks for.
    pub(super) fn training_points(&self) -> f64 {
        match self.training {
            Some(Training::OnWithoutOptOut) => 14.0,
            Some(Training::OnWithOptOut) => 11.0,
            Some(Training::OffByDefault) => 3.0,
            Some(Training::NeverByContract) => 0.0,
            None => 10.0,
        }
    }
}

pub(super) fn parts(facts: &Facts) -> Vec<Part> {
    let mut parts = vec![
        training(facts),
        retention(facts),
        tier(facts),
        certifications(facts),
        jurisdiction(facts),
        controls(&facts.controls),
        vendor(facts),
        capability(facts),
    ];
    for part in &mut parts {
        if let Some(origin) = facts.origins.get(part.line.id) {
            part.line.source = Some(origin.source.clone());
            part.line.checked = Some(origin.checked.clone());
        }
    }
    parts
}

/// `known` is the share of the line's weight that rests on known facts.
fn part(
    id: &'static str,
    label: &'static str,
    raw: String,
    exact: f64,
    max: f64,
    known: f64,
    rule: &'static str,
) -> Part {
    Part {
        line: RiskLine {
            id,
            label,
            raw,
            points: one_decimal(exact),
            max,
            rule,
            known: known > 0.0,
            source: None,
            checked: None,
        },
        exact,
        known_weight: max * known,
    }
}

fn whole(known: bool) -> f64 {
    if known { 1.0 } else { 0.0 }
}

fn training(facts: &Facts) -> Part {
    let raw = match facts.training {
        Some(Training::OnWithoutOptOut) => "on, nobody can object",
        Some(Training::OnWithOptOut) => "on until someone objects",
        Some(Training::OffByDefault) => "off by default",
        Some(Training::NeverByContract) => "never, by contract",
        None => "unknown",
    };
    part(
        "C1",
        "trains on what is typed in",
        raw.to_owned(),
        facts.training_points(),
        14.0,
        whole(facts.training.is_some()),
        "on without opt-out 14, on with opt-out 11, off by default 3, never by contract 0, unknown 10",
    )
}

fn retention(facts: &Facts) -> Part {
    let (points, mut raw) = match facts.retention {
        Some(Retention::Indefinite) => (6.0, "kept until deleted".to_owned()),
        Some(Retention::Zero | Retention::Days(0)) => (0.0, "nothing kept".to_owned()),
        Some(Retention::Days(days)) => {
            let points = match days {
                ..=30 => 2.0,
                31..=90 => 3.0,
                _ => 5.0,
            };
            (points, format!("kept {days} days"))
        }
        None => (5.0, "unknown".to_owned()),
    };
    let shared = facts.third_party_sharing == Some(true);
    if shared {
        raw.push_str(", passed on to third parties");
    }
    part(
        "C2",
        "keeps prompts and files",
        raw,
        points + whole(shared),
        7.0,
        whole(facts.retention.is_some()),
        "until deleted 6, over 90 days 5, up to 90 days 3, up to 30 days 2, nothing 0, unknown 5; passed on to third parties +1",
    )
}

fn tier(facts: &Facts) -> Part {
    let (points, raw) = match facts.tier {
        Some(TierInUse::AnonymousOrFree) => (8.0, "anonymous or free"),
        Some(TierInUse::PaidPersonal) => (6.0, "paid personal"),
        Some(TierInUse::Foreign) => (6.0, "tenant of another organisation"),
        Some(TierInUse::Team) => (3.0, "team"),
        Some(TierInUse::EnterpriseProven) => (0.0, "enterprise tenant, proven"),
        None => (6.0, "unknown"),
    };
    part(
        "C3",
        "account in use",
        raw.to_owned(),
        points,
        8.0,
        whole(facts.tier.is_some()),
        "anonymous or free 8, paid personal 6, team 3, proven enterprise tenant 0, unknown 6",
    )
}

fn certifications(facts: &Facts) -> Part {
    let named = [
        ("SOC 2", facts.soc2),
        ("ISO 27001", facts.iso27001),
        ("ISO 42001", facts.iso42001),
    ];
    let held: Vec<&str> = named
        .iter()
        .filter(|(_, held)| *held == Some(true))
        .map(|(name, _)| *name)
        .collect();
    let known = named.iter().filter(|(_, held)| held.is_some()).count();
    let points = match (facts.soc2, facts.iso27001) {
        (Some(true), Some(true)) if facts.iso42001 == Some(true) => 0.0,
        (Some(true), Some(true)) => 2.0,
        (Some(true), _) | (_, Some(true)) => 4.0,
        (Some(false), Some(false)) => 7.0,
        _ => 5.0,
    };
    let raw = match (held.is_empty(), known) {
        (false, _) => held.join(", "),
        (true, 0) => "unknown".to_owned(),
        (true, _) => "none known".to_owned(),
    };
    part(
        "C4",
        "certificates that cover this tier",
        raw,
        points,
        7.0,
        // Three certificates at most: the conversion is exact.
        known as f64 / 3.0,
        "none 7, SOC 2 or ISO 27001 4, both 2, both and ISO 42001 0, unknown 5",
    )
}

fn jurisdiction(facts: &Facts) -> Part {
    let (points, raw) = match facts.jurisdiction {
        Some(Jurisdiction::Allowed) => (0.0, "on the list of allowed countries"),
        Some(Jurisdiction::Safeguards) => (2.0, "allowed with safeguards"),
        Some(Jurisdiction::Other) => (4.0, "on no list"),
        Some(Jurisdiction::Barred) => (6.0, "barred"),
        None => (4.0, "unknown"),
    };
    part(
        "C5",
        "country of the vendor",
        raw.to_owned(),
        points,
        6.0,
        whole(facts.jurisdiction.is_some()),
        "by your own lists: allowed 0, with safeguards 2, other 4, barred 6, unknown 4",
    )
}

fn controls(controls: &Controls) -> Part {
    let named = [
        ("SSO", controls.sso),
        ("MFA", controls.mfa),
        ("audit log", controls.audit_log),
        ("roles", controls.rbac),
        ("tenant restriction", controls.tenant_restriction),
    ];
    let mut points = 0.0;
    let mut known = 0.0;
    let mut there = Vec::new();
    for (name, control) in named {
        match control {
            Some(true) => there.push(name),
            Some(false) => points += 1.0,
            // All five unknown cost 4 together.
            None => points += 0.8,
        }
        known += whole(control.is_some());
    }
    let raw = match (there.is_empty(), known > 0.0) {
        (false, _) => there.join(", "),
        (true, true) => "none known".to_owned(),
        (true, false) => "unknown".to_owned(),
    };
    part(
        "C6",
        "controls for an enterprise",
        raw,
        points,
        5.0,
        known / 5.0,
        "5, less 1 for each of SSO, MFA, audit log, roles, tenant restriction; unknown 0.8 each",
    )
}

fn vendor(facts: &Facts) -> Part {
    let incident = facts.recent_incident == Some(true);
    let (points, mut raw) = match facts.vendor_age_years {
        Some(years) if years < 1.0 => (3.0, "less than a year old".to_owned()),
        Some(years) if years < 3.0 => (2.0, "less than three years old".to_owned()),
        Some(years) => (0.0, format!("{years:.0} years old")),
        None => (3.0, "unknown".to_owned()),
    };
    if incident {
        raw.push_str(", a material incident in the last 24 months");
    }
    part(
        "C7",
        "maturity of the vendor",
        raw,
        points + whole(incident),
        4.0,
        whole(facts.vendor_age_years.is_some()),
        "under a year 3, under three years 2, else 0, unknown 3; material incident in 24 months +1",
    )
}

fn capability(facts: &Facts) -> Part {
    let (points, raw) = match facts.capability {
        Some(Capability::Agentic) => (4.0, "acts: agents, tools, connectors or code"),
        Some(Capability::UploadOrRecording) => (3.0, "takes files or records"),
        Some(Capability::Chat) => (2.0, "chat"),
        Some(Capability::Narrow) => (1.0, "one narrow task"),
        None => (3.0, "unknown"),
    };
    part(
        "C8",
        "what it can do",
        raw.to_owned(),
        points,
        4.0,
        whole(facts.capability.is_some()),
        "agents, tools, connectors or code 4, files or recording 3, chat 2, narrow 1, unknown 3",
    )
}
