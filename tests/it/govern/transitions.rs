//! What changed, whatever the order in which it was read.

use super::*;
use TransitionKind::{DecisionViolated, ExceptionExpired, FirstSeen, NewSegment, TurnedConsumer};

#[test]
fn first_seen_comes_once_and_each_further_segment_after_it() {
    let profiles = [
        profile("", Tier::Unknown, "2026-11-03", "2026-11-20"),
        profile("legal", Tier::Unknown, "2026-11-02", "2026-11-20"),
        profile("research", Tier::Consumer, "2026-11-04", "2026-11-20"),
        profile("research", Tier::Unknown, "2026-11-05", "2026-11-20"),
    ];
    let found = found(&profiles, &[], "2026-11-23");
    let kinds: Vec<_> = found
        .iter()
        .map(|t| (t.kind, t.segment.to_string()))
        .collect();
    assert_eq!(
        kinds,
        [
            (FirstSeen, "legal".to_owned()),
            (NewSegment, "research".to_owned())
        ]
    );
    assert_eq!(found[0].at, day("2026-11-02"));
    assert_eq!(found[1].at, day("2026-11-04"));
}

#[test]
fn the_order_of_arrival_changes_nothing() {
    let decisions = [
        decision(1, State::Blocked, "2026-11-10", None),
        for_segment(
            decision(2, State::Tolerated, "2026-11-02", Some("2026-11-12")),
            "legal",
        ),
    ];
    let mut profiles = vec![
        profile("legal", Tier::Enterprise, "2026-11-02", "2026-11-20"),
        profile("legal", Tier::Consumer, "2026-11-06", "2026-11-21"),
        profile("sales", Tier::Unknown, "2026-11-04", "2026-11-20"),
    ];
    let forwards = found(&profiles, &decisions, "2026-11-23");
    profiles.reverse();
    assert_eq!(forwards, found(&profiles, &decisions, "2026-11-23"));
    assert!(forwards.len() >= 6);
}

#[test]
fn personal_accounts_after_the_enterprise_tenant_are_told_but_a_dns_row_before_is_not() {
    let tenant = profile("legal", Tier::Enterprise, "2026-11-05", "2026-11-20");
    let personal = profile("legal", Tier::Consumer, "2026-11-06", "2026-11-20");
    let turned = found(&[tenant, personal.clone()], &[], "2026-11-23");
    assert_eq!(of_kind(&turned, TurnedConsumer).len(), 1);

    let same_morning = profile("legal", Tier::Unknown, "2026-11-05T23:59:58Z", "2026-11-20");
    let turned = found(&[same_morning, personal.clone()], &[], "2026-11-23");
    assert_eq!(of_kind(&turned, TurnedConsumer).len(), 0);

    let elsewhere = profile("sales", Tier::Enterprise, "2026-11-01", "2026-11-20");
    let turned = found(&[elsewhere, personal], &[], "2026-11-23");
    assert_eq!(of_kind(&turned, TurnedConsumer).len(), 0);
}

#[test]
fn use_after_a_block_is_told_once_per_segment_and_decision() {
    let block = [decision(4, State::Blocked, "2026-11-10", None)];
    let mut rows = vec![
        profile("legal", Tier::Unknown, "2026-11-02", "2026-11-09"),
        profile("sales", Tier::Unknown, "2026-11-02", "2026-11-20"),
        profile("sales", Tier::Consumer, "2026-11-12", "2026-11-20"),
    ];
    let violated = found(&rows, &block, "2026-11-23");
    let told = of_kind(&violated, DecisionViolated);
    assert_eq!(told.len(), 1);
    assert_eq!((&*told[0].segment, told[0].tier), ("sales", Tier::Consumer));
    let id = told[0].id.clone();

    // More use of the same kind is the same news; a new block is new news.
    rows[1].last_use = Some(day("2026-11-22"));
    rows[1].last_contact = rows[1].last_use;
    assert_eq!(
        of_kind(&found(&rows, &block, "2026-11-23"), DecisionViolated)[0].id,
        id
    );
    let again = [
        block[0].clone(),
        decision(5, State::Blocked, "2026-11-15", None),
    ];
    assert_ne!(
        of_kind(&found(&rows, &again, "2026-11-23"), DecisionViolated)[0].id,
        id
    );
}

#[test]
fn blocked_attempts_alone_violate_nothing() {
    let mut row = profile("sales", Tier::Unknown, "2026-11-12", "2026-11-20");
    (row.events, row.attempts, row.grade) = (0, 5, None);
    (row.first_use, row.last_use, row.last_contact) = (None, None, None);
    let block = [decision(4, State::Blocked, "2026-11-10", None)];
    let found = found(&[row], &block, "2026-11-23");
    assert_eq!(of_kind(&found, DecisionViolated).len(), 0);
    assert_eq!(of_kind(&found, FirstSeen).len(), 1);
}

#[test]
fn a_permission_that_ended_is_told_while_the_application_is_in_use() {
    let ended = [decision(
        4,
        State::Tolerated,
        "2026-11-01",
        Some("2026-11-10"),
    )];
    let row = profile("sales", Tier::Unknown, "2026-11-02", "2026-11-20");
    let rows = [row];
    let expired = found(&rows, &ended, "2026-11-23");
    let told = of_kind(&expired, ExceptionExpired);
    assert_eq!((told.len(), told[0].at), (1, day("2026-11-10")));
    assert_eq!(
        of_kind(&found(&rows, &ended, "2026-11-09"), ExceptionExpired).len(),
        0
    );
    let renewed = [
        ended[0].clone(),
        decision(5, State::Tolerated, "2026-11-09", Some("2027-01-10")),
    ];
    assert_eq!(
        of_kind(&found(&rows, &renewed, "2026-11-23"), ExceptionExpired).len(),
        0
    );
    let idle = [profile("sales", Tier::Unknown, "2026-08-02", "2026-09-20")];
    assert_eq!(
        of_kind(&found(&idle, &ended, "2026-11-23"), ExceptionExpired).len(),
        0
    );
}

#[test]
fn thirty_silent_days_are_gone_and_a_return_makes_the_next_going_new() {
    let name: &dyn Fn(&str) -> String = &|_| "ChatGPT".to_owned();
    let rows = [
        profile("sales", Tier::Unknown, "2026-09-02", "2026-10-01"),
        profile("legal", Tier::Unknown, "2026-09-02", "2026-10-05"),
    ];
    assert_eq!(gone(&rows.each_ref(), day("2026-11-03"), name).len(), 0);
    let first = gone(&rows.each_ref(), day("2026-11-04"), name);
    assert_eq!(first[0].at, day("2026-11-04"));
    assert_eq!(
        first[0].id,
        gone(&rows.each_ref(), day("2027-02-01"), name)[0].id
    );
    let back = [profile("sales", Tier::Unknown, "2026-09-02", "2026-12-05")];
    assert_ne!(
        first[0].id,
        gone(&back.each_ref(), day("2027-02-01"), name)[0].id
    );
}
