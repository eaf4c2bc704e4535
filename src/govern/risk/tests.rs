//! The published examples to the integer, the floors, and what the unknown costs.

use super::*;
use crate::model::Tier;

/// ChatGPT Free: 140 of 2,000 users, 1.2 GB in 30 days, the legal department among them.
fn chatgpt_free() -> RiskInput {
    RiskInput {
        facts: Facts {
            training: Some(Training::OnWithOptOut),
            retention: Some(Retention::Indefinite),
            third_party_sharing: Some(false),
            tier: Some(TierInUse::AnonymousOrFree),
            soc2: Some(false),
            iso27001: Some(false),
            iso42001: Some(false),
            jurisdiction: Some(Jurisdiction::Safeguards),
            controls: Controls {
                sso: Some(true),
                mfa: Some(true),
                audit_log: Some(false),
                rbac: Some(false),
                tenant_restriction: Some(false),
            },
            vendor_age_years: Some(10.0),
            recent_incident: Some(false),
            capability: Some(Capability::UploadOrRecording),
            ..Facts::default()
        },
        behaviour: Behaviour {
            mb_30d: Some(1200.0),
            uploads: 90,
            users: Some(140),
            population: Some(2000),
            active_days: 22,
            period_days: 30,
            first_seen_days_ago: Some(200),
            growth: Some(0.1),
            departments: Some(7),
            sensitive_group: Some(Some("legal".to_owned())),
            off_hours_share: Some(0.18),
            contradicts_decision: false,
        },
        ..RiskInput::default()
    }
}

/// Facts of a contracted service; callers change what differs.
fn contracted() -> Facts {
    Facts {
        training: Some(Training::NeverByContract),
        retention: Some(Retention::Days(30)),
        third_party_sharing: Some(false),
        tier: Some(TierInUse::EnterpriseProven),
        soc2: Some(true),
        iso27001: Some(true),
        iso42001: Some(true),
        jurisdiction: Some(Jurisdiction::Allowed),
        controls: Controls {
            sso: Some(true),
            mfa: Some(true),
            audit_log: Some(true),
            rbac: Some(true),
            tenant_restriction: Some(true),
        },
        vendor_age_years: Some(40.0),
        recent_incident: Some(false),
        capability: Some(Capability::UploadOrRecording),
        ..Facts::default()
    }
}

fn points_of(risk: &Risk, id: &str) -> f64 {
    risk.lines.iter().find(|line| line.id == id).unwrap().points
}

fn half_sum(risk: &Risk, letter: char) -> f64 {
    let lines = risk.lines.iter().filter(|line| line.id.starts_with(letter));
    lines.map(|line| line.points).sum()
}

#[test]
fn chatgpt_free_is_71_and_the_floor_makes_it_75_critical() {
    let risk = score(&chatgpt_free());
    assert_eq!(half_sum(&risk, 'C'), 40.0);
    assert!((half_sum(&risk, 'B') - 31.4).abs() < 0.11);
    assert_eq!(points_of(&risk, "F2"), 3.6);
    assert_eq!(
        (risk.gross, risk.residual, risk.band),
        (75, 75, Band::Critical)
    );
    assert_eq!((risk.confidence, risk.range), (1.0, None));
}

#[test]
fn chatgpt_free_by_dns_alone_is_69_within_60_to_74() {
    let mut input = chatgpt_free();
    input.behaviour.mb_30d = None;
    let risk = score(&input);
    assert_eq!((risk.gross, risk.range), (69, Some((60, 74))));
    assert_eq!((risk.band, risk.confidence), (Band::High, 0.86));
    assert!(
        risk.lines
            .iter()
            .any(|line| line.id == "BS" && line.points == 8.9)
    );
    assert!(risk.lines.iter().all(|line| !line.id.starts_with('F')));
}

#[test]
fn m365_copilot_is_38_and_with_its_tenant_23_low() {
    let risk = score(&RiskInput {
        facts: Facts {
            retention: Some(Retention::Days(90)),
            capability: Some(Capability::Agentic),
            ..contracted()
        },
        behaviour: Behaviour {
            mb_30d: Some(900.0),
            users: Some(600),
            population: Some(2000),
            first_seen_days_ago: Some(400),
            off_hours_share: Some(0.05),
            ..chatgpt_free().behaviour
        },
        mitigations: Mitigations {
            tenant_enforced: true,
            contract_without_training: true,
            sign_on_and_leavers: true,
            ..Mitigations::default()
        },
        ..RiskInput::default()
    });
    assert_eq!(half_sum(&risk, 'C'), 7.0);
    assert_eq!((risk.gross, risk.mitigation), (38, 0.40));
    assert_eq!((risk.residual, risk.band), (23, Band::Low));
}

#[test]
fn an_unknown_note_taker_is_53() {
    let risk = score(&RiskInput {
        unknown_app: true,
        behaviour: Behaviour {
            mb_30d: Some(35.0),
            uploads: 2,
            users: Some(4),
            population: Some(2000),
            active_days: 3,
            period_days: 30,
            first_seen_days_ago: Some(5),
            departments: Some(1),
            sensitive_group: Some(None),
            off_hours_share: Some(0.0),
            ..Behaviour::default()
        },
        ..RiskInput::default()
    });
    assert_eq!(half_sum(&risk, 'C'), 40.0);
    assert_eq!((risk.gross, risk.band), (53, Band::High));
    // The floor for unknown applications is printed though it raises nothing.
    assert_eq!(points_of(&risk, "F3"), 0.0);
    assert_eq!(risk.confidence, 0.45);
}

