//! What is told, how often, and under which id.

use super::*;

fn context(state: State, band: Band) -> impl Fn(&str, &str) -> Context {
    move |service, _| Context {
        service_name: format!("Service {service}"),
        archetype: Archetype::ConsumerChat,
        archetype_title: "consumer chat application".to_owned(),
        state,
        band,
        grade: Some(Grade::Uploaded),
        facts: vec!["12 users".to_owned()],
        next: vec!["GAI-03 Decide".to_owned()],
    }
}

fn change(kind: TransitionKind, service: &str, segment: &str) -> Transition {
    Transition {
        id: gnomon::model::stable_id(&[kind.as_str(), service, segment]),
        kind,
        service: Arc::from(service),
        segment: Arc::from(segment),
        tier: Tier::Unknown,
        at: day("2026-11-22"),
        detail: format!("{kind} of {service}"),
    }
}

#[test]
fn one_case_makes_one_message_led_by_the_most_serious_change() {
    let changes = [
        change(TransitionKind::FirstSeen, "a.a", "sales"),
        change(TransitionKind::DecisionViolated, "a.a", "sales"),
        change(TransitionKind::FirstSeen, "b.b", "sales"),
    ];
    let told = alerts(&changes, &context(State::Blocked, Band::Medium));
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].rule, "decision_violated");
    assert_eq!(told[0].severity, Severity::High);
    assert_eq!(told[0].transitions.len(), 2);
    assert!(told[0].next[0].contains("gnomon apps show a.a"));
    assert_eq!(
        (told[1].rule.as_str(), told[1].severity),
        ("application_first_seen", Severity::Medium)
    );
}

#[test]
fn a_message_has_the_same_id_on_every_retry() {
    let mut changes = vec![
        change(TransitionKind::FirstSeen, "a.a", ""),
        change(TransitionKind::TurnedConsumer, "a.a", ""),
    ];
    let lookup = context(State::New, Band::Low);
    let first = alerts(&changes, &lookup);
    changes.reverse();
    assert_eq!(first, alerts(&changes, &lookup));
}

#[test]
fn what_was_agreed_is_no_news_but_personal_accounts_are() {
    let changes = [
        change(TransitionKind::NewSegment, "a.a", "sales"),
        change(TransitionKind::FirstSeen, "b.b", ""),
        change(TransitionKind::TurnedConsumer, "c.c", "sales"),
        change(TransitionKind::Gone, "d.d", ""),
    ];
    let told = alerts(&changes, &context(State::Sanctioned, Band::Low));
    let rules: Vec<&str> = told.iter().map(|alert| alert.rule.as_str()).collect();
    assert_eq!(rules, ["turned_consumer"]);
    assert_eq!(alerts(&changes, &context(State::NotGenai, Band::Low)), []);
}

#[test]
fn a_backfill_is_one_message_that_names_twenty_and_counts_the_rest() {
    let changes: Vec<Transition> = (0..25)
        .flat_map(|n| {
            let service = format!("vendor.app{n:02}");
            [
                change(TransitionKind::FirstSeen, &service, ""),
                change(TransitionKind::NewSegment, &service, "sales"),
            ]
        })
        .collect();
    let risky = |service: &str, segment: &str| {
        let band = if service == "vendor.app24" {
            Band::Critical
        } else {
            Band::Low
        };
        context(State::New, band)(service, segment)
    };
    let told = summary(&changes, &risky).unwrap();
    assert_eq!(told.rule, "backfill_summary");
    assert_eq!(told.severity, Severity::Critical);
    assert!(
        told.title
            .starts_with("25 generative-AI applications found")
    );
    assert!(
        told.lines[0].starts_with(
            "Service vendor.app24: consumer chat application, state new, use uploaded"
        )
    );
    assert_eq!(
        (told.lines.len(), told.lines[20].as_str()),
        (21, "and 5 more")
    );
    assert_eq!(told.transitions.len(), 50);
    assert_eq!(summary(&[], &risky), None);
}

#[test]
fn attempts_that_were_all_stopped_are_not_called_use() {
    let changes = [change(TransitionKind::FirstSeen, "a.a", "sales")];
    let stopped = |service: &str, segment: &str| Context {
        grade: None,
        ..context(State::New, Band::Low)(service, segment)
    };
    let told = alerts(&changes, &stopped);
    assert_eq!(told[0].title, "Service a.a was tried in sales and stopped");
}
