//! Which decision holds, and which may be written down.

use super::*;

fn state(decisions: &[Decision], segment: Option<&str>, now: &str) -> State {
    effective(decisions, "openai.chatgpt", segment, day(now)).state
}

#[test]
fn the_narrower_scope_wins_and_inside_a_level_the_newest() {
    let decisions = [
        for_segment(
            decision(1, State::Tolerated, "2026-11-01", Some("2026-12-01")),
            "research",
        ),
        decision(2, State::Sanctioned, "2026-11-02", None),
        decision(3, State::Blocked, "2026-11-03", None),
    ];
    assert_eq!(
        state(&decisions, Some("research"), "2026-11-20"),
        State::Tolerated
    );
    assert_eq!(
        state(&decisions, Some("sales"), "2026-11-20"),
        State::Blocked
    );
    assert_eq!(state(&decisions, None, "2026-11-20"), State::Blocked);
    assert_eq!(state(&decisions, None, "2026-11-02"), State::Sanctioned);
    let other = effective(&decisions, "anthropic.claude", None, day("2026-11-20"));
    assert_eq!(other.state, State::New);
}

#[test]
fn an_expired_exception_gives_way_to_the_block_and_is_reported() {
    let decisions = [
        decision(1, State::Blocked, "2026-11-01", None),
        for_segment(
            decision(2, State::Tolerated, "2026-11-02", Some("2026-11-10")),
            "research",
        ),
    ];
    let then = effective(
        &decisions,
        "openai.chatgpt",
        Some("research"),
        day("2026-11-20"),
    );
    assert_eq!(then.state, State::Blocked);
    assert_eq!(then.expired.unwrap().id, 2);
}

#[test]
fn an_expired_decision_leaves_the_application_unreviewed() {
    // The older sanction was replaced; it does not come back.
    let decisions = [
        decision(1, State::Sanctioned, "2026-11-01", None),
        decision(2, State::Tolerated, "2026-11-02", Some("2026-11-10")),
    ];
    let then = effective(&decisions, "openai.chatgpt", None, day("2026-11-20"));
    assert_eq!((then.state, then.expired.unwrap().id), (State::New, 2));
}

#[test]
fn a_decision_that_cannot_stand_names_the_flag() {
    let now = day("2026-11-23");
    let error = |change: &dyn Fn(&mut Decision)| {
        let mut wrong = decision(0, State::Tolerated, "2026-11-23", Some("2026-12-23"));
        change(&mut wrong);
        check(&wrong, &[], now).unwrap_err().to_string()
    };
    assert!(error(&|d| d.owner = " ".to_owned()).contains("--owner"));
    assert!(error(&|d| d.reason.clear()).contains("--reason"));
    assert!(error(&|d| d.until = None).contains("--until"));
    assert!(error(&|d| d.until = Some(day("2027-05-23"))).contains("2027-05-22"));
    assert!(error(&|d| d.until = Some(day("2026-11-22"))).contains("not in the future"));
    assert!(error(&|d| d.scope = Scope::Segment(String::new())).contains("segment:NAME"));
    let fine = decision(0, State::Tolerated, "2026-11-23", Some("2027-05-22"));
    assert_eq!(check(&fine, &[], now), Ok(()));
    let open_ended = decision(0, State::Blocked, "2026-11-23", None);
    assert_eq!(check(&open_ended, &[], now), Ok(()));
}

#[test]
fn a_group_of_users_comes_before_its_segment_and_the_segment_before_everyone() {
    let mut group = decision(3, State::Sanctioned, "2026-11-03", Some("2026-11-25"));
    group.scope = Scope::Group("pilots".to_owned());
    let decisions = [
        decision(1, State::Blocked, "2026-11-05", None),
        for_segment(
            decision(2, State::Restricted, "2026-11-04", Some("2026-12-24")),
            "pilots",
        ),
        group,
    ];
    let state = |segment, now| effective(&decisions, "openai.chatgpt", segment, day(now)).state;
    assert_eq!(state(Some("pilots"), "2026-11-20"), State::Sanctioned);
    assert_eq!(state(Some("pilots"), "2026-11-26"), State::Restricted);
    assert_eq!(state(Some("pilots"), "2026-12-26"), State::Blocked);
    assert_eq!(state(Some("sales"), "2026-11-20"), State::Blocked);
    assert_eq!(state(None, "2026-11-20"), State::Blocked);
}

#[test]
fn an_exception_ends_within_180_days_and_nobody_approves_their_own_request() {
    let now = day("2026-11-23");
    let earlier = [decision(1, State::Blocked, "2026-11-01", None)];
    let exception = |until: Option<&str>| {
        for_segment(
            decision(0, State::Sanctioned, "2026-11-23", until),
            "research",
        )
    };
    let error = |wrong: &Decision| check(wrong, &earlier, now).unwrap_err().to_string();
    assert!(error(&exception(None)).contains("exception to blocked"));
    assert!(error(&exception(Some("2027-05-23"))).contains("2027-05-22"));
    assert_eq!(check(&exception(Some("2027-05-22")), &earlier, now), Ok(()));
    // Where nothing stricter holds for everyone, it is no exception.
    assert_eq!(check(&exception(None), &[], now), Ok(()));

    let mut own = decision(0, State::Blocked, "2026-11-23", None);
    own.requested_by = Some("sam example".to_owned());
    assert!(error(&own).contains("--approver"));
    own.approver = Some("Kim Example".to_owned());
    assert_eq!(check(&own, &earlier, now), Ok(()));
}
