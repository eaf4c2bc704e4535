//! How duties stand: dates, evidence, waivers, the provider, and what to do next.

use super::*;

#[test]
fn the_providers_part_is_unassured_and_the_register_entry_is_met() {
    let app = subject(Archetype::Api, ServiceModel::Saas);
    let rows = assess(&model(), &app, &[], day("2026-11-23"));
    let row = |id: &str| rows.iter().find(|row| row.id == id).unwrap();
    assert_eq!(row("GAI-30").status, DutyStatus::ProviderUnassured);
    assert!(!row("GAI-30").overdue);
    assert_eq!(row("GAI-01").status, DutyStatus::Met);
    assert_eq!(row("GAI-01").met_by, Some(ClosesBy::Observed));
    assert_eq!(row("GAI-03").status, DutyStatus::Open);
}

#[test]
fn on_personal_accounts_what_the_provider_promises_is_unassured() {
    let mut app = subject(Archetype::ConsumerChat, ServiceModel::Saas);
    let now = "2026-11-23";
    assert_eq!(
        status_of(&app, &[], "GAI-12", now),
        DutyStatus::ProviderUnassured
    );
    assert_eq!(status_of(&app, &[], "GAI-08", now), DutyStatus::Open);
    app.tier = Tier::Enterprise;
    assert_eq!(status_of(&app, &[], "GAI-12", now), DutyStatus::Open);
}

#[test]
fn re_review_is_due_with_the_decision_and_lapses_with_it() {
    let decisions = [decision(
        1,
        State::Tolerated,
        "2026-11-21",
        Some("2026-12-31"),
    )];
    let mut app = subject(Archetype::ConsumerChat, ServiceModel::Saas);
    let mut at = |now: &str| {
        app.decision = effective(&decisions, "openai.chatgpt", None, day(now));
        let rows = assess(&model(), &app, &[], day(now));
        let row = rows.iter().find(|row| row.id == "GAI-44").unwrap();
        (row.status, row.due.unwrap().to_string())
    };
    assert_eq!(
        at("2026-12-30"),
        (DutyStatus::Open, "2026-12-31".to_owned())
    );
    assert_eq!(
        at("2026-12-31"),
        (DutyStatus::Lapsed, "2027-01-14".to_owned())
    );
}

#[test]
fn every_duty_prints_the_keys_that_scripts_rely_on() {
    let app = subject(Archetype::SelfHosted, ServiceModel::Iaas);
    let rows = assess(&model(), &app, &[], day("2026-11-23"));
    let json = serde_json::to_value(rows.iter().find(|row| row.id == "GAI-35").unwrap());
    let json = json.unwrap();
    assert_eq!(json["seed_party"], "AISU");
    assert_eq!(
        (&json["party"], &json["basis"]),
        (&"both".into(), &"stated".into())
    );
    for key in [
        "id",
        "layer",
        "title",
        "status",
        "closes_by",
        "owner",
        "due",
        "action",
        "refs",
    ] {
        assert!(!json[key].is_null(), "{key}");
    }
}

#[test]
fn a_step_that_cannot_stand_names_the_flag() {
    let error = |duty: &str, step, until, change: &dyn Fn(&mut DutyRecord)| {
        let mut wrong = record(duty, step, "2026-11-23", until);
        change(&mut wrong);
        let (kind, cloud) = (Archetype::ConsumerChat, ServiceModel::Saas);
        let checked =
            gnomon::govern::duties::check(&model(), &wrong, kind, cloud, day("2026-11-23"));
        checked.map_err(|error| error.to_string())
    };
    let same: &dyn Fn(&mut DutyRecord) = &|_| {};
    let attested = DutyStep::Attested;
    assert_eq!(error("GAI-12", attested, None, same), Ok(()));
    let text = |result: Result<(), String>| result.unwrap_err();
    assert!(text(error("GAI-99", attested, None, same)).contains("GAI-01 to GAI-44"));
    assert!(text(error("GAI-26", attested, None, same)).contains("consumer-chat"));
    assert!(text(error("GAI-03", attested, None, same)).contains("gnomon decide"));
    assert!(text(error("GAI-12", attested, None, &|r| r.evidence.clear())).contains("--evidence"));
    assert!(
        text(error("GAI-12", attested, Some("2026-11-01"), same)).contains("not in the future")
    );
    assert!(text(error("GAI-12", DutyStep::Waived, None, same)).contains("2027-05-22"));
    assert!(text(error("GAI-12", DutyStep::Waived, Some("2028-01-01"), same)).contains("--until"));
    assert!(text(error("GAI-10", DutyStep::ProviderAssured, None, same)).contains("provider"));
}

