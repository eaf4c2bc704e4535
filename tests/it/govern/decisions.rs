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
        check(&wrong, now).unwrap_err().to_string()
    };
    assert!(error(&|d| d.owner = " ".to_owned()).contains("--owner"));
    assert!(error(&|d| d.reason.clear()).contains("--reason"));
    assert!(error(&|d| d.until = None).contains("--until"));
    assert!(error(&|d| d.until = Some(day("2027-05-23"))).contains("2027-05-22"));
    assert!(error(&|d| d.until = Some(day("2026-11-22"))).contains("not in the future"));
    assert!(error(&|d| d.scope = Scope::Segment(String::new())).contains("segment:NAME"));
    let fine = decision(0, State::Tolerated, "2026-11-23", Some("2027-05-22"));
    assert_eq!(check(&fine, now), Ok(()));
    let open_ended = decision(0, State::Blocked, "2026-11-23", None);
    assert_eq!(check(&open_ended, now), Ok(()));
}
