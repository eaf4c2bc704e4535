//! The duty model as data: sound as embedded, and refused with a reason when it is not.

use super::*;

#[test]
fn embedded_model_has_44_sound_duties_and_8_archetypes() {
    let model = model();
    assert_eq!(model.lint(), Vec::<String>::new());
    assert_eq!((model.duties.len(), model.archetypes.len()), (44, 8));
}

#[test]
fn what_the_article_disputes_stays_visible() {
    let model = model();
    let infrastructure = &model.duty("GAI-35").unwrap().iaas;
    assert_eq!(infrastructure.seed_party, SeedParty::User);
    assert_eq!(infrastructure.party, Party::Both);
    assert!(infrastructure.disputed && *infrastructure.keys == ["I2"]);
    let hosting = &model.duty("GAI-33").unwrap().paas;
    assert!(hosting.disputed && *hosting.keys == ["P3", "U3"]);
    let filtering = &model.duty("GAI-19").unwrap().saas;
    assert_eq!(
        (filtering.share.as_str(), filtering.basis),
        ("majority", Basis::Stated)
    );
}

#[test]
fn the_article_states_fewer_duties_the_more_is_bought() {
    let model = model();
    let stated = |service_model| {
        let cells = model.duties.iter().map(|duty| duty.cell(service_model));
        cells.filter(|cell| cell.basis == Basis::Stated).count()
    };
    assert_eq!(
        ServiceModel::ALL
            .iter()
            .map(|m| stated(*m))
            .collect::<Vec<_>>(),
        [8, 10, 12]
    );
}

#[test]
fn a_bare_reference_or_an_unverified_one_is_refused() {
    for wrong in ["UEM-02", "AICM@0.9:UEM-02", "CIS@8.1:2.3†"] {
        let text = DUTIES.replacen("AICM@1.1:UEM-02", wrong, 1);
        let error = DutyModel::parse(&text, ARCHETYPES).unwrap_err().to_string();
        assert!(error.contains("GAI-01") && error.contains(wrong), "{error}");
    }
}

#[test]
fn a_key_that_resolves_to_no_sentence_is_refused() {
    let text = DUTIES.replacen("keys = [\"S3\"]", "keys = [\"S9\"]", 1);
    let error = DutyModel::parse(&text, ARCHETYPES).unwrap_err().to_string();
    assert!(error.contains("no sentence has the key S9"), "{error}");
}

#[test]
fn a_text_that_claims_compliance_is_refused() {
    let text = DUTIES.replacen("Publish one page", "Be compliant: publish one page", 1);
    let error = DutyModel::parse(&text, ARCHETYPES).unwrap_err().to_string();
    assert!(error.contains("GAI-06 says \"compliant\""), "{error}");
}

#[test]
fn a_first_duty_that_does_not_apply_is_refused() {
    let text = ARCHETYPES.replacen("\"GAI-03\", \"GAI-10\"", "\"GAI-26\", \"GAI-10\"", 1);
    let error = DutyModel::parse(DUTIES, &text).unwrap_err().to_string();
    assert!(error.contains("voice: GAI-26 does not apply"), "{error}");
}

#[test]
fn an_unknown_field_names_the_file_and_the_line() {
    let text = DUTIES.replacen("due = \"T1\"", "dew = \"T1\"", 1);
    let error = DutyModel::parse(&text, ARCHETYPES).unwrap_err().to_string();
    assert!(
        error.contains("duties.toml") && error.contains("dew"),
        "{error}"
    );
}

#[test]
fn every_sentence_key_is_told_in_our_words() {
    let model = model();
    for key in &model.keys {
        assert!(
            !key.says.contains("AISU") && !key.says.contains("AISP"),
            "{}",
            key.key
        );
    }
    assert_eq!(model.keys.len(), 26);
}

#[test]
fn a_router_owes_what_consumer_chat_and_api_owe() {
    let ids = |archetype| {
        let app = subject(archetype, ServiceModel::Saas);
        let rows = assess(&model(), &app, &[], day("2026-11-23"));
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let router = ids(Archetype::Router);
    let expected: Vec<_> = model()
        .duties
        .iter()
        .map(|duty| duty.id.clone())
        .filter(|id| ids(Archetype::ConsumerChat).contains(id) || ids(Archetype::Api).contains(id))
        .collect();
    assert_eq!(router, expected);
    assert!(!ids(Archetype::Voice).contains(&"GAI-04".into()));
}