#[test]
fn due_dates_follow_class_and_band_and_run_out() {
    let mut app = subject(Archetype::ConsumerChat, ServiceModel::Saas);
    let due = |app: &Subject, now| {
        let rows = assess(&model(), app, &[], day(now));
        let row = rows.iter().find(|row| row.id == "GAI-03").unwrap();
        (row.due.unwrap().to_string(), row.overdue)
    };
    assert_eq!(due(&app, "2026-11-23"), ("2026-11-23".to_owned(), false));
    assert_eq!(due(&app, "2026-11-24"), ("2026-11-23".to_owned(), true));
    app.band = Band::Low;
    assert_eq!(due(&app, "2026-11-24"), ("2026-12-20".to_owned(), false));
}

#[test]
fn a_decision_meets_gai_03_until_its_end_date_and_then_lapses() {
    let decisions = [decision(
        1,
        State::Tolerated,
        "2026-11-21",
        Some("2026-12-31"),
    )];
    let mut app = subject(Archetype::ConsumerChat, ServiceModel::Saas);
    let mut at = |now: &str| {
        app.decision = effective(&decisions, "openai.chatgpt", None, day(now));
        status_of(&app, &[], "GAI-03", now)
    };
    assert_eq!(at("2026-12-30"), DutyStatus::Met);
    assert_eq!(at("2026-12-31"), DutyStatus::Lapsed);
}

#[test]
fn sanctioned_without_an_end_date_is_not_done() {
    let decisions = [decision(1, State::Sanctioned, "2026-11-21", None)];
    let mut app = subject(Archetype::EnterpriseChat, ServiceModel::Saas);
    app.decision = effective(&decisions, "openai.chatgpt", None, day("2026-11-23"));
    assert_eq!(
        status_of(&app, &[], "GAI-03", "2026-11-23"),
        DutyStatus::InProgress
    );
}

#[test]
fn an_attestation_meets_a_duty_until_its_evidence_runs_out() {
    let app = subject(Archetype::EnterpriseChat, ServiceModel::Saas);
    let records = [record(
        "GAI-37",
        DutyStep::Attested,
        "2026-11-22",
        Some("2027-01-01"),
    )];
    assert_eq!(
        status_of(&app, &records, "GAI-37", "2026-11-23"),
        DutyStatus::Met
    );
    assert_eq!(
        status_of(&app, &records, "GAI-37", "2027-01-02"),
        DutyStatus::Lapsed
    );
    // Another application's record proves nothing here.
    let mut other = records.clone();
    other[0].service = "anthropic.claude".to_owned();
    assert_eq!(
        status_of(&app, &other, "GAI-37", "2026-11-23"),
        DutyStatus::Open
    );
}

#[test]
fn indicated_alone_never_meets_and_silence_changes_nothing() {
    let mut app = subject(Archetype::EnterpriseChat, ServiceModel::Saas);
    app.observed
        .push(observation(Rule::UploadsFall, Finding::Holds));
    assert_eq!(
        status_of(&app, &[], "GAI-11", "2026-11-23"),
        DutyStatus::Open
    );
    let records = [record("GAI-11", DutyStep::Attested, "2026-11-22", None)];
    assert_eq!(
        status_of(&app, &records, "GAI-11", "2026-11-23"),
        DutyStatus::Met
    );
    app.observed[0].rule = Rule::TenantShare;
    assert_eq!(
        status_of(&app, &[], "GAI-08", "2026-11-23"),
        DutyStatus::Met
    );
    app.observed[0].finding = Finding::Unclear;
    assert_eq!(
        status_of(&app, &[], "GAI-08", "2026-11-23"),
        DutyStatus::Open
    );
    app.observed.clear();
    assert_eq!(
        status_of(&app, &records, "GAI-11", "2026-11-23"),
        DutyStatus::Met
    );
}