#[test]
fn own_azure_openai_by_servers_is_35() {
    let risk = score(&RiskInput {
        facts: contracted(),
        behaviour: Behaviour {
            mb_30d: Some(4000.0),
            users: Some(15),
            population: Some(2000),
            active_days: 30,
            period_days: 30,
            first_seen_days_ago: Some(300),
            departments: Some(1),
            sensitive_group: Some(Some("research".to_owned())),
            off_hours_share: Some(0.7),
            ..Behaviour::default()
        },
        ..RiskInput::default()
    });
    assert_eq!(half_sum(&risk, 'C'), 5.0);
    assert_eq!((risk.gross, risk.band), (35, Band::Medium));
}

#[test]
fn every_unknown_costs_its_bracket_and_no_confidence() {
    let risk = score(&RiskInput::default());
    let costs = ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"].map(|id| points_of(&risk, id));
    assert_eq!(costs, [10.0, 5.0, 6.0, 5.0, 4.0, 4.0, 3.0, 3.0]);
    // Whether traffic contradicts a decision is always known.
    assert_eq!((risk.confidence, risk.range), (0.03, Some((40, 82))));
}

#[test]
fn each_floor_prints_its_own_line_and_the_highest_holds() {
    let mut input = RiskInput {
        facts: contracted(),
        ..RiskInput::default()
    };
    input.unknown_router = true;
    let router = score(&input);
    assert_eq!((router.gross, points_of(&router, "F4")), (50, 45.0));
    input.facts.jurisdiction = Some(Jurisdiction::Barred);
    let barred = score(&input);
    assert_eq!(barred.gross, 75);
    assert_eq!(
        (points_of(&barred, "F1"), points_of(&barred, "F4")),
        (64.0, 0.0)
    );
    input.unknown_router = false;
    input.facts.jurisdiction = Some(Jurisdiction::Allowed);
    input.unknown_app = true;
    assert_eq!(score(&input).gross, 5);
    input.behaviour.uploads = 1;
    assert_eq!(score(&input).gross, 50);
}

#[test]
fn mitigation_stops_at_half() {
    let mut input = chatgpt_free();
    input.mitigations = Mitigations {
        tenant_enforced: true,
        filter_in_path: true,
        contract_without_training: true,
        sign_on_and_leavers: true,
        trained_groups: true,
    };
    let risk = score(&input);
    assert_eq!((risk.mitigation, risk.residual), (0.50, 38));
    assert!(
        risk.lines
            .iter()
            .any(|line| line.id == "M5" && line.raw.contains("capped"))
    );
}

#[test]
fn absurd_figures_stay_within_the_scale() {
    let mut input = chatgpt_free();
    for mb in [f64::NAN, f64::INFINITY, -7.0, f64::MAX] {
        input.behaviour.mb_30d = Some(mb);
        input.behaviour.off_hours_share = Some(mb);
        input.behaviour.users = Some(u64::MAX);
        input.behaviour.population = Some(0);
        let risk = score(&input);
        assert!(risk.gross <= 100);
        assert!(risk.lines.iter().all(|line| line.points.is_finite()));
    }
}

#[test]
fn catalogue_statements_are_read_for_the_tier_in_use() {
    let row = |field, tier, value| FactRow {
        field,
        tier,
        value,
        source: "https://example.org/privacy",
        checked: "2026-11-23",
    };
    let rows = [
        row("trains_on_input", Some(Tier::Consumer), "opt-out"),
        row("trains_on_input", Some(Tier::Enterprise), "no"),
        row("dpa", Some(Tier::Enterprise), "yes"),
        row("retention", None, "3 months"),
        row("soc2", Some(Tier::Enterprise), "yes"),
        row("file_upload", None, "yes"),
        row("sso", None, "unknown"),
    ];
    let consumer = Facts::read(&rows, Tier::Consumer);
    assert_eq!(consumer.training, Some(Training::OnWithOptOut));
    assert_eq!(consumer.retention, Some(Retention::Days(90)));
    assert_eq!((consumer.soc2, consumer.controls.sso), (None, None));
    assert_eq!(consumer.origins["C1"].checked, "2026-11-23");

    let enterprise = Facts::read(&rows, Tier::Enterprise);
    assert_eq!(enterprise.training, Some(Training::NeverByContract));

    // The tiers differ on training and only one is stated for SOC 2: of an unknown tier neither is told.
    let unknown = Facts::read(&rows, Tier::Unknown);
    assert_eq!((unknown.training, unknown.soc2), (None, None));
    assert_eq!(unknown.capability, Some(Capability::UploadOrRecording));

    let agreed = [
        row("sso", Some(Tier::Consumer), "no"),
        row("sso", Some(Tier::Enterprise), "no"),
    ];
    assert_eq!(
        Facts::read(&agreed, Tier::Unknown).controls.sso,
        Some(false)
    );
}