#[test]
fn a_trigger_or_contrary_traffic_makes_older_evidence_lapse() {
    let records = [record("GAI-19", DutyStep::Attested, "2026-11-21", None)];
    let mut app = subject(Archetype::EnterpriseChat, ServiceModel::Saas);
    app.trigger = Some(Trigger {
        at: day("2026-11-22"),
        why: "personal accounts appeared".to_owned(),
    });
    assert_eq!(
        status_of(&app, &records, "GAI-19", "2026-11-23"),
        DutyStatus::Lapsed
    );
    let renewed = [record("GAI-19", DutyStep::Attested, "2026-11-23", None)];
    assert_eq!(
        status_of(&app, &renewed, "GAI-19", "2026-11-23"),
        DutyStatus::Met
    );
}

#[test]
fn waived_excluded_reopened_and_assured_read_as_recorded() {
    let app = subject(Archetype::Api, ServiceModel::Saas);
    let at = |duty, step, now: &str| {
        status_of(&app, &[record(duty, step, "2026-11-21", None)], duty, now)
    };
    assert_eq!(
        at("GAI-25", DutyStep::Waived, "2026-11-23"),
        DutyStatus::Waived
    );
    assert_eq!(
        at("GAI-25", DutyStep::Waived, "2027-06-01"),
        DutyStatus::Lapsed
    );
    assert_eq!(
        at("GAI-25", DutyStep::NotApplicable, "2026-11-23"),
        DutyStatus::NotApplicable
    );
    assert_eq!(
        at("GAI-25", DutyStep::Started, "2026-11-23"),
        DutyStatus::InProgress
    );
    assert_eq!(
        at("GAI-25", DutyStep::Reopened, "2026-11-23"),
        DutyStatus::Open
    );
    assert_eq!(
        at("GAI-30", DutyStep::ProviderAssured, "2026-11-23"),
        DutyStatus::ProviderAssured
    );
    // A shared duty needs our own part as well.
    assert_eq!(
        at("GAI-12", DutyStep::ProviderAssured, "2026-11-23"),
        DutyStatus::InProgress
    );
}

#[test]
fn nobodys_duty_and_no_generative_ai_owe_nothing() {
    let app = subject(Archetype::Agent, ServiceModel::Iaas);
    assert_eq!(
        status_of(&app, &[], "GAI-08", "2026-11-23"),
        DutyStatus::NotApplicable
    );
    let mut app = subject(Archetype::ConsumerChat, ServiceModel::Saas);
    let decisions = [decision(1, State::NotGenai, "2026-11-21", None)];
    app.decision = effective(&decisions, "openai.chatgpt", None, day("2026-11-23"));
    assert_eq!(
        status_of(&app, &[], "GAI-12", "2026-11-23"),
        DutyStatus::NotApplicable
    );
}

#[test]
fn next_steps_name_owner_day_and_command_and_end_when_done() {
    let app = subject(Archetype::ConsumerChat, ServiceModel::Saas);
    let now = day("2026-11-22");
    let rows = assess(&model(), &app, &[], now);
    let steps = next_steps(&model(), &app, &rows, now);
    assert_eq!(steps.len(), 5);
    assert!(steps[0].starts_with("GAI-03 Decide, with an end date (security, by 2026-11-23): "));
    assert!(steps[0].contains("gnomon decide openai.chatgpt restricted --owner"));
    assert!(steps[3].contains("gnomon duties attest openai.chatgpt GAI-12 --evidence"));

    let records = ["GAI-05", "GAI-11", "GAI-12", "GAI-04"]
        .map(|duty| record(duty, DutyStep::Attested, "2026-11-22", None));
    let mut decided = app.clone();
    let restricted = [decision(1, State::Restricted, "2026-11-21", None)];
    decided.decision = effective(&restricted, "openai.chatgpt", None, now);
    let rows = assess(&model(), &decided, &records, now);
    assert_eq!(
        next_steps(&model(), &decided, &rows, now),
        Vec::<String>::new()
    );
}

#[test]
fn deciding_comes_first_for_every_archetype() {
    let now = day("2026-11-22");
    let mut app = subject(Archetype::Api, ServiceModel::Paas);
    let steps = |app: &Subject| {
        let rows = assess(&model(), app, &[], now);
        next_steps(&model(), app, &rows, now)
    };
    assert_eq!(steps(&app).len(), 6);
    assert!(steps(&app)[0].starts_with("GAI-03"));
    assert!(steps(&app)[1].starts_with("GAI-25"));
    let review = [decision(1, State::InReview, "2026-11-21", None)];
    app.decision = effective(&review, "openai.chatgpt", None, now);
    assert!(steps(&app)[0].contains("with STATE one of sanctioned"));
}
